"""What waits goes on as soon as it can, in its order, and dies only when it still waits."""

import json
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from mathshubs import settling
from mathshubs.hearing import Heard, Hearing, Record, SetAside
from mathshubs.inbox import hear
from mathshubs.parking import DUE_AT_ONCE, due_keys
from mathshubs.postgres import Pool
from shared.test_inbox import Lists, Note, Notes

PoolOf = Callable[[str], Awaitable[Pool]]
CONSUMER = "scheduling.toy"


async def toy(pool_of: PoolOf) -> Pool:
    pool = await pool_of("scheduling")
    await pool.execute(
        "CREATE SCHEMA toy "
        "CREATE TABLE lists (id serial PRIMARY KEY, key text, words text) CREATE TABLE made (name text)"
    )
    return pool


async def said(pool: Pool, hearing: Hearing, *notes: Note, first: int = 0) -> None:
    records = [_record(first + place, note) for place, note in enumerate(notes)]
    async with pool.acquire() as db, db.transaction():
        await hear(db, hearing, records, firm=False)


def _record(offset: int, note: Note) -> Record:
    words = {"specversion": b"1.0", "id": str(offset).encode(), "source": b"/t", "type": b"uk.mathshubs.test.Note.v1"}
    headers = [*((f"ce_{name}", word) for name, word in words.items()), ("ce_time", b"2026-09-14T15:04:05Z")]
    value = {"key": note.key, "words": note.words, "makes": note.makes, "needs": note.needs}
    return Record("t", 0, offset, None, json.dumps(value).encode(), headers)


async def look(pool: Pool, hearing: Hearing, key: str) -> bool:
    async with pool.acquire() as db, db.transaction():
        return await settling.look_again(db, hearing, key)


async def tried(pool: Pool, hearing: Hearing) -> None:
    async with pool.acquire() as db, db.transaction():
        await settling.try_dead_letters(db, hearing)


async def due(pool: Pool) -> Sequence[str]:
    async with pool.acquire() as db:
        return await due_keys(db, CONSUMER)


async def written(pool: Pool) -> list[str]:
    return [row["words"] for row in await pool.fetch("SELECT words FROM toy.lists ORDER BY id")]


async def test_what_came_while_the_service_was_down_saves_what_waits_for_it(pool_of: PoolOf) -> None:
    """The hour may pass while nobody looks; only what still waits then is too late."""
    pool, hearing = await toy(pool_of), Hearing(CONSUMER, Notes(), Lists())
    await said(pool, hearing, Note("a", "early", needs="group"), Note("b", "never", needs="nothing"))
    await pool.execute("UPDATE parked SET expires_at = now() - interval '1 hour'")
    await pool.execute("INSERT INTO toy.made (name) VALUES ('group')")

    await look(pool, hearing, "a")
    await look(pool, hearing, "b")

    assert await written(pool) == ["early"]
    assert await pool.fetchval("SELECT string_agg(code, ' ') FROM dead_letters") == "waited-too-long"
    assert await pool.fetchval("SELECT count(*) FROM parked") == 0


async def test_what_was_poisoned_for_a_day_gets_its_hour_when_it_has_to_wait(pool_of: PoolOf) -> None:
    """An operator released it; what it names is missing by now, and may still come."""
    pool = await toy(pool_of)
    hearing = Hearing(CONSUMER, Notes(), Lists(poison={"early"}))
    await said(pool, hearing, Note("a", "early"))
    await pool.execute("UPDATE parked SET expires_at = now() - interval '1 day'")
    lacking = json.dumps({"key": "a", "words": "early", "needs": "group"}).encode()
    await pool.execute("UPDATE parked SET value = $1", lacking)

    for _ in range(2):
        await look(pool, hearing, "a")

    assert [tuple(row) for row in await pool.fetch("SELECT state, expires_at > now() FROM parked")] == [
        ("waiting", True)
    ]


async def test_what_is_late_goes_on_with_what_is_parked_behind_it(pool_of: PoolOf) -> None:
    """A move may wait for a meeting whose scheduling is parked behind it: the group's coming saves both."""
    pool, hearing = await toy(pool_of), Hearing(CONSUMER, Notes(), Lists())
    early = Note("m", "moved", needs="meeting"), Note("m", "scheduled", makes="meeting", needs="group")
    await said(pool, hearing, *early)
    await pool.execute("UPDATE parked SET expires_at = now() - interval '1 hour'")
    await pool.execute("INSERT INTO toy.made (name) VALUES ('group')")

    again = await look(pool, hearing, "m")
    await look(pool, hearing, "m")

    assert again
    assert await written(pool) == ["scheduled", "moved"]


