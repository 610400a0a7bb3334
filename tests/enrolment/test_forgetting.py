"""A person who is erased is gone from everything that is kept here, and nothing brings them back."""

import asyncio
import gc
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ProducerFenced

from enrolment.answers import erase, traces
from enrolment.duties.tick import write
from enrolment.hubs.store.publishing import ArrivalsLane
from enrolment.people.domain import UnknownPerson
from enrolment.people.store import PeopleLane
from enrolment_examples import (
    AMINA,
    FROM_HUBS,
    REFERENCES,
    RIVER_VALE,
    WAITING,
    Hub,
    columns,
    facts,
    finally_told,
    formed,
    joined,
    nominated,
    receipts,
    registered,
    reported,
    told,
)
from hubs.parts.kafka import Login
from hubs.topics import connect
from mathshubs import journal
from mathshubs.bus import connection, producer
from mathshubs.deadletters import pack
from mathshubs.envelope import CloudEvent, decode
from mathshubs.hearing import Failing, Heard, Record
from mathshubs.parking import park
from mathshubs.postgres import Pool
from mathshubs.relay import Relay
from mathshubs.testing import until
from own_bus import OwnBus

CANARIES = ("Amina", "Khan", "amina.khan", "1234567")
TABLES = """
    SELECT table_name
      FROM information_schema.tables
     WHERE table_schema = 'public'
       AND table_type = 'BASE TABLE'
"""


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register."""
    return await registered(await pool_of("enrolment"))


async def found(pool: Pool) -> set[str]:
    """The tables that hold a word that names Amina, in a text or in bytes."""
    tables = [row["table_name"] for row in await pool.fetch(TABLES)]
    rows = {table: await pool.fetch(f'SELECT * FROM "{table}"') for table in tables}
    return {table for table, all_ in rows.items() for row in all_ if _names_her(row.values())}


def _names_her(values: Iterator[object]) -> bool:
    words = " ".join(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in values)
    return any(canary.casefold() in words.casefold() for canary in CANARIES)


async def forget(pool: Pool) -> dict[str, int]:
    """Erase Amina as an operator would."""
    return await erase(pool, AMINA, by="olu", why="she asked us to", references=REFERENCES)


async def parked(pool: Pool, record: Record) -> None:
    """Have the record poisoned by a fault of ours."""
    heard = FROM_HUBS.reader.read(record)
    assert isinstance(heard, Heard)
    async with pool.acquire() as db:
        await park(db, FROM_HUBS.consumer, [Failing(heard, "ZeroDivisionError")])
    await pool.execute("UPDATE parked SET state = 'poisoned', attempts = 5")


async def arrived(pool: Pool, record: Record) -> None:
    """Take the record in by HTTP; Kafka does not have it yet."""
    event = decode(record.headers, record.value)
    assert isinstance(event, CloudEvent)
    hub, fingerprint = event.data.get("hub", RIVER_VALE), event.fingerprint(RIVER_VALE)
    await pool.execute("INSERT INTO hubs (code, name, registered_at) VALUES ($1, 'River Vale', now())", hub)
    await pool.execute(
        "INSERT INTO arrivals (hub, source, id, fingerprint, headers, bytes, recorded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, now())",
        *(hub, event.source, event.id, fingerprint, pack(record.headers), record.value),
    )


async def everywhere(pool: Pool) -> Hub:
    """Amina in every table that can hold her; returns the hub whose teacher she is."""
    hub, away = Hub(), reported(work_group="WG-9", note="AMINA KHAN")
    await told(
        pool,
        hub.says(reported()),
        hub.says(reported(email="amina khan at elmpark", name="A. Khan")),  # dead: no address
        hub.says(nominated(work_group="WG-9") | {"note": "Amina Khan (amina.khan@elmpark.example) agreed"}),  # parked
        replace(hub.says(away), value=b'{"person": "P-1", "name": "Amina Khan"', key=b"amina.khan@elmpark.example"),
    )
    await pool.execute("INSERT INTO hubs (code, name, registered_at) VALUES ($1, 'River Vale', now())", RIVER_VALE)
    await pool.execute(
        "INSERT INTO arrivals (hub, source, id, fingerprint, headers, bytes, recorded_at)"
        "  SELECT $1, 'https://mis.example', 'a-1', '', headers, value, now() FROM parked",
        RIVER_VALE,
    )
    return hub


async def test_nothing_that_is_kept_names_her_afterwards(pool: Pool) -> None:
    """Her row, what waits, what died and what is yet to be published; each counted, by its store."""
    await everywhere(pool)
    assert await found(pool) == {"people", "dead_letters", "parked", "arrivals"}

    counts = await forget(pool)

    assert await found(pool) == set()
    assert counts == {"people": 1, "notes": 0, "arrivals": 1, "parked": 1, "dead_letters": 2}
    assert columns(await pool.fetch("SELECT hub, name, email, trn, version FROM people")) == [
        (RIVER_VALE, None, None, None, 2)
    ]


async def test_the_other_services_are_told(pool: Pool) -> None:
    """That she is to be forgotten, and what was forgotten here; who asked for it stands in the journal."""
    await told(pool, Hub().says(reported()))

    await forget(pool)

    assert (await facts(pool))[1:] == ["PersonErased", "PersonForgotten"]
    [last] = await pool.fetch("SELECT actor, reason, data FROM journal ORDER BY seq DESC LIMIT 1")
    assert (last["actor"], last["reason"]) == ("operator:olu", "she asked us to")
    scrubbed = {"people": 1, "notes": 0, "arrivals": 0, "parked": 0, "dead_letters": 0}
    assert json.loads(last["data"])["scrubbed"] == scrubbed


async def test_what_waited_is_still_answered(pool: Pool) -> None:
    """Her nomination counts when its group and school come: groups keep their figures."""
    hub = await everywhere(pool)
    await forget(pool)

    await told(pool, hub.says(formed("WG-9")), hub.says(joined(work_group="WG-9")))

    assert (await finally_told(pool))[2] == ("flagged", ["person-unknown"])
    assert await pool.fetchval("SELECT person_id FROM advocate_slots") == AMINA


async def test_her_own_report_that_waited_is_refused(pool: Pool) -> None:
    """It was parked by a fault of ours; without her name it can still be read, and is answered as any other."""
    hub = Hub()
    await told(pool, hub.says(reported()))
    late = hub.says(reported(name="Amina Khan-Price"))
    async with pool.acquire() as db:
        heard = FROM_HUBS.reader.read(late)
        assert isinstance(heard, Heard)
        await park(db, FROM_HUBS.consumer, [Failing(heard, "ZeroDivisionError")])
    await forget(pool)
    assert await found(pool) == set()

    await pool.execute("UPDATE parked SET due_at = now()")
    await told(pool)

    assert (await finally_told(pool))[-1] == ("refused", ["person-erased"])
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_a_namesake_is_left_alone(pool: Pool) -> None:
    """Who she is stands in her own reports; another Amina Khan's letters stay as they were sent."""
    hub = Hub()
    namesake = reported("P-2", email="a.khan@birch.example", trn="7654321")
    letter = hub.says(namesake | {"email": "no address"})
    await told(pool, hub.says(reported()), hub.says(namesake), letter)

    await forget(pool)

    assert await pool.fetchval("SELECT value FROM dead_letters") == letter.value
    assert await pool.fetchval("SELECT name FROM people WHERE erased_at IS NULL") == "Amina Khan"


