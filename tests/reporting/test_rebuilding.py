"""What is live can always be made anew from the log, and a row that somebody touched is found."""

import asyncio
import json

import asyncpg
import pytest
from typer.testing import CliRunner

from hubs.commands.rebuild import app, lines
from mathshubs.postgres import Pool
from mathshubs.testing import until
from reporting.log.store import ONE_POSITIONER
from reporting.measures.domain import MEASURES, Asked, Level, figures
from reporting.measures.views import survey
from reporting.projections.rebuilding import Difference, RebuildUnderWay, Rebuilt, check, prepare, rebuild
from reporting.projections.store import COLUMNS
from reporting_story import ELM_PARK, GROUP_3, LATER, RIVER_VALE, YEAR, deliver, joined, october
from reporting_year import a_whole_year
from stores import Database

TABLES = tuple(table for table in COLUMNS if table != "links")


async def test_made_anew_it_is_the_same(pool: Pool) -> None:
    """Row for row; and those made anew are then the live ones, with nothing left beside them."""
    story = october()
    await deliver(pool, story.said)

    rebuilt = await rebuild(pool)

    assert (rebuilt.facts, rebuilt.differences, rebuilt.is_live) == (len(story.said), (), True)
    schemas = await pool.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'projections%'")
    assert [row["nspname"] for row in schemas] == ["projections_2"]
    assert await pool.fetchval("SELECT count(*) FROM report.joins") == 2


async def test_a_home_with_older_projections_is_given_new_ones_at_its_start(pool: Pool) -> None:
    """Their tables lack what newer code writes; nothing can be heard until they are made anew, from the whole log."""
    await deliver(pool, october().said)
    await pool.execute("UPDATE live_projections SET layout = layout - 1")
    await pool.execute("DROP VIEW report.joins")
    await pool.execute("ALTER TABLE projections_1.joins DROP COLUMN stage")

    await prepare(pool)

    assert await check(pool) == ()
    assert await pool.fetchval("SELECT count(*) FROM report.joins WHERE stage = 'development'") == 2
    assert await pool.fetchval("SELECT number FROM live_projections") == 2


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_deleted_by_hand_is_found_and_mended(pool: Pool, table: str) -> None:
    """Whichever table it was in; the rebuild that shows it also puts it back."""
    await deliver(pool, a_whole_year().said)
    [gone] = await pool.fetch(
        f"DELETE FROM report.{table} WHERE event_id = (SELECT min(event_id) FROM report.{table}) RETURNING event_id"
    )

    [found] = await check(pool)

    assert (found.relation, found.found, found.entry["event_id"]) == (table, "rebuilt", gone["event_id"])
    assert (await rebuild(pool)).is_live
    assert await check(pool) == ()


async def test_a_row_changed_by_hand_is_found(pool: Pool) -> None:
    """Both as it is and as it should be."""
    await deliver(pool, october().said)
    await pool.execute("UPDATE report.attendance SET status = 'present' WHERE status = 'absent'")

    found = await check(pool)

    assert [(one.relation, one.found, one.entry["status"]) for one in found] == [
        ("attendance", "live", "present"),
        ("attendance", "rebuilt", "absent"),
    ]


async def test_a_fact_taken_from_the_log_is_found_and_nothing_is_replaced(pool: Pool, by_hand: Pool) -> None:
    """What is live then knows more than the log, so it must not be thrown away."""
    await deliver(pool, october().said)
    await check(pool)
    await by_hand.execute(
        "DELETE FROM event_log WHERE type LIKE '%SchoolJoinedWorkGroup%' AND data->>'school_urn' = $1", ELM_PARK
    )

    rebuilt = await rebuild(pool)

    assert [(one.relation, one.found) for one in rebuilt.differences] == [("event_log", "missing"), ("joins", "live")]
    assert not rebuilt.is_live
    assert await pool.fetchval("SELECT count(*) FROM report.joins") == 2


async def test_the_last_fact_taken_from_the_log_is_found(pool: Pool, by_hand: Pool) -> None:
    """No later position shows the gap, so the log remembers how far it had come."""
    story = october()
    story.say("uk.mathshubs.scheduling.RoomBooked.v1", "room-1", {}, LATER)
    await deliver(pool, story.said)
    await check(pool)
    await by_hand.execute("DELETE FROM event_log WHERE key = 'room-1'")

    assert await check(pool) == (Difference("event_log", "missing", {"position": len(story.said)}),)


async def test_a_fact_changed_in_the_log_is_found(pool: Pool, by_hand: Pool) -> None:
    """Even one that no projection reads."""
    story = october()
    story.say("uk.mathshubs.scheduling.RoomBooked.v1", "room-1", {"room": 1}, LATER)
    await deliver(pool, story.said)
    await check(pool)
    await by_hand.execute("""UPDATE event_log SET data = '{"room": 2}' WHERE key = 'room-1'""")

    assert await check(pool) == (Difference("event_log", "changed", {"position": len(story.said)}),)


async def test_a_fact_that_no_longer_fits_its_type_is_named(pool: Pool, by_hand: Pool) -> None:
    """Nothing can be made of it, so nothing is replaced; the rest is compared all the same."""
    await deliver(pool, october().said)
    await check(pool)
    kind = "uk.mathshubs.scheduling.MeetingHeld.v1"
    where = await by_hand.fetchval("UPDATE event_log SET data = '{}' WHERE type = $1 RETURNING position", kind)

    rebuilt = await rebuild(pool)

    damaged, lacking = rebuilt.differences
    assert damaged == Difference("event_log", "unreadable", {"position": where, "type": kind})
    assert (lacking.relation, lacking.found, rebuilt.is_live) == ("meetings", "live", False)


