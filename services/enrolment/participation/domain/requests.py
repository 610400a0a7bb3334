"""What hubs report of Work Groups, with what each is kept in order with and what it brings."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from mathshubs.events.hub.participation import MasteryAdvocateNominated, SchoolJoinedWorkGroup, WorkGroupFormed
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
class FormWorkGroup:
    """A hub has formed a Work Group, with or without its lead."""

    hub: str
    work_group_id: WorkGroupId
    name: str
    programme: Programme
    stage: Stage
    school_year: SchoolYear
    effective_at: datetime
    lead_id: PersonId | None = None
    policy: str = PROGRAMMES_OWN

    @classmethod
    def reported(cls, report: WorkGroupFormed, about: About) -> Self:
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
    def key(self) -> str:
        """Return what it is kept in order with: its Work Group."""
        return work_group_key(self.work_group_id)

    @property
    def makes(self) -> str:
        """Bring the Work Group that other reports may be waiting for."""
        return work_group_key(self.work_group_id)


@dataclass(frozen=True, slots=True)
class JoinWorkGroup:
    """A school takes part in a Work Group from a day on."""

    hub: str
    work_group_id: WorkGroupId
    school_urn: Urn
    effective_on: date
    headteacher_agreed_on: date | None = None

    @classmethod
    def reported(cls, report: SchoolJoinedWorkGroup, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            effective_on=report.effective_on,
            headteacher_agreed_on=report.headteacher_agreed_on,
        )

    @property
    def key(self) -> str:
        """Return what it is kept in order with: its Work Group."""
        return work_group_key(self.work_group_id)

    @property
    def makes(self) -> str:
        """Bring the school's place in the group, or the answer that it has none."""
        return place_key(self.work_group_id)


@dataclass(frozen=True, slots=True)
class NominateAdvocate:
    """A school has named a teacher to one of its advocate slots."""

    hub: str
    work_group_id: WorkGroupId
    school_urn: Urn
    person_id: PersonId
    effective_on: date

    @classmethod
    def reported(cls, report: MasteryAdvocateNominated, about: About) -> Self:
        """Return the request that a hub's report makes."""
        return cls(
            hub=about.hub,
            work_group_id=about.id("work_group", report.work_group),
            school_urn=report.school_urn,
            person_id=about.id("person", report.advocate),
            effective_on=report.effective_on,
        )

    @property
    def key(self) -> str:
        """Return what it is kept in order with: its Work Group."""
        return work_group_key(self.work_group_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for."""


Request = FormWorkGroup | JoinWorkGroup | NominateAdvocate
