"""Open lessons: the rule, and how they are kept by scheduling's real hearings on a real Postgres."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as some

from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.scheduling.lessons import Observer, OpenLessonHeld, OpenLessonRefused
from mathshubs.postgres import Pool
from scheduling.lessons.domain import Group, HoldLesson, Lesson, Standing, each_once, hold_lesson
from scheduling_examples import AMINA, BEN, ELM, an_id
from scheduling_wire import MOORSIDE, RIVER_VALE, Report, Wire, formed, person, work_group

OAK, LARCH = "136771", "148232"
MARCH, TODAY = date(2027, 3, 9), date(2027, 4, 1)
LESSON = Lesson(
    id=an_id("lesson"),
    hub=RIVER_VALE,
    school_urn=OAK,
    held_on=MARCH,
    mode="face-to-face",
    observers=(Observer(person_id=AMINA, school_urn=LARCH), Observer(school_urn=LARCH)),
)
OF_ELM = replace(LESSON, work_group_id=ELM)
GROUP = Group(RIVER_VALE, "2026/27")


def held(lesson: Lesson = LESSON) -> list[Event]:
    """The fact that follows."""
    return [
        OpenLessonHeld(
            effective_at=start_of(MARCH),
            hub=RIVER_VALE,
            school_year="2026/27",
            lesson_id=lesson.id,
            school_urn=OAK,
            work_group_id=lesson.work_group_id,
            held_on=MARCH,
            mode="face-to-face",
            observers=lesson.observers,
        )
    ]


def reasons(facts: list[Event]) -> list[str]:
    """Why it was refused."""
    return [reason for fact in facts if isinstance(fact, OpenLessonRefused) for reason in fact.reasons]


def test_a_lesson_is_recorded_with_those_who_watched_it() -> None:
    """With a Work Group or without one: any teacher may come."""
    assert hold_lesson(Standing(), HoldLesson(LESSON), TODAY) == held()
    assert hold_lesson(Standing(group=GROUP), HoldLesson(OF_ELM), TODAY) == held(OF_ELM)


def test_the_same_lesson_again_is_left_alone() -> None:
    """However often a hub's system sends it."""
    assert hold_lesson(Standing(LESSON), HoldLesson(LESSON), TODAY) == []


@pytest.mark.parametrize(
    "other",
    [
        {"held_on": date(2027, 3, 10)},
        {"mode": "online"},
        {"school_urn": LARCH},
        {"observers": LESSON.observers[:1]},
        {"work_group_id": ELM},
        {"hub": MOORSIDE},
    ],
)
def test_another_lesson_under_the_same_reference_is_refused(other: dict[str, Any]) -> None:
    """What was reported first stands, and whoever says otherwise is told."""
    asked = HoldLesson(replace(LESSON, **other))

    assert reasons(hold_lesson(Standing(LESSON), asked, TODAY)) == ["lesson-differs"]


@pytest.mark.parametrize(
    ("standing", "day", "reason"),
    [
        (Standing(), date(2027, 3, 8), "not-held-yet"),
        (Standing(group=Group(MOORSIDE, "2026/27")), TODAY, "not-your-work-group"),
        (Standing(group=Group(RIVER_VALE, "2025/26")), TODAY, "outside-school-year"),
    ],
)
def test_a_lesson_is_refused_with_its_reason(standing: Standing, day: date, reason: str) -> None:
    """It lies ahead, is of another hub's group, or of another year than its group."""
    assert reasons(hold_lesson(standing, HoldLesson(OF_ELM), day)) == [reason]


OBSERVERS = some.builds(
    lambda who, urn: Observer(person_id=who, school_urn=urn),
    some.sampled_from([None, AMINA, BEN]),
    some.sampled_from([OAK, LARCH]),
)


@given(some.lists(OBSERVERS, max_size=12), some.randoms())
def test_nobody_watches_a_lesson_twice(told: list[Observer], shuffled: Any) -> None:  # noqa: ANN401
    """A person counts once; of whom only the school is known nobody can say, so each of those counts."""
    found = each_once(told)

    people = [one.person_id for one in found if one.person_id]
    assert sorted(people) == sorted({one.person_id for one in told if one.person_id})
    unnamed = [one.school_urn for one in told if one.person_id is None]
    assert sorted(one.school_urn for one in found if one.person_id is None) == sorted(unnamed)
    assert each_once(found) == found
    others = list(found)
    shuffled.shuffle(others)
    assert each_once(others) == found


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database."""
    return Wire(await pool_of("scheduling"))


def reported(*observers: dict[str, str], hub: str = RIVER_VALE, **more: Any) -> Report:  # noqa: ANN401
    """A hub reports an open lesson at Oak."""
    data = {"lesson": "L-1", "school_urn": OAK, "held_on": "2024-10-08", "mode": "hybrid", "observers": observers}
    return Report("OpenLessonHeld", data | more, hub)


NAMED, AGAIN, UNNAMED = (
    {"person": "P-amina", "school_urn": LARCH},
    {"person": "P-amina", "school_urn": OAK},
    {"school_urn": LARCH},
)
KEPT = "SELECT place, person_id, school_urn FROM lesson_observers ORDER BY place"


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_from_a_report_to_the_table(wire: Wire, *, in_one_batch: bool) -> None:
    """The same again in another order is left alone; with one observer less it is refused."""
    story = [
        wire.record(one)
        for one in (
            reported(UNNAMED, NAMED, AGAIN, UNNAMED),
            reported(NAMED, UNNAMED, UNNAMED),
            reported(NAMED, UNNAMED),
        )
    ]

    for batch in [story] if in_one_batch else [[one] for one in story]:
        await wire.takes(batch)

    assert await wire.receipts() == [("applied", []), ("applied", []), ("refused", ["lesson-differs"])]
    assert await wire.rows(KEPT) == [(1, person("P-amina"), LARCH), (2, None, LARCH), (3, None, LARCH)]
    [fact] = await wire.facts("OpenLessonHeld")
    assert (fact["school_year"], fact["work_group_id"], len(fact["observers"])) == ("2024/25", None, 3)


async def test_a_lesson_waits_only_for_a_group_that_it_names(wire: Wire) -> None:
    """Until that is reported; then whether it is the hub's own is judged."""
    await wire.hears(reported(work_group="WG-1"), reported(lesson="L-2"))
    assert await wire.receipts() == [("parked", ["waits"]), ("applied", [])]

    await wire.hears(formed("WG-1"), reported(hub=MOORSIDE, work_group=str(work_group("WG-1"))))
    await wire.lets_go_on()

    assert sorted(await wire.receipts()) == [
        ("applied", []), ("applied", []), ("parked", ["waits"]), ("refused", ["not-your-work-group"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [reported(*[UNNAMED] * 101), reported({"person": "P-amina"}), reported(held_on="2024-10-32")]
)
async def test_what_is_no_lesson_is_set_aside(wire: Wire, wrong: Report) -> None:
    """A hundred observers fill a hall; whoever sends more has sent something else."""
    await wire.hears(wrong)

    assert await wire.receipts() == [("dead", ["bad-data"])]


async def test_the_table_takes_nobody_twice(wire: Wire) -> None:
    """Whatever the code in front of it should let through."""
    await wire.hears(reported(NAMED))
    put = "INSERT INTO lesson_observers SELECT lesson_id, $1, person_id, school_urn FROM lesson_observers WHERE place=1"

    with pytest.raises(asyncpg.UniqueViolationError):
        await wire.pool.execute(put, 2)
    with pytest.raises(asyncpg.CheckViolationError):
        await wire.pool.execute(put, 101)
