"""A person as one hub reports them, until they are erased; and what still names them afterwards."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

from mathshubs.envelope import CloudEvent, Malformed
from mathshubs.events import Event
from mathshubs.events.enrolment.people import (
    PersonDetailsCorrected,
    PersonErased,
    PersonRefused,
    PersonRegistered,
)
from mathshubs.events.hub.people import PersonReported
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


def evolve(person: Person | None, fact: Event, details: Details | None) -> Person | None:
    """Return the person after `fact`; since facts carry no details, they come beside it."""
    match fact:
        case PersonRegistered(hub=str(hub)):
            return Person(hub, 1, details)
        case PersonDetailsCorrected() if person and person.details and details:
            return replace(person, version=person.version + 1, details=person.details.corrected(details))
        case PersonErased(hub=str(hub)):
            return Person(hub, person.version + 1 if person else 1, None, fact.effective_at)
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
