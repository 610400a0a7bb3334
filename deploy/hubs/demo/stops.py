"""When the driven clock stands in the year: instants at which something is reported or falls due."""

from datetime import date, datetime, time, timedelta
from typing import Final

from hubs.demo.terms import HALF_TERMS, SLOTS, at, meets_on, reminders

MORNING: Final = time(9, 0)
EVENING: Final = time(17, 30)
"""After the last meeting of a day has begun, and after the hour at which reminders leave."""

STARTS: Final = at(date(2026, 9, 1), time(8, 0))
FORMING: Final = at(date(2026, 9, 7), MORNING)
JOINING: Final = at(date(2026, 9, 14), MORNING)
PLANNING: Final = (
    at(date(2026, 9, 21), MORNING),
    at(date(2026, 12, 7), MORNING),
    at(date(2027, 3, 15), MORNING),
)
"""When the meetings of each term are scheduled."""
MOVING: Final = {
    0: at(date(2026, 9, 25), MORNING),
    1: at(date(2026, 11, 2), MORNING),
    4: at(date(2027, 4, 26), MORNING),
}
"""When it is said of some meetings, by half-term, that they move."""
SNOW: Final = at(date(2027, 1, 21), time(7, 30))
STRIKE: Final = at(date(2027, 2, 18), EVENING)
CLOSING: Final = (
    at(date(2026, 11, 2), MORNING),
    at(date(2026, 12, 7), MORNING),
    at(date(2027, 2, 1), MORNING),
    at(date(2027, 3, 15), MORNING),
    at(date(2027, 6, 7), MORNING),
    at(date(2027, 7, 12), MORNING),
)
"""When each half-term's visits, late registers and corrections are reported."""
NEW_YEAR: Final = at(date(2027, 1, 11), MORNING)
APRIL: Final = at(date(2027, 4, 12), MORNING)
LATE_APRIL: Final = MOVING[4]
COMPLETING: Final = at(date(2027, 8, 2), MORNING)
QUESTIONING: Final = at(date(2027, 8, 4), MORNING)
KNOWN: Final = CLOSING[3]
"""Before February's last registers: what was known then can be asked for ever."""


def evening(day: date) -> datetime:
    """Return the instant at which the clock stands on a day on which meetings are, or reminders are due."""
    return at(day, EVENING)


def for_meetings(days: set[date]) -> set[datetime]:
    """Return where the clock must stand for meetings of these days: at both reminders, and on the day after each."""
    before = {evening(day) for meeting in days for day in reminders(meeting)}
    return before | {register_due(day) for day in days}


def register_due(day: date) -> datetime:
    """Return when the register of a meeting of a day comes in, if it comes in time."""
    return evening(day + timedelta(days=1))


def usual_days() -> set[date]:
    """Return the days on which Work Groups meet, where none moves."""
    return {meets_on(half_term, slot) for half_term in range(len(HALF_TERMS)) for slot in range(len(SLOTS))}
