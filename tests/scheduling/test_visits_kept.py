"""Support visits as they are kept, by scheduling's real hearings on a real Postgres."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from mathshubs import inbox
from mathshubs.events.enrolment.participation import SchoolJoinRefused
from mathshubs.events.enrolment.schools import SchoolReplacedBy
from mathshubs.postgres import Pool
from mathshubs.testing import until
from scheduling.answers import scrub
from scheduling_wire import MOORSIDE, REPORTS, RIVER_VALE, SAID, Report, Wire, formed, joined, work_group

OAK, ACADEMY = "136771", "150001"
SEPTEMBER = date(2024, 9, 2)
CANARY = "Amina Canary"
IS_BLOCKED = """
    SELECT count(*)
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND wait_event_type = 'Lock'
"""
KEPT = "SELECT school_urn, held_on::text, hours FROM visits ORDER BY held_on"


def visited(reference: str = "V-1", day: str = "2024-10-08", hub: str = RIVER_VALE, **more: Any) -> Report:  # noqa: ANN401
    """A hub reports that Oak was visited for six hours."""
    data = {"visit": reference, "work_group": "WG-1", "school_urn": OAK, "held_on": day, "hours": 6}
    return Report("SupportVisitCompleted", data | {"mode": "face-to-face"} | more, hub)


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database."""
    return Wire(await pool_of("scheduling"))


async def in_embedding(wire: Wire) -> None:
    """Enrolment says that there is a group in embedding, and Oak in it."""
    group = formed("WG-1").model_copy(update={"stage": "embedding"})
    await wire.hears(group, joined("WG-1", SEPTEMBER))


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_hours_add_up_to_the_three_days_of_embedding(wire: Wire, *, in_one_batch: bool) -> None:
    """And beyond them each visit is flagged; what is sent again uses up nothing."""
    await in_embedding(wire)
    story = [visited(f"V-{number}", f"2024-1{number}-08") for number in (0, 1, 2)]
    records = [wire.record(one) for one in (*story, story[0], visited("V-3", "2024-12-09", hours=0.5))]

    for batch in [records] if in_one_batch else [[one] for one in records]:
        await wire.takes(batch)

    assert await wire.receipts() == [("applied", [])] * 4 + [("flagged", ["over-entitlement"])]
    said = [(fact["entitled_hours"], fact["used_hours"]) for fact in await wire.facts("SupportVisitCompleted")]
    assert said == [(18, 6), (18, 12), (18, 18), (18, 18.5)]
    assert len(await wire.rows(KEPT)) == 4


async def test_development_gives_no_hours_in_particular(wire: Wire) -> None:
    """The policy has no row for it."""
    await wire.hears(formed("WG-1"), joined("WG-1", SEPTEMBER), visited())

    assert [fact["entitled_hours"] for fact in await wire.facts("SupportVisitCompleted")] == [None]


async def test_a_visit_waits_for_its_group_and_for_the_schools_place_in_it(wire: Wire) -> None:
    """A hub's report may overtake what enrolment makes of the one before it."""
    await wire.hears(visited())
    await wire.hears(formed("WG-1"))
    await wire.lets_go_on()
    assert await wire.receipts() == [("parked", ["waits"])]

    await wire.hears(joined("WG-1", SEPTEMBER))
    await wire.lets_go_on()

    assert await wire.receipts() == [("parked", ["waits"]), ("applied", [])]
    [waits] = [fact for fact in await wire.facts("EventAnswered") if fact["outcome"] == "parked"]
    assert waits["reasons"][0]["message"] == "It waits for Work Group WG-1 to be reported."
    assert waits["subject"]["kind"] == "visit"


async def test_a_refused_join_refuses_the_visits_that_wait_for_it(wire: Wire) -> None:
    """Under whatever number of the school; one that joins after all is visited again."""
    told: dict[str, Any] = {
        "hub": RIVER_VALE,
        "effective_at": SAID,
        "work_group_id": work_group("WG-1"),
        "school_urn": OAK,
    }
    await wire.hears(formed("WG-1"), visited("V-1", school_urn=ACADEMY))
    replaced = SchoolReplacedBy(effective_at=SAID, predecessor_urn=OAK, successor_urn=ACADEMY)
    await wire.hears(replaced, SchoolJoinRefused(**told | {"hub": MOORSIDE}, reasons=("not-your-work-group",)))
    await wire.lets_go_on()
    assert await wire.receipts() == [("parked", ["waits"])]
    await wire.hears(SchoolJoinRefused(**told, reasons=("already-taking-part",)))
    await wire.lets_go_on()

    await wire.hears(joined("WG-1", SEPTEMBER), visited("V-2"))

    assert await wire.receipts() == [("parked", ["waits"]), ("refused", ["school-not-in-group"]), ("applied", [])]


