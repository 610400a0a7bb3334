"""The days of school year 2026/27: bank holidays, three patterns of terms, and on which days Work Groups meet."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from mathshubs.clock import LONDON

SCHOOL_YEAR: Final = "2026/27"
BANK_HOLIDAYS: Final = frozenset(
    {
        date(2026, 12, 25),
        date(2026, 12, 28),
        date(2027, 1, 1),
        date(2027, 3, 26),
        date(2027, 3, 29),
        date(2027, 5, 3),
        date(2027, 5, 31),
        date(2027, 8, 30),
    }
)
"""England's, by gov.uk/bank-holidays; written out here so that the proof does not lean on what the services use."""
HALF_TERMS: Final = ("Autumn 1", "Autumn 2", "Spring 1", "Spring 2", "Summer 1", "Summer 2")
TUESDAYS: Final = (
    date(2026, 10, 6),
    date(2026, 11, 17),
    date(2027, 1, 19),
    date(2027, 2, 23),
    date(2027, 5, 11),
    date(2027, 6, 22),
)
"""The Tuesday on which half of the Work Groups meet in each half-term; the others meet two days later."""
ENDS: Final = (
    date(2026, 10, 30),
    date(2026, 12, 18),
    date(2027, 2, 19),
    date(2027, 4, 9),
    date(2027, 6, 4),
    date(2027, 8, 31),
)
"""The last day of each half-term, its holiday included, as the demonstration's bar shows it."""
FIRST_DAY, LAST_DAY = date(2026, 9, 1), date(2027, 8, 31)
DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
SLOTS: Final = (
    (0, time(9, 30), time(12, 0)),
    (0, time(13, 30), time(16, 0)),
    (2, time(9, 30), time(12, 0)),
    (2, time(13, 30), time(16, 0)),
    (0, time(16, 30), time(18, 0)),
)
"""Days after the Tuesday, and London times: a slot for each Work Group of a hub, so that no lead is in two."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a school is closed, the first and the last included."""

    first: date
    last: date
    kind: str
    """`holiday` or `inset`."""

    def __contains__(self, day: date) -> bool:
        """Say whether a day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Pattern:
    """When the schools of some local authorities are open: six half-terms, less days of training."""

    halves: tuple[tuple[date, date], ...]
    """The first and the last day of each, both included."""
    insets: tuple[date, ...]

    @property
    def closed(self) -> tuple[Closure, ...]:
        """Return what lies between, before and after the half-terms, and the days of training."""
        firsts, lasts = zip(*self.halves, strict=True)
        between = zip((FIRST_DAY - DAY, *lasts), (*firsts, LAST_DAY + DAY), strict=True)
        holidays = (Closure(last + DAY, first - DAY, "holiday") for last, first in between if last + DAY < first)
        return (*holidays, *(Closure(day, day, "inset") for day in self.insets))

    def is_open(self, day: date) -> bool:
        """Say whether pupils are in school on a day."""
        return day.weekday() < SATURDAY and day not in BANK_HOLIDAYS and not any(day in one for one in self.closed)


AUTUMN_2: Final = (date(2026, 11, 2), date(2026, 12, 18))
SPRING_1: Final = (date(2027, 1, 4), date(2027, 2, 12))
SPRING_2: Final = (date(2027, 2, 22), date(2027, 3, 25))
SUMMER_1: Final = (date(2027, 4, 12), date(2027, 5, 28))
SUMMER_2: Final = (date(2027, 6, 7), date(2027, 7, 21))
PATTERNS: Final = (
    Pattern(
        ((date(2026, 9, 1), date(2026, 10, 23)), AUTUMN_2, SPRING_1, SPRING_2, SUMMER_1, SUMMER_2),
        (date(2026, 9, 1), date(2026, 9, 2)),
    ),
    Pattern(
        ((date(2026, 9, 1), date(2026, 10, 16)), AUTUMN_2, SPRING_1, SPRING_2, SUMMER_1, SUMMER_2),
        (date(2026, 9, 1), date(2027, 1, 4)),
    ),
    Pattern(
        (
            (date(2026, 9, 2), date(2026, 10, 23)),
            (date(2026, 11, 2), date(2026, 12, 17)),
            (date(2027, 1, 4), date(2027, 2, 5)),
            (date(2027, 2, 15), date(2027, 3, 25)),
            SUMMER_1,
            (date(2027, 6, 7), date(2027, 7, 20)),
        ),
        (date(2026, 9, 2), date(2027, 6, 7)),
    ),
)
"""One week of holiday in October and in February; two weeks in October; the week of February a week earlier."""


def pattern_of(authority: str) -> Pattern:
    """Return the pattern of a local authority, by its code."""
    return PATTERNS[int(authority) % len(PATTERNS)]


def meets_on(half_term: int, slot: int) -> date:
    """Return the day on which the Work Groups of a slot meet; half-terms and slots count from 0."""
    return TUESDAYS[half_term] + timedelta(days=SLOTS[slot][0])


def times(day: date, slot: int) -> dict[str, str]:
    """Return when a meeting of that day and slot starts and ends, in London, RFC 3339."""
    _, opens, closes = SLOTS[slot]
    return {"starts_at": at(day, opens).isoformat(), "ends_at": at(day, closes).isoformat()}


def at(day: date, moment: time) -> datetime:
    """Return the instant of a day in London."""
    return datetime.combine(day, moment, LONDON)


def reminders(day: date) -> tuple[date, date]:
    """Return on which days people are reminded of a meeting: a week and a day ahead, on working days."""
    return _working(day - timedelta(days=7)), _working(day - DAY)


def _working(day: date) -> date:
    while day.weekday() >= SATURDAY or day in BANK_HOLIDAYS:
        day -= DAY
    return day


def write_calendars(authorities: Iterable[str], path: Path) -> Path:
    """Write when the schools of local authorities are open, as `hubs calendar import` reads it, and return `path`."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("local_authority_code", "school_year", "from", "to", "kind", "half_term"))
        for code in authorities:
            pattern = pattern_of(code)
            for place, (first, last) in enumerate(pattern.halves, start=1):
                rows.writerow((code, SCHOOL_YEAR, first, last, "term", place))
            rows.writerows((code, SCHOOL_YEAR, day, day, "inset", "") for day in pattern.insets)
    return path
