"""What each fact adds to the projections: one row of one table, made of the fact alone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from mathshubs.clock import london_day
from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import HubRegistered
from mathshubs.events.enrolment.participation import (
    AdvocateSlotVacated,
    CompletionQuestioned,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolCompletedStage,
    SchoolJoinedWorkGroup,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
    WorkGroupStandingChanged,
)
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.enrolment.schools import (
    SchoolClosed,
    SchoolDetailsChanged,
    SchoolRecord,
    SchoolRegistered,
    SchoolReplacedBy,
)
from mathshubs.events.enrolment.specialists import (
    AccreditationEvidenceSubmitted,
    AccreditationReferred,
    MasterySpecialistDesignated,
    OfSpecialist,
    PDLeadAccreditationLapsed,
    PDLeadAccredited,
    PDLeadProgrammeStarted,
    PDLeadReregistered,
    PDLeadWorkshopAttended,
    SpecialistAcceptedOnProgramme,
    SpecialistDeferred,
    SpecialistGatePassed,
    SpecialistLeftProgramme,
    SpecialistNominated,
    SpecialistReturned,
    SpecialistYearStarted,
)
from mathshubs.events.notification.deliveries import MessageSettled
from mathshubs.events.scheduling.lessons import OpenLessonHeld
from mathshubs.events.scheduling.meetings import MeetingCancelled, MeetingHeld, MeetingRescheduled, MeetingScheduled
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.scheduling.visits import SupportVisitCompleted
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
    where = (fact.local_authority_code, fact.local_authority_name, fact.region, fact.country)
    what = (fact.type_code, fact.phase_code, fact.status_code, fact.low_age, fact.high_age)
    return fact.urn, fact.name, *where, *what, is_closed, fact.opened_on, fact.closed_on


def _link(fact: SchoolReplacedBy) -> Row:
    return fact.predecessor_urn, fact.successor_urn, fact.on


def _alias(fact: PersonMerged) -> Row:
    return fact.person_id, fact.into_id


def _work_group(fact: WorkGroupFormed) -> Row:
    year = _year(fact, london_day(fact.effective_at))
    return fact.work_group_id, fact.name, fact.programme, fact.stage, fact.hub, year, fact.lead_id


def _standing(fact: WorkGroupStandingChanged) -> Row:
    return fact.work_group_id, fact.state, fact.effective_on


def _lead(fact: LeadSpecialistAssigned) -> Row:
    return fact.work_group_id, fact.lead_id, fact.effective_on


def _join(fact: SchoolJoinedWorkGroup) -> Row:
    year = _year(fact, fact.effective_on)
    return fact.work_group_id, fact.school_urn, fact.stage, fact.hub, year, fact.effective_on


def _withdrawal(fact: SchoolWithdrewFromWorkGroup) -> Row:
    return fact.work_group_id, fact.school_urn, fact.reason, fact.effective_on


def _completion(became: str) -> Callable[[SchoolCompletedStage | CompletionQuestioned], Row]:
    def row(fact: SchoolCompletedStage | CompletionQuestioned) -> Row:
        year = _year(fact, fact.effective_on)
        return fact.work_group_id, fact.school_urn, became, fact.stage, fact.hub, year, fact.effective_on

    return row


def _slot(fact: MasteryAdvocateNominated) -> Row:
    year = _year(fact, fact.effective_on)
    return fact.work_group_id, fact.school_urn, fact.person_id, fact.hub, year, fact.effective_on


def _vacated(fact: AdvocateSlotVacated) -> Row:
    return fact.work_group_id, fact.school_urn, fact.person_id, fact.effective_on


def _step(step: str) -> Callable[[OfSpecialist], Row]:
    def row(fact: OfSpecialist) -> Row:
        found = (getattr(fact, name, None) for name in ("cohort", "year", "expires_on"))
        return fact.person_id, step, fact.hub, *found, fact.effective_on

    return row


AnyMeeting = MeetingScheduled | MeetingRescheduled | MeetingCancelled | MeetingHeld


def _meeting(became: str) -> Callable[[AnyMeeting], Row]:
    def row(fact: AnyMeeting) -> Row:
        year = _year(fact, london_day(fact.starts_at))
        found = (getattr(fact, name, None) for name in ("mode", "half_term", "led_by_id"))
        when = (fact.starts_at, fact.ends_at)
        return fact.meeting_id, fact.work_group_id, became, *when, *found, fact.hub, year

    return row


def _attendance(fact: AttendanceRecorded) -> Row:
    how = (fact.status, fact.mode, fact.minutes, fact.revision, fact.reason)
    return fact.meeting_id, fact.work_group_id, fact.person_id, *how


def _visit(fact: SupportVisitCompleted) -> Row:
    hours = (fact.hours, fact.entitled_hours)
    return fact.visit_id, fact.work_group_id, fact.school_urn, *hours, fact.hub, fact.school_year, fact.held_on


def _lesson(fact: OpenLessonHeld) -> Row:
    observers = json.dumps([one.model_dump(mode="json") for one in fact.observers])
    who = (fact.lesson_id, fact.work_group_id, fact.school_urn)
    return *who, observers, fact.hub, fact.school_year, fact.held_on


def _message(fact: MessageSettled) -> Row:
    year = _year(fact, london_day(fact.queued_at))
    return fact.delivery_id, fact.meeting_id, fact.status, fact.queued_at, fact.handed_at, fact.hub, year


def _year(fact: Event, day: date) -> str:
    return fact.school_year or school_year_of(day)


PROJECTED: Final[Mapping[type[Event], Projection]] = {
    HubRegistered: Projection("hubs", _hub),
    SchoolRegistered: Projection("schools", _school),
    SchoolDetailsChanged: Projection("schools", _school),
    SchoolClosed: Projection("schools", _school),
    SchoolReplacedBy: Projection("links", _link),
    PersonMerged: Projection("aliases", _alias),
    WorkGroupFormed: Projection("work_groups", _work_group),
    WorkGroupStandingChanged: Projection("standings", _standing),
    LeadSpecialistAssigned: Projection("leads", _lead),
    SchoolJoinedWorkGroup: Projection("joins", _join),
    SchoolWithdrewFromWorkGroup: Projection("withdrawals", _withdrawal),
    SchoolCompletedStage: Projection("completions", _completion("completed")),
    CompletionQuestioned: Projection("completions", _completion("questioned")),
    MasteryAdvocateNominated: Projection("slots", _slot),
    AdvocateSlotVacated: Projection("vacated", _vacated),
    SpecialistNominated: Projection("steps", _step("nominated")),
    SpecialistAcceptedOnProgramme: Projection("steps", _step("accepted")),
    SpecialistYearStarted: Projection("steps", _step("year-started")),
    SpecialistGatePassed: Projection("steps", _step("gate-passed")),
    SpecialistDeferred: Projection("steps", _step("deferred")),
    SpecialistReturned: Projection("steps", _step("returned")),
    MasterySpecialistDesignated: Projection("steps", _step("designated")),
    SpecialistLeftProgramme: Projection("steps", _step("left")),
    PDLeadProgrammeStarted: Projection("steps", _step("enrolled")),
    PDLeadWorkshopAttended: Projection("steps", _step("workshop-attended")),
    AccreditationEvidenceSubmitted: Projection("steps", _step("evidence-submitted")),
    PDLeadAccredited: Projection("steps", _step("accredited")),
    AccreditationReferred: Projection("steps", _step("referred")),
    PDLeadReregistered: Projection("steps", _step("re-registered")),
    PDLeadAccreditationLapsed: Projection("steps", _step("lapsed")),
    MeetingScheduled: Projection("meetings", _meeting("scheduled")),
    MeetingRescheduled: Projection("meetings", _meeting("rescheduled")),
    MeetingCancelled: Projection("meetings", _meeting("cancelled")),
    MeetingHeld: Projection("meetings", _meeting("held")),
    AttendanceRecorded: Projection("attendance", _attendance),
    SupportVisitCompleted: Projection("visits", _visit),
    OpenLessonHeld: Projection("lessons", _lesson),
    MessageSettled: Projection("messages", _message),
}

_SHAPES: Final[Mapping[str, TypeAdapter[Event]]] = {kind.type: TypeAdapter(kind) for kind in PROJECTED}
