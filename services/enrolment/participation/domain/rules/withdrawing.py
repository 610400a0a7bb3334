"""How a school leaves a Work Group."""

from datetime import date

from enrolment.participation.domain.places import Place
from enrolment.participation.domain.requests import WithdrawSchool
from enrolment.participation.domain.rules.nominating import slot_vacated
from enrolment.participation.domain.spans import ended_on, meets
from enrolment.participation.domain.standing import Standing, WorkGroup
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import SchoolWithdrawalRefused, SchoolWithdrewFromWorkGroup
from mathshubs.events.spoken import first_and_last_day


def withdraw_school(standing: Standing, ask: WithdrawSchool, _today: date) -> list[Event]:
    """Let the school take part no more from that day on, nor its advocates hold slots, or refuse with the reason.

    One that left just so is left alone; it may have joined again since.
    """
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return [_refused(ask, None, "school-unknown")]
    if group.hub != ask.hub:
        return [_refused(ask, group, "not-your-work-group")]
    left = standing.places_of_school(ask.work_group_id, ask.school_urn, ask.effective_on)
    if that_day := {place.reason for place in left if ended_on(place) == ask.effective_on}:
        return [] if ask.reason in that_day else [_refused(ask, group, "withdrawal-differs")]
    place = standing.place(ask.work_group_id, ask.school_urn, ask.effective_on)
    if place is None:
        known = ask.school_urn in standing.register.known
        return [_refused(ask, group, "school-not-in-group" if known else "school-unknown")]
    if reason := _why_not(group, place, ask):
        return [_refused(ask, group, reason)]
    return [_withdrew(group, place, ask), *_vacated(group, place, ask)]


def _why_not(group: WorkGroup, place: Place, ask: WithdrawSchool) -> str | None:
    if ask.effective_on > first_and_last_day(group.school_year)[1]:
        return "outside-school-year"
    if ask.effective_on < place.from_on:
        return "before-first-day"
    return "withdrawal-differs" if place.until_on else None


def _withdrew(group: WorkGroup, place: Place, ask: WithdrawSchool) -> SchoolWithdrewFromWorkGroup:
    return SchoolWithdrewFromWorkGroup(
        effective_at=start_of(ask.effective_on),
        hub=group.hub,
        school_year=group.school_year,
        work_group_id=place.work_group_id,
        school_urn=place.school_urn,
        lineage=place.lineage,
        programme=place.programme,
        stage=group.stage,
        reason=ask.reason,
        effective_on=ask.effective_on,
    )


def _vacated(group: WorkGroup, place: Place, ask: WithdrawSchool) -> list[Event]:
    """Return what to say of the school's teachers; one whose first day was still to come holds a slot on no day."""
    return [
        slot_vacated(group, place, one.person_id, "school-withdrew", max(one.from_on, ask.effective_on))
        for one in place.advocates
        if meets(one, ask.effective_on)
    ]


def _refused(ask: WithdrawSchool, group: WorkGroup | None, *reasons: str) -> SchoolWithdrawalRefused:
    return SchoolWithdrawalRefused(
        effective_at=start_of(ask.effective_on),
        hub=ask.hub,
        school_year=group.school_year if group else None,
        work_group_id=ask.work_group_id,
        school_urn=ask.school_urn,
        reasons=reasons,
    )
