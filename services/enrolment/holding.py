"""Holds everything that a batch of requests names, across the nouns, and reads who was merged as who stays."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar, get_args
from uuid import UUID

from enrolment.intake import store as intake
from enrolment.intake.domain import ExpressInterest
from enrolment.intake.store import Held as HeldInterests
from enrolment.participation.domain import AssignLead, Candidate, ReplaceAdvocate, Standing
from enrolment.participation.store import Asked, holding, named_in
from enrolment.participation.store import Held as HeldGroups
from enrolment.people import store as people
from enrolment.people.domain import ErasePerson, MergePeople, Person, ReportPerson
from enrolment.people.store import Held as HeldPeople
from enrolment.schools import store as schools
from enrolment.schools.domain import eligibility
from enrolment.specialists import domain as specialists
from enrolment.specialists import store as specialists_store
from enrolment.specialists.domain import LetLapse, Policy, Specialist
from enrolment.specialists.store import Held as HeldSpecialists
from mathshubs import answering, journal
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.postgres import Db

Ask = Asked | ReportPerson | ErasePerson | MergePeople | specialists.Request | ExpressInterest
A = TypeVar("A", bound=Ask)
_PEOPLE: Final = frozenset({"person_id", "lead_id", "leaving_id", "joining_id", "contact_id", "duplicate_id"})
"""The fields of requests that name people."""
_AS_THEY_ARE: Final = (ErasePerson, LetLapse, MeetingHeld, AttendanceRecorded)
"""Requests that mean just the record that they name, and what another service said of it."""
_OF_GROUPS: Final = get_args(Asked)
_OF_PEOPLE: Final = (ReportPerson, ErasePerson, MergePeople)
_OF_SPECIALISTS: Final = get_args(specialists.Request)


async def judge(
    db: Db, urns: Collection[str], candidates: Collection[Candidate]
) -> tuple[Mapping[str, str], Mapping[Candidate, tuple[str, ...]]]:
    """Say which of `urns` the register has, each with its local authority's code, and why candidates may not take part.

    All are held until the decision.
    """
    known = await schools.hold(db, urns)
    years = {(candidate.programme, candidate.school_year) for candidate in candidates}
    policies = {year: await schools.policy(db, *year) for year in sorted(years)}
    reasons = {
        c: eligibility(known[c.school_urn], c.day, policies[c.programme, c.school_year])
        for c in candidates
        if c.school_urn in known
    }
    return {urn: school.local_authority_code for urn, school in known.items()}, reasons


async def judge_interest(
    db: Db, urns: Collection[str], wanted: Collection[intake.Judged]
) -> Mapping[intake.Judged, tuple[str, ...]]:
    """Say why each school that would take part may not."""
    _, reasons = await judge(db, urns, [Candidate._make(one) for one in wanted])
    return {(one.school_urn, one.day, one.programme, one.school_year): why for one, why in reasons.items()}


_hold_groups: Final = holding(trace=schools.lineages, judge=judge)
_hold_interests: Final = intake.holding(judge_interest)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the rule must know, and what it is asked, which names nobody who was merged."""

    state: Any
    ask: Any
    as_named: "Resolved | None" = None
    """The same of the records that were named, where one of them was merged."""


@dataclass(frozen=True, slots=True)
class Merging:
    """What must be known to merge two records, and of all that the duplicate is named in."""

    people: Mapping[UUID, Person]
    standing: Standing | None
    """None where the duplicate is named in no Work Group."""
    specialists: Mapping[UUID, Specialist]
    policies: tuple[Policy, ...] = ()


class Held:
    """All that a batch names, held until the transaction ends."""

    def __init__(self, nouns: "Nouns", merged: Mapping[UUID, UUID]) -> None:
        self._nouns = nouns
        self._merged = dict(merged)

    def state(self, ask: Ask) -> Resolved:
        """Return what the rule must know.

        Raises:
            NotHeardOf: if `ask` names something that nobody has reported yet.
        """
        mine = meaning(ask, self._merged)
        if isinstance(mine, MergePeople):
            return Resolved(self._nouns.merging, mine)
        held = self._nouns.of(mine)
        as_named = None if mine == ask else Resolved(held.state(ask), ask)
        return Resolved(held.state(mine), mine, as_named)

    def evolve(self, fact: Event) -> None:
        """Take up `fact`, of whichever noun it is."""
        if isinstance(fact, PersonMerged):
            self._merged[fact.person_id] = fact.into_id
        for each in self._nouns.all:
            each.evolve(fact)

    async def keep(self, db: Db) -> None:
        """Write what has changed."""
        for each in self._nouns.all:
            await each.keep(db)


