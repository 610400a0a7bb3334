"""The log keeps every fact that was heard, once, and gives each a position that nothing later goes before."""

import asyncio
import json
from datetime import timedelta

import asyncpg
import pytest

from mathshubs.events.enrolment.people import PersonErased
from mathshubs.inbox import hear
from mathshubs.postgres import Pool
from reporting.listen import hearing
from reporting.log.store import give_positions, head
from reporting_story import AMINA, ELM_PARK, OCTOBER, SEPTEMBER, Story, deliver, hear_records, october, school


async def test_every_fact_is_kept_as_it_was_said(pool: Pool) -> None:
    """With both of its times: when it was true, and when its owner recorded it."""
    story = Story().tell(school(ELM_PARK, "Elm Park School"), at=OCTOBER)

    await deliver(pool, story.said, first_offset=7)

    [kept] = await pool.fetch(
        'SELECT topic, part, "offset", source, type, key, version, hub, effective_at, recorded_at, correlation, data'
        "  FROM event_log"
    )
    fact = school(ELM_PARK, "Elm Park School")
    assert json.loads(kept["data"]) == fact.model_dump(mode="json")
    assert tuple(kept)[:-1] == (
        *("enrolment.facts", 0, 7, "/enrolment", fact.type, ELM_PARK, 1, None),
        *(fact.effective_at, OCTOBER, "c-1"),
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event_log SET data = '{}'",
        "UPDATE event_log SET recorded_at = now()",
        "DELETE FROM event_log",
        "TRUNCATE event_log",
    ],
)
async def test_what_was_heard_cannot_be_changed_by_the_service_that_keeps_it(pool: Pool, change: str) -> None:
    """Its database refuses, whatever a later version of the code may try; figures are made of the log alone."""
    await deliver(pool, october().said)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(change)


async def test_a_fact_said_twice_is_kept_once(pool: Pool) -> None:
    """A relay that died publishes its batch again: the same facts, further on."""
    said = october().said

    await deliver(pool, said + said)
    await deliver(pool, said, first_offset=100)

    assert await pool.fetchval("SELECT count(*) FROM event_log") == len(said)


async def test_what_a_newer_service_says_is_kept_for_later(pool: Pool) -> None:
    """Its type means nothing here yet; a rebuild by newer code will find it in the log."""
    story = Story()
    story.say("uk.mathshubs.scheduling.RoomBooked.v1", "room-1", {"room": 1, "effective_at": "2026-10-08"}, OCTOBER)
    story.say("uk.mathshubs.scheduling.RoomBooked.v1", "room-1", {"effective_at": SEPTEMBER.isoformat()}, OCTOBER)

    await deliver(pool, story.said)

    rows = await pool.fetch("SELECT key, version, effective_at, data FROM event_log ORDER BY version")
    assert [(row["key"], row["effective_at"], json.loads(row["data"])) for row in rows] == [
        ("room-1", OCTOBER, {"room": 1, "effective_at": "2026-10-08"}),
        ("room-1", SEPTEMBER, {"effective_at": SEPTEMBER.isoformat()}),
    ]


async def test_a_fact_that_does_not_fit_its_type_is_set_aside_alone(pool: Pool) -> None:
    """Its neighbours are kept, and it is kept for an operator."""
    story = Story().tell(school(ELM_PARK, "Elm Park School"))
    story.say("uk.mathshubs.enrolment.SchoolRegistered.v1", "900002", {"urn": "900002"}, OCTOBER)

    await deliver(pool, story.said)

    assert await pool.fetchval("SELECT count(*) FROM event_log") == 1
    assert await pool.fetchval("SELECT code FROM dead_letters") == "bad-data"


async def test_positions_follow_arrival_without_a_gap(pool: Pool) -> None:
    """Whatever arrives meanwhile goes behind."""
    said = october().said
    await deliver(pool, said[:9], most=4)
    async with pool.acquire() as db:
        assert await give_positions(db, most=5) == 5
        await deliver(pool, said[9:], first_offset=9, most=3)
        while await give_positions(db, most=5):
            pass

        rows = await db.fetch('SELECT position, "offset" FROM event_log ORDER BY arrived')
        assert [tuple(row) for row in rows] == [(offset + 1, offset) for offset in range(len(said))]
        assert await head(db) == len(said)


async def test_a_fact_that_commits_late_still_gets_a_position(pool: Pool) -> None:
    """It arrived first and was not to be seen yet: no gap is left for it, and nobody who has a place moves."""
    late, *others = [one.at(offset) for offset, one in enumerate(october().said)]

    async with pool.acquire() as slow:
        held_open = slow.transaction()
        await held_open.start()
        await hear(slow, hearing(), [late], firm=False)
        await hear_records(pool, others)
        async with pool.acquire() as db:
            await give_positions(db)
            given = await db.fetch("SELECT event_id, position FROM event_log")

            await held_open.commit()
            await give_positions(db)

    after = {row["event_id"]: row["position"] for row in await pool.fetch("SELECT event_id, position FROM event_log")}
    assert {row["event_id"]: row["position"] for row in given}.items() <= after.items()
    assert sorted(after.values()) == list(range(1, len(others) + 2))


async def test_positions_given_from_several_processes_at_once(pool: Pool) -> None:
    """They take turns: every fact one position, none left out."""
    said = october().said

    async def positions() -> None:
        async with pool.acquire() as db:
            while await give_positions(db, most=3):
                pass

    await asyncio.gather(deliver(pool, said, most=2), *(positions() for _ in range(4)))
    await positions()

    given = await pool.fetch("SELECT position FROM event_log ORDER BY position")
    assert [row["position"] for row in given] == list(range(1, len(said) + 1))


async def test_a_forgotten_person_is_answered_for_once(pool: Pool) -> None:
    """Reporting holds ids alone, so nothing was scrubbed; the proof of erasure waits for every service's word."""
    story = Story().tell(PersonErased(person_id=AMINA, effective_at=OCTOBER), at=OCTOBER + timedelta(seconds=1))

    await deliver(pool, story.said * 2)

    [said] = await pool.fetch("SELECT topic, key, type, data FROM journal")
    assert (said["topic"], said["key"]) == ("reporting.facts", str(AMINA))
    assert said["type"] == "uk.mathshubs.reporting.PersonForgotten.v1"
    assert json.loads(said["data"])["scrubbed"] == {}
