"""SQL that takes a person who is erased out of every record that is kept here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from enrolment.people.domain import person_key, words_in
from mathshubs import deadletters, journal, stones
from mathshubs.deadletters import pack, record_of
from mathshubs.envelope import REDACTED, Headers, decode
from mathshubs.hearing import Record
from mathshubs.ids import References
from mathshubs.postgres import Db
from mathshubs.redaction import without
from mathshubs.topics import hub_of

DEAD: Final = "dead_letters"

ARRIVALS = """
    SELECT seq AS id, 'hubs.' || hub || '.events' AS topic, 0 AS part, seq AS "offset", NULL::bytea AS record_key,
           headers, bytes AS value, fingerprint
      FROM arrivals
     WHERE bytes IS NOT NULL
"""
REDACT_ARRIVAL = """
    UPDATE arrivals
       SET headers = $2::text::jsonb,
           bytes = $3
     WHERE seq = $1
       AND bytes IS NOT NULL
"""
PARKED = """
    SELECT seq AS id, topic, part, "offset", record_key, headers, value, NULL::bytea AS fingerprint
      FROM parked
     WHERE value IS NOT NULL
"""
REDACT_PARKED = """
    UPDATE parked
       SET headers = $2::text::jsonb,
           value = $3,
           record_key = NULL
     WHERE seq = $1
"""
DEAD_LETTERS = """
    SELECT id, topic, part, "offset", record_key, headers, value, NULL::bytea AS fingerprint
      FROM dead_letters
     WHERE value IS NOT NULL
"""
REDACT_DEAD_LETTER = """
    UPDATE dead_letters
       SET headers = $2::text::jsonb,
           value = $3,
           record_key = NULL
     WHERE id = $1
"""
KEPT: Final[Mapping[str, tuple[str, str]]] = {
    "arrivals": (ARRIVALS, REDACT_ARRIVAL),
    "parked": (PARKED, REDACT_PARKED),
    DEAD: (DEAD_LETTERS, REDACT_DEAD_LETTER),
}


@dataclass(frozen=True, slots=True)
class Traces:
    """Where a person stands in what is kept here: the hubs that named them, and what they are called there."""

    hubs: frozenset[str]
    words: frozenset[str] = field(repr=False)
    same: frozenset[UUID]
    """The ids under which the person is known: several where records were merged."""


NAMED_BY = """
    SELECT hub, word
      FROM people,
           unnest(array[name, email, trn]) AS word
     WHERE person_id = ANY($1::uuid[])
"""


async def traces(db: Db, same: Collection[UUID], references: References) -> Traces:
    """Return what is known of a person, and what records say of them that were never accepted, or not yet.

    Args:
        same: the ids under which the person is known.
    """
    rows = await db.fetch(NAMED_BY, list(same))
    hubs, words = {row["hub"] for row in rows}, {row["word"] for row in rows if row["word"]}
    for kept, _ in KEPT.values():
        async for row in db.cursor(kept):
            record = record_of(row)
            if not stones.people_named(record, references).isdisjoint(same):
                hubs.add(hub_of(record.topic))
                words |= stones.details_in(record)
    return Traces(frozenset(hubs), frozenset(words), frozenset(same))


BORNE_BY_NOBODY_ELSE = """
    SELECT word
      FROM unnest($2::text[]) AS word
     WHERE NOT EXISTS (
               SELECT
                 FROM people AS other
                WHERE other.person_id <> ALL($1::uuid[])
                  AND lower(word) IN (lower(other.name), lower(other.email), other.trn))
"""


async def words_for(
    db: Db, same: Collection[UUID], references: References, known: Collection[str] = ()
) -> frozenset[str]:
    """Hold a person, known by the ids `same`, and return the words that name them and nobody else.

    Args:
        known: words that are looked at as well.
    """
    await journal.hold(db, {str(id_) for id_ in same})
    words = (await traces(db, same, references)).words | set(known)
    return frozenset(row["word"] for row in await db.fetch(BORNE_BY_NOBODY_ELSE, list(same), list(words)))


async def scrub(db: Db, person_id: UUID, words: Collection[str], references: References) -> dict[str, int]:
    """Take a person out of every record that is kept here, and return of how many by store.

    What waits loses `words`, and all that a report of the person says of them; it stays what it was otherwise,
    so that it is still answered, and a repeat of it is still known for one. Of a dead letter that names the
    person only ids, codes and times stay, or nothing. An arrival that is being published meanwhile is taken as
    it was. What is poisoned of the person is tried again: now it is refused.
    """
    counts = dict.fromkeys(KEPT, 0)
    for store, (kept, redact) in KEPT.items():
        async for row in db.cursor(kept):
            record = record_of(row)
            clean = _without(record, person_id, words, references, is_dead=store == DEAD)
            if clean == record:
                continue
            counts[store] += 1
            if clean is None:
                await deadletters.empty(db, [row["id"]], by="service:enrolment")
            else:
                headers = _as_it_was(clean.headers, row["fingerprint"])
                await db.execute(redact, row["id"], pack(headers), clean.value)
    await db.execute(TRY_AGAIN, person_key(person_id))
    return counts


TRY_AGAIN = """
    UPDATE parked
       SET state = 'failing',
           attempts = 0,
           due_at = clock_timestamp()
     WHERE consumer = 'enrolment.hubs'
       AND key = $1
       AND state = 'poisoned'
"""


def _without(
    record: Record, person_id: UUID, words: Collection[str], references: References, *, is_dead: bool
) -> Record | None:
    """Return the record without the person; itself if it does not hold them, None if nothing of it may stay."""
    if is_dead and person_id in stones.people_named(record, references):
        clean = stones.without_details(record)
        if clean is None:
            return None
        record = record if stones.is_clear(record) else clean
    named = words_in(decode(record.headers, record.value), hub_of(record.topic), person_id, words, references)
    return without(record, named)


def _as_it_was(headers: Headers, fingerprint: bytes | None) -> Headers:
    """Add what makes a report that was redacted before Kafka had it still the one that was sent."""
    name = f"ce_{REDACTED}"
    if fingerprint is None or any(named == name for named, _ in headers):
        return headers
    return [*headers, (name, fingerprint.hex().encode())]
