"""How each fact changes what is known of Work Groups."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from enrolment.participation.domain.evidence import Evidence
from enrolment.participation.domain.leads import assign
from enrolment.participation.domain.lifecycle import Stand
from enrolment.participation.domain.places import Advocate, Place, foremost
from enrolment.participation.domain.requests import PROGRAMMES_OWN
from enrolment.participation.domain.spans import DAY
from enrolment.participation.domain.standing import Standing, WorkGroup
from enrolment.participation.domain.vacancies import Vacancy
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    AdvocateSlotLeftVacant,
    AdvocateSlotVacated,
    CompletionQuestioned,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolCompletedStage,
    SchoolJoinedWorkGroup,
    SchoolJoinRefused,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
    WorkGroupStandingChanged,
)
from mathshubs.events.enrolment.people import PersonErased, PersonRegistered
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.spoken import PersonId, WorkGroupId, first_and_last_day

_KEEPING = {"not-your-work-group", "join-differs"}
"""The reasons of refusals that leave the school's place in the group as it was."""


def evolve(standing: Standing, fact: Event) -> Standing:
    """Return what is known after `fact`, whichever noun it is of; what is of no interest here changes nothing."""
    change = CHANGES.get(type(fact))
    return change(standing, fact) if change else standing


def _held(standing: Standing, fact: MeetingHeld) -> Standing:
    return _heard(standing, fact.work_group_id, standing.evidence_of(fact.work_group_id).with_meeting(fact))


def _marked(standing: Standing, fact: AttendanceRecorded) -> Standing:
    return _heard(standing, fact.work_group_id, standing.evidence_of(fact.work_group_id).with_mark(fact))


def _heard(standing: Standing, work_group_id: WorkGroupId, evidence: Evidence) -> Standing:
    return replace(standing, evidence={**standing.evidence, work_group_id: evidence})


def _stands(standing: Standing, fact: WorkGroupStandingChanged) -> Standing:
    stands = Stand(fact.state, fact.at_risk, fact.schools)
    return replace(standing, stands={**standing.stands, fact.work_group_id: stands})


def _told(standing: Standing, fact: AdvocateSlotLeftVacant) -> Standing:
    vacancy = Vacancy(fact.work_group_id, fact.school_urn, fact.slot, fact.vacant_since)
    return replace(standing, told=standing.told | {vacancy})


def _completed(standing: Standing, fact: SchoolCompletedStage | CompletionQuestioned) -> Standing:
    key = (fact.work_group_id, fact.school_urn)
    return replace(standing, completed={**standing.completed, key: isinstance(fact, SchoolCompletedStage)})


def _refused(standing: Standing, fact: SchoolJoinRefused) -> Standing:
    if not _turns_away(standing, fact):
        return standing
    return replace(standing, turned_away=standing.turned_away | {(fact.work_group_id, fact.school_urn)})


def _turns_away(standing: Standing, fact: SchoolJoinRefused) -> bool:
    if fact.work_group_id not in standing.groups or _KEEPING & set(fact.reasons):
        return False
    return not any(place.school_urn == fact.school_urn for place in standing.places_of(fact.work_group_id))


def _place(
    standing: Standing, fact: MasteryAdvocateNominated | SchoolWithdrewFromWorkGroup | AdvocateSlotVacated
) -> Place:
    """Return the place that a fact is of; there is one, since it was decided on it."""
    here = [place for place in standing.places_of(fact.work_group_id) if place.school_urn == fact.school_urn]
    found = foremost(here, fact.school_urn, fact.effective_on)
    assert found is not None  # noqa: S101
    return found


def _with(standing: Standing, place: Place) -> Standing:
    key = (place.work_group_id, place.school_urn, place.from_on)
    return replace(standing, places={**standing.places, key: place})


def _assigned(standing: Standing, fact: LeadSpecialistAssigned) -> Standing:
    return _led(standing, fact.work_group_id, fact.lead_id, fact.effective_on)


def _led(standing: Standing, work_group_id: WorkGroupId, lead_id: PersonId, day: date) -> Standing:
    history = assign(standing.leads.get(work_group_id, ()), lead_id, day)
    return replace(standing, leads={**standing.leads, work_group_id: history})


def _formed(standing: Standing, fact: WorkGroupFormed) -> Standing:
    group = WorkGroup(
        hub=fact.hub,
        name=fact.name,
        programme=fact.programme,
        stage=fact.stage,
        school_year=fact.school_year,
        policy=fact.policy or PROGRAMMES_OWN,
        lead_id=fact.lead_id,
    )
    standing = replace(standing, groups={**standing.groups, fact.work_group_id: group})
    if fact.lead_id is None:
        return standing
    return _led(standing, fact.work_group_id, fact.lead_id, first_and_last_day(fact.school_year)[0])


def _joined(standing: Standing, fact: SchoolJoinedWorkGroup) -> Standing:
    place = Place(
        work_group_id=fact.work_group_id,
        school_urn=fact.school_urn,
        lineage=fact.lineage,
        programme=fact.programme,
        school_year=fact.school_year,
        from_on=fact.effective_on,
        headteacher_agreed_on=fact.headteacher_agreed_on,
    )
    turned_away = standing.turned_away - {(fact.work_group_id, fact.school_urn)}
    return replace(_with(standing, place), turned_away=turned_away)


def _withdrew(standing: Standing, fact: SchoolWithdrewFromWorkGroup) -> Standing:
    place = _place(standing, fact)
    return _with(standing, replace(place, until_on=fact.effective_on - DAY, reason=fact.reason))


def _nominated(standing: Standing, fact: MasteryAdvocateNominated) -> Standing:
    place = _place(standing, fact)
    advocate = Advocate(fact.person_id, place.free_slot(fact.effective_on), fact.effective_on)
    return _with(standing, replace(place, advocates=(*place.advocates, advocate)))


def _vacated(standing: Standing, fact: AdvocateSlotVacated) -> Standing:
    """End what the teacher held on that day, or was to hold from it on, in whichever place of the school it was."""
    for place in standing.places_of(fact.work_group_id):
        if place.school_urn != fact.school_urn:
            continue
        for one in place.held_by(fact.person_id):
            if one.from_on <= fact.effective_on and (one.until_on is None or one.until_on >= fact.effective_on):
                ended = replace(one, until_on=fact.effective_on - DAY, reason=fact.reason)
                advocates = tuple(ended if other is one else other for other in place.advocates)
                return _with(standing, replace(place, advocates=advocates))
    return standing


def _registered(standing: Standing, fact: PersonRegistered) -> Standing:
    return replace(standing, people=standing.people | {fact.person_id})


def _erased(standing: Standing, fact: PersonErased) -> Standing:
    return replace(standing, people=standing.people - {fact.person_id})


CHANGES: Final[Mapping[type[Event], Callable[[Standing, Any], Standing]]] = {
    WorkGroupFormed: _formed,
    LeadSpecialistAssigned: _assigned,
    SchoolJoinedWorkGroup: _joined,
    SchoolJoinRefused: _refused,
    SchoolWithdrewFromWorkGroup: _withdrew,
    MasteryAdvocateNominated: _nominated,
    AdvocateSlotVacated: _vacated,
    MeetingHeld: _held,
    AttendanceRecorded: _marked,
    WorkGroupStandingChanged: _stands,
    AdvocateSlotLeftVacant: _told,
    SchoolCompletedStage: _completed,
    CompletionQuestioned: _completed,
    PersonRegistered: _registered,
    PersonErased: _erased,
}
