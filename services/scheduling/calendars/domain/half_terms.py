"""Which half-term a day counts for: worked out from when the school of record is open."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from operator import itemgetter

from mathshubs.bank_holidays import is_bank_holiday
from mathshubs.events.scheduling.meetings import HalfTerm
from mathshubs.events.spoken import SchoolYear, first_and_last_day, starting_year
from scheduling.calendars.domain.layers import Calendar, Days, Layer

HALF_TERMS: tuple[HalfTerm, ...] = (1, 2, 3, 4, 5, 6)
A_BREAK = timedelta(days=7)
"""What parts two half-terms: a week without school or longer, the weekends beside it counted."""
_ONE_DAY = timedelta(days=1)
_SATURDAY, _JULY = 5, 7


def half_term(day: date, calendar: Calendar) -> HalfTerm | None:
    """Return the half-term of the Work Group that `day` counts for; None outside its school year or without dates.

    A day in a holiday counts for the half-term before it: a meeting that is put off into a holiday is that
    half-term's, and one group's holiday may be a working week of another member. The days before the first
    count for the first.
    """
    first, last = first_and_last_day(calendar.school_year)
    begins = _beginnings(calendar)
    if not begins or not first <= day <= last:
        return None
    return max((number for number, begins_on in begins if begins_on <= day), default=1)


def usual_in(school_year: SchoolYear, known: Mapping[SchoolYear, tuple[Days, ...]]) -> tuple[Days, ...]:
    """Return the nation's usual half-terms: those of the latest year up to this one that has any, else the first's.

    Those of another year are moved by whole weeks, so that each begins on the same day of the week.
    """
    if not known:
        return ()
    year = max((one for one in known if one <= school_year), default=min(known))
    apart = first_and_last_day(school_year)[0] - first_and_last_day(year)[0]
    moved = timedelta(weeks=round(apart / timedelta(weeks=1)))
    return tuple(Days(days.from_on + moved, days.to_on + moved) for days in known[year])


def _beginnings(calendar: Calendar) -> list[tuple[HalfTerm, date]]:
    """Return the first day of each half-term, by the nearest layer from which all six follow."""
    for layer in calendar.layers(calendar.of_record) if calendar.of_record else ():
        if found := _stated(layer) or _parted(layer, calendar.school_year):
            return found
    return list(zip(HALF_TERMS, (days.from_on for days in calendar.usual), strict=False))


def _stated(layer: Layer) -> list[tuple[HalfTerm, date]]:
    """Return the beginnings that a calendar itself numbers, if it numbers all six."""
    begins: dict[HalfTerm, date] = {}
    for term in layer.terms:
        if term.half_term:
            begins[term.half_term] = min(term.days.from_on, begins.get(term.half_term, term.days.from_on))
    return sorted(begins.items()) if len(begins) == len(HALF_TERMS) else []


def _parted(layer: Layer, school_year: SchoolYear) -> list[tuple[HalfTerm, date]]:
    """Return the beginnings that the five longest breaks make; none of a calendar with fewer."""
    if not layer.says_when_school_is:
        return []
    days = list(_school_days(layer, school_year))
    breaks = [(after - before, before, after) for before, after in pairwise(days) if after - before > A_BREAK]
    longest = sorted(breaks, key=itemgetter(0), reverse=True)[: len(HALF_TERMS) - 1]
    if len(longest) < len(HALF_TERMS) - 1:
        return []
    begins = [days[0], *sorted(after for _, _, after in longest)]
    return list(zip(HALF_TERMS, begins, strict=True))


def _school_days(layer: Layer, school_year: SchoolYear) -> Iterator[date]:
    """Yield the days of school up to the end of July, by which every school in England has broken up."""
    first, _ = first_and_last_day(school_year)
    return _open(layer, _each(Days(first, date(starting_year(school_year) + 1, _JULY, 31))))


def _open(layer: Layer, days: Iterable[date]) -> Iterator[date]:
    return (day for day in days if day.weekday() < _SATURDAY and not is_bank_holiday(day) and not layer.is_holiday(day))


def _each(days: Days) -> Iterator[date]:
    return (days.from_on + number * _ONE_DAY for number in range((days.to_on - days.from_on).days + 1))
