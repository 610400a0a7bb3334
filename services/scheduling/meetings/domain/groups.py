"""One Work Group as enrolment has it: who leads it, who its advocates are and which schools are in it, by days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from mathshubs.events.enrolment.participation import (
    AdvocateSlotVacated,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
)
from mathshubs.events.spoken import PersonId, Programme, Stage, Urn, WorkGroupId, first_and_last_day

OfGroup = (
    WorkGroupFormed
    | LeadSpecialistAssigned
    | SchoolJoinedWorkGroup
    | MasteryAdvocateNominated
    | AdvocateSlotVacated
    | SchoolWithdrewFromWorkGroup
)
"""The facts of enrolment that change a Work Group."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """An advocate holds a slot of their school from the first day to the last; no last day while it lasts."""

    person_id: PersonId
    school_urn: Urn | None
    """None of a slot from before schools were heard of here."""
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A school is in the group from the first day to the last; no last day while it is."""

    school_urn: Urn
    from_on: date
    until_on: date | None = None
    local_authority_code: str | None = None


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """A Work Group: the hub that may report on it, who leads it, its advocates and its schools."""

    id: WorkGroupId
    hub: str
    name: str
    school_year: str
    programme: Programme | None = None
    """None of a group from before this was heard."""
    stage: Stage | None = None
    leads: Mapping[date, PersonId] = field(default_factory=dict)
    """Who leads from each day on, until the next one does."""
    slots: tuple[Slot, ...] = ()
    members: tuple[Member, ...] = ()

    def lead_on(self, day: date) -> PersonId | None:
        """Return who leads on `day`; None before anybody does."""
        begun = [begins_on for begins_on in self.leads if begins_on <= day]
        return self.leads[max(begun)] if begun else None

    def slots_on(self, day: date) -> tuple[Slot, ...]:
        """Return the slots that are held on `day`."""
        return tuple(slot for slot in self.slots if _is_on(slot, day))

    def still_has(self, school: Urn, person: PersonId | None, today: date) -> bool:
        """Say whether the person has not given up the school's slot by `today`; of nobody, whether it has not left."""
        if person is None:
            places = [member for member in self.members if member.school_urn == school]
            return not places or any(_lasts(member, today) for member in places)
        return any(_is_theirs(slot, person, school) and _lasts(slot, today) for slot in self.slots)

    @property
    def people(self) -> frozenset[PersonId]:
        """Return whoever leads, led or will, and whoever holds, held or will hold a slot."""
        return frozenset(self.leads.values()) | {slot.person_id for slot in self.slots}


S = TypeVar("S", bound=Slot | Member)


def formed(fact: WorkGroupFormed) -> WorkGroup:
    """Return the Work Group as it was formed; its lead leads from the first day of the school year."""
    first_day, _ = first_and_last_day(str(fact.school_year))
    leads = {first_day: fact.lead_id} if fact.lead_id else {}
    return WorkGroup(
        fact.work_group_id, str(fact.hub), fact.name, str(fact.school_year), fact.programme, fact.stage, leads
    )


def told(group: WorkGroup, fact: OfGroup) -> WorkGroup:
    """Return the Work Group as it stands once enrolment has said `fact`."""
    match fact:
        case WorkGroupFormed():
            anew = formed(fact)
            return replace(anew, leads={**group.leads, **anew.leads}, slots=group.slots, members=group.members)
        case LeadSpecialistAssigned(lead_id=lead, effective_on=day):
            return replace(group, leads={**group.leads, day: lead})
        case SchoolJoinedWorkGroup():
            return replace(group, members=_joined(group.members, fact))
        case MasteryAdvocateNominated():
            return replace(group, slots=_filled(group.slots, fact))
        case AdvocateSlotVacated(person_id=person, school_urn=urn, effective_on=day):
            return replace(group, slots=_ended(group.slots, day, lambda one: _is_theirs(one, person, urn)))
        case SchoolWithdrewFromWorkGroup(school_urn=urn, effective_on=day):
            slots = _ended(group.slots, day, lambda one: one.school_urn == urn)
            return replace(group, slots=slots, members=_ended(group.members, day, lambda one: one.school_urn == urn))


def _is_on(one: Slot | Member, day: date) -> bool:
    return one.from_on <= day and (one.until_on is None or day <= one.until_on)


def _lasts(one: Slot | Member, today: date) -> bool:
    return one.until_on is None or one.until_on >= today


def _is_theirs(slot: Slot, person: PersonId, school: Urn) -> bool:
    return slot.person_id == person and slot.school_urn in {school, None}


def _filled(slots: tuple[Slot, ...], fact: MasteryAdvocateNominated) -> tuple[Slot, ...]:
    """Add a slot; of two days of one advocate the earlier holds, unless they had given the slot up between."""
    one = Slot(fact.person_id, fact.school_urn, fact.effective_on)
    return _opened(slots, one, lambda slot: _is_theirs(slot, fact.person_id, fact.school_urn))


def _joined(members: tuple[Member, ...], fact: SchoolJoinedWorkGroup) -> tuple[Member, ...]:
    one = Member(fact.school_urn, fact.effective_on, local_authority_code=fact.local_authority_code)
    return _opened(members, one, lambda member: member.school_urn == fact.school_urn)


def _opened(spans: tuple[S, ...], new: S, is_same: Callable[[S], bool]) -> tuple[S, ...]:
    """Add a span without end, one with those of the same that reach up to it or beyond."""
    met = [one for one in spans if is_same(one) and (one.until_on is None or one.until_on >= new.from_on - _DAY)]
    begins_on = min([new.from_on, *(one.from_on for one in met)])
    return (*(one for one in spans if one not in met), replace(new, from_on=begins_on))


def _ended(spans: tuple[S, ...], day: date, ends: Callable[[S], bool]) -> tuple[S, ...]:
    """End spans the day before `day`; what would have begun on it or later never was."""
    cut = (
        replace(one, until_on=day - _DAY) if ends(one) and (one.until_on is None or one.until_on >= day) else one
        for one in spans
    )
    return tuple(one for one in cut if one.until_on is None or one.from_on <= one.until_on)
