"""What is heard on the bus, in any order between its two topics, on a real Postgres."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from calendar_story import (
    AMINA,
    BEN,
    CHLOE,
    FAR,
    MARCH,
    MEETING,
    OTHER_MEETING,
    WEEK,
    Said,
    held,
    invited,
    moved,
    named,
    person,
    record,
    scheduled,
    tell,
    tombstone,
    uninvited,
)
from mathshubs.hearing import Record
from mathshubs.inbox import hear
from mathshubs.postgres import Pool
from notification.listen import HEARING

Told = list[tuple[str, int, str]]
DELIVERIES = "SELECT kind, revision, status FROM deliveries WHERE person_id = $1 ORDER BY meeting_id, revision"


@pytest.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Give a fresh database of notification's."""
    return await pool_of("notification")


async def told(pool: Pool, who: object = AMINA) -> Told:
    """Return what is to be sent to somebody, or was."""
    rows = await pool.fetch(DELIVERIES, who)
    return [(row["kind"], row["revision"], row["status"]) for row in rows]


@pytest.mark.parametrize("batches", ["one", "each"])
async def test_an_invitation_before_the_address_waits_for_it(pool: Pool, batches: str) -> None:
    """However the two topics arrive, one mail goes out."""
    said: list[Said] = [scheduled(), invited(), moved(FAR + WEEK), person()]
    for batch in [said] if batches == "one" else [[one] for one in said]:
        await tell(pool, *batch)

    assert await told(pool) == [("invitation", 0, "queued")]
    assert await pool.fetchval("SELECT starts_at FROM deliveries") == FAR + WEEK


async def test_a_repeated_fact_is_heard_once(pool: Pool) -> None:
    """Kafka gives a record again after a crash; the ledger does not move."""
    said = [record(one) for one in (person(), scheduled(), invited(), moved(FAR + WEEK))]
    await tell(pool, *said)
    await tell(pool, *said)
    await tell(pool, *(replace(one, offset=one.offset + 1_000) for one in said))

    assert await told(pool) == [("invitation", 0, "superseded"), ("change", 1, "queued")]


async def test_a_batch_that_fails_leaves_nothing(pool: Pool) -> None:
    """Ledger, mail and inbox are one transaction: told again, it takes effect as if for the first time."""
    said = [record(one) for one in (person(), scheduled(), invited())]
    async with pool.acquire() as db:
        broken = db.transaction()
        await broken.start()
        await hear(db, HEARING, said, firm=False)
        await broken.rollback()
    assert await told(pool) == []

    await tell(pool, *said)

    assert await told(pool) == [("invitation", 0, "queued")]


async def test_an_address_and_an_invitation_at_the_same_moment(pool: Pool) -> None:
    """Two processes hear the two topics; whichever is first, each person gets one mail."""
    people = [named(f"teacher {n}") for n in range(20)]
    await tell(pool, scheduled())
    said: list[Said] = [*(person(who) for who in people), *(invited(who) for who in reversed(people))]
    await asyncio.gather(*(tell(pool, one) for one in said))

    rows = await pool.fetch("SELECT person_id, status FROM deliveries")
    assert [row["status"] for row in rows] == ["queued"] * 20
    assert {row["person_id"] for row in rows} == set(people)


async def test_many_meetings_move_while_many_addresses_change(pool: Pool) -> None:
    """Batches that hold meetings and people never wait for each other in a circle."""
    people = [named(f"teacher {n}") for n in range(8)]
    meetings = [named(f"meeting {n}") for n in range(4)]
    await tell(pool, *(scheduled(m) for m in meetings), *(invited(p, m) for m in meetings for p in people))
    await tell(pool, *(person(p) for p in people))
    moves = [[moved(FAR + n * WEEK, m) for m in (meetings if n % 2 else meetings[::-1])] for n in (1, 2, 3)]
    addresses = [[person(p, n + 1, email=f"{p}-{n}@elm.example") for p in people[:: n % 2 or -1]] for n in (1, 2, 3)]

    await asyncio.gather(*(tell(pool, *batch) for batch in moves), *(tell(pool, *batch) for batch in addresses))

    rows = await pool.fetch(
        "SELECT count(*) AS n, max(revision) AS last FROM deliveries GROUP BY meeting_id, person_id"
    )
    assert all(row["n"] == row["last"] + 1 for row in rows)
    assert len(rows) == 32


