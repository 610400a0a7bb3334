"""A process that stops and comes back after others took its place changes nothing of what they did."""

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from aiokafka.errors import ProducerFenced
from asyncpg import InterfaceError

from enrolment.answers import erase
from enrolment.people.store import PeopleLane
from enrolment_examples import AMINA, REFERENCES, Hub, registered, reported, told
from guarantees.half_term import HalfTerm, backend_waits
from hub_system import read_all
from hubs.parts.kafka import Login
from mathshubs.bus import producer
from mathshubs.ids import References
from mathshubs.journal import Outgoing
from mathshubs.postgres import Db, Pool
from mathshubs.relay import Relay
from mathshubs.testing import until
from own_bus import OwnBus
from sent import reported as a_report
from stack import Stack

GONE = "P-gone"


@pytest.mark.timeout(300)
async def test_stopped_processes_come_back_to_find_their_places_taken(stack: Stack, tmp_path: Path) -> None:
    """Enrolment stops with a person in its relay's hand, scheduling within a transaction, both past every limit.

    Their seconds take over what the group, the database and Kafka had given them. The person is erased
    meanwhile: the relay that had rendered her cannot bring her back.
    """
    (faults := tmp_path / "faults").mkdir()
    term = await HalfTerm.furnished(stack, tmp_path, HUBS_FAULT=str(faults))
    await term.report(0.5)

    await _stop_within_a_transaction(stack, term)
    person = await _stop_with_a_person_in_hand(stack, term, faults)
    term.doors = (2,)
    await asyncio.gather(_erase(stack, person), stack.start("enrolment", "scheduling", instance=2))
    await term.report(0.9)
    await until(lambda: _is_tombstone(stack, person), seconds=60, what="the tombstone is published")
    for service in ("enrolment", "scheduling"):
        stack.signal(service, signal.SIGCONT)
    term.doors = (1, 2)
    await term.report(1)

    await term.assert_all_took_effect_once(others=1)
    assert await _is_tombstone(stack, person)


async def _stop_within_a_transaction(stack: Stack, term: HalfTerm) -> None:
    """Stop scheduling while it waits for a lock in the midst of a batch; its transaction stays open behind it."""
    pool = await stack.pool("scheduling")
    async with pool.acquire() as db, db.transaction():
        await db.execute("LOCK TABLE slots IN SHARE ROW EXCLUSIVE MODE")
        await term.report(0.7)
        await until(lambda: backend_waits(pool), what="scheduling waits for the lock")
        stack.signal("scheduling", signal.SIGSTOP)


async def _stop_with_a_person_in_hand(stack: Stack, term: HalfTerm, faults: Path) -> UUID:
    """Have enrolment stop itself between reading a person and publishing them."""
    await until(term.is_answered, seconds=60, what="all is answered that could bring another person")
    (faults / "relay-holds-a-person").write_text("stop")
    hub = await stack.hub(term.hubs[0].code)
    event = a_report("enrolment.PersonReported", {"person": GONE, "name": "Zed Gone", "email": "zed.gone@x.example"})
    await hub.send(event)
    term.ledger.accepted(hub.code, event, "kafka")
    enrolment = psutil.Process(stack.pid("enrolment"))

    async def has_stopped() -> bool:
        return bool(enrolment.status() == psutil.STATUS_STOPPED)

    await until(has_stopped, what="enrolment stops at its fault point")
    return References(stack.secret).resolve(hub.code, "person", GONE)


async def _erase(stack: Stack, person: UUID) -> None:
    pool = await stack.pool("enrolment")
    await erase(pool, person, by="tests", why="asked us to", references=References(stack.secret))


async def _is_tombstone(stack: Stack, person: UUID) -> bool:
    """Say whether the last committed record of a person has no value."""
    values = [r.value() for r in await stack.records("people.current") if r.key() == str(person).encode()]
    return bool(values) and values[-1] is None


@pytest.fixture
def own_bus(kafka: Login) -> Iterator[OwnBus]:
    """Topics and principals of this test's own."""
    bus = OwnBus(kafka)
    bus.make()
    yield bus
    bus.sweep()


class _Interrupted(PeopleLane):
    """People, with something that happens whenever they have been read and not yet been published."""

    def __init__(self, meanwhile: Callable[[Db], Awaitable[None]]) -> None:
        self._meanwhile = meanwhile

    async def due(self, db: Db, most: int) -> Sequence[Outgoing]:
        found = await super().due(db, most)
        await self._meanwhile(db)
        return found


async def test_a_relay_that_stalls_at_its_first_batch_brings_nobody_back(
    pool_of: Callable[[str], Awaitable[Pool]], own_bus: OwnBus
) -> None:
    """Its producer must be older than what it read: one that began only afterwards would be the youngest of all."""
    pool = await registered(await pool_of("enrolment"))
    await told(pool, Hub().says(reported()))

    async def somebody_else_takes_over(db: Db) -> None:
        await erase(pool, AMINA, by="tests", why="asked us to", references=REFERENCES)
        await pool.execute("SELECT pg_terminate_backend($1)", await db.fetchval("SELECT pg_backend_pid()"))
        await until(other.publish_once, what="the other relay has the lock")

    settings = own_bus.settings_of("enrolment")
    other, stalled = (
        Relay(
            pool,
            lane,
            lambda: producer(settings, transactional_id="enrolment.people", compressed=False),
            transactional=True,
            prefix=own_bus.prefix,
        )
        for lane in (PeopleLane(), _Interrupted(somebody_else_takes_over))
    )

    with pytest.raises((ProducerFenced, InterfaceError)):  # its producer is fenced, its connection gone
        await stalled.publish_once()
    await stalled.close()
    await other.close()

    gc.collect()  # aiokafka leaves the record that it could not send to the collector, which logs it when it likes
    values = [r.value() for r in read_all(own_bus.login, own_bus.prefix, "people.current")]
    assert values[-1] is None
