"""What the rules of meetings share: how their facts are said, who may report, and who is to be invited."""

from datetime import datetime
from typing import TypedDict

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingReportRefused, PersonInvited, PersonUninvited
from mathshubs.events.spoken import MeetingId
from scheduling.meetings.domain.plan import Meeting, Plan, belonging, busy
from scheduling.meetings.domain.requests import HoldMeeting, OfAny, OfKnown, ScheduleMeeting


class About(TypedDict):
    """What each fact about a meeting has."""

    meeting_id: MeetingId
    effective_at: datetime
    hub: str
    school_year: str


def about(plan: Plan, meeting_id: MeetingId, since: datetime) -> About:
    """Return what each fact about this meeting has, that is true since then."""
    return {
        "meeting_id": meeting_id,
        "effective_at": since,
        "hub": plan.group.hub,
        "school_year": plan.group.school_year,
    }


def refused(ask: OfAny, reason: str) -> MeetingReportRefused:
    """Return that the report is not accepted."""
    return MeetingReportRefused(
        effective_at=ask.effective_at, hub=ask.hub, meeting_id=ask.meeting_id, reasons=(reason,)
    )


def not_theirs(plan: Plan, ask: ScheduleMeeting | HoldMeeting) -> str | None:
    """Say why this hub may not report this meeting of this Work Group; None if it may."""
    if plan.group.hub != ask.hub:
        return "not-your-work-group"
    return "meeting-of-another-group" if ask.meeting_id in plan.elsewhere else None


def not_known(plan: Plan, ask: OfKnown) -> str | None:
    """Say why this hub may not report of a meeting by its reference alone; None if it may."""
    if ask.meeting_id not in plan.meetings:
        return "meeting-refused"
    return "not-your-meeting" if plan.group.hub != ask.hub else None


def invitations(plan: Plan, meeting: Meeting, since: datetime) -> list[Event]:
    """Return what it takes for exactly those to be invited who belong to the meeting."""
    said, wanted = about(plan, meeting.id, since), belonging(plan.group, meeting)
    taken = busy(plan, meeting, wanted)
    leaving = [PersonUninvited(**said, person_id=person) for person in meeting.invited if person not in wanted]
    joining = [
        PersonInvited(**said, person_id=person, role=part, flags=(f"{part}-clash",) if person in taken else ())
        for person, part in wanted.items()
        if meeting.invited.get(person) != part
    ]
    return [*leaving, *joining]
