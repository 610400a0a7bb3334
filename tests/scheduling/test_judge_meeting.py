"""A meeting's day is judged: who may lead, whose school is closed, whether its half-term has a meeting already."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from mathshubs.events import Event
from mathshubs.events.enrolment.specialists import Interval
from mathshubs.events.scheduling.meetings import Closed, HalfTerm
from scheduling.meetings.domain import (
    Meeting,
    Plan,
    evolve,
    hold_meeting,
    reschedule_meeting,
    schedule_meeting,
)
from scheduling_examples import (
    AUTUMN,
    CAL,
    ELM_PARK,
    FEBRUARY,
    HALF_TERM,
    LENA,
    NOVEMBER,
    SEPTEMBER,
    TODAY,
    hold,
    plan,
    planned,
    reschedule,
    schedule,
)

OAK_PARK = "136772"


@dataclass(frozen=True)
class KnownDays:
    """A calendar of three days."""

    closures: Mapping[date, tuple[Closed, ...]] = field(default_factory=dict)

    def half_term(self, day: date) -> HalfTerm | None:
        """September counts for the first half-term, November for the second, February for the third."""
        counted: dict[int, HalfTerm] = {9: 1, 11: 2, 2: 3}
        return counted.get(day.month)

    def closed(self, day: date) -> tuple[Closed, ...]:
        """As it was told."""
        return self.closures.get(day, ())


def judged(*meetings: Meeting, **more: Any) -> Plan:  # noqa: ANN401
    """A plan with these meetings, and a calendar."""
    return replace(plan(*meetings), **{"days": KnownDays(), **more})


def flags(facts: list[Event]) -> tuple[str, ...]:
    """What the first fact is flagged with."""
    flagged: tuple[str, ...] = facts[0].flags  # type: ignore[attr-defined]
    return flagged


def may_lead(person: object, *days: tuple[date, date | None]) -> dict[object, tuple[Interval, ...]]:
    """Enrolment has said on which days this person may lead."""
    return {person: tuple(Interval(from_on=first, until_on=last) for first, last in days)}


ENDED = may_lead(LENA, (SEPTEMBER, NOVEMBER))
"""Her accreditation holds to the end of the tenth of November."""


def test_a_lead_who_may_lead_on_the_day_is_no_surprise() -> None:
    """The last day counts; and of whom nothing was said nothing is held against them."""
    assert flags(schedule_meeting(judged(standings=ENDED), schedule(NOVEMBER), TODAY)) == ()
    assert flags(schedule_meeting(judged(), schedule(NOVEMBER), TODAY)) == ()


def test_a_lead_whose_accreditation_has_ended_is_flagged() -> None:
    """When the meeting is planned, when it moves, and when it was held."""
    flag = ("lead-not-in-standing",)

    assert flags(schedule_meeting(judged(standings=ENDED), schedule(FEBRUARY), TODAY)) == flag
    assert flags(reschedule_meeting(judged(planned(), standings=ENDED), reschedule(FEBRUARY), TODAY)) == flag
    assert flags(hold_meeting(judged(planned(FEBRUARY), standings=ENDED), hold(FEBRUARY), TODAY)) == flag
    never = may_lead(LENA)
    assert flags(schedule_meeting(judged(standings=never), schedule(NOVEMBER), TODAY)) == flag


def test_whoever_led_is_judged_and_not_who_was_to_lead() -> None:
    """The hub names who stood in."""
    held = judged(planned(FEBRUARY), standings={**ENDED, **may_lead(CAL, (SEPTEMBER, None))})

    assert flags(hold_meeting(held, hold(FEBRUARY, led_by_id=CAL), TODAY)) == ()


CLOSURES = (
    Closed(school_urn=ELM_PARK, on=NOVEMBER, why="holiday"),
    Closed(school_urn=OAK_PARK, on=NOVEMBER, why="inset"),
    Closed(school_urn="136773", on=NOVEMBER, why="holiday"),
)


def test_a_meeting_in_a_schools_holiday_says_whose_and_why() -> None:
    """Recorded all the same: the group may know what it does; each school is named once."""
    [said, *_] = schedule_meeting(judged(days=KnownDays({NOVEMBER: CLOSURES})), schedule(), TODAY)

    assert (said.closed, said.half_term) == (CLOSURES, 2)  # type: ignore[attr-defined]
    assert flags([said]) == ("school-holiday", "inset-day")
    assert said.details == {
        "school-holiday": "136771 on 2026-11-10, 136773 on 2026-11-10.",
        "inset-day": "136772 on 2026-11-10.",
        "second-in-half-term": "It is half-term 2.",
    }


@pytest.mark.parametrize("why", ["bank-holiday", "weekend"])
def test_a_day_on_which_nobody_works_is_flagged_for_all(why: str) -> None:
    """Also of a meeting that moves there; no school is named."""
    days = KnownDays({FEBRUARY: (Closed.model_validate({"on": FEBRUARY, "why": why}),)})

    [said, *_] = reschedule_meeting(judged(planned(), days=days), reschedule(FEBRUARY), TODAY)

    assert flags([said]) == (why,)
    assert said.details[why] == "2027-02-09."


def test_what_was_held_is_not_told_that_schools_were_closed() -> None:
    """They came."""
    held = judged(planned(), days=KnownDays({NOVEMBER: CLOSURES}))

    assert flags(hold_meeting(held, hold(), TODAY)) == ()


SECOND = ("second-in-half-term",)


def other(**more: Any) -> Meeting:  # noqa: ANN401
    """Another meeting of the group, that counts for the second half-term."""
    return planned(named=HALF_TERM, hour=9, **{"half_term": 2, **more})


def test_a_second_meeting_in_one_half_term_is_flagged() -> None:
    """However it comes there."""
    assert flags(schedule_meeting(judged(other()), schedule(), TODAY)) == SECOND
    assert flags(reschedule_meeting(judged(other(), planned(FEBRUARY)), reschedule(NOVEMBER), TODAY)) == SECOND
    assert flags(hold_meeting(judged(other()), hold(), TODAY)) == ("never-scheduled", *SECOND)


@pytest.mark.parametrize(
    ("stands", "asked"),
    [(other(extra=True), {}), (other(cancelled="snow"), {}), (other(), {"extra": True}), (other(half_term=1), {})],
    ids=["the other is extra", "the other is cancelled", "this one is extra", "the other is in another half-term"],
)
def test_one_meeting_in_each_half_term_is_as_it_should_be(stands: Meeting, asked: dict[str, Any]) -> None:
    """What is extra, or does not take place, is not counted."""
    assert flags(schedule_meeting(judged(stands), schedule(**asked), TODAY)) == ()


def test_a_meeting_keeps_the_half_term_that_it_was_given() -> None:
    """A calendar that comes later changes nothing that was decided."""
    [said, *_] = schedule_meeting(judged(other()), schedule(), TODAY)

    after = evolve(plan(), said).meetings[AUTUMN]

    assert (after.half_term, after.second) == (2, True)


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2027, 9, 1), date(2036, 11, 10)])
def test_a_meeting_outside_the_groups_school_year_is_flagged(day: date) -> None:
    """A year mistyped, most likely: planned, moved and held are all told so."""
    outside = ("outside-school-year",)
    for said in (
        schedule_meeting(judged(), schedule(day), TODAY),
        reschedule_meeting(judged(planned()), reschedule(day), TODAY),
    ):
        assert flags(said) == outside
    assert flags(hold_meeting(judged(planned()), hold(day), TODAY)) == outside


@pytest.mark.parametrize("day", [date(2026, 9, 1), date(2027, 8, 31)])
def test_the_first_and_the_last_day_are_in_the_year(day: date) -> None:
    """1 September and 31 August, in London."""
    assert flags(schedule_meeting(judged(), schedule(day), TODAY)) == ()
