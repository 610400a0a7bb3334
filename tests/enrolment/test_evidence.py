"""What scheduling says becomes evidence, and the clock completes a year, on a real database and a year long past."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest_asyncio

from enrolment.duties.following import look_at_work_groups
from enrolment.listen import EVIDENCE
from enrolment.schools import store as schools
from enrolment_examples import (
    AMINA,
    ELM,
    ELM_PARK,
    OAK_PARK,
    Hub,
    columns,
    formed,
    group,
    joined,
    nominated,
    receipts,
    registered,
    reported,
    told,
    withdrawn,
)
from mathshubs.clock import start_of
from mathshubs.envelope import CloudEvent, encode
from mathshubs.events import Event, catalogue
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.hearing import Record
from mathshubs.ids import derived, new_id
from mathshubs.inbox import hear
from mathshubs.lineage import Link
from mathshubs.postgres import Pool

YEAR = "2014/15"
JOINED = date(2014, 9, 8)
MET_ON = [date(2014, 10, 9), date(2014, 11, 20), date(2015, 1, 22), date(2015, 3, 5), date(2015, 4, 30)]
OFFSETS = count()


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with a group of 2014/15: Oak Park with one advocate, Elm Park with none."""
    pool = await registered(await pool_of("enrolment"))
    hub = Hub()
    await told(
        pool,
        *map(
            hub.says,
            (
                reported("P-9"),
                reported("P-1"),
                formed(school_year=YEAR),
                joined(on=JOINED),
                joined(ELM_PARK, on=JOINED),
                nominated(on=JOINED),
            ),
        ),
    )
    assert {outcomes[-1][0] for outcomes in (await receipts(pool)).values()} == {"applied"}
    return pool


def record(fact: Event) -> Record:
    """A fact as scheduling says it."""
    event = CloudEvent(str(new_id()), "/scheduling", fact.type, fact.effective_at, fact.model_dump(mode="json"))
    headers, value = encode(event)
    return Record("scheduling.facts", 0, next(OFFSETS), fact.about.encode(), value, headers)


async def heard(pool: Pool, *facts: Event) -> None:
    """Hear what scheduling says, as the inbox does."""
    async with pool.acquire() as db, db.transaction():
        await hear(db, EVIDENCE, [record(fact) for fact in facts], firm=False)


async def looked(pool: Pool, day: date) -> None:
    """Do what the clock has made due by noon of a day."""
    async with pool.acquire() as db, db.transaction():
        await look_at_work_groups(db, start_of(day) + timedelta(hours=12))


def of(number: int) -> dict[str, Any]:
    """What the facts about a meeting have in common."""
    id_ = derived("meeting", str(number))
    return {"effective_at": start_of(MET_ON[number]), "meeting_id": id_, "work_group_id": group("WG-7")}


def met(number: int) -> MeetingHeld:
    """A meeting was held."""
    starts_at: datetime = of(number)["effective_at"]
    return MeetingHeld(**of(number), starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), mode="online")


def came(number: int, status: str = "present", revision: int = 1) -> AttendanceRecorded:
    """How Amina attended."""
    return AttendanceRecorded(**of(number), person_id=AMINA, status=status, expected=True, revision=revision)


async def said(pool: Pool, *names: str) -> list[Event]:
    """The facts with these names, in their order."""
    rows = await pool.fetch("SELECT type, data FROM journal WHERE topic = 'enrolment.facts' ORDER BY seq")
    found = [catalogue()[row["type"]].model_validate_json(row["data"]) for row in rows]
    return [fact for fact in found if isinstance(fact, Event) and type(fact).__name__ in names]


async def completions(pool: Pool) -> list[tuple[str, str, int]]:
    """What was said of completed stages."""
    found = await said(pool, "SchoolCompletedStage", "CompletionQuestioned")
    return [(type(fact).__name__, fact.school_urn, fact.held) for fact in found]  # type: ignore[attr-defined]


async def states(pool: Pool) -> list[tuple[str, date]]:
    """How the group was said to stand, and since when."""
    found = await said(pool, "WorkGroupStandingChanged")
    return [(fact.state, fact.effective_on) for fact in found]  # type: ignore[attr-defined]


