"""How a Work Group forms."""

from datetime import date

from enrolment.participation.domain.requests import FormWorkGroup
from enrolment.participation.domain.standing import Standing, WorkGroup
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import WorkGroupFormed, WorkGroupRefused


def form_work_group(standing: Standing, ask: FormWorkGroup, _today: date) -> list[Event]:
    """Form the group, or refuse with the reason; one that was formed just so is left alone.

    What a group was formed as does not change by forming it again, its name and its lead included.
    """
    known = standing.groups.get(ask.work_group_id)
    if known == _as_asked(ask):
        return []
    if known is not None:
        return [_no_group(ask, "not-your-work-group" if known.hub != ask.hub else "work-group-differs")]
    if standing.policy(ask.policy, ask.programme, ask.school_year) is None:
        return [_no_group(ask, "unknown-policy")]
    return [
        WorkGroupFormed(
            effective_at=ask.effective_at,
            hub=ask.hub,
            school_year=ask.school_year,
            work_group_id=ask.work_group_id,
            name=ask.name,
            programme=ask.programme,
            stage=ask.stage,
            policy=ask.policy,
            lead_id=ask.lead_id,
            flags=_flags_of_lead(standing, ask),
        )
    ]


def _as_asked(ask: FormWorkGroup) -> WorkGroup:
    return WorkGroup(ask.hub, ask.name, ask.programme, ask.stage, ask.school_year, ask.policy, ask.lead_id)


def _no_group(ask: FormWorkGroup, reason: str) -> WorkGroupRefused:
    return WorkGroupRefused(
        effective_at=ask.effective_at,
        hub=ask.hub,
        school_year=ask.school_year,
        work_group_id=ask.work_group_id,
        reasons=(reason,),
    )


def _flags_of_lead(standing: Standing, ask: FormWorkGroup) -> tuple[str, ...]:
    if ask.lead_id is None:
        return ("no-lead",)
    return () if ask.lead_id in standing.people else ("person-unknown",)
