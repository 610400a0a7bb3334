"""The rule by which meetings follow what enrolment says of their Work Group."""

from datetime import date

from mathshubs.events import Event
from scheduling.meetings.domain.groups import OfGroup
from scheduling.meetings.domain.plan import Plan
from scheduling.meetings.domain.saying import invitations


def follow_work_group(plan: Plan, fact: OfGroup, _today: date) -> list[Event]:
    """Bring who is invited to the group's meetings that are ahead into line with what enrolment has said.

    `plan` is as it stands with the fact. A meeting is ahead until it is reported as held, whatever the
    clock says, or cancelled: whether it is too late to write to somebody is for notification to judge.
    """
    return [
        said
        for meeting in plan.meetings.values()
        if meeting.is_ahead
        for said in invitations(plan, meeting, fact.effective_at)
    ]
