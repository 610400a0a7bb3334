"""What is said of schools that would take part or do, of Work Groups, their advocates and leads."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mathshubs.events import Event
from mathshubs.events.enrolment import participation as said
from mathshubs.events.enrolment.intake import InterestExpressed, InterestRefused, InterestRoutedToHub
from mathshubs.web.words import counted, day
from reporting.desk.domain.names import Names, why

REPLACED: Final[Mapping[str, str]] = {
    "left-school": "left the school",
    "change-of-role": "changed role",
    "leave": "is on leave",
    "workload": "has too much else to do",
    "merged-records": "was recorded twice",
    "other": "gave up the place",
}
"""Why somebody holds a slot no more."""

WITHDREW: Final[Mapping[str, str]] = {
    "staffing": "for want of staff",
    "workload": "because of its workload",
    "leadership-change": "after a change of leadership",
    "school-closed": "because it closed",
    "other-provision": "for other provision",
    "other": "",
}


def _interested(fact: InterestExpressed, names: Names) -> str:
    return f"{names.school(fact.school_urn)} would like to take part"


def _routed(fact: InterestRoutedToHub, names: Names) -> str:
    by = "which covers its local authority" if fact.by == "local-authority" else "which heard of it first"
    return f"{names.school(fact.school_urn)} will be answered by {names.hub(fact.hub)}, {by}"


def _interest_refused(fact: InterestRefused, names: Names) -> str:
    return f"the interest of {names.school(fact.school_urn)} was not recorded. {why(fact)}"


def _formed(fact: said.WorkGroupFormed, names: Names) -> str:
    return f"{names.hub(fact.hub)} formed {fact.name}"


def _group_refused(fact: said.WorkGroupRefused, names: Names) -> str:
    return f"a Work Group of {names.hub(fact.hub)} was not accepted. {why(fact)}"


def _joined(fact: said.SchoolJoinedWorkGroup, names: Names) -> str:
    return f"{names.school(fact.school_urn)} joined {names.group(fact.work_group_id)}"


def _join_refused(fact: said.SchoolJoinRefused, names: Names) -> str:
    return f"{names.school(fact.school_urn)} could not join {names.group(fact.work_group_id)}. {why(fact)}"


def _nominated(fact: said.MasteryAdvocateNominated, names: Names) -> str:
    return f"{names.school(fact.school_urn)} named an advocate to {names.group(fact.work_group_id)}"


def _nomination_refused(fact: said.NominationRefused, names: Names) -> str:
    place = f"{names.school(fact.school_urn)} in {names.group(fact.work_group_id)}"
    return f"an advocate of {place} was not accepted. {why(fact)}"


def _vacated(fact: said.AdvocateSlotVacated, names: Names) -> str:
    place = f"{names.school(fact.school_urn)} in {names.group(fact.work_group_id)}"
    return f"an advocate of {place} {REPLACED[fact.reason]}"


def _replacement_refused(fact: said.AdvocateReplacementRefused, names: Names) -> str:
    place = f"{names.school(fact.school_urn)} in {names.group(fact.work_group_id)}"
    return f"no advocate of {place} was replaced. {why(fact)}"


def _left_vacant(fact: said.AdvocateSlotLeftVacant, names: Names) -> str:
    place = f"{names.school(fact.school_urn)} in {names.group(fact.work_group_id)}"
    return f"an advocate's place of {place} has been vacant since {day(fact.vacant_since)}"


def _lead_assigned(fact: said.LeadSpecialistAssigned, names: Names) -> str:
    what = "has another lead" if fact.replaces_id else "has a lead"
    return f"{names.group(fact.work_group_id)} {what} from {day(fact.effective_on)}"


def _lead_refused(fact: said.LeadAssignmentRefused, names: Names) -> str:
    return f"the lead of {names.group(fact.work_group_id)} stays as it was. {why(fact)}"


def _withdrew(fact: said.SchoolWithdrewFromWorkGroup, names: Names) -> str:
    because = f" {WITHDREW[fact.reason]}".rstrip()
    return f"{names.school(fact.school_urn)} withdrew from {names.group(fact.work_group_id)}{because}"


def _withdrawal_refused(fact: said.SchoolWithdrawalRefused, names: Names) -> str:
    return f"{names.school(fact.school_urn)} stays in {names.group(fact.work_group_id)}. {why(fact)}"


STATES: Final[Mapping[str, str]] = {
    "proposed": "is proposed",
    "recruiting": "is recruiting schools",
    "confirmed": "is confirmed",
    "running": "is running",
    "completed": "is completed",
    "disbanded": "was disbanded",
}


def _standing(fact: said.WorkGroupStandingChanged, names: Names) -> str:
    risk = f" and is at risk with {counted(fact.schools, 'school')}" if fact.at_risk else ""
    return f"{names.group(fact.work_group_id)} {STATES[fact.state]}{risk}"


def _completed(fact: said.SchoolCompletedStage, names: Names) -> str:
    came = f"came to {counted(fact.held, 'meeting')}"
    return f"{names.school(fact.school_urn)} completed the {fact.stage} stage: its advocates {came}"


def _questioned(fact: said.CompletionQuestioned, names: Names) -> str:
    count = f"{fact.held} of the {fact.needed} meetings needed"
    return f"a correction leaves {names.school(fact.school_urn)} with {count} to complete the {fact.stage} stage"


TOLD: Final[Mapping[type[Event], Callable[[Any, Names], str]]] = {
    InterestExpressed: _interested,
    InterestRoutedToHub: _routed,
    InterestRefused: _interest_refused,
    said.WorkGroupFormed: _formed,
    said.WorkGroupRefused: _group_refused,
    said.SchoolJoinedWorkGroup: _joined,
    said.SchoolJoinRefused: _join_refused,
    said.MasteryAdvocateNominated: _nominated,
    said.NominationRefused: _nomination_refused,
    said.AdvocateSlotVacated: _vacated,
    said.AdvocateReplacementRefused: _replacement_refused,
    said.AdvocateSlotLeftVacant: _left_vacant,
    said.LeadSpecialistAssigned: _lead_assigned,
    said.LeadAssignmentRefused: _lead_refused,
    said.SchoolWithdrewFromWorkGroup: _withdrew,
    said.SchoolWithdrawalRefused: _withdrawal_refused,
    said.WorkGroupStandingChanged: _standing,
    said.SchoolCompletedStage: _completed,
    said.CompletionQuestioned: _questioned,
}
