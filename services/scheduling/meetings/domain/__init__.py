"""Requests, state and rules of meetings; pure."""

from scheduling.meetings.domain.days import NO_DATES, Days, Standings, note_standing
from scheduling.meetings.domain.following import follow_work_group
from scheduling.meetings.domain.groups import Member, OfGroup, Slot, WorkGroup
from scheduling.meetings.domain.holding import clash_of, correct_attendance, hold_meeting
from scheduling.meetings.domain.plan import (
    Calendars,
    Commitment,
    Meeting,
    OfMeeting,
    Plan,
    advocates,
    calendars,
    evolve,
    expected,
    first_heard,
    heard,
    joined_by,
    lead,
)
from scheduling.meetings.domain.planning import cancel_meeting, reschedule_meeting, schedule_meeting
from scheduling.meetings.domain.requests import (
    CancelMeeting,
    CorrectAttendance,
    HoldMeeting,
    OfAny,
    OfKnown,
    RescheduleMeeting,
    ScheduleMeeting,
)

__all__ = [
    "NO_DATES",
    "Calendars",
    "CancelMeeting",
    "Commitment",
    "CorrectAttendance",
    "Days",
    "HoldMeeting",
    "Meeting",
    "Member",
    "OfAny",
    "OfGroup",
    "OfKnown",
    "OfMeeting",
    "Plan",
    "RescheduleMeeting",
    "ScheduleMeeting",
    "Slot",
    "Standings",
    "WorkGroup",
    "advocates",
    "calendars",
    "cancel_meeting",
    "clash_of",
    "correct_attendance",
    "evolve",
    "expected",
    "first_heard",
    "follow_work_group",
    "heard",
    "hold_meeting",
    "joined_by",
    "lead",
    "note_standing",
    "reschedule_meeting",
    "schedule_meeting",
]
