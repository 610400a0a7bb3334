"""When to remind people of a meeting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from mathshubs.bank_holidays import is_bank_holiday
from mathshubs.clock import LONDON, london_day
from mathshubs.events.spoken import SchoolYear, school_year_of

OPENS: Final = time(8)
CLOSES: Final = time(18)
"""Between these hours in London mail that nobody waits for goes out."""
SETTLES: Final = timedelta(days=1)
"""For so long after an invitation or a change nobody is reminded: they have just read of it."""
_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)
Policies = Mapping[SchoolYear, frozenset[int]]
"""How many days before a meeting to remind, by the school year from which that holds."""


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder of one meeting that may go out now, and until when."""

    meeting_id: UUID
    days_before: int
    due_by: datetime


def due(starts: Mapping[UUID, datetime], policies: Policies, now: datetime) -> list[Due]:
    """Return the reminders whose hours these are: none early, none late, none of a meeting that has begun."""
    found = []
    for meeting_id, starts_at in starts.items():
        for days_before in in_force(policies, school_year_of(london_day(starts_at))):
            opens_at, closes_at = hours(starts_at, days_before)
            if opens_at <= now < min(closes_at, starts_at):
                found.append(Due(meeting_id, days_before, min(closes_at, starts_at)))
    return sorted(found, key=lambda one: (str(one.meeting_id), one.days_before))


def in_force(policies: Policies, year: SchoolYear) -> frozenset[int]:
    """Return the policy of a school year: the latest that had begun by then."""
    begun = [since for since in policies if since <= year]
    return policies[max(begun)] if begun else frozenset()


def hours(starts_at: datetime, days_before: int) -> tuple[datetime, datetime]:
    """Return from when and until when to remind people: on that day, or the last working day before it.

    Args:
        starts_at: when the meeting begins.
        days_before: days of the calendar before the day of the meeting, 1 or more.
    """
    day = last_working_day(london_day(starts_at) - timedelta(days=days_before))
    return datetime.combine(day, OPENS, LONDON), datetime.combine(day, CLOSES, LONDON)


def last_working_day(day: date) -> date:
    """Return `day`, or the last working day before it: neither a weekend nor a bank holiday in England."""
    while day.weekday() >= _SATURDAY or is_bank_holiday(day):
        day -= _ONE_DAY
    return day


def longest(policies: Policies) -> timedelta:
    """Return how long before a meeting anybody could be reminded, days off that stand in between included."""
    return timedelta(days=max((max(days) for days in policies.values()), default=0) + 14)


def gathered(rows: Iterable[tuple[SchoolYear, int]]) -> Policies:
    """Return the policies that these rows make."""
    found: dict[SchoolYear, frozenset[int]] = {}
    for since, days in rows:
        found[since] = found.get(since, frozenset()) | {days}
    return found
