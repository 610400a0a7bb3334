"""What is said of meetings and their registers, of visits, open lessons and school calendars."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from mathshubs.events import Event
from mathshubs.events.scheduling.calendars import SchoolCalendarRecorded
from mathshubs.events.scheduling.lessons import OpenLessonHeld, OpenLessonRefused
from mathshubs.events.scheduling.meetings import (
    Closed,
    MeetingCancelled,
    MeetingHeld,
    MeetingReportRefused,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.events.scheduling.registers import AbsencesRunning, AttendanceRecorded
from mathshubs.events.scheduling.visits import SupportVisitCompleted, SupportVisitRefused
from mathshubs.web.words import counted, day, number, when
from reporting.desk.domain.names import Names, why

CANCELLED: Final[Mapping[str, str]] = {
    "snow": "because of snow",
    "strike": "because of a strike",
    "illness": "because of illness",
    "lead-unavailable": "since its lead could not come",
    "venue-unavailable": "since there was no room",
    "too-few": "since too few could come",
    "travel": "because of travel",
    "other": "",
}

CLOSED: Final[Mapping[str, str]] = {
    "bank-holiday": "a bank holiday",
    "weekend": "a weekend",
    "holiday": "in the holidays of",
    "inset": "an INSET day of",
}


def _scheduled(fact: MeetingScheduled, names: Names) -> str:
    closed = closed_days(fact.closed, names)
    return f"{fact.work_group_name} will meet {when(fact.starts_at, fact.ends_at)}{closed and f', {closed}'}"


def closed_days(closed: Sequence[Closed], names: Names) -> str:
    """Return why a meeting's day is none to meet on, in words: the first reason; empty where it is an open day."""
    if not closed:
        return ""
    first = closed[0]
    whose = f" {names.school(first.school_urn)}" if first.school_urn else ""
    return f"{CLOSED[first.why]}{whose}"


def _rescheduled(fact: MeetingRescheduled, names: Names) -> str:
    closed = closed_days(fact.closed, names)
    moved = f"moved a meeting to {when(fact.starts_at, fact.ends_at)}"
    return f"{names.group(fact.work_group_id)} {moved}{closed and f', {closed}'}"


def _cancelled(fact: MeetingCancelled, names: Names) -> str:
    because = f" {CANCELLED[fact.reason]}".rstrip()
    return f"{names.group(fact.work_group_id)} cancelled its meeting of {day(fact.starts_at)}{because}"


def _held(fact: MeetingHeld, names: Names) -> str:
    return f"{names.group(fact.work_group_id)} met on {day(fact.starts_at)}"


def _meeting_refused(fact: MeetingReportRefused, names: Names) -> str:
    return f"what {names.hub(fact.hub)} reported of a meeting was not accepted. {why(fact)}"


def _absences(fact: AbsencesRunning, names: Names) -> str:
    whole = fact.person_id is None
    who = names.school(fact.school_urn) if whole else f"an advocate of {names.school(fact.school_urn)}"
    group = names.group(fact.work_group_id)
    if not fact.meetings:
        return f"{who} came to a meeting of {group} again"
    return f"{who} was away from {counted(fact.meetings, 'meeting')} of {group} running"


def _visited(fact: SupportVisitCompleted, names: Names) -> str:
    hours = f"{number(fact.hours)} {'hour' if fact.hours == 1 else 'hours'}"
    return f"{names.school(fact.school_urn)} had a support visit of {hours}"


def _visit_refused(fact: SupportVisitRefused, names: Names) -> str:
    return f"a support visit of {names.hub(fact.hub)} was not accepted. {why(fact)}"


def _lesson(fact: OpenLessonHeld, names: Names) -> str:
    watched = counted(len(fact.observers), "observer")
    return f"{names.school(fact.school_urn)} taught an open lesson to {watched}"


def _lesson_refused(fact: OpenLessonRefused, names: Names) -> str:
    return f"an open lesson of {names.hub(fact.hub)} was not accepted. {why(fact)}"


def _calendar(fact: SchoolCalendarRecorded, names: Names) -> str:
    return f"{names.school(fact.school_urn)} said when it is closed in {fact.school_year}"


TOLD: Final[Mapping[type[Event], Callable[[Any, Names], str]]] = {
    MeetingScheduled: _scheduled,
    MeetingRescheduled: _rescheduled,
    MeetingCancelled: _cancelled,
    MeetingHeld: _held,
    MeetingReportRefused: _meeting_refused,
    AbsencesRunning: _absences,
    SupportVisitCompleted: _visited,
    SupportVisitRefused: _visit_refused,
    OpenLessonHeld: _lesson,
    OpenLessonRefused: _lesson_refused,
    SchoolCalendarRecorded: _calendar,
}

FOLDED: Final[Mapping[type[Event], Callable[[int], str]]] = {
    SchoolCalendarRecorded: lambda many: f"{counted(many, 'school')} said when they are closed",
}

UNTOLD: Final[Mapping[type[Event], str]] = {
    PersonInvited: "eight to a meeting, which is told; the timeline lists the mails",
    PersonUninvited: "follows from a slot or a lead, which is told",
    AttendanceRecorded: "eight to a meeting, which is told; figures count them",
}
