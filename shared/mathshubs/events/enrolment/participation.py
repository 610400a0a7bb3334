"""What enrolment says of Work Groups, the schools in them and their advocates."""

from typing import ClassVar

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
    flags: tuple[str, ...] = ()


class SchoolJoinRefused(Refusal):
    """The school may not take part in the Work Group, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.SchoolJoinRefused.v1"
    key: ClassVar = "work_group_id"

    work_group_id: WorkGroupId
    school_urn: Urn


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