async def test_a_school_has_its_place_under_the_number_that_it_has_since(wire: Wire) -> None:
    """Oak became an academy in mid-year: its hours go on, under the number by which it joined."""
    await in_embedding(wire)
    replaced = SchoolReplacedBy(effective_at=SAID, predecessor_urn=OAK, successor_urn=ACADEMY, on=date(2025, 1, 1))
    await wire.hears(visited("V-1"), replaced, replaced, visited("V-2", "2025-02-04", school_urn=ACADEMY))

    said = [(fact["school_urn"], fact["used_hours"]) for fact in await wire.facts("SupportVisitCompleted")]
    assert said == [(OAK, 6), (OAK, 12)]


async def test_another_hubs_group_is_refused_at_once(wire: Wire) -> None:
    """It waits for no place there."""
    await wire.hears(formed("WG-1"), visited(hub=MOORSIDE, work_group=str(work_group("WG-1"))))

    assert await wire.receipts() == [("refused", ["not-your-work-group"])]


@pytest.mark.parametrize(
    "wrong", [{"hours": 0}, {"hours": 24.5}, {"hours": "NaN"}, {"held_on": "8/10/2024"}, {"focus": "a" * 4001}]
)
async def test_what_is_no_visit_is_set_aside(wire: Wire, wrong: dict[str, Any]) -> None:
    """Before anything waits for it."""
    await wire.hears(visited(**wrong))

    assert await wire.receipts() == [("dead", ["bad-data"])]


async def test_two_visits_at_once_count_each_other(wire: Wire) -> None:
    """The second waits until the first is recorded, and finds its hours used."""
    await in_embedding(wire)

    async with wire.pool.acquire() as db, db.transaction():
        await inbox.hear(db, REPORTS, [wire.record(visited("V-1", hours=10))], firm=False)
        second = asyncio.create_task(wire.hears(visited("V-2", hours=10)))
        await until(lambda: wire.pool.fetchval(IS_BLOCKED), what="the second visit waits for the first")
    await second

    assert [fact["used_hours"] for fact in await wire.facts("SupportVisitCompleted")] == [10, 20]
    assert await wire.receipts() == [("applied", []), ("flagged", ["over-entitlement"])]


async def test_what_a_visit_was_about_stays_in_its_table(wire: Wire) -> None:
    """Until it names somebody who is forgotten: then their words are taken out, and the rest stays."""
    await in_embedding(wire)
    await wire.hears(visited(focus=f"Fractions with {CANARY}", actions="Slides\nfor Year 8"), visited("V-2", hours=1))
    assert await wire.rows("SELECT count(*) FROM journal WHERE data::text LIKE '%Fractions%'") == [(0,)]

    counts = await scrub(wire.pool, [CANARY])

    assert counts == {"links": 0, "visits": 1, "parked": 0, "dead_letters": 0}
    kept = "SELECT focus, actions, redacted FROM visits WHERE focus IS NOT NULL"
    assert await wire.rows(kept) == [("Fractions with erased", "Slides\nfor Year 8", True)]
    assert await scrub(wire.pool, [CANARY]) == {"links": 0, "visits": 0, "parked": 0, "dead_letters": 0}


async def test_notes_are_in_no_statistics(wire: Wire) -> None:
    """The planner keeps samples of what it counts."""
    kept = """
        SELECT attname, attstattarget FROM pg_attribute
         WHERE attrelid = 'visits'::regclass AND attname IN ('focus', 'actions') ORDER BY attname
    """
    assert await wire.rows(kept) == [("actions", 0), ("focus", 0)]


async def test_the_table_takes_no_visit_without_hours(wire: Wire) -> None:
    """Whatever the code in front of it should let through."""
    await in_embedding(wire)
    put = "INSERT INTO visits VALUES (gen_random_uuid(), $1, $2, '2024-10-08', $3, 'online')"

    for hours in (0, -1, 25):
        with pytest.raises(asyncpg.CheckViolationError):
            await wire.pool.execute(put, work_group("WG-1"), OAK, hours)