async def test_a_report_of_her_under_another_reference_is_found(pool: Pool) -> None:
    """A mistyped reference and a mistyped name: the address is hers."""
    hub = Hub()
    letter = reported("P-l", name="Amena Khann", email="AMINA.Khan@elmpark.example", trn="12")
    await told(pool, hub.says(reported()), hub.says(letter))

    await forget(pool)

    assert json.loads(await pool.fetchval("SELECT value FROM dead_letters")) == {
        "person": "P-l",
        "name": "erased",
        "email": "erased@erased.example",
        "trn": "0000000",
    }


async def test_she_cannot_be_reported_again(pool: Pool) -> None:
    """The report is answered and nothing of it is kept."""
    hub = Hub()
    await told(pool, hub.says(reported()))
    await forget(pool)

    await told(pool, hub.says(reported(name="Amina Khan-Price")))

    assert (await finally_told(pool))[-1] == ("refused", ["person-erased"])
    assert await found(pool) == set()


@pytest.mark.parametrize("accepted", ["died", "was cut off", "is poisoned", "came by HTTP"])
async def test_who_was_never_accepted_can_be_forgotten(pool: Pool, accepted: str) -> None:
    """Her only report died, waits, or is not published yet: it names her all the same."""
    hub = Hub()
    record = hub.says(reported(school_urn="12") if accepted == "died" else reported(note="Amina Khan"))
    if accepted == "was cut off":
        record = replace(record, value=b'{"person": "P\\u002d1", "name": "Amina Khan')
    if accepted == "is poisoned":
        await parked(pool, record)
    elif accepted == "came by HTTP":
        await arrived(pool, record)
    else:
        await told(pool, record)
    assert await found(pool)
    known = await traces(pool, AMINA, REFERENCES)

    await erase(pool, AMINA, by="olu", why="she asked us to", references=REFERENCES, named_by=RIVER_VALE)

    assert known.hubs == {RIVER_VALE}
    assert known.words == (
        set() if accepted == "was cut off" else {"Amina Khan", "amina.khan@elmpark.example", "1234567"}
    )
    assert await found(pool) == set()
    assert await facts(pool) == ["PersonErased", "PersonForgotten"]