async def test_another_address_gets_what_is_still_to_come(pool: Pool) -> None:
    """What was sent to the old one stays; what was not sent yet gives way to the present state."""
    await tell(pool, person(), scheduled(), invited(), moved(FAR + WEEK))
    await pool.execute(
        "UPDATE deliveries SET status = 'sent', may_be_told = true, settled_at = clock_timestamp() WHERE revision = 0"
    )
    await tell(pool, person(version=2, email="amina@oakpark.example"))
    await tell(pool, person(version=3, name="Dr Amina Khan", email="amina@oakpark.example"))

    assert await told(pool) == [("invitation", 0, "sent"), ("change", 1, "superseded"), ("invitation", 2, "queued")]


async def test_what_was_not_sent_of_a_meeting_that_was_held_is_given_up(pool: Pool) -> None:
    """Other meetings' mails go on."""
    await tell(pool, person(), scheduled(), invited(), scheduled(OTHER_MEETING), invited(meeting=OTHER_MEETING))
    await tell(pool, scheduled(), invited(BEN), held())

    rows = await pool.fetch("SELECT meeting_id, status FROM deliveries")
    assert {(row["meeting_id"], row["status"]) for row in rows} == {(MEETING, "expired"), (OTHER_MEETING, "queued")}


async def test_what_was_not_sent_of_a_meeting_that_moved_into_the_past_is_given_up(pool: Pool) -> None:
    """Though the mail server is away, and no sender looks at it."""
    await tell(pool, person(), scheduled(), invited())
    await tell(pool, moved(MARCH - 52 * WEEK))

    assert await told(pool) == [("invitation", 0, "expired")]


async def test_an_invitation_that_waited_comes_back_when_the_meeting_is_put_off(pool: Pool) -> None:
    """It had expired unsent; the address comes, and the new time is told as SEQUENCE 0."""
    await tell(pool, scheduled(), invited())
    await pool.execute("UPDATE deliveries SET status = 'expired', settled_at = clock_timestamp()")
    await tell(pool, moved(FAR + WEEK), person())

    assert await told(pool) == [("invitation", 0, "queued")]


async def test_a_ledger_never_goes_back(pool: Pool) -> None:
    """Not even by hand: a calendar would keep what it was told last."""
    await tell(pool, person(), scheduled(), invited(), moved(FAR + WEEK))

    for change in ("sequence = 0", "uid = 'another@mathshubs.example'"):
        with pytest.raises(Exception, match="SEQUENCE only rises"):
            await pool.execute(f"UPDATE invitations SET {change}")


async def test_a_tick_and_what_a_newer_speaker_says_are_passed_over(pool: Pool) -> None:
    """Ticks have Kafka compact the log; their keys are nobody's id."""
    tick = Record("people.current", 0, 10**6, b"tick-0", b"{}", [])
    no_key = Record("people.current", 0, 10**6 + 1, None, b"{}", [])
    newer = replace(record(person()), value=b'{"person": 2}')
    later = b"uk.mathshubs.enrolment.Person.v2"
    newer = replace(newer, headers=[(name, later if name == "ce_type" else word) for name, word in newer.headers])
    await tell(pool, tick, no_key, newer)

    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
    assert await pool.fetchval("SELECT count(*) FROM people") == 0


async def test_a_person_who_cannot_be_read_is_set_aside(pool: Pool) -> None:
    """With its reason; the next one goes on."""
    broken = replace(record(person()), value=b'{"person_id": "me"}')
    await tell(pool, broken, person(BEN))

    assert await pool.fetchval("SELECT code FROM dead_letters") == "bad-data"
    assert await pool.fetchval("SELECT count(*) FROM people") == 1


