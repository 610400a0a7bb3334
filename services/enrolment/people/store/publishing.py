"""SQL that puts people on `people.current` as they are when they are published."""

import json
from collections.abc import Sequence

import asyncpg

from mathshubs.envelope import encode
from mathshubs.events.enrolment.people import Person
from mathshubs.journal import Outgoing, attributes
from mathshubs.outbox import take_out
from mathshubs.postgres import Db

# The outbox is read first: the key of another lane's line is no person's id.
DUE_PEOPLE = """
    WITH due AS MATERIALIZED (
        SELECT o.seq, j.event_id, j.topic, j.key, j.version, j.type, j.recorded_at,
               j.causation_id, j.correlation_id, j.traceparent
          FROM outbox AS o
          JOIN journal AS j ON j.seq = o.seq
         WHERE o.lane = 'people'
           AND o.refused_at IS NULL -- as of all people, and what the index of due lines asks for
         ORDER BY o.seq
         LIMIT $1
    )
    SELECT due.seq, due.event_id, due.topic, due.key, due.version, due.type, due.recorded_at,
           due.causation_id, due.correlation_id, due.traceparent,
           person.person_id, person.hub, person.name, person.email, person.school_urn, person.roles,
           person.version AS person_version, person.erased_at
      FROM due
      LEFT JOIN people AS person ON person.person_id = due.key::uuid
     ORDER BY due.seq
"""


class PeopleLane:
    """People as they are when they are published, by a transactional producer and uncompressed.

    Whoever was erased since a line was written goes out as a tombstone, and comes back by no older line.
    """

    name = "people"

    async def due(self, db: Db, most: int) -> Sequence[Outgoing]:
        """Return the next people whom Kafka does not have as they are."""
        return [_outgoing(row) for row in await db.fetch(DUE_PEOPLE, most)]

    async def sent(self, db: Db, outgoing: Sequence[Outgoing]) -> None:
        """Take these lines out of the outbox."""
        await take_out(db, outgoing)

    async def refused(self, db: Db, outgoing: Sequence[Outgoing], why: str) -> None:
        """Leave them as they are: a transaction goes out whole or not at all, so these are tried again."""


def _outgoing(row: asyncpg.Record) -> Outgoing:
    erased = row["person_id"] is None or row["erased_at"] is not None
    person = None if erased else json.dumps(_current(row))
    headers, value = encode(attributes("enrolment", {**row, "data": person}))
    return Outgoing(row["seq"], row["topic"], row["key"], None if erased else value, headers)


def _current(row: asyncpg.Record) -> dict[str, object]:
    return Person(
        person_id=row["person_id"],
        name=row["name"],
        email=row["email"],
        school_urn=row["school_urn"],
        roles=row["roles"],
        hub=row["hub"],
        version=row["person_version"],
    ).model_dump(mode="json")
