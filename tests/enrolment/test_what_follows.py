"""What follows in a Work Group of itself or as days go by, by plain values: standing, vacancies, completed stages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrolment.participation.domain import (
    Advocate,
    Evidence,
    Lead,
    LookAgain,
    Place,
    Register,
    Standing,
    WorkGroup,
    evolve,
    look_again,
    next_look,
    take_evidence,
)
from enrolment_examples import (
    AMINA,
    BEN,
    ELM_PARK,
    LEAD,
    OAK_PARK,
    OCTOBER,
    PROGRAMME,
    RIVER_VALE,
    SEPTEMBER,
    STANDARD,
    YEAR,
    group,
)
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    AdvocateSlotLeftVacant,
    CompletionQuestioned,
    SchoolCompletedStage,
    WorkGroupStandingChanged,
)
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.ids import derived
from mathshubs.lineage import Lineages, Link

WG_7 = group("WG-7")
FIRST, NOVEMBER, COMPLETED, LAST = date(2026, 9, 1), date(2026, 11, 2), date(2027, 8, 1), date(2027, 8, 31)
DAY = timedelta(days=1)
GROUP = WorkGroup(RIVER_VALE, "Mastery", PROGRAMME, "development", YEAR, "standard")
NOTHING = Standing((STANDARD,), Register({}, Lineages((), {}, {}), {}), groups={WG_7: GROUP})
MET_ON = [
    date(2026, 10, 8),
    date(2026, 11, 19),
    date(2027, 1, 21),
    date(2027, 3, 4),
    date(2027, 4, 29),
    date(2027, 6, 17),
]


def place(urn: str = OAK_PARK, advocates: Sequence[Advocate] = (), **other: Any) -> Place:  # noqa: ANN401
    """A school's place since September."""
    return replace(Place(WG_7, urn, urn, PROGRAMME, YEAR, SEPTEMBER, advocates=tuple(advocates)), **other)


def with_places(*places: Place, led_from: date | None = FIRST) -> Standing:
    """The group with these schools, and a lead from a day on."""
    leads = {WG_7: (Lead(LEAD, led_from),)} if led_from else {}
    return replace(NOTHING, places={(WG_7, one.school_urn, one.from_on): one for one in places}, leads=leads)


def meeting(number: int) -> UUID:
    """The id of the group's meeting with this number, from 0."""
    return derived("meeting", str(number))


def met(number: int) -> MeetingHeld:
    """Scheduling says that a meeting was held."""
    starts_at = start_of(MET_ON[number])
    return MeetingHeld(
        effective_at=starts_at,
        meeting_id=meeting(number),
        work_group_id=WG_7,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        mode="online",
    )


def came(number: int, person: UUID = AMINA, status: str = "present", revision: int = 1) -> AttendanceRecorded:
    """Scheduling says how somebody attended."""
    return AttendanceRecorded(
        effective_at=start_of(MET_ON[number]),
        meeting_id=meeting(number),
        work_group_id=WG_7,
        person_id=person,
        status=status,
        expected=True,
        revision=revision,
    )


def after(standing: Standing, *facts: Event) -> Standing:
    """What is known once these were said."""
    for fact in facts:
        standing = evolve(standing, fact)
    return standing


def looked(standing: Standing, day: date) -> list[Event]:
    """What the clock brings about by a day."""
    return look_again(standing, LookAgain("", WG_7, day), day)


def stood(standing: Standing, day: date) -> tuple[str, bool, int, date]:
    """How the group stands on a day and since when, if nothing was said before."""
    [fact] = [fact for fact in looked(standing, day) if isinstance(fact, WorkGroupStandingChanged)]
    return fact.state, fact.at_risk, fact.schools, fact.effective_on


TWO = with_places(place(), place(ELM_PARK))
OAK_LEFT = with_places(place(until_on=NOVEMBER - DAY, reason="staffing"), place(ELM_PARK))
ALL_LEFT = with_places(
    place(until_on=NOVEMBER - DAY, reason="staffing"), place(ELM_PARK, until_on=NOVEMBER - DAY, reason="staffing")
)


