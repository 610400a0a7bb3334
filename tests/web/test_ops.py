"""Each service's page of operations: who may see it, what it shows, and what an operator does there."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from enrolment_examples import FROM_HUBS, Hub, formed, joined, registered, reported, told
from mathshubs.bus import consumer_broker
from mathshubs.http import open_doors
from mathshubs.ids import new_id
from mathshubs.inbox import Inbox
from mathshubs.keys import Claim, Keys
from mathshubs.postgres import Pool
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.web import mount_assets, ops
from operators_desk import parking_duty
from reading_pages import words_of

SECRET = "the secret of these tests"
REVOKED = UUID("0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e")
OPS = "/ops/enrolment"
EXPIRE = "UPDATE parked SET expires_at = clock_timestamp() - interval '1 s', due_at = clock_timestamp()"
WHY = {"why": "a trial of the hub"}


def key(hub: str | None = None, key_id: UUID | None = None) -> dict[str, str]:
    """Return the header of an operator whose password is this key."""
    password = Keys(SECRET).write(Claim(key_id or new_id(), hub))
    return {"authorization": "Basic " + base64.b64encode(f"Priya at the desk:{password}".encode()).decode()}


@pytest_asyncio.fixture
async def enrolment(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database, with the examples' register in it."""
    return await registered(await pool_of("enrolment"))


