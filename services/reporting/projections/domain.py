"""What each fact adds to the projections: one row of one table, made of the fact alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from mathshubs.clock import london_day
from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import HubRegistered
from mathshubs.events.enrolment.participation import (
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    WorkGroupFormed,
)
from mathshubs.events.enrolment.schools import (
    SchoolClosed,
    SchoolDetailsChanged,
    SchoolRecord,
    SchoolRegistered,
    SchoolReplacedBy,
)
from mathshubs.events.scheduling.meetings import MeetingHeld, MeetingRescheduled, MeetingScheduled
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.spoken import date, school_year_of
from reporting.log.domain import LoggedFact

Row = tuple[Any, ...]

CLOSED: Final = 2
"""`EstablishmentStatus (code)` of the register."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The table that a kind of fact adds to, and the row that it adds, without what every row has."""

    table: str
    row: Callable[[Any], Row]


def row_of(logged: LoggedFact, fact: Event) -> tuple[str, Row]:
    """Return the table and the row that a fact of a kind in `PROJECTED` adds."""
    projection = PROJECTED[type(fact)]
    everywhere = (logged.version, fact.effective_at, logged.recorded_at)
    return projection.table, (logged.event_id, *projection.row(fact), *everywhere)


def read(logged: LoggedFact) -> Event | None:
    """Return a fact of the log by its type; None if nothing is projected of that type.

    Raises:
        ValidationError: if it does not fit the type: somebody has changed the log.
    """
    shape = _SHAPES.get(logged.type)
    return None if shape is None else shape.validate_python(logged.data)


def _hub(fact: HubRegistered) -> Row:
    return fact.code, fact.name, fact.region


def _school(fact: SchoolRecord) -> Row:
    is_closed = fact.status_code == CLOSED or fact.closed_on is not None
    where = (fact.local_authority_code, fact.local_authority_name, fact.region)
    return fact.urn, fact.name, *where, is_closed, fact.opened_on, fact.closed_on


def _link(fact: SchoolReplacedBy) -> Row:
    return fact.predecessor_urn, fact.successor_urn, fact.on


def _work_group(fact: WorkGroupFormed) -> Row:
    year = _year(fact, london_day(fact.effective_at))
    return fact.work_group_id, fact.name, fact.programme, fact.stage, fact.hub, year


def _join(fact: SchoolJoinedWorkGroup) -> Row:
    year = _year(fact, fact.effective_on)
    return fact.work_group_id, fact.school_urn, fact.stage, fact.hub, year, fact.effective_on


def _slot(fact: MasteryAdvocateNominated) -> Row:
    return fact.work_group_id, fact.school_urn, fact.person_id, fact.hub, fact.effective_on


def _meeting(became: str) -> Callable[[MeetingScheduled | MeetingRescheduled | MeetingHeld], Row]:
    def row(fact: MeetingScheduled | MeetingRescheduled | MeetingHeld) -> Row:
        year = _year(fact, london_day(fact.starts_at))
        mode = None if isinstance(fact, MeetingRescheduled) else fact.mode
        return fact.meeting_id, fact.work_group_id, became, fact.starts_at, fact.ends_at, mode, fact.hub, year

    return row


def _attendance(fact: AttendanceRecorded) -> Row:
    how = (fact.status, fact.mode, fact.minutes, fact.revision)
    return fact.meeting_id, fact.work_group_id, fact.person_id, *how


def _year(fact: Event, day: date) -> str:
    return fact.school_year or school_year_of(day)


PROJECTED: Final[Mapping[type[Event], Projection]] = {
    HubRegistered: Projection("hubs", _hub),
    SchoolRegistered: Projection("schools", _school),
    SchoolDetailsChanged: Projection("schools", _school),
    SchoolClosed: Projection("schools", _school),
    SchoolReplacedBy: Projection("links", _link),
    WorkGroupFormed: Projection("work_groups", _work_group),
    SchoolJoinedWorkGroup: Projection("joins", _join),
    MasteryAdvocateNominated: Projection("slots", _slot),
    MeetingScheduled: Projection("meetings", _meeting("scheduled")),
    MeetingRescheduled: Projection("meetings", _meeting("rescheduled")),
    MeetingHeld: Projection("meetings", _meeting("held")),
    AttendanceRecorded: Projection("attendance", _attendance),
}

_SHAPES: Final[Mapping[str, TypeAdapter[Event]]] = {kind.type: TypeAdapter(kind) for kind in PROJECTED}
