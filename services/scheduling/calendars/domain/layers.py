"""The layers of a Work Group's calendar, and whose closure a day is."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from mathshubs.bank_holidays import is_bank_holiday
from mathshubs.events import Event
from mathshubs.events.scheduling.calendars import SchoolCalendarRecorded
from mathshubs.events.scheduling.meetings import Closed, HalfTerm
from mathshubs.events.spoken import SchoolYear, Urn, WorkGroupId

_SATURDAY = 5


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """Days one after another, the first and the last included."""

    from_on: date
    to_on: date

    def __contains__(self, day: date) -> bool:
        return self.from_on <= day <= self.to_on


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """Days of school; `half_term` where the calendar itself counts in halves."""

    days: Days
    half_term: HalfTerm | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """What one authority, or one school, says of a school year; what it leaves open a farther layer may say."""

    terms: tuple[Term, ...] = ()
    holidays: tuple[Days, ...] = ()
    insets: tuple[Days, ...] = ()
    """Days on which teachers are trained and pupils are at home."""

    @property
    def says_when_school_is(self) -> bool:
        """Say whether holidays follow from it, and half-terms may."""
        return bool(self.terms or self.holidays)

    def is_holiday(self, day: date) -> bool:
        """Say whether school is out: in a holiday that is named, or where there are terms, outside of them."""
        outside = bool(self.terms) and not any(day in term.days for term in self.terms)
        return outside or any(day in holiday for holiday in self.holidays)


class Member(Protocol):
    """A school in a Work Group, as whoever keeps its members has it."""

    @property
    def school_urn(self) -> Urn:
        """Return the number under which it joined."""

    @property
    def local_authority_code(self) -> str | None:
        """Return the register's code on the day of joining."""

    @property
    def from_on(self) -> date:
        """Return its first day in the group."""

    @property
    def until_on(self) -> date | None:
        """Return its last day in the group; None while there is none."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The schools of one Work Group: whose calendar is asked for."""

    work_group_id: WorkGroupId
    hub: str
    school_year: SchoolYear
    members: tuple[Member, ...] = ()

    @property
    def first(self) -> Member | None:
        """Return the school that joined first, whose calendar is the group's; of several on a day the lowest URN."""
        return min(self.members, key=lambda member: (member.from_on, member.school_urn), default=None)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one Work Group in its school year."""

    hub: str
    school_year: SchoolYear
    reported: Mapping[Urn, Layer] = field(default_factory=dict)
    """What the group's hub reported of each member, under whichever number of it."""
    imported: Mapping[Urn, tuple[Layer, ...]] = field(default_factory=dict)
    """What was imported of each member, and then of its authority."""
    of_record: Urn | None = None
    """The school by whose calendar the group counts its half-terms."""
    usual: tuple[Days, ...] = ()
    """The six half-terms of the nation's usual dates, in their order; none where there are none for the year."""
    numbers: Mapping[Urn, tuple[Urn, ...]] = field(default_factory=dict)
    """Of a member with another number since it joined, all of them, the latest first and that of joining last."""

    def layers(self, school: Urn) -> tuple[Layer, ...]:
        """Return what is known of a member, the nearest layer first."""
        numbers = self.numbers.get(school, (school,))
        reported = (self.reported[number] for number in numbers if number in self.reported)
        return (*reported, *self.imported.get(school, ()))


def evolve(calendar: Calendar, fact: Event) -> Calendar:
    """Return the calendar as it stands after `fact`: what a hub reports holds for its own groups."""
    match fact:
        case SchoolCalendarRecorded(hub=calendar.hub, school_year=calendar.school_year, school_urn=school):
            return replace(calendar, reported={**calendar.reported, school: _reported(fact)})
        case _:
            return calendar


def _reported(fact: SchoolCalendarRecorded) -> Layer:
    holidays, insets = (
        tuple(Days(one.from_on, one.to_on) for one in fact.closed if one.kind == kind) for kind in ("holiday", "inset")
    )
    return Layer(holidays=holidays, insets=insets)


def closures(day: date, members: Collection[Member], calendar: Calendar) -> tuple[Closed, ...]:
    """Return why `day` is none on which to meet, for all and for each of `members` who is one on that day.

    What closes every school is said once and for none in particular. A school of which no calendar is known is
    taken to be open, since a false alarm teaches people to overlook the true ones.
    """
    if for_all := tuple(_for_all(day)):
        return for_all
    here = sorted((one for one in members if _is_member(one, day)), key=lambda one: one.school_urn)
    return tuple(closed for one in here for closed in _for_one(day, one.school_urn, calendar))


def _for_all(day: date) -> Iterator[Closed]:
    if is_bank_holiday(day):
        yield Closed(on=day, why="bank-holiday")
    if day.weekday() >= _SATURDAY:
        yield Closed(on=day, why="weekend")


def _for_one(day: date, school: Urn, calendar: Calendar) -> Iterator[Closed]:
    """Yield why one school is closed: of each kind the nearest layer holds that says anything of that kind."""
    layers = calendar.layers(school)
    terms = next((layer for layer in layers if layer.says_when_school_is), Layer())
    insets = next((layer.insets for layer in layers if layer.insets), ())
    if any(day in inset for inset in insets):
        yield Closed(school_urn=school, on=day, why="inset")
    elif terms.is_holiday(day):
        yield Closed(school_urn=school, on=day, why="holiday")


def _is_member(one: Member, day: date) -> bool:
    return one.from_on <= day and (one.until_on is None or day <= one.until_on)