async def test_an_erased_person_leaves_a_stone_and_nothing_else(pool: Pool) -> None:
    """Name, address and where mail went are gone; what was not sent is dropped; the count is said."""
    await tell(pool, person(), person(CHLOE), scheduled(), invited(), invited(CHLOE), moved(FAR + WEEK))
    await pool.execute(
        "UPDATE deliveries SET status = 'sent', address = 'amina.khan@elmpark.example', settled_at = clock_timestamp()"
        " WHERE revision = 0 AND person_id = $1",
        AMINA,
    )
    await tell(pool, replace(record(person(version=2)), value=b'{"email": "amina.khan@elmpark.example"}'))

    await tell(pool, tombstone(AMINA))

    assert await _dump(pool, "Amina", "amina.khan") == []
    assert await told(pool) == [("invitation", 0, "sent"), ("change", 1, "dropped")]
    [said] = await pool.fetch("SELECT topic, key, data FROM journal WHERE type LIKE '%PersonForgotten%'")
    assert (said["topic"], said["key"]) == ("notification.facts", str(AMINA))
    assert json.loads(said["data"])["scrubbed"] == {"people": 1, "deliveries": 2, "records": 1, "preferences": 0}


async def test_nothing_brings_an_erased_person_back(pool: Pool) -> None:
    """An older record delivered again, a newer one from a relay that was stalled, the tombstone itself again."""
    older = record(person(version=7))
    await tell(pool, person(version=1), scheduled(), invited(), tombstone(AMINA))
    await tell(pool, older, person(version=9), tombstone(AMINA), moved(FAR + WEEK), uninvited(), invited())

    assert await _dump(pool, "Amina", "amina.khan") == []
    assert await told(pool) == [("invitation", 0, "dropped")]
    forgotten = "SELECT count(*) FROM journal WHERE type LIKE '%PersonForgotten%'"
    assert await pool.fetchval(forgotten) == 1


async def test_somebody_never_heard_of_can_be_erased(pool: Pool) -> None:
    """Compaction may have left only the tombstone; the stone stands for whatever comes late."""
    await tell(pool, tombstone(AMINA))
    await tell(pool, person(), scheduled(), invited())

    assert await told(pool) == []


async def test_a_record_that_is_parked_does_not_hold_an_erasure_up(pool: Pool) -> None:
    """It goes with the person."""
    stuck = record(person(version=2))
    await pool.execute(
        """
        INSERT INTO parked (consumer, topic, part, "offset", record_key, headers, value, key, state, reason, expires_at)
        VALUES ('notification.facts', 'people.current', 0, 999, $1, '[]', $2, $3, 'poisoned', 'a fault', now())
        """,
        stuck.key,
        stuck.value,
        str(AMINA),
    )

    await tell(pool, person(BEN), tombstone(AMINA))

    assert await pool.fetchval("SELECT count(*) FROM parked") == 0
    assert await _dump(pool, "Amina", "amina.khan") == []


async def test_a_batch_costs_a_handful_of_statements(pool: Pool) -> None:
    """Whatever its size: 40 people in no more statements than 4, once the connection knows the types."""
    await tell(pool, scheduled())
    costs = []
    async with pool.acquire() as db:
        for number in (2, 4, 40):
            people = [named(f"{number} {n}") for n in range(number)]
            seen: list[str] = []
            with db.query_logger(lambda query, seen=seen: seen.append(query.query)):
                async with db.transaction():
                    said = [record(one) for who in people for one in (person(who), invited(who))]
                    await hear(db, HEARING, said, firm=False)
            costs.append(len(seen))

    assert costs[1] == costs[2] < 20


async def _dump(pool: Pool, *words: str) -> list[str]:
    """Return where any of these words stands in the whole database, bytes read as text."""
    found = []
    for row in await pool.fetch("SELECT relname FROM pg_stat_user_tables"):
        for whole in await pool.fetch(f'SELECT t::text AS line FROM "{row["relname"]}" t'):
            line = whole["line"]
            hexed = [word.encode().hex() for word in words]
            if any(word in line for word in (*words, *hexed)):
                found.append(row["relname"])
    return found
