"""What a meeting is flagged with: people who are elsewhere, days that are closed, a half-term that has its meeting."""

from dataclasses import dataclass
from datetime import date

from mathshubs.clock import london_day
from mathshubs.events.scheduling.meetings import Closed, HalfTerm
from mathshubs.events.spoken import first_and_last_day
from scheduling.meetings.domain.days import may_lead
from scheduling.meetings.domain.plan import Meeting, Plan, busy, committed, lead


@dataclass(frozen=True, slots=True)
class Judged:
    """What is found of a meeting at its time."""

    half_term: HalfTerm | None
    closed: tuple[Closed, ...]
    of_people: tuple[str, ...]
    of_half_term: tuple[str, ...]
    """That its half-term has a meeting, or that it is in none of the group's year."""

    @property
    def of_day(self) -> tuple[str, ...]:
        """Return the flags of a day that is none on which to meet."""
        return tuple(dict.fromkeys(one.flag for one in self.closed))

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the flags of a meeting that is ahead."""
        return self.of_people + self.of_day + self.of_half_term


def judge(plan: Plan, meeting: Meeting) -> Judged:
    """Return what is to be said of the meeting as it stands now; nothing that comes later changes it."""
    day = london_day(meeting.starts_at)
    half_term = plan.days.half_term(day)
    return Judged(
        half_term=half_term,
        closed=plan.days.closed(day),
        of_people=_clashes(plan, meeting) + _leading(plan, meeting),
        of_half_term=_outside(plan, day) or _second(plan, meeting, half_term),
    )


def _clashes(plan: Plan, meeting: Meeting) -> tuple[str, ...]:
    taken = busy(plan, meeting, committed(plan.group, meeting))
    leads = frozenset({lead(plan.group, meeting)})
    return tuple(flag for flag, who in (("lead-clash", taken & leads), ("advocate-clash", taken - leads)) if who)


def _leading(plan: Plan, meeting: Meeting) -> tuple[str, ...]:
    leader = lead(plan.group, meeting)
    if leader is None or may_lead(plan.standings, leader, london_day(meeting.starts_at)):
        return ()
    return ("lead-not-in-standing",)


def _outside(plan: Plan, day: date) -> tuple[str, ...]:
    first, last = first_and_last_day(plan.group.school_year)
    return () if first <= day <= last else ("outside-school-year",)


def _second(plan: Plan, meeting: Meeting, half_term: HalfTerm | None) -> tuple[str, ...]:
    if half_term is None or meeting.extra:
        return ()
    others = (other for other in plan.meetings.values() if other.id != meeting.id)
    taken = any(other.half_term == half_term and not other.extra and not other.cancelled for other in others)
    return ("second-in-half-term",) if taken else ()
