"""Who leads a Work Group, day by day."""

from datetime import date

from enrolment.participation.domain.leads import Lead, following, leading
from enrolment.participation.domain.requests import AssignLead
from enrolment.participation.domain.standing import Standing, WorkGroup
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import LeadAssignmentRefused, LeadSpecialistAssigned
from mathshubs.events.spoken import PersonId, WorkGroupId, first_and_last_day


def assign_lead(standing: Standing, ask: AssignLead, _today: date) -> list[Event]:
    """Let this person lead from that day on, to the day of whoever was assigned for a later one, or refuse.

    Whoever was assigned for that day already is left alone. A day before the school year counts as its first, since
    nobody leads before. Those who lead from later days go on to do so and are said again.
    """
    group = standing.groups[ask.work_group_id]
    if group.hub != ask.hub:
        return [_refused(ask, group, "not-your-work-group")]
    history = standing.leads.get(ask.work_group_id, ())
    day = max(ask.effective_on, first_and_last_day(group.school_year)[0])
    before, later = leading(history, day), following(history, day)
    if any((one.lead_id, one.from_on) == (ask.lead_id, day) for one in history):
        return []
    if reason := _why_not(standing, group, ask):
        return [_refused(ask, group, reason)]
    if later and any(one.from_on == day for one in history):
        return [_refused(ask, group, "lead-assigned-since")]
    flags = () if ask.lead_id in standing.people else ("person-unknown",)
    first = _assigned(group, ask.work_group_id, Lead(ask.lead_id, day), before)
    befores = [ask.lead_id, *(one.lead_id for one in later)]
    again = [_assigned(group, ask.work_group_id, one, was) for one, was in zip(later, befores, strict=False)]
    return [first.model_copy(update={"flags": flags}), *again]


def _why_not(standing: Standing, group: WorkGroup, ask: AssignLead) -> str | None:
    if ask.effective_on < standing.policy_of(ask.work_group_id).names_from(group.school_year):
        return "named-too-early"
    return "outside-school-year" if ask.effective_on > first_and_last_day(group.school_year)[1] else None


def _assigned(group: WorkGroup, work_group_id: WorkGroupId, lead: Lead, was: PersonId | None) -> LeadSpecialistAssigned:
    return LeadSpecialistAssigned(
        effective_at=start_of(lead.from_on),
        hub=group.hub,
        school_year=group.school_year,
        work_group_id=work_group_id,
        lead_id=lead.lead_id,
        replaces_id=was if was != lead.lead_id else None,
        effective_on=lead.from_on,
    )


def _refused(ask: AssignLead, group: WorkGroup, *reasons: str) -> LeadAssignmentRefused:
    return LeadAssignmentRefused(
        effective_at=start_of(ask.effective_on),
        hub=ask.hub,
        school_year=group.school_year,
        work_group_id=ask.work_group_id,
        lead_id=ask.lead_id,
        reasons=reasons,
    )