async def test_whom_no_hub_named_cannot_be_forgotten(pool: Pool) -> None:
    """A stone for a mistyped reference would refuse somebody who comes later."""
    with pytest.raises(UnknownPerson):
        await forget(pool)


@pytest.mark.parametrize(
    "said",
    [{"school_urn": "12"}, {"email": ["amina.khan@elmpark.example"]}, {"hub": "north-dales"}],
)
async def test_a_bad_report_of_her_afterwards_leaves_no_bytes(pool: Pool, said: dict[str, Any]) -> None:
    """The hub has not heard, or does not care; why it died can be told without her."""
    hub = Hub()
    await told(pool, hub.says(reported()))
    await forget(pool)

    bad = hub.says(reported(**said))
    cut_off = replace(hub.says(reported()), value=b'{"name": "Amina Khan", "person": "P-1"', key=b"amina.khan")
    await told(pool, bad, cut_off)

    assert await found(pool) == set()
    letters = await pool.fetch("SELECT value, headers, record_key, state, action_why FROM dead_letters")
    assert columns(letters) == [(None, "[]", None, "discarded", "somebody whom it names was erased")] * 2
    assert [outcome for outcome, _ in await finally_told(pool)] == ["applied", "dead", "dead"]


async def test_a_letter_of_somebody_else_is_kept_whole_afterwards(pool: Pool) -> None:
    """Who was erased is known by the reference; what the hub sends of others can still be tried again."""
    hub = Hub()
    await told(pool, hub.says(reported()))
    await forget(pool)
    letter = replace(hub.says(reported("P-2", name="Ben Okoro", email="no address")), key=b"P-1")

    await told(pool, letter)

    assert await pool.fetchval("SELECT value FROM dead_letters WHERE state = 'dead'") == letter.value


@pytest.mark.parametrize("report", [reported(), formed("WG-1", name="Amina Khan's group")])
async def test_a_repeat_of_what_was_redacted_is_a_repeat(pool: Pool, report: dict[str, object]) -> None:
    """It came by HTTP, lost her name before Kafka had it, and comes again by Kafka, whole: nobody reused an id."""
    hub = Hub()
    await told(pool, hub.says(reported()))
    sent = hub.says(report, "e-9")
    await arrived(pool, sent)
    await forget(pool)
    async with pool.acquire() as db:
        [outgoing] = await ArrivalsLane().due(db, 10)

    await told(pool, replace(sent, offset=10, headers=outgoing.headers, value=outgoing.value))
    await told(pool, replace(sent, offset=11))

    assert sent.value != outgoing.value
    assert len((await receipts(pool))["e-9"]) == 1
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
    assert await found(pool) == set()


async def test_what_is_poisoned_of_her_is_tried_again(pool: Pool) -> None:
    """Left alone, her next report would be kept behind it until somebody releases the key."""
    hub = Hub()
    await told(pool, hub.says(reported()))
    await parked(pool, hub.says(reported(name="Amina Khan-Price")))

    await forget(pool)
    await told(pool, hub.says(reported(name="Amina Price")))

    assert (await finally_told(pool))[1:] == [("refused", ["person-erased"])] * 2
    assert await pool.fetchval("SELECT count(*) FROM parked") == 0


