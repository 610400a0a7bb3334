"""`hubs parked`: what waits, what failed, and letting it go on in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest_asyncio

from enrolment_examples import FROM_HUBS, Hub, formed, group, joined, nominated, receipts, registered
from mathshubs import settling
from mathshubs.hearing import Blocked, Heard, Hearing, Outcome, Taker
from mathshubs.inbox import hear
from mathshubs.parking import due_keys
from mathshubs.postgres import Db, Pool
from mathshubs.testing import until
from operators_desk import Desk, parking_duty

KEY = f"work_group:{group('WG-7')}"


@dataclass
class Faulty:
    """Enrolment's own answers, with a programming error in the way until it is mended."""

    answers: Taker
    is_mended: bool = False

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        """Fail, or answer."""
        if not self.is_mended:
            raise ZeroDivisionError
        return await self.answers.take(db, heard, blocked)


@pytest_asyncio.fixture
async def enrolment(desk: Desk) -> Pool:
    """Enrolment's database, with the examples' register in it."""
    return await registered(desk.enrolment)


async def told(pool: Pool, hearing: Hearing, *reports: object) -> None:
    """Have enrolment hear a batch, as the inbox does."""
    async with pool.acquire() as db, db.transaction():
        await hear(db, hearing, list(reports), firm=False)  # type: ignore[arg-type]


async def poisoned(pool: Pool, faulty: Hearing, *reports: object) -> None:
    """Hear these, and try the first until its five tries are used up."""
    await told(pool, faulty, *reports)

    async def is_poisoned() -> bool:
        await pool.execute("UPDATE parked SET due_at = clock_timestamp()")  # the pauses are not what is tried here
        async with pool.acquire() as db:
            for key in await due_keys(db, faulty.consumer):
                async with db.transaction():
                    await settling.look_again(db, faulty, key)
            return bool(await db.fetchval("SELECT count(*) FROM parked WHERE state = 'poisoned'"))

    await until(is_poisoned)


async def test_an_operator_reads_what_is_parked_and_why(desk: Desk, enrolment: Pool) -> None:
    """What it waits for, how many records are behind it, and since when."""
    hub = Hub()
    await told(enrolment, FROM_HUBS, hub.says(joined()), hub.says(nominated()))

    said = await desk.operator.reads("parked", "list")
    _, lines = await desk.operator.runs("parked", "list", "--service", "enrolment")

    [key] = said["keys"]
    assert (key["service"], key["key"], key["state"], key["records"], key["overdue"]) == (
        "enrolment",
        KEY,
        "waiting",
        2,
        False,
    )
    assert f"{KEY} · waiting · 2 records · waits for {KEY}" in lines


async def test_nothing_parked_is_said_in_words(desk: Desk) -> None:
    """An empty screen could also mean that the command did not work."""
    assert await desk.operator.runs("parked", "list") == (0, "Nothing is parked.\n")


async def test_a_poisoned_key_goes_on_in_order_once_it_is_released(desk: Desk, enrolment: Pool) -> None:
    """The mend is installed, the operator lets the key go, and its three records are answered as they were sent."""
    hub, fault = Hub(), Faulty(FROM_HUBS.taker)
    faulty = replace(FROM_HUBS, taker=fault)
    await poisoned(enrolment, faulty, hub.says(formed()), hub.says(joined()), hub.says(nominated()))
    fault.is_mended = True

    async with parking_duty(enrolment, faulty):
        said = await desk.operator.reads("parked", "release", "enrolment", KEY, "--by", "Priya", "--why", "mended")

    [released] = said["released"]
    assert (released["consumer"], released["outcome"], released["left"]) == ("enrolment.hubs", "flagged", 0)
    assert {event: told[-1][0] for event, told in (await receipts(enrolment)).items()} == {
        "e-0": "flagged",  # nobody has reported the lead yet
        "e-1": "applied",
        "e-2": "flagged",  # nor the advocate
    }
    row = await enrolment.fetchrow('SELECT taken_by, action, why, topic, "offset" FROM operator_actions')
    assert tuple(row or ()) == ("Priya", "release", "mended", "hubs.river-vale.events", 0)


async def test_a_key_that_fails_again_is_poisoned_again(desk: Desk, enrolment: Pool) -> None:
    """Five more tries and no more; the operator hears that the mend was none."""
    faulty = replace(FROM_HUBS, taker=Faulty(FROM_HUBS.taker))
    await poisoned(enrolment, faulty, Hub().says(formed()))

    async with parking_duty(enrolment, faulty):
        said = await desk.operator.reads("parked", "release", "enrolment", KEY, "--why", "hoping", status=1)

    [released] = said["released"]
    assert (released["outcome"], released["reason"], released["left"]) == ("poisoned", "ZeroDivisionError", 1)


async def test_a_key_that_waits_is_looked_at_now(desk: Desk, enrolment: Pool) -> None:
    """It still waits for what nobody reported, and keeps the hour that it has for that."""
    await told(enrolment, FROM_HUBS, Hub().says(joined()))
    before = await enrolment.fetchval("SELECT expires_at FROM parked")

    async with parking_duty(enrolment, FROM_HUBS):
        said = await desk.operator.reads("parked", "release", "enrolment", KEY, "--why", "looking", status=1)

    assert said["released"][0]["outcome"] == "waiting"
    assert await enrolment.fetchval("SELECT expires_at FROM parked") == before


async def test_a_key_that_is_not_parked_is_said(desk: Desk) -> None:
    """A mistyped key must not look like one that was let go."""
    said = await desk.operator.reads("parked", "release", "enrolment", "work_group:none", "--why", "x", status=1)

    assert said["error"]["code"] == "unknown-key"
