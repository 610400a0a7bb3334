"""`GET /v1/deliveries`: what became of mails, for whoever watches over the network."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from calendar_story import AMINA, BEN, MARCH, invited, named, person, scheduled, tell
from mail_post import MailServer, Post
from mathshubs.events.enrolment.hubs import ApiKeyRevoked
from mathshubs.http import open_doors
from mathshubs.inbox import Inbox
from mathshubs.keys import Claim, Keys
from mathshubs.running import Running
from notification.api import router

KEYS = Keys("s")
NATIONAL = uuid4()


@pytest_asyncio.fixture
async def programs(post: Post) -> AsyncIterator[httpx.AsyncClient]:
    """Give a program with a national key, at the door of a service with one mail of each of two fates."""
    told = post.settings()
    running = Running(told, post.pool, KafkaBroker(), Inbox(post.pool, told))
    app = FastAPI()
    open_doors(app, lambda: running)
    app.include_router(router(lambda: running))
    headers = {"authorization": f"Bearer {KEYS.write(Claim(NATIONAL, None))}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://hubs.example", headers=headers
    ) as client:
        yield client


async def test_mails_are_listed_by_what_became_of_them(
    post: Post, mail_server: MailServer, programs: httpx.AsyncClient
) -> None:
    """Ids and states alone: no name, no address."""
    mail_server.at_rcpt.append("550 5.1.1 unknown")
    await tell(post.pool, person(AMINA), scheduled(), invited(AMINA))
    post.send()
    await post.settled("failed")
    await tell(post.pool, person(BEN), invited(BEN), invited(named("nobody yet")))
    await post.settled("failed", "sent", "waiting-for-address")

    listed = (await programs.get("/v1/deliveries")).json()
    failed = (await programs.get("/v1/deliveries", params={"status": "permanent-failure"})).json()

    assert [(one["person_id"], one["status"]) for one in listed["deliveries"]] == [
        (str(AMINA), "permanent-failure"),
        (str(BEN), "delivered"),
    ]
    assert [one["person_id"] for one in failed["deliveries"]] == [str(AMINA)]
    assert "@" not in str(listed)
    one = listed["deliveries"][1]
    assert (await programs.get(f"/v1/deliveries/{one['id']}")).json() == one
    assert (await programs.get(f"/v1/deliveries/{AMINA}")).status_code == 404


async def test_pages_hold_every_mail_once(post: Post, programs: httpx.AsyncClient) -> None:
    """Though more are queued while somebody reads."""
    people = [named(f"teacher {n}") for n in range(7)]
    await tell(post.pool, scheduled(), *(one for who in people for one in (person(who), invited(who))))
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await programs.get("/v1/deliveries", params=asked)).json()
        found += [one["person_id"] for one in page["deliveries"]]
        cursor = page["next"]

    assert sorted(found) == sorted(map(str, people))


@pytest.mark.parametrize("cursor", ["x", "eyJ9", "WzEsMl0=", "é"])
async def test_a_cursor_of_somebody_elses_making_is_refused(programs: httpx.AsyncClient, cursor: str) -> None:
    """With what to do instead."""
    answer = await programs.get("/v1/deliveries", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad-cursor")


HUBS_OWN = KEYS.write(Claim(uuid4(), "river-vale"))


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({}, (401, "key-missing")),
        ({"authorization": "Bearer mh_x"}, (401, "key-unknown")),
        ({"authorization": f"Bearer {Keys('another').write(Claim(NATIONAL, None))}"}, (401, "key-unknown")),
        ({"authorization": f"Bearer {HUBS_OWN}"}, (403, "key-of-a-hub")),
    ],
)
async def test_nobody_reads_without_a_national_key(
    programs: httpx.AsyncClient, given: dict[str, str], answer: tuple[int, str]
) -> None:
    """A hub's own key does not read of other hubs' people."""
    del programs.headers["authorization"]
    for path in ("/v1/deliveries", f"/v1/deliveries/{AMINA}"):
        refused = await programs.get(path, headers=given)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == answer


async def test_a_revoked_key_reads_nothing(post: Post, programs: httpx.AsyncClient) -> None:
    """As soon as enrolment was heard; others go on."""
    await tell(post.pool, revoked(NATIONAL), revoked(NATIONAL))
    refused = await programs.get("/v1/deliveries")
    other = {"authorization": f"Bearer {KEYS.write(Claim(uuid4(), None))}"}

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "key-revoked")
    assert (await programs.get("/v1/deliveries", headers=other)).status_code == 200


def revoked(key: UUID) -> ApiKeyRevoked:
    """A key is worth nothing any more."""
    return ApiKeyRevoked(effective_at=MARCH, code="national", key_id=key)