@pytest.mark.parametrize(
    ("standing", "day", "stands"),
    [
        (NOTHING, OCTOBER, ("proposed", False, 0, FIRST)),
        (NOTHING, date(2026, 7, 1), ("proposed", False, 0, date(2026, 7, 1))),
        (with_places(), OCTOBER, ("recruiting", False, 0, FIRST)),
        (with_places(place(), led_from=None), OCTOBER, ("recruiting", False, 1, SEPTEMBER)),
        (with_places(place(), place(ELM_PARK), led_from=None), OCTOBER, ("recruiting", False, 2, SEPTEMBER)),
        (with_places(place(), place(ELM_PARK, from_on=NOVEMBER)), OCTOBER, ("recruiting", False, 1, FIRST)),
        (TWO, SEPTEMBER, ("confirmed", False, 2, SEPTEMBER)),
        (after(TWO, met(0)), MET_ON[0], ("running", False, 2, MET_ON[0])),
        (after(TWO, met(0), met(1)), LAST, ("completed", False, 2, COMPLETED)),
        (after(OAK_LEFT, met(0)), NOVEMBER, ("running", True, 1, NOVEMBER)),
        (OAK_LEFT, NOVEMBER, ("recruiting", False, 1, NOVEMBER)),
        (after(ALL_LEFT, met(0)), NOVEMBER, ("disbanded", False, 0, NOVEMBER)),
        (after(ALL_LEFT, met(0)), LAST, ("disbanded", False, 0, NOVEMBER)),
        (TWO, LAST, ("disbanded", False, 2, COMPLETED)),
    ],
    ids=[
        "nobody yet", "before the year", "a lead alone", "a school alone", "two schools without a lead",
        "the second school to come", "two schools and a lead", "it has met", "the year is over", "at risk",
        "one left before it met", "all left", "all left, at the end", "it never met",
    ],
)  # fmt: skip
def test_a_group_stands_as_its_schools_lead_and_meetings_let_it(
    standing: Standing, day: date, stands: tuple[str, bool, int, date]
) -> None:
    """The day since which it does is told, not the day on which that came to be known."""
    assert stood(standing, day) == stands


def test_how_a_group_stands_is_said_when_it_changes_and_not_again() -> None:
    """A school more or less alone is no change of its standing."""
    [said] = take_evidence(TWO, met(0), OCTOBER)
    known = after(TWO, said)

    assert take_evidence(known, met(0), NOVEMBER) == []
    assert [fact.state for fact in take_evidence(after(known, met(0)), met(0), NOVEMBER)] == ["running"]  # type: ignore[attr-defined]


def test_a_group_that_nobody_has_reported_has_nothing_follow() -> None:
    """What was heard of its meetings is kept all the same."""
    assert take_evidence(Standing(NOTHING.policies, NOTHING.register), met(0), OCTOBER) == []


def vacant(slot: int, since: date) -> AdvocateSlotLeftVacant:
    """The fact that a slot of Oak Park was left vacant for thirty days."""
    day = since + timedelta(days=30)
    return AdvocateSlotLeftVacant(
        effective_at=start_of(day),
        hub=RIVER_VALE,
        school_year=YEAR,
        work_group_id=WG_7,
        school_urn=OAK_PARK,
        slot=slot,
        vacant_since=since,
        effective_on=day,
    )


def left_vacant(standing: Standing, day: date) -> list[Event]:
    """Which vacancies are told by a day."""
    return [fact for fact in looked(standing, day) if isinstance(fact, AdvocateSlotLeftVacant)]


AMINA_SINCE = Advocate(AMINA, 1, SEPTEMBER)


def test_a_slot_that_was_never_filled_is_told_thirty_days_after_joining_and_once() -> None:
    """By policy, and not a day before."""
    standing = with_places(place(advocates=[AMINA_SINCE]))
    due = SEPTEMBER + timedelta(days=30)

    assert left_vacant(standing, due - DAY) == []
    assert left_vacant(standing, due) == [vacant(2, SEPTEMBER)]
    assert left_vacant(after(standing, vacant(2, SEPTEMBER)), NOVEMBER) == []


def test_a_slot_that_was_given_up_counts_from_that_day_and_is_another_vacancy() -> None:
    """Though the slot was vacant before and that was told."""
    gone = Advocate(AMINA, 1, OCTOBER, NOVEMBER - DAY, "leave")
    standing = after(with_places(place(advocates=[gone, Advocate(BEN, 2, SEPTEMBER)])), vacant(1, SEPTEMBER))

    assert left_vacant(standing, NOVEMBER + timedelta(days=30)) == [vacant(1, NOVEMBER)]


