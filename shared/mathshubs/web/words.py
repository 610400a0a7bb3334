"""Dates, times and numbers in words, in GOV.UK style, for pages and mails alike."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from mathshubs.clock import LONDON

_NOON: Final = 12  # hours
_MINUTE: Final = 60  # seconds
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_LEAST, _MOST = 0.1, 99.9  # per cent


class NoTimezone(ValueError):
    """An instant came without its offset; read it from the wire or the clock, which both have one."""


def clock_time(at: datetime) -> str:
    """Return the time of day in London: `1.30pm`, `4pm`, `midday`, `midnight`.

    Raises:
        NoTimezone: if `at` has no offset.
    """
    local = _in_london(at)
    if (local.hour, local.minute) in {(0, 0), (_NOON, 0)}:
        return "midday" if local.hour else "midnight"
    minutes = f".{local.minute:02}" if local.minute else ""
    return f"{local.hour % _NOON or _NOON}{minutes}{'am' if local.hour < _NOON else 'pm'}"


def day(on: date | datetime) -> str:
    """Return the day in London without its year: `Thursday 4 March`.

    Raises:
        NoTimezone: if `on` is an instant without an offset.
    """
    local = _on(on)
    return f"{local:%A} {local.day} {local:%B}"


def day_and_year(on: date | datetime) -> str:
    """Return the day in London with its year: `4 March 2027`.

    Raises:
        NoTimezone: if `on` is an instant without an offset.
    """
    local = _on(on)
    return f"{local.day} {local:%B} {local.year}"


def moment(at: datetime) -> str:
    """Return an instant as read in London: `3.04pm, 14 September 2026`.

    Raises:
        NoTimezone: if `at` has no offset.
    """
    return f"{clock_time(at)}, {day_and_year(at)}"


def when(starts_at: datetime, ends_at: datetime) -> str:
    """Return the span of a meeting in London: `1.30pm to 4pm, Thursday 4 March`.

    A meeting that ends on another day names both days.

    Raises:
        NoTimezone: if either instant has no offset.
    """
    if _on(starts_at) == _on(ends_at):
        return f"{clock_time(starts_at)} to {clock_time(ends_at)}, {day(starts_at)}"
    return f"{clock_time(starts_at)}, {day(starts_at)} to {clock_time(ends_at)}, {day(ends_at)}"


def number(value: float) -> str:
    """Return a number with its thousands set apart: `1,204`; at most one decimal place."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def percentage(rate: float) -> str:
    """Return a rate of 0 to 1 as `61.3%`; whole per cents without a decimal place: `50%`.

    Only none is `0%` and only all is `100%`: 2,999 of 3,000 are `99.9%`.
    """
    shown = rate * 100
    if 0 < rate < 1:
        shown = min(max(shown, _LEAST), _MOST)
    return f"{shown:.1f}".removesuffix(".0") + "%"


def counted(count: int, one: str, many: str = "") -> str:
    """Return how many there are with their noun: `1 school`, `1,204 schools`.

    Args:
        count: how many there are.
        one: the noun in the singular.
        many: its plural where that is not the singular with an s.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a length of time in its largest whole unit: `40 seconds`, `2 minutes`, `3 days`."""
    if seconds < _MINUTE:
        return counted(round(seconds), "second")
    if seconds < _HOUR:
        return counted(int(seconds // _MINUTE), "minute")
    if seconds < _DAY:
        return counted(int(seconds // _HOUR), "hour")
    return counted(int(seconds // _DAY), "day")


def freshness(behind: Mapping[str, float | None]) -> str:
    """Return one sentence on how far behind each service is.

    `Everything is up to date.` or `Scheduling is 12 seconds behind; the rest is up to date.`

    Args:
        behind: name of each service and its lag in seconds; under one second
            counts as caught up, and None as a service that has not been heard.
    """
    late = [_lateness(name, lag) for name, lag in behind.items() if lag is None or lag >= 1]
    if not behind:
        return "Nothing has been heard from any service yet."
    if not late:
        return "Everything is up to date."
    rest = "" if len(late) == len(behind) else "; the rest is up to date"
    return f"{_listed(late)}{rest}."


def _lateness(name: str, lag: float | None) -> str:
    """Say how late one service is."""
    if lag is None:
        return f"{name.capitalize()} has not been heard from yet"
    return f"{name.capitalize()} is {duration(lag)} behind"


def _listed(clauses: list[str]) -> str:
    """Join clauses to a sentence: the first keeps its capital letter."""
    first, *others = clauses
    return listed([first, *(other[0].lower() + other[1:] for other in others)])


def listed(words: Sequence[str]) -> str:
    """Join words or clauses as they are read out: `a`, `a and b`, `a, b and c`; empty where there are none."""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _on(on: date | datetime) -> date:
    """Return the day in London on which an instant falls; a day is itself."""
    return _in_london(on).date() if isinstance(on, datetime) else on


def _in_london(at: datetime) -> datetime:
    """Return the same instant as London's clocks show it."""
    if at.utcoffset() is None:
        raise NoTimezone(at.isoformat())
    return at.astimezone(LONDON)
