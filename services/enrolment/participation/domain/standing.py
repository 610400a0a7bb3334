"""What enrolment must know of Work Groups in order to decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from enrolment.participation.domain.evidence import Evidence
from enrolment.participation.domain.leads import History
from enrolment.participation.domain.lifecycle import Life, Stand
from enrolment.participation.domain.places import Place, foremost
from enrolment.participation.domain.policies import Policy
from enrolment.participation.domain.vacancies import Vacancy
from mathshubs.events.spoken import PersonId, Programme, SchoolYear, Stage, Urn, WorkGroupId
from mathshubs.lineage import Lineages

PlaceKey = tuple[WorkGroupId, Urn, date]
"""A group, the number under which the school joined it, and the day."""


class Candidate(NamedTuple):
    """A school and the day, programme and school year for which it is judged."""

    school_urn: Urn
    day: date
    programme: Programme
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class Register:
    """What the register says of the schools that requests name."""

    known: Mapping[Urn, str]
    """Those that it has, each with the code of its local authority."""
    lineages: Lineages
    reasons: Mapping[Candidate, tuple[str, ...]]
    """Why each candidate that the register has may not take part; empty where it may."""


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """A Work Group as it was formed."""

    hub: str
    name: str
    programme: Programme
    stage: Stage
    school_year: SchoolYear
    policy: str
    lead_id: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What must be known of groups, places, teachers and schools to decide on some requests, and no more."""

    policies: tuple[Policy, ...]
    register: Register
    people: frozenset[PersonId] = frozenset()
    """Who has been reported and not erased since."""
    groups: Mapping[WorkGroupId, WorkGroup] = field(default_factory=dict)
    leads: Mapping[WorkGroupId, History] = field(default_factory=dict)
    places: Mapping[PlaceKey, Place] = field(default_factory=dict)
    turned_away: frozenset[tuple[WorkGroupId, Urn]] = frozenset()
    """Schools whose joining was refused, so that what follows from it is refused too."""
    evidence: Mapping[WorkGroupId, Evidence] = field(default_factory=dict)
    stands: Mapping[WorkGroupId, Stand] = field(default_factory=dict)
    """How each group was last said to stand."""
    told: frozenset[Vacancy] = frozenset()
    completed: Mapping[tuple[WorkGroupId, Urn], bool] = field(default_factory=dict)
    """Whether that a school has completed its stage, which was said, holds; False where it was questioned since."""

    def policy(self, name: str, programme: str, school_year: str) -> Policy | None:
        """Return the policy of this name as it is in this year; None if there is none in force."""
        dated = [p for p in self.policies if (p.name, p.programme) == (name, programme) and p.from_year <= school_year]
        return max(dated, key=lambda p: p.from_year, default=None)

    def policy_of(self, work_group_id: WorkGroupId) -> Policy:
        """Return the policy of a group that is known, which was in force when it was formed.

        Raises:
            LookupError: if its row is gone; policies are added, never taken out.
        """
        group = self.groups[work_group_id]
        if policy := self.policy(group.policy, group.programme, group.school_year):
            return policy
        raise LookupError(f"no policy {group.policy} for {group.programme} in {group.school_year}")

    def evidence_of(self, work_group_id: WorkGroupId) -> Evidence:
        """Return what was heard of a group's meetings."""
        return self.evidence.get(work_group_id, Evidence())

    def life(self, work_group_id: WorkGroupId) -> Life:
        """Return what the standing of a group that is known follows from, on any day."""
        return Life(
            school_year=self.groups[work_group_id].school_year,
            policy=self.policy_of(work_group_id),
            places=tuple(self.places_of(work_group_id)),
            leads=self.leads.get(work_group_id, ()),
            met_on=tuple(self.evidence_of(work_group_id).meetings.values()),
        )

    def places_of(self, work_group_id: WorkGroupId) -> list[Place]:
        """Return every place in a group, those that were given up included."""
        return [place for place in self.places.values() if place.work_group_id == work_group_id]

    def places_of_year(self, group: WorkGroup) -> list[Place]:
        """Return the places in groups of the same programme and school year."""
        same = (group.programme, group.school_year)
        return [place for place in self.places.values() if (place.programme, place.school_year) == same]

    def places_of_school(self, work_group_id: WorkGroupId, urn: Urn, day: date) -> list[Place]:
        """Return a school's places in a group, under this number or another that it has had by `day`."""
        return [p for p in self.places_of(work_group_id) if p.school_urn == urn or self.is_same_school(p, urn, day)]

    def place(self, work_group_id: WorkGroupId, urn: Urn, day: date) -> Place | None:
        """Return the place of a school in a group that a word about `day` is meant of.

        Once its number there is found, it is that number's place: facts name no other.
        """
        found = foremost(self.places_of_school(work_group_id, urn, day), urn, day)
        if found is None:
            return None
        of_number = [place for place in self.places_of(work_group_id) if place.school_urn == found.school_urn]
        return foremost(of_number, found.school_urn, day)

    def is_turned_away(self, work_group_id: WorkGroupId, urn: Urn, day: date) -> bool:
        """Say whether the joining of a school was refused in a group, under any number that is one with it on `day`."""
        root = self.register.lineages.root
        return any(id_ == work_group_id and root(other, day) == root(urn, day) for id_, other in self.turned_away)

    def is_same_school(self, place: Place, urn: Urn, day: date) -> bool:
        """Say whether `urn`, from `day` on, is one lineage with the school of `place`, once both are there."""
        both, root = max(place.from_on, day), self.register.lineages.root
        return root(place.school_urn, both) == root(urn, both)
