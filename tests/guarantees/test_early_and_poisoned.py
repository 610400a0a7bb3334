"""What comes before the things it names waits for them; what nobody can apply waits for an operator; others go on."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from guarantees.half_term import HalfTerm
from guarantees.test_kills import as_utc, entry_in
from hub_system import HubSystem, header
from mathshubs.operating import parkedkeys
from mathshubs.testing import until
from stack import Stack
from stores import database_url
from term import AHEAD, MOVED, report

POISON = "Room 13"
OTHER = ("2027-01-14T13:30:00+00:00", "2027-01-14T16:00:00+00:00")
"""In another half-term than the meeting that moves, so that neither is flagged for being second in its own."""
TRIGGER = """
    CREATE SEQUENCE tries;
    GRANT USAGE ON SEQUENCE tries TO PUBLIC;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF new.place = 'Room 13' THEN
            PERFORM nextval('tries');
            RAISE EXCEPTION 'amina.canary@bellow.example' USING ERRCODE = 'P0001';
        END IF;
        RETURN new;
    END
    $$;
    CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON meetings FOR EACH ROW EXECUTE FUNCTION fail();
"""
"""A fault that no code foresees: one value makes a table fail, in words that quote somebody."""
WAITS = ["parked", "applied"]


@pytest.mark.timeout(240)
async def test_what_comes_too_early_waits_and_is_applied_in_order(stack: Stack, tmp_path: Path) -> None:
    """A meeting, its move and a nomination come before the Work Group: the mail that leaves shows the moved meeting."""
    term = await HalfTerm.furnished(stack, tmp_path)
    code = term.hubs[0].code
    hub, urn = await stack.hub(code), term.term.register.open_to(code)[0].urn
    said = _reports(code, urn)

    for early in ("meeting", "move", "nomination"):
        await hub.send(said[early])
    await until(_outcomes(hub, said, meeting=["parked"], move=["parked"], nomination=["parked"]), what="they wait")
    for late in ("person", "group", "join"):
        await hub.send(said[late])
    applied = {name: ["applied"] for name in ("person", "group", "join")}
    await until(_outcomes(hub, said, meeting=WAITS, move=WAITS, nomination=WAITS, **applied), seconds=60)

    await term.is_quiet()
    assert await _starts(stack) == {as_utc(MOVED[0])}


@pytest.mark.timeout(240)
async def test_a_poison_stops_its_own_key_until_it_is_released(stack: Stack, tmp_path: Path, postgres: str) -> None:
    """Five tries, then it waits with what is behind it; released once that is mended, both are applied in order."""
    term = await HalfTerm.furnished(stack, tmp_path)
    code = term.hubs[0].code
    hub, urn = await stack.hub(code), term.term.register.open_to(code)[0].urn
    said = _reports(code, urn, place=POISON)
    pool = await stack.pool("scheduling")

    async with _failing(postgres, await pool.fetchval("SELECT current_database()")) as owner:
        for name in ("person", "group", "join", "nomination"):
            await hub.send(said[name])
        await term.is_quiet()
        for name in ("meeting", "move", "other"):
            await hub.send(said[name])
        await until(lambda: pool.fetchval("SELECT count(*) FROM parked WHERE state = 'poisoned'"), seconds=60)
        tries = await owner.fetchval("SELECT last_value FROM tries")
        parked = await pool.fetch("SELECT state, attempts, reason FROM parked ORDER BY seq")
        assert [tuple(row) for row in parked] == [("poisoned", 5, "RaiseError"), ("behind", 1, parked[1]["reason"])]
        await until(_outcomes(hub, said, meeting=["parked"], move=["parked"], other=["applied"]), what="others go on")
        assert await owner.fetchval("SELECT last_value FROM tries") == tries, "it is left alone"

    key = await pool.fetchval("SELECT key FROM parked LIMIT 1")
    async with pool.acquire() as db:
        [released] = await parkedkeys.release(db, key, by="tests", why="mended")
    assert released.outcome == "applied"
    await until(_outcomes(hub, said, meeting=WAITS, move=WAITS, other=["applied"]), what="both are applied")
    await term.is_quiet()
    assert await _starts(stack) == {as_utc(MOVED[0]), as_utc(OTHER[0])}
    assert "amina.canary" not in stack.log("scheduling")


def _reports(hub: str, urn: str, place: str = "Room 3") -> Mapping[str, dict[str, Any]]:
    """Return the reports of one advocate and one meeting that moves, and of another meeting, by short names."""
    day = {"work_group": "WG-7", "school_urn": urn, "effective_on": "2026-09-07"}
    year = {"programme": "secondary-teaching-for-mastery", "stage": "development", "school_year": "2026/27"}
    first, second = ({"starts_at": starts_at, "ends_at": ends_at} for starts_at, ends_at in (AHEAD[0], OTHER))
    meeting = {"work_group": "WG-7", "mode": "face-to-face"}
    moved = {"starts_at": MOVED[0], "ends_at": MOVED[1]}
    return {
        "person": report(hub, "enrolment.PersonReported", person="P-1", name="Zed Early", email="zed@x.example"),
        "group": report(hub, "enrolment.WorkGroupFormed", work_group="WG-7", name="Mastery", lead="P-1", **year),
        "join": report(hub, "enrolment.SchoolJoinedWorkGroup", **day),
        "nomination": report(hub, "enrolment.MasteryAdvocateNominated", advocate="P-1", **day),
        "meeting": report(hub, "scheduling.MeetingScheduled", meeting="M-1", place=place, **meeting, **first),
        "move": report(hub, "scheduling.MeetingRescheduled", meeting="M-1", **moved),
        "other": report(hub, "scheduling.MeetingScheduled", meeting="M-2", place="Room 3", **meeting, **second),
    }


def _outcomes(hub: HubSystem, said: Mapping[str, dict[str, Any]], **expected: list[str]) -> Callable[[], Any]:
    """Return a question: whether these reports have had these receipts, in this order, and no other.

    What is not expected to wait may have: a key whose first report waits is kept in order whole.
    """

    async def are() -> bool:
        found: dict[str, list[str]] = {}
        records = await hub.stack.records(f"hubs.{hub.code}.receipts")
        for body in {header(record, "ce_id"): json.loads(record.value() or b"") for record in records}.values():
            found.setdefault(body["event_id"], []).append(body["outcome"])
        had = {name: found.get(said[name]["id"], []) for name in expected}
        return all(one in (expected[name], ["parked", *expected[name]]) for name, one in had.items())

    return are


@asynccontextmanager
async def _failing(server: str, database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Make the table of meetings fail for one value, for the length of the block."""
    owner = await asyncpg.connect(database_url(server, database))
    try:
        await owner.execute(TRIGGER)
        yield owner
        await owner.execute("DROP FUNCTION fail() CASCADE; DROP SEQUENCE tries")
    finally:
        await owner.close()


async def _starts(stack: Stack) -> set[str]:
    """Return when each calendar entry begins that was mailed, as its last mail has it."""
    starts: dict[str, tuple[int, str]] = {}
    async with httpx.AsyncClient() as client:
        for mail in await stack.mail():
            entry = entry_in((await client.get(f"{stack.system.inbox}/messages/{mail['id']}/raw")).content)
            told = int(entry.decoded("SEQUENCE")), as_utc(entry.start.isoformat())
            starts[str(entry["UID"])] = max(starts.get(str(entry["UID"]), (-1, "")), told)
    return {start for _, start in starts.values()}
