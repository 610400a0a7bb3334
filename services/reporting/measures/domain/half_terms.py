"""The six half-terms of a school year, by the dated policy of figures, where no calendar of a school tells."""

from collections.abc import Mapping
from datetime import date, timedelta

from mathshubs.events.spoken import SchoolYear, first_and_last_day

Firsts = Mapping[int, tuple[int, int]]
"""The month and day on which each half-term begins, by its number."""


def begin_on(school_year: SchoolYear, firsts: Firsts) -> dict[int, date]:
    """Return the first day of each half-term."""
    first, _ = first_and_last_day(school_year)
    return {number: date(first.year + (month < first.month), month, day) for number, (month, day) in firsts.items()}


def half_term_of(on: date, school_year: SchoolYear, firsts: Firsts) -> int | None:
    """Return in which half-term a day falls: the last that has begun."""
    return max((number for number, day in begin_on(school_year, firsts).items() if day <= on), default=None)


def ended(day: date, school_year: SchoolYear, firsts: Firsts, half_terms: int) -> set[int]:
    """Return which of so many half-terms are over on `day`: each ends as the next begins, the last with the year."""
    begins, (_, last_day) = begin_on(school_year, firsts), first_and_last_day(school_year)
    after = {number: begins.get(number + 1, last_day + timedelta(days=1)) for number in range(1, half_terms + 1)}
    return {number for number, on in after.items() if on <= day}