async def test_an_arrival_waits_for_nobody_who_looks_at_the_key(pool_of: PoolOf) -> None:
    """Each could be about to wake the other's: neither may stand still for it."""
    pool, hearing = await toy(pool_of), Hearing(CONSUMER, Notes(), Lists())
    await said(pool, hearing, Note("a", "early", needs="group"))

    async with pool.acquire() as db, db.transaction():
        await db.execute("SELECT FROM parked FOR UPDATE")
        async with pool.acquire() as other, other.transaction():
            await other.execute("SET LOCAL lock_timeout = '1s'")
            await hear(other, hearing, [_record(9, Note("g", "formed", makes="group"))], firm=False)

    assert await written(pool) == ["formed"]


async def test_a_flood_that_waits_keeps_nobody_from_its_turn(pool_of: PoolOf) -> None:
    """What has been due longest is looked at first, whoever parked more before it."""
    pool, hearing = await toy(pool_of), Hearing(CONSUMER, Notes(), Lists())
    flood = (Note(f"flood {number}", "early", needs="group") for number in range(DUE_AT_ONCE))
    await said(pool, hearing, *flood, Note("a", "early", needs="another"))
    await pool.execute("UPDATE parked SET due_at = now() - CASE key WHEN 'a' THEN interval '1 hour' ELSE '1 s' END")

    keys = await due(pool)

    assert (keys[0], len(keys)) == ("a", DUE_AT_ONCE)


class Forgetful(Notes):
    """Reads nothing any more: its types have left the table."""

    def read(self, record: Record) -> Heard | SetAside | None:
        return None


async def test_what_no_version_hears_any_more_is_set_aside(pool_of: PoolOf) -> None:
    """A parked record whose type has left the service would hold up its key for ever."""
    pool = await toy(pool_of)
    await said(pool, Hearing(CONSUMER, Notes(), Lists()), Note("a", "early", needs="group"))

    await look(pool, Hearing(CONSUMER, Forgetful(), Lists()), "a")

    assert await pool.fetchval("SELECT count(*) FROM parked") == 0
    assert await pool.fetchval("SELECT code FROM dead_letters") == "unknown-type"


async def test_each_try_of_a_dead_letter_is_answered_though_the_clock_stands_still(pool_of: PoolOf) -> None:
    """An operator who tries again in the same moment must hear of it again, and so must the hub."""
    pool, notes = await toy(pool_of), Notes()
    hearing = Hearing(CONSUMER, notes, Lists())
    await said(pool, hearing, Note("a", "early", needs="group"))
    await pool.execute("UPDATE parked SET expires_at = now() - interval '1 hour'")
    await look(pool, hearing, "a")
    deaths = [notes.died[-1]]

    for _ in range(2):
        await pool.execute("UPDATE dead_letters SET state = 'retrying'")
        await tried(pool, hearing)
        await pool.execute("UPDATE parked SET expires_at = now() - interval '1 hour'")
        await look(pool, hearing, "a")
        deaths.append(notes.died[-1])
    await pool.execute("INSERT INTO toy.made (name) VALUES ('group')")
    await pool.execute("UPDATE dead_letters SET state = 'retrying'")
    await tried(pool, hearing)

    assert [*deaths, notes.died[-1]] == [0, 1, 2, 3]


async def test_a_missing_table_is_no_records_fault(pool_of: PoolOf) -> None:
    """Code that starts before its migration waits for it, and parks nothing."""
    pool = await toy(pool_of)
    for fault in (asyncpg.UndefinedTableError("toy"), asyncpg.InsufficientPrivilegeError("toy")):
        hearing = Hearing(CONSUMER, Notes(), Lists(fails=[fault, fault]))
        raised = None
        try:
            await said(pool, hearing, Note("a", "one"))
        except asyncpg.SyntaxOrAccessError as error:
            raised = error
        assert raised is fault
    assert await pool.fetchval("SELECT count(*) FROM parked") == 0
