"""Support visits: the request, what it is decided on, and the rule; pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from math import fsum
from typing import Self

from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import SchoolJoinRefused
from mathshubs.events.enrolment.schools import SchoolReplacedBy
from mathshubs.events.hub import visits as reports
from mathshubs.events.scheduling.visits import SupportVisitCompleted, SupportVisitRefused
from mathshubs.events.spoken import Mode, SchoolYear, Urn, VisitId, WorkGroupId, first_and_last_day
from mathshubs.reports import About

OfSchool = SchoolReplacedBy | SchoolJoinRefused
"""The facts of enrolment that tell which school a visit was to, and whether it will ever have a place."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a visit was about and what was agreed, in a hub's words."""

    focus: str | None = field(default=None, repr=False)
    actions: str | None = field(default=None, repr=False)
    redacted: bool = False
    """Whether words that named somebody erased were taken out."""


@dataclass(frozen=True, slots=True)
class CompleteVisit:
    """Record that a school was visited."""

    hub: str
    visit_id: VisitId
    work_group_id: WorkGroupId
    school_urn: Urn
    held_on: date
    hours: float
    mode: Mode
    notes: Notes = field(default_factory=Notes)

    @classmethod
    def reported(cls, report: reports.SupportVisitCompleted, about: About) -> Self:
        """Return what a hub's report asks for."""
        return cls(
            hub=about.hub,
            visit_id=about.id("visit", report.visit),
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            held_on=report.held_on,
            hours=report.hours,
            mode=report.mode,
            notes=Notes(report.focus, report.actions),
        )

    @property
    def effective_at(self) -> datetime:
        """Return when it was true: at the beginning of its day in London."""
        return start_of(self.held_on)

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its visit."""
        return f"visit:{self.visit_id}"

    @property
    def makes(self) -> None:
        """Bring nothing that others may be waiting for."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was recorded, to the school by the number under which it joined."""

    id: VisitId
    work_group_id: WorkGroupId
    school_urn: Urn
    held_on: date
    hours: float
    mode: Mode
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True)
class Place:
    """A school's place in the Work Group, from the first day to the last; no last day while it is there."""

    school_urn: Urn
    from_on: date
    until_on: date | None = None

    def is_on(self, day: date) -> bool:
        """Say whether it is one on `day`."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a visit is decided on: whose the group is, the school's places in it, and its visits so far."""

    hub: str
    school_year: SchoolYear
    places: tuple[Place, ...]
    """Those of the one school, under whichever of its numbers it joined; none where the group did not take it."""
    known: Visit | None = None
    """The visit of this id, if there is one already."""
    visits: tuple[Visit, ...] = ()
    """Those to the school in the group."""
    entitled_hours: float | None = None
    """What the stage gives the school in this year; None where it gives none in particular."""


def complete_visit(standing: Standing, ask: CompleteVisit, today: date) -> list[Event]:
    """Record a visit, flagged if the school was not there or has had its hours; the same again is left alone."""
    if reason := _why_not(standing, ask, today):
        return [_refused(standing, ask, reason)]
    if standing.known:
        return []
    used = round(fsum([ask.hours, *(visit.hours for visit in standing.visits)]), 2)
    return [
        SupportVisitCompleted(
            effective_at=ask.effective_at,
            hub=ask.hub,
            school_year=standing.school_year,
            visit_id=ask.visit_id,
            work_group_id=ask.work_group_id,
            school_urn=joined_as(standing.places),
            held_on=ask.held_on,
            hours=ask.hours,
            mode=ask.mode,
            entitled_hours=standing.entitled_hours,
            used_hours=used,
            flags=_flags(standing, ask, used),
        )
    ]


def note_school(_known: None, _fact: OfSchool, _today: date) -> list[Event]:
    """Take up that a school has another number, or was not taken into a group; nothing follows from it by itself."""
    return []


def joined_as(places: Collection[Place]) -> Urn:
    """Return the number under which the school joined first."""
    return min(places, key=lambda place: (place.from_on, place.school_urn)).school_urn


def of_school(places: Collection[Place], asked: Urn, numbers: Collection[Urn]) -> tuple[Place, ...]:
    """Return the places of the school that a hub calls `asked`: under that number, else under another of its `numbers`.

    Of two schools of the group that merged into one, the visit is to the one that joined first.
    """
    if own := tuple(place for place in places if place.school_urn == asked):
        return own
    theirs = [place for place in places if place.school_urn in numbers]
    return tuple(place for place in theirs if place.school_urn == joined_as(theirs))


def _why_not(standing: Standing, ask: CompleteVisit, today: date) -> str | None:
    if standing.hub != ask.hub:
        return "not-your-work-group"
    if not standing.places:
        return "school-not-in-group"
    if standing.known:
        return None if _is_same(standing, standing.known, ask) else "visit-differs"
    if ask.held_on > today:
        return "not-held-yet"
    first, last = first_and_last_day(standing.school_year)
    return None if first <= ask.held_on <= last else "outside-school-year"


def _is_same(standing: Standing, known: Visit, ask: CompleteVisit) -> bool:
    """Say whether a report tells what is known; of notes that words were taken out of nobody can say."""
    notes = known.notes if known.notes.redacted else ask.notes
    school = joined_as(standing.places)
    return known == Visit(ask.visit_id, ask.work_group_id, school, ask.held_on, ask.hours, ask.mode, notes)


def _flags(standing: Standing, ask: CompleteVisit, used: float) -> tuple[str, ...]:
    is_there = any(place.is_on(ask.held_on) for place in standing.places)
    is_over = standing.entitled_hours is not None and used > standing.entitled_hours
    return tuple(flag for flag, holds in (("not-a-member", not is_there), ("over-entitlement", is_over)) if holds)


def _refused(standing: Standing, ask: CompleteVisit, reason: str) -> SupportVisitRefused:
    return SupportVisitRefused(
        effective_at=ask.effective_at,
        hub=ask.hub,
        school_year=standing.school_year,
        visit_id=ask.visit_id,
        reasons=(reason,),
    )
