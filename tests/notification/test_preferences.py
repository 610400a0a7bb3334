"""The page on which people say which mail they want, over HTTP, on a real Postgres."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from faststream.kafka import KafkaBroker
from pydantic import SecretStr

from calendar_story import AMINA, BEN, CHLOE, MARCH, person, tell, tombstone
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.inbox import Inbox
from mathshubs.links import join_token, preferences_token
from mathshubs.postgres import Pool
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.web import pages
from notification.preferences.pages import doors
from notification_facts import said

PATH = f"/u/{preferences_token('s', AMINA)}"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Give a database of notification's that knows Amina."""
    pool = await pool_of("notification")
    await tell(pool, person())
    return pool


@pytest_asyncio.fixture
async def browser(pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser without scripts, cookies or a session."""
    told = Settings(secret=SecretStr("s"))
    running = Running(told, pool, KafkaBroker(), Inbox(pool, told))
    app = FastAPI()
    app.include_router(doors(lambda: running, pages("notification")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hubs.example") as client:
        yield client


async def wants(pool: Pool) -> bool | None:
    """Return what Amina said, if she said anything."""
    found: bool | None = await pool.fetchval("SELECT reminders FROM preferences WHERE person_id = $1", AMINA)
    return found


async def test_the_page_shows_and_takes_what_somebody_wants(pool: Pool, browser: httpx.AsyncClient) -> None:
    """Off and on again, each said once; saved is said on the page."""
    for answer, says in (("no", "no more reminders"), ("no", "no more reminders"), ("yes", "will get reminders")):
        sent = await browser.post(PATH, data={"reminders": answer}, follow_redirects=True)
        assert (sent.status_code, f"Saved. You {'' if 'will' in says else 'will get '}{says}." in sent.text) == (
            200,
            True,
        )

    assert await wants(pool)
    assert [kind for kind, _ in await said(pool)] == ["PreferencesChanged"] * 2


@pytest.mark.parametrize(
    "given", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {"content": b""}]
)
async def test_one_click_is_enough(pool: Pool, browser: httpx.AsyncClient, given: dict[str, object]) -> None:
    """A mail program posts it in either encoding, or nothing, follows no redirect and shows no page (RFC 8058)."""
    answer = await browser.post(PATH, **given)  # type: ignore[arg-type]

    assert (answer.status_code, await wants(pool)) == (200, False)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(pool: Pool, browser: httpx.AsyncClient, method: str) -> None:
    """Programs that scan mail follow every link in it."""
    answer = await browser.request(method, PATH, params=ONE_CLICK)

    assert (answer.status_code, await wants(pool)) == (200, None)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("data", [{"page": "preferences"}, {"reminders": ""}, {"reminders": "perhaps"}])
async def test_an_answer_that_is_none_is_asked_again(
    pool: Pool, browser: httpx.AsyncClient, data: dict[str, str]
) -> None:
    """With the reason at its field; the page's form says that it is one, so that it is never empty."""
    assert '<input type="hidden" name="page"' in (await browser.get(PATH)).text

    answer = await browser.post(PATH, data=data)

    assert (answer.status_code, "Choose whether you want reminders" in answer.text) == (422, True)
    assert await wants(pool) is None


@pytest.mark.parametrize("token", ["", "x", PATH[3:-1], "AAAA.BBBB", join_token("s", AMINA, AMINA), "é"])
async def test_a_forged_link_is_unknown(pool: Pool, browser: httpx.AsyncClient, token: str) -> None:
    """To look or to change; one made for joining a meeting is no better."""
    for method in ("GET", "POST"):
        answer = await browser.request(method, f"/u/{token}", data=ONE_CLICK if method == "POST" else None)
        assert answer.status_code == 404

    assert await pool.fetchval("SELECT count(*) FROM preferences") == 0


async def test_a_form_is_small(browser: httpx.AsyncClient) -> None:
    """Nobody fills memory by a link from a mail."""
    with pytest.raises(Exception, match="A form may have 10,000 bytes"):
        await browser.post(PATH, data={"reminders": "x" * 20_000})


async def test_somebody_erased_has_a_closed_link_and_no_row(pool: Pool, browser: httpx.AsyncClient) -> None:
    """What they wanted goes with them, and the next person's stays."""
    await browser.post(PATH, data=ONE_CLICK)
    await browser.post(f"/u/{preferences_token('s', BEN)}", data=ONE_CLICK)
    await tell(pool, tombstone(AMINA))

    for answer in (await browser.get(PATH), await browser.post(PATH, data=ONE_CLICK)):
        assert (answer.status_code, "This link is closed" in answer.text) == (410, True)
    left = await pool.fetch("SELECT person_id FROM preferences")
    assert [row["person_id"] for row in left] == [BEN]


def merged(duplicate: UUID, stays: UUID) -> PersonMerged:
    """Two records were one person."""
    return PersonMerged(effective_at=MARCH, hub="river-vale", person_id=duplicate, into_id=stays)


async def who_wants_none(pool: Pool) -> set[UUID]:
    """Return who is not reminded."""
    return {row["person_id"] for row in await pool.fetch("SELECT person_id FROM preferences WHERE NOT reminders")}


async def test_who_unsubscribed_stays_so_when_their_records_are_merged(pool: Pool, browser: httpx.AsyncClient) -> None:
    """Whoever stays takes the meetings over, and would be reminded of them though the person said no."""
    await tell(pool, person(BEN))
    await browser.post(PATH, data=ONE_CLICK)

    await tell(pool, merged(AMINA, BEN))

    assert await who_wants_none(pool) == {AMINA, BEN}
    assert [kind for kind, _ in await said(pool)] == ["PreferencesChanged"] * 2


async def test_what_was_said_last_holds_for_merged_records(pool: Pool, browser: httpx.AsyncClient) -> None:
    """A person who came back to reminders is not kept from them by an older click under another record."""
    await tell(pool, person(BEN))
    other = f"/u/{preferences_token('s', BEN)}"
    for path, answer in ((PATH, "no"), (other, "no"), (other, "yes")):
        await browser.post(path, data={"reminders": answer})

    await tell(pool, merged(AMINA, BEN))

    assert await who_wants_none(pool) == set()


async def test_a_link_in_old_mail_speaks_for_every_record_of_a_person(pool: Pool, browser: httpx.AsyncClient) -> None:
    """It names the record that the mail was sent to, which may since have been merged, and merged again."""
    await tell(pool, person(BEN), person(CHLOE), merged(AMINA, BEN), merged(AMINA, CHLOE), merged(BEN, CHLOE))

    await browser.post(PATH, data=ONE_CLICK)

    assert await who_wants_none(pool) == {AMINA, BEN, CHLOE}
    assert "no more reminders" in (await browser.get(f"/u/{preferences_token('s', CHLOE)}", params="saved")).text
