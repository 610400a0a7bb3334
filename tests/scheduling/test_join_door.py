"""The link in an invitation, followed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from mathshubs import clock
from mathshubs.bus import consumer_broker
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.http import open_doors
from mathshubs.inbox import Inbox
from mathshubs.links import join_token
from mathshubs.postgres import Pool
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.web import pages
from scheduling.meetings.pages import doors
from scheduling_wire import SAID, SECRET, Wire, cancelled, formed, meeting, nominated, person, rescheduled, scheduled

LENA, AMINA = person("P-lena"), person("P-amina")
ROOM = "https://meet.example/s3cret?pwd=1"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Visitor:
    """Somebody who follows links, and the scheduling behind them."""

    wire: Wire
    client: httpx.AsyncClient

    async def planned(self, begins_in: timedelta, **more: Any) -> None:  # noqa: ANN401
        """A meeting of two hours is planned, that begins so long from now."""
        starts = clock.now() + begins_in
        times = starts.isoformat(), (starts + 2 * HOUR).isoformat()
        await self.wire.hears(formed("WG-1", LENA), scheduled("M-1", "WG-1", *times, **more))

    async def follows(self, who: UUID = LENA, *, secret: str = SECRET) -> httpx.Response:
        """Follow this person's link to the meeting."""
        return await self.client.get(f"/j/{join_token(secret, meeting('M-1'), who)}")


@pytest_asyncio.fixture
async def visitor(pool_of: Callable[[str], Awaitable[Pool]]) -> AsyncIterator[Visitor]:
    """A visitor at the real door, with a fresh database behind it."""
    pool, told = await pool_of("scheduling"), Settings(service="scheduling", secret=SecretStr(SECRET))
    running = Running(told, pool, consumer_broker(told), Inbox(pool, told))
    app = FastAPI()
    open_doors(app, lambda: running)
    app.include_router(doors(lambda: running, pages("scheduling")))
    door = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=door, base_url="http://hubs.example") as client:
        yield Visitor(Wire(pool), client)


@pytest.mark.parametrize(
    "begins_in", [timedelta(minutes=29), timedelta(minutes=-10), -2 * HOUR], ids=["soon", "under way", "just over"]
)
async def test_at_the_time_of_the_meeting_the_link_leads_into_it(visitor: Visitor, begins_in: timedelta) -> None:
    """From half an hour before, so that one can see that all works, until half an hour after: meetings run over."""
    await visitor.planned(begins_in, join_url=ROOM)

    answer = await visitor.follows()

    assert (answer.status_code, answer.headers["location"]) == (303, ROOM)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_before_its_time_the_link_says_what_when_and_where(visitor: Visitor) -> None:
    """And lets one try the room; nobody is asked who they are, and nobody is named."""
    await visitor.planned(24 * HOUR, join_url=ROOM, place="Elm Park School", mode="hybrid")

    answer = await visitor.follows()

    assert answer.status_code == 200
    for said in ("Group WG-1", "Elm Park School", "Face to face and online", "takes you straight into the meeting"):
        assert said in answer.text
    assert f'href="{ROOM}"' in answer.text
    assert str(LENA) not in answer.text


async def test_a_meeting_face_to_face_says_where_it_is(visitor: Visitor) -> None:
    """There is nothing to join online, even while it is under way."""
    await visitor.planned(timedelta(0), mode="face-to-face", place="Elm Park School")

    answer = await visitor.follows()

    assert answer.status_code == 200
    assert "there is nothing to join online" in answer.text
    assert "Elm Park School" in answer.text


async def test_an_online_meeting_without_a_link_says_whom_to_ask(visitor: Visitor) -> None:
    """The hub has not sent one; a dead end would be worse."""
    await visitor.planned(HOUR)

    assert "Ask the person who leads your Work Group" in (await visitor.follows()).text


async def test_long_after_the_meeting_the_link_leads_nowhere(visitor: Visitor) -> None:
    """A room may have been given to others by then."""
    await visitor.planned(-24 * HOUR, join_url=ROOM)

    answer = await visitor.follows()

    assert "This meeting has ended" in answer.text
    assert "s3cret" not in answer.text


async def test_a_forged_link_is_not_known(visitor: Visitor) -> None:
    """It is answered in plain words, as one that was cut short on its way, even of all that it had."""
    await visitor.planned(timedelta(0), join_url=ROOM)
    cut_short = [await visitor.client.get(f"/j/{token}") for token in ("", "anything", "any/thing", "%ff", "a" * 5000)]

    for answer in (await visitor.follows(secret="a guess"), *cut_short):
        assert answer.status_code == 404
        assert "We do not know this link" in answer.text
        assert answer.headers["cache-control"] == "no-store"


async def test_a_link_for_a_meeting_that_one_is_not_invited_to_is_closed(visitor: Visitor) -> None:
    """It moved to a day before the advocate's slot begins; whoever opens the old invitation is told so."""
    slot_begins = clock.today() + timedelta(days=30)
    await visitor.planned(40 * 24 * HOUR, join_url=ROOM)
    await visitor.wire.hears(nominated("WG-1", AMINA, slot_begins))
    assert (await visitor.follows(AMINA)).status_code == 200

    now = clock.now()
    await visitor.wire.hears(rescheduled("M-1", now.isoformat(), (now + HOUR).isoformat()))

    answer = await visitor.follows(AMINA)
    assert (answer.status_code, "no longer stands" in answer.text) == (410, True)


async def test_the_link_of_an_erased_person_is_closed(visitor: Visitor) -> None:
    """Nothing here answers to them any more; the others' links work on."""
    await visitor.planned(timedelta(0), join_url=ROOM)
    await visitor.wire.hears(nominated("WG-1", AMINA, date(2024, 9, 2)))
    assert (await visitor.follows(AMINA)).status_code == 303

    await visitor.wire.hears(PersonErased(effective_at=SAID, person_id=AMINA))

    assert (await visitor.follows(AMINA)).status_code == 410
    assert (await visitor.follows(LENA)).status_code == 303


async def test_a_mail_scanner_may_look_without_a_body(visitor: Visitor) -> None:
    """Some ask for the headers of each link in a mail first, and call one that refuses them broken."""
    await visitor.planned(timedelta(0), join_url=ROOM)

    answer = await visitor.client.head(f"/j/{join_token(SECRET, meeting('M-1'), LENA)}")

    assert (answer.status_code, answer.headers["location"]) == (303, ROOM)


async def test_the_link_to_a_cancelled_meeting_says_so(visitor: Visitor) -> None:
    """Somebody opens it from an old mail, at the very time of the meeting: no room, and no doubt."""
    await visitor.planned(timedelta(0), join_url=ROOM)
    await visitor.wire.hears(cancelled("M-1"))

    answer = await visitor.follows()

    assert answer.status_code == 200
    assert "This meeting was cancelled" in answer.text
    assert "Group WG-1" in answer.text
    assert "s3cret" not in answer.text