@dataclass(frozen=True, slots=True)
class Nouns:
    """What is held of each noun; None of one that nothing in the batch asks of."""

    participation: HeldGroups | None = None
    people: HeldPeople | None = None
    specialists: HeldSpecialists | None = None
    interests: HeldInterests | None = None

    @property
    def all(self) -> list[answering.Held]:
        """Return those that are held."""
        held = (self.participation, self.people, self.specialists, self.interests)
        return [each for each in held if each is not None]

    def of(self, ask: Ask) -> answering.Held:
        """Return the one that answers `ask`.

        Raises:
            LookupError: if it is not held: the batch was held without this request.
        """
        held: answering.Held | None = self.participation
        if isinstance(ask, _OF_PEOPLE):
            held = self.people
        elif isinstance(ask, _OF_SPECIALISTS):
            held = self.specialists
        elif isinstance(ask, ExpressInterest):
            held = self.interests
        if held is None:
            raise LookupError(f"nothing is held for {type(ask).__name__}")
        return held

    @property
    def merging(self) -> Merging:
        """Return what is known for two records to be merged."""
        return Merging(
            people=self.people.all if self.people else {},
            standing=self.participation.standing if self.participation else None,
            specialists=self.specialists.all if self.specialists else {},
            policies=self.specialists.policies if self.specialists else (),
        )


async def hold(db: Db, asked: Sequence[Ask]) -> Held:
    """Hold all that `asked` name; ids of people and Work Groups in one sweep, so that batches never cross."""
    named = {id_ for ask in asked for id_ in _people_in(ask)}
    groups = {ask.work_group_id for ask in asked if isinstance(ask, _OF_GROUPS)}
    likely = await people.merged(db, named)
    await journal.hold(db, {str(id_) for id_ in (*named, *groups, *likely, *likely.values())})
    merged = await people.merged(db, named)
    return Held(await _hold_nouns(db, _all_meant(asked, merged)), merged)


def _all_meant(asked: Sequence[Ask], merged: Mapping[UUID, UUID]) -> list[Ask]:
    """Return what is asked, and what it will mean once those who are merged in this batch are."""
    now = [meaning(ask, merged) for ask in asked]
    merging = {ask.duplicate_id: ask.person_id for ask in now if isinstance(ask, MergePeople)}
    once = dict(merging)
    for _ in merging:  # as many steps as the longest chain may have
        once = {duplicate: merging.get(into, into) for duplicate, into in once.items()}
    return [*now, *(later for ask in now if (later := meaning(ask, once)) != ask)]


async def _hold_nouns(db: Db, asked: Sequence[Ask]) -> Nouns:
    merges = [ask for ask in asked if isinstance(ask, MergePeople)]
    of_groups = [*_passed_on(merges, await named_in(db, {ask.duplicate_id for ask in merges}) if merges else ())]
    of_groups += [ask for ask in asked if isinstance(ask, _OF_GROUPS)]
    of_people = [ask for ask in asked if isinstance(ask, _OF_PEOPLE)]
    of_specialists: list[specialists.Request] = [ask for ask in asked if isinstance(ask, _OF_SPECIALISTS)]
    of_specialists += [LetLapse(id_, ask.day) for ask in merges for id_ in (ask.person_id, ask.duplicate_id)]
    interests = [ask for ask in asked if isinstance(ask, ExpressInterest)]
    return Nouns(
        participation=await _hold_groups(db, of_groups) if of_groups else None,
        people=await people.hold(db, of_people) if of_people else None,
        specialists=await specialists_store.hold(db, of_specialists) if of_specialists else None,
        interests=await _hold_interests(db, interests) if interests else None,
    )


def _passed_on(
    merges: Sequence[MergePeople], named: Collection[tuple[UUID, str | None, UUID]]
) -> Iterator[ReplaceAdvocate | AssignLead]:
    """Yield what would pass everything that a duplicate is named in to who stays, to hold it by."""
    for ask in merges:
        for group, urn, duplicate in named:
            if duplicate != ask.duplicate_id:
                continue
            if urn is None:
                yield AssignLead(ask.hub, group, ask.person_id, ask.day)
            else:
                yield ReplaceAdvocate(ask.hub, group, urn, duplicate, ask.person_id, "merged-records", ask.day)


def meaning(ask: A, merged: Mapping[UUID, UUID]) -> A:
    """Return `ask` with whoever stays in place of whoever was merged."""
    if isinstance(ask, _AS_THEY_ARE):
        return ask
    others: dict[str, Any] = {name: merged[id_] for name, id_ in _named(ask) if id_ in merged}
    others.pop("duplicate_id", None)  # a duplicate is just the record that it was
    return replace(ask, **others) if others else ask


def _named(ask: Ask) -> Iterator[tuple[str, UUID]]:
    if isinstance(ask, Event):  # a fact of another service, said of just whom it names
        return
    for field in fields(ask):
        if field.name in _PEOPLE and isinstance(value := getattr(ask, field.name), UUID):
            yield field.name, value


def _people_in(ask: Ask) -> list[UUID]:
    return [id_ for _, id_ in _named(ask)]