async def test_hearing_waits_for_the_last_few_facts_alone(pool: Pool, by_hand: Pool) -> None:
    """What was heard while it was compared is caught up with before the lock, not under it."""
    story = october()
    await deliver(pool, story.said)
    held = len(story.said)
    for number in range(60):
        story.tell(joined(GROUP_3, f"{910_000 + number}", RIVER_VALE))

    async with by_hand.acquire() as slow, pool.acquire() as reader:
        positions, analysing = slow.transaction(), reader.transaction()
        await positions.start()
        await slow.execute(ONE_POSITIONER)
        rebuilding = asyncio.create_task(rebuild(pool))
        await until(lambda: _there_are(by_hand, "SELECT FROM pg_namespace WHERE nspname = 'projections_2'"))
        await analysing.start()
        await reader.execute("LOCK TABLE projections_2.hubs IN SHARE UPDATE EXCLUSIVE MODE")
        await positions.rollback()
        await until(lambda: _there_are(by_hand, WAITING, "ShareUpdateExclusiveLock"))  # to gather statistics
        await deliver(pool, story.said[held:], first_offset=held)
        await slow.execute("BEGIN")
        await slow.execute("LOCK TABLE live_projections IN ACCESS SHARE MODE")
        await analysing.rollback()
        await until(lambda: _there_are(by_hand, WAITING, "AccessExclusiveLock"))  # to change over

        caught_up = await pool.fetchval("SELECT count(*) FROM projections_2.joins")
        await slow.execute("ROLLBACK")
        rebuilt = await rebuilding

    assert (caught_up, rebuilt.facts, rebuilt.is_live) == (62, len(story.said), True)


WAITING = """
    SELECT
      FROM pg_locks
      JOIN pg_database ON pg_database.oid = database
     WHERE datname = current_database()
       AND mode = $1
       AND NOT granted
"""


async def _there_are(pool: Pool, question: str, *given: str) -> bool:
    return bool(await pool.fetch(question, *given))


async def test_facts_are_heard_and_figures_read_while_it_is_made_anew(pool: Pool) -> None:
    """Nothing heard meanwhile is lost, and no reader ever sees it empty."""
    story = october()
    await deliver(pool, story.said)
    more = october()
    for number in range(60):
        more.tell(joined(GROUP_3, f"{910_000 + number}", RIVER_VALE))
    seen: list[float] = []
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            [figure] = figures(MEASURES["M1"], Level.NATIONAL, await survey(pool, Asked(YEAR, LATER, LATER)))
            seen.append(figure.numerator)

    reading = asyncio.create_task(read())
    hearing = asyncio.create_task(deliver(pool, more.said[len(story.said) :], first_offset=100, most=1))
    rebuilds = [await rebuild(pool) for _ in range(3)]
    await hearing
    done.set()
    await reading

    assert [rebuilt.differences for rebuilt in rebuilds] == [(), (), ()]
    assert await check(pool) == ()
    assert await pool.fetchval("SELECT count(*) FROM report.joins") == 62
    assert seen == sorted(seen)
    assert seen[0] == 2


async def test_one_rebuild_at_a_time(pool: Pool) -> None:
    """The second is told so at once."""
    await deliver(pool, october().said)

    ended = await asyncio.gather(rebuild(pool), rebuild(pool), return_exceptions=True)

    assert sorted(type(one).__name__ for one in ended) == ["RebuildUnderWay", "Rebuilt"]
    assert RebuildUnderWay.__doc__


@pytest.mark.parametrize("only_check", [True, False])
def test_the_mend_of_a_damaged_log_is_its_backup(only_check: bool) -> None:
    """A rebuild would change nothing, so the command must not send an operator to it."""
    damaged = Difference("event_log", "unreadable", {"position": 7, "type": "uk.mathshubs.scheduling.MeetingHeld.v1"})

    *_, named, mend = lines(Rebuilt(40, (damaged,)), only_check=only_check)

    assert "event_log: unreadable" in named
    assert mend.endswith("Mend: restore reporting's database from its backup.")


async def test_the_command_says_equal_or_shows_the_difference(database: Database) -> None:
    """Ends with 0 where both were equal, with 1 where they were not."""
    url = await database("reporting")
    async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
        await prepare(pool)
        await deliver(pool, october().said)
        await _run_the_command(pool, url)


async def _run_the_command(pool: Pool, url: str) -> None:
    equal = await asyncio.to_thread(CliRunner().invoke, app, ["reporting", "--postgres", url])
    await pool.execute("DELETE FROM report.hubs WHERE code = 'river-vale'")
    checked = await asyncio.to_thread(CliRunner().invoke, app, ["reporting", "--check", "--json", "--postgres", url])
    mended = await asyncio.to_thread(CliRunner().invoke, app, ["reporting", "--postgres", url])

    assert (equal.exit_code, "equal, row for row" in equal.output) == (0, True)
    said = json.loads(checked.output)
    assert (checked.exit_code, said["equal"], said["differences"][0]["entry"]["code"]) == (1, False, "river-vale")
    assert (mended.exit_code, "hubs: a row that was missing" in mended.output) == (1, True)
    assert await check(pool) == ()