@pytest.mark.parametrize(
    "one",
    [
        place(advocates=[AMINA_SINCE, Advocate(BEN, 2, NOVEMBER)]),
        place(advocates=[AMINA_SINCE, Advocate(BEN, 2, date(2027, 1, 4))]),
        place(until_on=NOVEMBER - DAY, reason="staffing"),
    ],
    ids=["filled", "to be filled", "the school has left"],
)
def test_no_vacancy_is_told_where_there_is_none_to_fill(one: Place) -> None:
    """Nobody is sent after a teacher who is found already, or whom nobody needs."""
    assert left_vacant(with_places(one), date(2026, 12, 1)) == []


def test_a_vacancy_that_was_reported_late_is_looked_at_at_once() -> None:
    """A school that joined in September and is reported in November has been without teachers for long."""
    standing = with_places(place(advocates=[AMINA_SINCE]))

    assert next_look(standing, WG_7, NOVEMBER) == NOVEMBER
    assert next_look(after(standing, vacant(2, SEPTEMBER)), WG_7, NOVEMBER) == COMPLETED


def test_no_vacancy_is_told_once_the_year_is_over() -> None:
    """The last day still counts."""
    standing = with_places(place(advocates=[AMINA_SINCE]))

    assert left_vacant(standing, LAST) == [vacant(2, SEPTEMBER)]
    assert left_vacant(standing, LAST + DAY) == []


def completions(standing: Standing, day: date) -> list[tuple[str, str, int]]:
    """Whose stage is completed or questioned on a day, with the number of meetings."""
    return [
        (type(fact).__name__, fact.school_urn, fact.held)
        for fact in looked(standing, day)
        if isinstance(fact, SchoolCompletedStage | CompletionQuestioned)
    ]


def evidence(meetings: int) -> list[Event]:
    """Amina came to so many meetings; all six were held."""
    return [*map(met, range(6)), *(came(number) for number in range(meetings))]


OAK = with_places(place(advocates=[AMINA_SINCE, Advocate(BEN, 2, SEPTEMBER)]))


def test_a_school_that_came_to_five_of_six_meetings_completes_its_stage_on_the_day() -> None:
    """On 1 August, not before; with the number that it came to and the number that is wanted."""
    standing = after(OAK, *evidence(5))

    assert completions(standing, COMPLETED - DAY) == []
    [fact] = [fact for fact in looked(standing, COMPLETED) if isinstance(fact, SchoolCompletedStage)]
    assert fact == SchoolCompletedStage(
        effective_at=start_of(COMPLETED), hub=RIVER_VALE, school_year=YEAR, work_group_id=WG_7, school_urn=OAK_PARK,
        lineage=OAK_PARK, programme=PROGRAMME, stage="development", held=5, needed=5, effective_on=COMPLETED,
    )  # fmt: skip
    assert completions(after(standing, fact), LAST) == []


def test_a_school_that_came_to_four_does_not() -> None:
    """Whether nobody came to a fifth meeting, or somebody who was no advocate then."""
    assert completions(after(OAK, *evidence(4)), COMPLETED) == []
    assert completions(after(OAK, *evidence(4), came(4, status="apologies"), came(5, LEAD)), COMPLETED) == []


def test_any_of_a_schools_advocates_counts_who_held_a_slot_on_the_day() -> None:
    """Amina to November and Ben from then on: together they came for the school, after it ended neither does."""
    gone, new = Advocate(AMINA, 1, SEPTEMBER, NOVEMBER - DAY, "leave"), Advocate(BEN, 1, NOVEMBER)
    standing = after(with_places(place(advocates=[gone, new])), *evidence(6))

    assert completions(after(standing, *(came(number, BEN) for number in range(1, 5))), COMPLETED) == [
        ("SchoolCompletedStage", OAK_PARK, 5)
    ]
    assert completions(standing, COMPLETED) == []


def test_a_meeting_of_which_nobody_says_that_it_was_held_does_not_count() -> None:
    """Its register may be heard first; the two facts are then one."""
    standing = after(OAK, *map(met, range(4)), *(came(number) for number in range(5)))

    assert completions(standing, COMPLETED) == []
    assert completions(after(standing, met(4)), COMPLETED) == [("SchoolCompletedStage", OAK_PARK, 5)]


def test_a_school_that_has_left_does_not_complete() -> None:
    """Though it came to all meetings while it was there."""
    left = place(advocates=[AMINA_SINCE], until_on=COMPLETED - DAY, reason="other")

    assert completions(after(with_places(left), *evidence(6)), COMPLETED) == []


