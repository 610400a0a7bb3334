"""SQL that holds and writes people."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg

from enrolment.people import domain
from enrolment.people.domain import Acquaintance, Details, ErasePerson, MergePeople, Person, ReportPerson
from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.enrolment import people as said
from mathshubs.events.enrolment.people import PersonDetailsCorrected, PersonErased, PersonMerged, PersonRegistered
from mathshubs.journal import Cause, Entry
from mathshubs.postgres import Db


class Held:
    """The people whom a batch names, as they are after each of its facts."""

    def __init__(self, people: Mapping[UUID, Person], schools: frozenset[str]) -> None:
        self._loaded, self._now = people, dict(people)
        self._schools = schools
        self._reported: dict[UUID, Details] = {}

    @property
    def all(self) -> Mapping[UUID, Person]:
        """Return everybody who is held, as they are now."""
        return self._now

    def state(self, ask: ReportPerson | ErasePerson) -> Acquaintance:
        """Return what is known; a person is never waited for."""
        if isinstance(ask, ReportPerson):
            self._reported[ask.person_id] = ask.details
        return Acquaintance(self._now.get(ask.person_id), self._schools)

    def evolve(self, fact: Event) -> None:
        """Take up what was decided, with the details that were reported, since no fact carries them."""
        if isinstance(fact, PersonRegistered | PersonDetailsCorrected | PersonErased | PersonMerged):
            person_id = fact.person_id
            after = domain.evolve(self._now.get(person_id), fact, self._reported.get(person_id))
            if after is not None:
                self._now[person_id] = after

    async def keep(self, db: Db) -> None:
        """Write whoever is another than before."""
        changed = [(id_, person) for id_, person in self._now.items() if person != self._loaded.get(id_)]
        if changed:
            await _put(db, changed)


PEOPLE = """
    SELECT person_id, hub, name, email, trn, school_urn, roles, version, erased_at, merged_into
      FROM people
     WHERE person_id = ANY($1::uuid[])
        OR merged_into = ANY($1::uuid[])
"""
IN_REGISTER = """
    SELECT urn
      FROM schools
     WHERE urn = ANY($1::text[])
"""


async def hold(db: Db, requests: Sequence[ReportPerson | ErasePerson | MergePeople]) -> Held:
    """Hold the people whom `requests` name until the transaction ends, whether they are known yet or not."""
    ids = {ask.person_id for ask in requests}
    ids |= {ask.duplicate_id for ask in requests if isinstance(ask, MergePeople)}
    await journal.hold(db, {str(id_) for id_ in ids})
    people = {row["person_id"]: _person(row) for row in await db.fetch(PEOPLE, ids)}
    urns = {ask.details.school_urn for ask in requests if isinstance(ask, ReportPerson) and ask.details.school_urn}
    schools = await db.fetch(IN_REGISTER, urns) if urns else ()
    return Held(people, frozenset(row["urn"] for row in schools))


def _person(row: asyncpg.Record) -> Person:
    if row["erased_at"]:
        return Person(row["hub"], row["version"], None, row["erased_at"], row["merged_into"])
    details = Details(row["name"], row["email"], row["trn"], row["school_urn"], tuple(row["roles"]))
    return Person(row["hub"], row["version"], details, merged_into=row["merged_into"])


MERGED = """
    SELECT person_id, merged_into
      FROM people
     WHERE person_id = ANY($1::uuid[])
       AND merged_into IS NOT NULL
"""


async def merged(db: Db, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, of those of `ids` that were merged, the one that stays."""
    rows = await db.fetch(MERGED, list(ids)) if ids else ()
    return {row["person_id"]: row["merged_into"] for row in rows}


SAME_PERSON = """
    SELECT same.person_id
      FROM people AS named
      JOIN people AS same
        ON coalesce(same.merged_into, same.person_id) = coalesce(named.merged_into, named.person_id)
     WHERE named.person_id = $1
     ORDER BY same.person_id
"""


async def records_of(db: Db, person_id: UUID) -> frozenset[UUID]:
    """Return the ids under which a person is known: this one, and all that were merged with it."""
    rows = await db.fetch(SAME_PERSON, person_id)
    return frozenset({person_id, *(row["person_id"] for row in rows)})


# Roles come as one text to a person: unnest would run lists of lists together.
PUT = """
    INSERT INTO people (person_id, hub, name, email, trn, school_urn, roles, version, erased_at,
                        merged_into)
    SELECT person_id, hub, name, email, trn, school_urn, string_to_array(roles, ' '), version, erased_at,
           merged_into
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[],
                  $9::timestamptz[], $10::uuid[])
        AS person (person_id, hub, name, email, trn, school_urn, roles, version, erased_at, merged_into)
        ON CONFLICT (person_id) DO UPDATE
       SET name = excluded.name,
           email = excluded.email,
           trn = excluded.trn,
           school_urn = excluded.school_urn,
           roles = excluded.roles,
           version = excluded.version,
           erased_at = excluded.erased_at,
           merged_into = excluded.merged_into
"""


async def _put(db: Db, people: Iterable[tuple[UUID, Person]]) -> None:
    rows = [
        (id_, person.hub, *_columns(person.details), person.version, person.erased_at, person.merged_into)
        for id_, person in people
    ]
    await db.execute(PUT, *zip(*rows, strict=True))


def _columns(details: Details | None) -> tuple[str | None, ...]:
    if details is None:
        return None, None, None, None, ""
    return details.name, details.email, details.trn, details.school_urn, " ".join(details.roles)


def published(fact: Event, cause: Cause) -> Sequence[Entry]:
    """Return the line that puts a person who has changed on `people.current`, as they are at publishing."""
    if isinstance(fact, PersonRegistered | PersonDetailsCorrected | PersonErased):
        return (Entry.of_person(fact.person_id, said.Person.type, cause),)
    return ()
