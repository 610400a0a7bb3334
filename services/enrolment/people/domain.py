"""A person as one hub reports them, until they are erased; and what still names them afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

from mathshubs.clock import london_day
from mathshubs.envelope import CloudEvent, Malformed
from mathshubs.events import Event
from mathshubs.events.enrolment.people import (
    PersonDetailsCorrected,
    PersonErased,
    PersonMerged,
    PersonRefused,
    PersonRegistered,
)
from mathshubs.events.hub.people import PeopleMerged, PersonReported
from mathshubs.events.spoken import PersonId, Role, Urn
from mathshubs.ids import References
from mathshubs.reports import About


class UnknownPerson(LookupError):
    """Nobody has been reported under this id; the caller holds a stale or mistyped one."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a person; none of it rides in a fact, and the TRN never leaves this service."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    trn: str | None = field(default=None, repr=False)
    school_urn: Urn | None = None
    roles: tuple[Role, ...] = ()

    def corrected(self, now: "Details") -> "Details":
        """Return what is known after a later report; what that leaves out stays as it was."""
        return Details(
            now.name, now.email, now.trn or self.trn, now.school_urn or self.school_urn, now.roles or self.roles
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A person whom a hub reported; whoever was erased has no details any more."""

    hub: str
    version: int
    details: Details | None
    erased_at: datetime | None = None
    merged_into: PersonId | None = None
    """The record that stays, which is merged into none itself; None if it is this one."""


@dataclass(frozen=True, slots=True)
class ReportPerson:
    """A hub has reported a person, or other details of one."""

    hub: str
    person_id: PersonId
    details: Details
    effective_at: datetime

    @classmethod
    def reported(cls, report: PersonReported, about: About) -> Self:
        """Return the request that a hub's report makes."""
        roles = tuple(sorted(set(report.roles)))
        details = Details(report.name, report.email, report.trn, report.school_urn, roles)
        person_id = about.id("person", report.person)
        return cls(about.hub, person_id, details, about.since(report.effective_at))

    @property
    def key(self) -> str:
        """Return what it is kept in order with: the person."""
        return person_key(self.person_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for: without a person mail waits, decisions do not."""


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """Somebody is to be forgotten, at the instant `at`."""

    person_id: PersonId
    at: datetime
    hub: str | None = None
    """Who named them, where nothing that named them was ever accepted: their reports died, or wait."""

    @property
    def key(self) -> str:
        """Return what it is kept in order with: the person."""
        return person_key(self.person_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for."""


@dataclass(frozen=True, slots=True)
class MergePeople:
    """A hub has found that two of its records are one person: `person_id` stays."""

    hub: str
    person_id: PersonId
    duplicate_id: PersonId
    effective_at: datetime

    @classmethod
    def reported(cls, report: PeopleMerged, about: About) -> Self:
        """Return the request that a hub's report makes."""
        person_id, duplicate_id = about.id("person", report.person), about.id("person", report.duplicate)
        return cls(about.hub, person_id, duplicate_id, about.since(report.effective_at))

    @property
    def day(self) -> date:
        """Return the day of the merge."""
        return london_day(self.effective_at)

    @property
    def key(self) -> str:
        """Return what it is kept in order with: the person who stays."""
        return person_key(self.person_id)

    @property
    def makes(self) -> None:
        """Bring nothing that others wait for."""


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is known when a person is reported or erased."""

    person: Person | None
    schools: frozenset[Urn] = frozenset()
    """Those of the schools named that the register has."""


def person_key(person_id: PersonId) -> str:
    """Return what reports of one person are kept in order by."""
    return f"person:{person_id}"


def report_person(known: Acquaintance, ask: ReportPerson, _today: date) -> list[Event]:
    """Take the person up, or correct what is known; refuse another hub's, an erased one and an unknown school."""
    reason = _why_not(known, ask)
    said = {"effective_at": ask.effective_at, "hub": ask.hub, "person_id": ask.person_id}
    if reason:
        return [PersonRefused(**said, reasons=(reason,))]
    if known.person is None or known.person.details is None:
        return [PersonRegistered(**said)]
    if known.person.details.corrected(ask.details) == known.person.details:
        return []
    return [PersonDetailsCorrected(**said)]


def _why_not(known: Acquaintance, ask: ReportPerson) -> str | None:
    if known.person and known.person.hub != ask.hub:
        return "not-your-person"
    if known.person and known.person.erased_at:
        return "person-erased"
    if ask.details.school_urn and ask.details.school_urn not in known.schools:
        return "school-unknown"
    return None


def erase_person(known: Acquaintance, ask: ErasePerson, _today: date) -> list[Event]:
    """Forget the person; whoever was erased before stays so, and nothing more is said.

    Raises:
        UnknownPerson: if nobody was reported under this id, and no hub named them.
    """
    if known.person and known.person.erased_at:
        return []
    hub = known.person.hub if known.person else ask.hub
    if hub is None:
        raise UnknownPerson(str(ask.person_id))
    return [PersonErased(effective_at=ask.at, hub=hub, person_id=ask.person_id)]


def merge_people(known: Mapping[PersonId, Person], ask: MergePeople) -> list[Event]:
    """Say that two records are one person, or refuse it with every reason; what is merged so already is left alone.

    Where the one that is to stay was merged itself, the record that it was merged into stays. What was merged into
    the duplicate before is said again, so that what was said last of each record names the one that stays.
    """
    into_id = _root(known, ask.person_id)
    duplicate = known.get(ask.duplicate_id)
    if duplicate and duplicate.merged_into == into_id:
        return []
    if reasons := _why_not_merge(known, ask, into_id):
        return [_not_merged(ask, *reasons)]
    earlier = sorted(id_ for id_, person in known.items() if person.merged_into == ask.duplicate_id)
    said = {"effective_at": ask.effective_at, "hub": ask.hub, "into_id": into_id}
    return [PersonMerged(**said, person_id=id_) for id_ in (ask.duplicate_id, *earlier)]


def _root(known: Mapping[PersonId, Person], person_id: PersonId) -> PersonId:
    person = known.get(person_id)
    return person.merged_into or person_id if person else person_id


def _why_not_merge(known: Mapping[PersonId, Person], ask: MergePeople, into_id: PersonId) -> list[str]:
    both = [known.get(ask.duplicate_id), known.get(into_id)]
    found = [person for person in both if person]
    if any(person.hub != ask.hub for person in found):
        return ["not-your-person"]
    if len(found) < len(both):
        return ["person-not-reported"]
    if into_id == ask.duplicate_id:
        return ["merged-with-itself"]
    erased = ["person-erased"] if any(person.erased_at for person in found) else []
    return [*erased, *(["merged-otherwise"] if found[0].merged_into else [])]


def _not_merged(ask: MergePeople, *reasons: str) -> PersonRefused:
    return PersonRefused(effective_at=ask.effective_at, hub=ask.hub, person_id=ask.duplicate_id, reasons=reasons)


def evolve(person: Person | None, fact: Event, details: Details | None) -> Person | None:
    """Return the person after `fact`; since facts carry no details, they come beside it."""
    match fact:
        case PersonRegistered(hub=str(hub)):
            return Person(hub, 1, details)
        case PersonDetailsCorrected() if person and person.details and details:
            return replace(person, version=person.version + 1, details=person.details.corrected(details))
        case PersonErased(hub=str(hub)):
            merged_into = person.merged_into if person else None
            return Person(hub, person.version + 1 if person else 1, None, fact.effective_at, merged_into)
        case PersonMerged() if person:
            return replace(person, merged_into=fact.into_id)
        case _:
            return person


def words_in(
    event: CloudEvent | Malformed, hub: str, person_id: PersonId, words: Collection[str], references: References
) -> frozenset[str]:
    """Return the words that name the person in `event`: `words`, and in a report of them all that it says.

    A report of somebody else names them nowhere, though a namesake may be in it; with the person's address
    it is a report of them under another reference.
    """
    if isinstance(event, Malformed) or event.type != PersonReported.type:
        return frozenset(words)
    said = [event.data.get(field) for field in ("name", "email", "trn")]
    reference, spelled = event.data.get("person"), {word.casefold() for word in words if "@" in word}
    is_theirs = isinstance(reference, str) and references.resolve(hub, "person", reference) == person_id
    if not is_theirs and isinstance(reference, str) and str(said[1]).casefold() not in spelled:
        return frozenset()
    return frozenset({*words, *(word for word in said if isinstance(word, str) and word)})