@asynccontextmanager
async def visiting(pool: Pool, *, demo: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """Give somebody at the door of enrolment's page."""
    settings = Settings(service="enrolment", secret=SecretStr(SECRET), demo=demo)
    running = Running(settings, pool, consumer_broker(settings), Inbox(pool, settings))
    app = FastAPI()
    open_doors(app, lambda: running)
    mount_assets(app)

    async def is_revoked(claim: Claim) -> bool:
        return claim.key_id == REVOKED

    app.include_router(ops.router("enrolment", settings, lambda: running, is_revoked))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hubs.example") as client:
        yield client


@pytest_asyncio.fixture
async def visitor(enrolment: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the door of a system that is no demo."""
    async with visiting(enrolment) as client:
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic !"},
        {"authorization": "Bearer x"},
        key("river-vale"),
        key(key_id=REVOKED),
    ],
    ids=["no key", "no base64", "another scheme", "a hub's key", "a revoked key"],
)
async def test_only_whoever_holds_the_national_key_may_look(
    visitor: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """Dead letters hold what hubs sent, names and addresses too."""
    for path in (OPS, f"{OPS}/letters/1"):
        page = await visitor.get(path, headers=headers)
        assert (page.status_code, page.headers["www-authenticate"].partition(" ")[0]) == (401, "Basic")
    sent = await visitor.post(f"{OPS}/letters/1", headers=headers, data=WHY | {"do": "discard"})
    assert sent.status_code == 401


async def test_nothing_is_wrong(visitor: httpx.AsyncClient) -> None:
    """An empty page could also mean that it does not work."""
    page = await visitor.get(OPS, headers=key())

    said = words_of(page.text)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "Well postgres" in said
    assert "No dead letters" in said
    assert "Nothing is parked" in said


async def test_in_the_demo_anybody_may_look(enrolment: Pool) -> None:
    """All people are invented there."""
    async with visiting(enrolment, demo=True) as visitor:
        assert (await visitor.get(OPS)).status_code == 200


async def test_what_died_with_its_reason_and_what_to_do(visitor: httpx.AsyncClient, enrolment: Pool) -> None:
    """The list names the place on Kafka; what the letter holds stands on a page of its own, and who looked is kept."""
    await told(enrolment, Hub().says(reported(name=7)))

    listed = words_of((await visitor.get(OPS, headers=key())).text)
    page = await visitor.get(f"{OPS}/letters/1", headers=key())

    assert "Letter 1: bad-data" in listed
    assert "hubs.river-vale.events/0/0" in listed
    assert "@" not in listed
    said = words_of(page.text)
    assert "The hub mends it and sends it again under an id of its own; then discard this one." in said
    assert "PersonReported.v1" in said
    assert [tuple(row) for row in await enrolment.fetch("SELECT taken_by, action FROM operator_actions")] == [
        ("Priya at the desk", "show")
    ]


async def test_a_letter_is_discarded_once_with_a_reason(visitor: httpx.AsyncClient, enrolment: Pool) -> None:
    """By the same function as `hubs dlq discard`, under the operator's name."""
    await told(enrolment, Hub().says(reported(name=7)))

    without = await visitor.post(f"{OPS}/letters/1", headers=key(), data={"do": "discard", "why": " "})
    done = await visitor.post(f"{OPS}/letters/1", headers=key(), data=WHY | {"do": "discard"})
    again = await visitor.post(f"{OPS}/letters/1", headers=key(), data=WHY | {"do": "discard"})

    assert (without.status_code, done.status_code, again.status_code) == (422, 200, 409)
    row = await enrolment.fetchrow("SELECT state, action_by, action_why FROM dead_letters")
    assert row is not None
    assert tuple(row) == ("discarded", "Priya at the desk", WHY["why"])


async def test_a_letter_is_tried_again_once_its_cause_is_mended(visitor: httpx.AsyncClient, enrolment: Pool) -> None:
    """The school joined a Work Group that was reported too late; now it is there."""
    hub = Hub()
    await told(enrolment, hub.says(joined()))
    await enrolment.execute(EXPIRE)
    await told(enrolment)
    await told(enrolment, hub.says(formed()))

    async with parking_duty(enrolment, FROM_HUBS):
        page = await visitor.post(f"{OPS}/letters/1", headers=key(), data=WHY | {"do": "retry"})

    assert words_of(page.text).strip() == "It took effect Operations of enrolment"


async def test_a_letter_whose_cause_is_still_there_fails_again(visitor: httpx.AsyncClient, enrolment: Pool) -> None:
    """With the reason once more."""
    await told(enrolment, Hub().says(reported(name=7)))

    async with parking_duty(enrolment, FROM_HUBS):
        page = await visitor.post(f"{OPS}/letters/1", headers=key(), data=WHY | {"do": "retry"})

    assert "It failed again" in words_of(page.text)


async def test_a_parked_key_is_released(visitor: httpx.AsyncClient, enrolment: Pool) -> None:
    """What it waits for is still not there, and the page says so."""
    await told(enrolment, Hub().says(joined()))
    parked = await enrolment.fetchval("SELECT key FROM parked")

    listed = words_of((await visitor.get(OPS, headers=key())).text)
    async with parking_duty(enrolment, FROM_HUBS):
        page = await visitor.post(f"{OPS}/parked", headers=key(), data=WHY | {"key": parked})
    unknown = await visitor.post(f"{OPS}/parked", headers=key(), data=WHY | {"key": "meeting:none"})

    assert parked in listed
    assert "It waits still" in words_of(page.text)
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_that_another_page_sends_is_refused(
    visitor: httpx.AsyncClient, enrolment: Pool, elsewhere: dict[str, str]
) -> None:
    """A browser that knows the password would send it along with any page's form."""
    await told(enrolment, Hub().says(reported(name=7)))

    sent = await visitor.post(f"{OPS}/letters/1", headers=key() | elsewhere, data=WHY | {"do": "discard"})
    ours = {"origin": "http://hubs.example", "sec-fetch-site": "same-origin"}
    from_us = await visitor.post(f"{OPS}/letters/1", headers=key() | ours, data=WHY | {"do": "discard"})

    assert (sent.status_code, from_us.status_code) == (403, 200)


async def test_a_letter_that_there_is_not(visitor: httpx.AsyncClient) -> None:
    """It says so on a page."""
    page = await visitor.get(f"{OPS}/letters/999", headers=key())

    assert page.status_code == 404
    assert "There is no such dead letter" in page.text
