"""What hubs report of Work Groups, with what each is kept in order with and what it brings."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self, get_args

from mathshubs.events.enrolment.participation import Replaced, Withdrew
from mathshubs.events.hub import participation as reports
from mathshubs.events.spoken import PersonId, Programme, SchoolYear, Stage, Urn, WorkGroupId
from mathshubs.reports import About

PROGRAMMES_OWN = "standard"
"""Name of the policy that a programme has for groups that name none."""


def work_group_key(work_group_id: WorkGroupId) -> str:
    """Return what is awaited where a Work Group is."""
    return f"work_group:{work_group_id}"


def place_key(work_group_id: WorkGroupId) -> str:
    """Return what is awaited where a school's place in a Work Group is: any answer to a school that joins it.

    It names no school, since the one that is awaited may join under another number that it has had.
    """
    return f"place:{work_group_id}"


@dataclass(frozen=True, slots=True)
class OfWorkGroup:
    """What is asked of one Work Group, and by which hub."""

    hub: str
    work_group_id: WorkGroupId

    @property
    def key(self) -> str:
        """Return what it is kept in order with: its Work Group."""
        return work_group_key(self.work_group_id)

    @property
    def makes(self) -> str | None:
        """Bring nothing that others wait for, unless a request says otherwise."""
        return None


@dataclass(frozen=True, slots=True)
class OfSchool(OfWorkGroup):
    """What is asked of one school's place in a Work Group."""

    school_urn: Urn


@dataclass(frozen=True, slots=True)
class FormWorkGroup(OfWorkGroup):
    """A hub has formed a Work Group, with or without its lead."""

    name: str
    programme: Programme
    stage: Stage
    school_year: SchoolYear
    effective_at: datetime
    lead_id: PersonId | None = None
    policy: str = PROGRAMMES_OWN

    @classmethod
    def reported(cls, report: reports.WorkGroupFormed, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            name=report.name,
            programme=report.programme,
            stage=report.stage,
            school_year=report.school_year,
            effective_at=about.since(report.effective_at),
            lead_id=about.id("person", report.lead) if report.lead else None,
            policy=report.policy or PROGRAMMES_OWN,
        )

    @property
    def makes(self) -> str:
        """Bring the Work Group that other reports may be waiting for."""
        return work_group_key(self.work_group_id)


@dataclass(frozen=True, slots=True)
class JoinWorkGroup(OfSchool):
    """A school takes part in a Work Group from a day on."""

    effective_on: date
    headteacher_agreed_on: date | None = None

    @classmethod
    def reported(cls, report: reports.SchoolJoinedWorkGroup, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            effective_on=report.effective_on,
            headteacher_agreed_on=report.headteacher_agreed_on,
        )

    @property
    def makes(self) -> str:
        """Bring the school's place in the group, or the answer that it has none."""
        return place_key(self.work_group_id)


@dataclass(frozen=True, slots=True)
class NominateAdvocate(OfSchool):
    """A school has named a teacher to one of its advocate slots."""

    person_id: PersonId
    effective_on: date

    @classmethod
    def reported(cls, report: reports.MasteryAdvocateNominated, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            person_id=about.id("person", report.advocate),
            effective_on=report.effective_on,
        )


@dataclass(frozen=True, slots=True)
class ReplaceAdvocate(OfSchool):
    """A teacher gives up a school's slot, and another takes it over, if one is named."""

    leaving_id: PersonId
    joining_id: PersonId | None
    reason: Replaced
    effective_on: date

    @classmethod
    def reported(cls, report: reports.MasteryAdvocateReplaced, about: About) -> Self:
        """Return the request that a hub's report makes; a reason that is none of our codes counts as another one."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            leaving_id=about.id("person", report.leaving),
            joining_id=about.id("person", report.joining) if report.joining else None,
            reason=next((code for code in get_args(Replaced) if code == report.reason), "other"),
            effective_on=report.effective_on,
        )


@dataclass(frozen=True, slots=True)
class WithdrawSchool(OfSchool):
    """A school takes part in a Work Group no more."""

    reason: Withdrew
    effective_on: date

    @classmethod
    def reported(cls, report: reports.SchoolWithdrewFromWorkGroup, about: About) -> Self:
        """Return the request that a hub's report makes; a reason that is none of our codes counts as another one."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            reason=next((code for code in get_args(Withdrew) if code == report.reason), "other"),
            effective_on=report.effective_on,
        )


@dataclass(frozen=True, slots=True)
class AssignLead(OfWorkGroup):
    """Somebody leads a Work Group from a day on."""

    lead_id: PersonId
    effective_on: date

    @classmethod
    def reported(cls, report: reports.LeadSpecialistAssigned, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            lead_id=about.id("person", report.lead),
            effective_on=report.effective_on,
        )


@dataclass(frozen=True, slots=True)
class LookAgain(OfWorkGroup):
    """The clock has come to a day on which something may follow of itself; asked of no hub."""

    on: date


Request = FormWorkGroup | JoinWorkGroup | NominateAdvocate | ReplaceAdvocate | WithdrawSchool | AssignLead | LookAgain
