"""Requests, state and rules of meetings; pure."""

from scheduling.meetings.domain.groups import Member, OfGroup, Slot, WorkGroup
from scheduling.meetings.domain.plan import (
    Calendars,
    Commitment,
    Meeting,
    OfMeeting,
    Plan,
    calendars,
    evolve,
    expected,
    first_heard,
    heard,
    joined_by,
    lead,
)
from scheduling.meetings.domain.requests import HoldMeeting, RescheduleMeeting, ScheduleMeeting
from scheduling.meetings.domain.rules import follow_work_group, hold_meeting, reschedule_meeting, schedule_meeting

__all__ = [
    "Calendars",
    "Commitment",
    "HoldMeeting",
    "Meeting",
    "Member",
    "OfGroup",
    "OfMeeting",
    "Plan",
    "RescheduleMeeting",
    "ScheduleMeeting",
    "Slot",
    "WorkGroup",
    "calendars",
    "evolve",
    "expected",
    "first_heard",
    "follow_work_group",
    "heard",
    "hold_meeting",
    "joined_by",
    "lead",
    "reschedule_meeting",
    "schedule_meeting",
]