async def test_late_registers_complete_a_stage_and_a_correction_questions_it(pool: Pool) -> None:
    """Out of order too; the same again says nothing, and a mark of an earlier revision changes nothing."""
    await heard(pool, *(came(number) for number in range(5)))
    await heard(pool, *(met(number) for number in range(5)))
    await heard(pool, *(came(number) for number in range(5)), met(3))
    assert await completions(pool) == [("SchoolCompletedStage", OAK_PARK, 5)]

    await heard(pool, came(2, "absent", 3))
    await heard(pool, came(2, "present", 2))
    await heard(pool, came(2, "late", 4))

    assert await completions(pool) == [
        ("SchoolCompletedStage", OAK_PARK, 5),
        ("CompletionQuestioned", OAK_PARK, 4),
        ("SchoolCompletedStage", OAK_PARK, 5),
    ]


async def test_a_school_completes_with_what_it_came_to_under_its_earlier_number(pool: Pool) -> None:
    """It became an academy in mid-year; its hub reports that the old number left and that the new one joined."""
    academy, new_year = "900006", date(2015, 1, 1)
    async with pool.acquire() as db:
        await schools.put(db, [replace(ELM, urn=academy, opened_on=new_year)])
        await schools.put_links(db, [Link(OAK_PARK, academy, new_year)])
    hub = Hub(_offsets=count(100))
    story = (withdrawn(on=new_year), joined(academy, on=new_year), nominated(urn=academy, on=new_year))
    await told(pool, *map(hub.says, story))
    await heard(pool, *(met(number) for number in range(5)))
    await heard(pool, *(came(number) for number in range(5)))

    assert await completions(pool) == [("SchoolCompletedStage", academy, 5)]


async def test_a_withdrawal_told_late_questions_what_was_completed(pool: Pool) -> None:
    """The school was not there on the day; the hub says so in autumn."""
    await heard(pool, *(came(number) for number in range(5)), *(met(number) for number in range(5)))

    await told(pool, Hub(_offsets=count(100)).says(withdrawn(on=date(2015, 7, 1))))

    assert [name for name, *_ in await completions(pool)] == ["SchoolCompletedStage", "CompletionQuestioned"]


async def test_the_clock_says_what_has_come_due_and_says_it_once(pool: Pool) -> None:
    """Slots that nobody filled for thirty days, each once, however often the duty looks."""
    await pool.execute("DELETE FROM work_group_standings")  # as if it had never been looked at
    for _ in range(2):
        await looked(pool, date(2014, 10, 8))
    assert [(fact.school_urn, fact.slot) for fact in await said(pool, "AdvocateSlotLeftVacant")] == [  # type: ignore[attr-defined]
        (OAK_PARK, 2),
        (ELM_PARK, 1),
        (ELM_PARK, 2),
    ]


async def test_a_group_changes_as_its_days_go_by(pool: Pool) -> None:
    """Looked at from before the year on, it stands as it did on each day; a meeting heard late says since when."""
    await pool.execute("DELETE FROM work_group_standings")  # as if it had never been looked at
    before = len(await states(pool))
    for day in (date(2014, 7, 1), date(2014, 9, 1), JOINED, date(2014, 12, 1)):
        await looked(pool, day)
    await heard(pool, met(1))

    assert (await states(pool))[before:] == [
        ("recruiting", date(2014, 7, 1)),
        ("confirmed", JOINED),
        ("completed", date(2015, 8, 1)),
    ]
    assert columns(await pool.fetch("SELECT state, schools, due_on FROM work_group_standings")) == [
        ("completed", 2, None)
    ]


async def test_evidence_of_a_group_that_nobody_reported_here_is_kept(pool: Pool) -> None:
    """It says nothing yet; whoever reports the group finds it there."""
    await heard(pool, met(0).model_copy(update={"work_group_id": group("WG-99")}))

    assert await pool.fetchval("SELECT held_on FROM held_meetings") == MET_ON[0]
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