async def test_a_busy_service_does_not_stop_an_erasure(pool: Pool) -> None:
    """Each holds what the other wants; Postgres ends the one that waited first, and the erasure begins anew."""
    hub = Hub()
    await told(pool, hub.says(reported()), hub.says(reported(email="no address")))
    async with pool.acquire() as busy, busy.transaction():
        await busy.execute("SELECT FROM dead_letters FOR UPDATE")
        erasure = asyncio.create_task(forget(pool))
        await until(lambda: _waits(pool))
        await journal.hold(busy, {str(AMINA)})

    assert (await erasure)["people"] == 1
    assert await found(pool) == set()


async def _waits(pool: Pool) -> bool:
    return bool(await pool.fetchval(WAITING))


async def test_erased_twice_is_said_once(pool: Pool) -> None:
    """An operator who is not sure may ask again."""
    await told(pool, Hub().says(reported()))
    await forget(pool)

    counts = await forget(pool)

    assert counts == {"people": 0, "notes": 0, "arrivals": 0, "parked": 0, "dead_letters": 0}
    assert (await facts(pool)).count("PersonErased") == 1


async def test_a_line_older_than_the_erasure_goes_out_as_a_tombstone(pool: Pool) -> None:
    """The relay was away: it says what is so when it publishes, not what was so when the line was written."""
    await told(pool, Hub().says(reported()))
    await forget(pool)

    async with pool.acquire() as db:
        due = await PeopleLane().due(db, 10)

    assert [(o.key, o.value) for o in due] == [(str(AMINA), None)] * 2
    assert not any(canary.encode() in header for o in due for _, header in o.headers for canary in CANARIES)


@pytest.fixture
def own_bus(kafka: Login) -> Iterator[OwnBus]:
    """Topics and principals of this test's own."""
    bus = OwnBus(kafka)
    bus.make()
    for service in ("enrolment", "notification"):
        connect(bus.login_of(service))  # waits until Kafka knows the new principal
    yield bus
    bus.sweep()


def relay(pool: Pool, bus: OwnBus) -> Relay:
    """The relay of people, as the service makes it."""
    told = bus.settings_of("enrolment")
    make = lambda: producer(told, transactional_id="enrolment.people", compressed=False)  # noqa: E731
    return Relay(pool, PeopleLane(), make, transactional=True, prefix=bus.prefix)


async def heard(bus: OwnBus, number: int) -> list[tuple[str, bytes | None, CloudEvent | object]]:
    """The first records on `people.current`, as notification hears them."""
    told = bus.settings_of("notification")
    consumer = AIOKafkaConsumer(
        f"{bus.prefix}people.current",
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **connection(told),
    )
    records: list[tuple[str, bytes | None, CloudEvent | object]] = []

    async def enough() -> bool:
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            records.extend((r.key.decode(), r.value, decode(r.headers, r.value)) for r in batch)
        return len(records) >= number

    async with consumer:
        await until(enough)
    return records


async def test_a_stalled_relay_cannot_bring_her_back(pool: Pool, own_bus: OwnBus) -> None:
    """It had read her before she was erased; another took over, and its producer shuts the first one out."""
    await told(pool, Hub().says(reported()))
    stalled, other = relay(pool, own_bus), relay(pool, own_bus)
    async with pool.acquire() as db:
        rendered = await PeopleLane().due(db, 10)
        await stalled._started()
        await forget(pool)
        assert await other.publish_once()

        with pytest.raises(ProducerFenced):
            await stalled._publish(db, rendered)

    await stalled.close()
    await other.close()
    gc.collect()  # aiokafka leaves the record that it could not send to the collector, which logs it when it likes
    assert [(key, value) for key, value, _ in await heard(own_bus, 2)] == [(str(AMINA), None)] * 2


async def test_a_tick_reaches_every_partition_and_is_nobody(own_bus: OwnBus) -> None:
    """Kafka rewrites a partition only after a later write; listeners pass over a type that they do not know."""
    async with producer(own_bus.settings_of("enrolment")) as writer:
        await write(writer, own_bus.prefix)

    ticks = await heard(own_bus, 3)

    assert {key for key, _, _ in ticks} == {"tick-0", "tick-1", "tick-2"}
    assert all(isinstance(event, CloudEvent) and event.type.endswith(".PeopleTicked.v1") for _, _, event in ticks)
