"""What hubs report of Work Groups, the schools in them and their advocates; enrolment answers."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from mathshubs.events.enrolment.participation import Replaced, Withdrew
from mathshubs.events.spoken import Instant, On, Programme, Reference, Report, SchoolYear, Stage, Urn, one_of
from mathshubs.events.words import one_line


class WorkGroupFormed(Report):
    """A Work Group exists, with or without its lead."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.WorkGroupFormed.v1"
    waits_with: ClassVar = "work_group"

    work_group: Reference
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True), AfterValidator(one_line)
    ]
    programme: Programme
    stage: Stage
    school_year: SchoolYear
    lead: Reference | None = None
    policy: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] | None = None
    effective_at: Instant | None = None


class SchoolJoinedWorkGroup(Report):
    """A school takes part in a Work Group from a day on."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SchoolJoinedWorkGroup.v1"
    waits_with: ClassVar = "work_group"

    work_group: Reference
    school_urn: Urn
    effective_on: On
    headteacher_agreed_on: On | None = None


class MasteryAdvocateNominated(Report):
    """A school has named a teacher to one of its advocate slots."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.MasteryAdvocateNominated.v1"
    waits_with: ClassVar = "work_group"

    work_group: Reference
    school_urn: Urn
    advocate: Reference
    effective_on: On


Reason = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""A code from the catalogue; what is no code counts as `other`, since hubs write people's names into free text."""


class MasteryAdvocateReplaced(Report):
    """A teacher gave up a school's advocate slot, from a day on; another one may take it from that day."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.MasteryAdvocateReplaced.v1"
    waits_with: ClassVar = "work_group"

    work_group: Reference
    school_urn: Urn
    leaving: Reference
    joining: Reference | None = None
    reason: Reason = Field(description=one_of(Replaced))
    effective_on: On


class SchoolWithdrewFromWorkGroup(Report):
    """A school takes part in a Work Group no more, from a day on."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.SchoolWithdrewFromWorkGroup.v1"
    waits_with: ClassVar = "work_group"

    work_group: Reference
    school_urn: Urn
    reason: Reason = Field(description=one_of(Withdrew))
    effective_on: On


class LeadSpecialistAssigned(Report):
    """Somebody leads a Work Group from a day on, in place of whoever led it before."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.LeadSpecialistAssigned.v1"
    waits_with: ClassVar = "work_group"

    work_group: Reference
    lead: Reference
    effective_on: On
