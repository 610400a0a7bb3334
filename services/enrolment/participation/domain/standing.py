"""What enrolment must know of Work Groups in order to decide, and how each fact changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import NamedTuple

from enrolment.participation.domain.requests import PROGRAMMES_OWN
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    SchoolJoinRefused,
    WorkGroupFormed,
)
from mathshubs.events.enrolment.people import PersonErased, PersonRegistered
from mathshubs.events.spoken import PersonId, Programme, SchoolYear, Stage, Urn, WorkGroupId, first_and_last_day
from mathshubs.lineage import Lineages

_KEEPING = {"not-your-work-group", "join-differs"}
"""The reasons of refusals that leave the school's place in the group as it was."""


class Policy(NamedTuple):
    """What a programme wants of its groups under this name, from one school year on.

    A school sends as many advocates as there are `slots`, and names them from the first day of
    `names_from_month` (1 to 12), of the twelve months before the school year.
    """

    name: str
    programme: str
    from_year: str
    slots: int
    names_from_month: int

    def names_from(self, school_year: SchoolYear) -> date:
        """Return the first day on which a teacher can have been named for `school_year`."""
        begins_on, _ = first_and_last_day(school_year)
        years_before = 1 if self.names_from_month >= begins_on.month else 0
        return date(begins_on.year - years_before, self.names_from_month, 1)


class Candidate(NamedTuple):
    """A school and the day, programme and school year for which it is judged."""

    school_urn: Urn
    day: date
    programme: Programme
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class Register:
    """What the register says of the schools that requests name."""

    known: frozenset[Urn]
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
class Advocate:
    """A teacher in one of a school's slots, numbered from 1, from a day on."""

    person_id: PersonId
    slot: int
    from_on: date


@dataclass(frozen=True, slots=True)
class Place:
    """A school's place in a Work Group, with its advocates; `lineage` is its root on the day of joining."""

    work_group_id: WorkGroupId
    school_urn: Urn
    lineage: Urn
    programme: Programme
    school_year: SchoolYear
    from_on: date
    headteacher_agreed_on: date | None = None
    advocates: tuple[Advocate, ...] = ()

    @property
    def free_slot(self) -> int:
        """Return the lowest number that no advocate has; the policy says whether there is such a slot."""
        taken = {advocate.slot for advocate in self.advocates}
        return next(slot for slot in count(1) if slot not in taken)

    def since(self, person_id: PersonId) -> date | None:
        """Return the day from which the teacher is one of the school's advocates here; None if they are not."""
        return next((advocate.from_on for advocate in self.advocates if advocate.person_id == person_id), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What must be known of groups, places, teachers and schools to decide on some requests, and no more."""

    policies: tuple[Policy, ...]
    register: Register
    people: frozenset[PersonId] = frozenset()
    """Who has been reported and not erased since."""
    groups: Mapping[WorkGroupId, WorkGroup] = field(default_factory=dict)
    places: Mapping[tuple[WorkGroupId, Urn], Place] = field(default_factory=dict)
    turned_away: frozenset[tuple[WorkGroupId, Urn]] = frozenset()
    """Schools whose joining was refused, so that what follows from it is refused too."""

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

    def place(self, work_group_id: WorkGroupId, urn: Urn, day: date) -> Place | None:
        """Return the place of a school in a group, under this number or another that it has had."""
        if exact := self.places.get((work_group_id, urn)):
            return exact
        here = (p for p in self.places.values() if p.work_group_id == work_group_id)
        return next((p for p in here if self.is_same_school(p, urn, day)), None)

    def is_turned_away(self, work_group_id: WorkGroupId, urn: Urn, day: date) -> bool:
        """Say whether the joining of a school was refused in a group, under any number that is one with it on `day`."""
        root = self.register.lineages.root
        return any(id_ == work_group_id and root(other, day) == root(urn, day) for id_, other in self.turned_away)

    def is_same_school(self, place: Place, urn: Urn, day: date) -> bool:
        """Say whether `urn`, from `day` on, is one lineage with the school of `place`, once both are there."""
        both, root = max(place.from_on, day), self.register.lineages.root
        return root(place.school_urn, both) == root(urn, both)


def evolve(standing: Standing, fact: Event) -> Standing:
    """Return what is known after `fact`, whichever noun it is of."""
    match fact:
        case WorkGroupFormed():
            return replace(standing, groups={**standing.groups, fact.work_group_id: _formed(fact)})
        case SchoolJoinedWorkGroup():
            taken_in = {(fact.work_group_id, fact.school_urn)}
            return replace(_with(standing, _joined(fact)), turned_away=standing.turned_away - taken_in)
        case SchoolJoinRefused() if fact.work_group_id in standing.groups and not _KEEPING & set(fact.reasons):
            return replace(standing, turned_away=standing.turned_away | {(fact.work_group_id, fact.school_urn)})
        case MasteryAdvocateNominated():
            place = standing.places[fact.work_group_id, fact.school_urn]
            advocate = Advocate(fact.person_id, place.free_slot, fact.effective_on)
            return _with(standing, replace(place, advocates=(*place.advocates, advocate)))
        case PersonRegistered():
            return replace(standing, people=standing.people | {fact.person_id})
        case PersonErased():
            return replace(standing, people=standing.people - {fact.person_id})
        case _:
            return standing


def _with(standing: Standing, place: Place) -> Standing:
    return replace(standing, places={**standing.places, (place.work_group_id, place.school_urn): place})


def _formed(fact: WorkGroupFormed) -> WorkGroup:
    return WorkGroup(
        hub=fact.hub,
        name=fact.name,
        programme=fact.programme,
        stage=fact.stage,
        school_year=fact.school_year,
        policy=fact.policy or PROGRAMMES_OWN,
        lead_id=fact.lead_id,
    )


def _joined(fact: SchoolJoinedWorkGroup) -> Place:
    return Place(
        work_group_id=fact.work_group_id,
        school_urn=fact.school_urn,
        lineage=fact.lineage,
        programme=fact.programme,
        school_year=fact.school_year,
        from_on=fact.effective_on,
        headteacher_agreed_on=fact.headteacher_agreed_on,
    )
