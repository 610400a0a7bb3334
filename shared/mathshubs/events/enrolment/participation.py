"""What enrolment says of Work Groups, the schools in them and their advocates."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from mathshubs.events.spoken import (
    Event,
    HubCode,
    PersonId,
    Programme,
    Refusal,
    SchoolYear,
    Stage,
    Urn,
    WorkGroupId,
    date,
)

Replaced = Literal["left-school", "change-of-role", "leave", "workload", "merged-records", "other"]
"""Why a teacher gave up a slot, as hubs report it."""
Vacated = Literal["left-school", "change-of-role", "leave", "workload", "merged-records", "school-withdrew", "other"]
"""Why a slot is held no more: as reported, or because its school takes part no more."""
Withdrew = Literal["staffing", "workload", "leadership-change", "school-closed", "other-provision", "other"]
"""Why a school takes part no more."""
State = Literal["proposed", "recruiting", "confirmed", "running", "completed", "disbanded"]


class WorkGroupFormed(Event):
    """A Work Group exists from now on; its name is public."""

    type: ClassVar = "uk.mathshubs.enrolment.WorkGroupFormed.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    name: str
    programme: Programme
    stage: Stage
    policy: str | None = None
    lead_id: PersonId | None = None
    flags: tuple[str, ...] = ()

    @property
    def makes(self) -> str:
        """Bring the Work Group that reports of meetings may be waiting for."""
        return f"work_group:{self.work_group_id}"


class WorkGroupRefused(Refusal):
    """The report of a Work Group was not accepted."""

    type: ClassVar = "uk.mathshubs.enrolment.WorkGroupRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId


class SchoolJoinedWorkGroup(Event):
    """The school takes part in the Work Group from `effective_on`; `lineage` is its root on that day."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolJoinedWorkGroup.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    lineage: Urn
    programme: Programme
    stage: Stage
    effective_on: date
    headteacher_agreed_on: date | None = None
    local_authority_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] | None = None
    """The register's code on the day of joining."""
    flags: tuple[str, ...] = ()

    @property
    def makes(self) -> str:
        """Bring a place in the Work Group, under whatever number of the school: reports of visits may wait for it."""
        return f"place:{self.work_group_id}"


class SchoolJoinRefused(Refusal):
    """The school may not take part in the Work Group, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolJoinRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    school_urn: Urn

    @property
    def makes(self) -> str:
        """End the wait for a place in the Work Group, under whatever number of the school: there will be none."""
        return f"place:{self.work_group_id}"


class MasteryAdvocateNominated(Event):
    """The school has named this teacher to one of its advocate slots, from `effective_on`.

    `school_urn` is the number under which the school joined, though it may have another since.
    """

    type: ClassVar = "uk.mathshubs.enrolment.MasteryAdvocateNominated.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    person_id: PersonId
    effective_on: date
    flags: tuple[str, ...] = ()


class NominationRefused(Refusal):
    """The teacher was not given a slot, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.NominationRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    school_urn: Urn
    person_id: PersonId


class AdvocateSlotVacated(Event):
    """From `effective_on` on the teacher holds the school's slot no more; it may be filled from that day.

    On a teacher's very first day it says that they held it on no day. Said again of the same slot with an
    earlier day, the earlier one holds.
    """

    type: ClassVar = "uk.mathshubs.enrolment.AdvocateSlotVacated.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    person_id: PersonId
    reason: Vacated
    effective_on: date
    flags: tuple[str, ...] = ()


class AdvocateReplacementRefused(Refusal):
    """Nobody was replaced, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.AdvocateReplacementRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    school_urn: Urn
    person_id: PersonId
    """Who was to leave."""


class AdvocateSlotLeftVacant(Event):
    """A slot has been vacant for as many days as the policy bears; said once to a vacancy."""

    type: ClassVar = "uk.mathshubs.enrolment.AdvocateSlotLeftVacant.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    slot: int
    vacant_since: date
    effective_on: date


class LeadSpecialistAssigned(Event):
    """This person leads the Work Group from `effective_on` on, and whoever led it before does so no more.

    Where it comes late, those who lead from later days are said again after it, each from their own day: whoever
    drops at each fact what it knew of later days is right in the end.
    """

    type: ClassVar = "uk.mathshubs.enrolment.LeadSpecialistAssigned.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    lead_id: PersonId
    replaces_id: PersonId | None = None
    """Who led until then: None where nobody did, or the same person."""
    effective_on: date
    flags: tuple[str, ...] = ()


class LeadAssignmentRefused(Refusal):
    """The lead stays as it was, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.LeadAssignmentRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    lead_id: PersonId


class SchoolWithdrewFromWorkGroup(Event):
    """From `effective_on` on the school takes part no more, and its advocates hold no slots there.

    Each of them is said to have given up their slot too. On the school's very first day it says that it took
    part on no day.
    """

    type: ClassVar = "uk.mathshubs.enrolment.SchoolWithdrewFromWorkGroup.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    lineage: Urn
    programme: Programme
    stage: Stage
    reason: Withdrew
    effective_on: date
    flags: tuple[str, ...] = ()


class SchoolWithdrawalRefused(Refusal):
    """The school goes on taking part, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolWithdrawalRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    school_urn: Urn


class WorkGroupStandingChanged(Event):
    """The Work Group stands otherwise from `effective_on` on: its state, or whether it is at risk.

    At risk: it runs with fewer active schools than the policy wants. `schools` counts those active.
    """

    type: ClassVar = "uk.mathshubs.enrolment.WorkGroupStandingChanged.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    state: State
    at_risk: bool
    schools: int
    effective_on: date


class SchoolCompletedStage(Event):
    """The school has completed its stage: its advocates came to `held` meetings, of the `needed` by policy.

    `effective_on` is the policy's day of completion, whenever the evidence came.
    """

    type: ClassVar = "uk.mathshubs.enrolment.SchoolCompletedStage.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    lineage: Urn
    programme: Programme
    stage: Stage
    held: int
    needed: int
    effective_on: date


class CompletionQuestioned(Event):
    """What was corrected since leaves the school with too few meetings to have completed its stage, or not there.

    `effective_on` is the day of the completion that it takes back; one that is said after it holds again.
    """

    type: ClassVar = "uk.mathshubs.enrolment.CompletionQuestioned.v1"
    key: ClassVar = "work_group_id"

    hub: HubCode
    school_year: SchoolYear
    work_group_id: WorkGroupId
    school_urn: Urn
    lineage: Urn
    programme: Programme
    stage: Stage
    held: int
    needed: int
    effective_on: date
