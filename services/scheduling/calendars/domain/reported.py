"""What a hub reports of a school's calendar; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from mathshubs.events import Event
from mathshubs.events.hub.calendars import ClosedDays, SchoolCalendarReported
from mathshubs.events.scheduling.calendars import Closure, SchoolCalendarRecorded
from mathshubs.events.spoken import SchoolYear, Urn
from mathshubs.reports import About

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RecordCalendar:
    """Take up when a school is closed, for the Work Groups of the hub that says so."""

    hub: str
    school_urn: Urn
    school_year: SchoolYear
    closed: tuple[Closure, ...]
    effective_at: datetime

    @classmethod
    def reported(cls, report: SchoolCalendarReported, about: About) -> Self:
        """Return what a hub's report asks for; days of one kind that run together are said once."""
        since = about.since(report.effective_at)
        return cls(about.hub, report.school_urn, report.school_year, run_together(report.closed), since)

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its school."""
        return f"school:{self.school_urn}"

    @property
    def makes(self) -> None:
        """Bring nothing that others may be waiting for."""


def run_together(closed: Iterable[ClosedDays]) -> tuple[Closure, ...]:
    """Return closures in the order of their days, each kind without a day that is named twice."""
    found: list[Closure] = []
    for days in sorted(closed, key=lambda one: (one.kind, one.from_on)):
        last = found[-1] if found else None
        if last and last.kind == days.kind and days.from_on <= last.to_on + _ONE_DAY:
            found[-1] = last.model_copy(update={"to_on": max(last.to_on, days.to_on)})
        else:
            found.append(Closure(from_on=days.from_on, to_on=days.to_on, kind=days.kind))
    return tuple(sorted(found, key=lambda one: (one.from_on, one.kind)))


def record_calendar(known: tuple[Closure, ...] | None, ask: RecordCalendar, _today: date) -> list[Event]:
    """Take up a calendar in place of what the hub said of the school and the year; the same again is left alone.

    Args:
        known: what the hub said last; None if it said nothing.
    """
    if known == ask.closed:
        return []
    return [
        SchoolCalendarRecorded(
            effective_at=ask.effective_at,
            hub=ask.hub,
            school_year=ask.school_year,
            school_urn=ask.school_urn,
            closed=ask.closed,
        )
    ]