def test_of_two_members_that_become_one_school_each_counts_its_own_meetings() -> None:
    """As long as both have a place, neither takes over what the other came to."""
    one = Register({}, Lineages([Link(OAK_PARK, ELM_PARK, NOVEMBER)], {OAK_PARK: None, ELM_PARK: None}, {}), {})
    standing = replace(with_places(place(advocates=[AMINA_SINCE]), place(ELM_PARK)), register=one)

    assert completions(after(standing, *evidence(5)), COMPLETED) == [("SchoolCompletedStage", OAK_PARK, 5)]


def test_a_completion_is_questioned_once_and_said_again_once_it_is_mended() -> None:
    """A register put right in September undoes July; another correction restores it."""
    done = after(OAK, *evidence(5), came(4, revision=1))
    [said] = [fact for fact in looked(done, COMPLETED) if isinstance(fact, SchoolCompletedStage)]
    absent = after(done, said, came(4, status="absent", revision=2))

    assert completions(absent, LAST) == [("CompletionQuestioned", OAK_PARK, 4)]
    [questioned] = [fact for fact in looked(absent, LAST) if isinstance(fact, CompletionQuestioned)]
    assert completions(after(absent, questioned), LAST) == []
    assert completions(after(absent, questioned, came(4, revision=3)), LAST) == [("SchoolCompletedStage", OAK_PARK, 5)]


facts = st.one_of(
    st.builds(met, st.integers(0, 5)),
    st.builds(
        came,
        st.integers(0, 5),
        st.sampled_from([AMINA, BEN]),
        st.sampled_from(["present", "late", "absent", "apologies"]),
        st.integers(1, 3),
    ),
)


@given(st.lists(facts, max_size=40).flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))))
def test_evidence_counts_the_same_in_whatever_order_it_comes(told: tuple[list[Event], list[Event]]) -> None:
    """One person's revisions keep their order on the bus; everything else may come in any order, and twice."""
    one, other = told
    first = {(f.meeting_id, f.person_id, f.revision): f for f in reversed(one) if isinstance(f, AttendanceRecorded)}
    same = [first[f.meeting_id, f.person_id, f.revision] if isinstance(f, AttendanceRecorded) else f for f in other]
    distinct = [first[f.meeting_id, f.person_id, f.revision] if isinstance(f, AttendanceRecorded) else f for f in one]

    assert after(OAK, *distinct).evidence_of(WG_7) == after(OAK, *same).evidence_of(WG_7)
    assert after(OAK, *distinct, *distinct).evidence_of(WG_7) == after(OAK, *same).evidence_of(WG_7)


spans = st.tuples(st.dates(SEPTEMBER, LAST), st.none() | st.dates(SEPTEMBER, LAST)).filter(
    lambda span: span[1] is None or span[1] >= span[0] - DAY
)


@st.composite
def any_places(draw: st.DrawFn) -> list[Place]:
    """Two schools, each in for a while, with teachers in their slots for a while."""
    found = []
    for urn in (OAK_PARK, ELM_PARK):
        held = [Advocate(AMINA, slot, *draw(spans), "other") for slot in (1, 2) if draw(st.booleans())]
        since, until = draw(spans)
        found.append(place(urn, held, from_on=since, until_on=until, reason="other"))
    return found


@given(any_places(), st.sets(st.sampled_from(range(6))), st.none() | st.dates(FIRST, LAST))
def test_what_the_clock_brings_is_never_missed(places: list[Place], meetings: set[int], led_from: date | None) -> None:
    """Looking only on the days that were foretold finds just what looking every day does."""
    start = after(with_places(*places, led_from=led_from), *map(met, sorted(meetings)))
    daily, foretold, said_daily, said_foretold = start, start, list[Event](), list[Event]()
    look: date | None = FIRST

    for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 2)):
        said_daily += (facts := looked(daily, day))
        daily = after(daily, *facts)
        if look == day:
            said_foretold += (facts := looked(foretold, day))
            foretold = after(foretold, *facts)
            look = next_look(foretold, WG_7, day)

    assert said_foretold == said_daily
    assert look is None or look > LAST


def test_evidence_is_empty_where_nothing_was_heard() -> None:
    """Of any group."""
    assert NOTHING.evidence_of(WG_7) == Evidence()


def test_a_day_of_a_meeting_is_the_day_in_london() -> None:
    """A meeting at half past midnight in summer is of that day, not of the one before."""
    late = met(5).model_copy(update={"starts_at": datetime.fromisoformat("2027-06-16T23:30:00+00:00")})

    assert after(OAK, late).evidence_of(WG_7).meetings == {meeting(5): date(2027, 6, 17)}
