"""SQL that takes a person who is erased out of every record that is kept here."""

from collections.abc import Collection
from uuid import UUID

from enrolment.people.domain import redacted, words_in
from mathshubs import journal
from mathshubs.deadletters import pack, unpack
from mathshubs.envelope import decode
from mathshubs.ids import References
from mathshubs.postgres import Db
from mathshubs.topics import hub_of

NAMED_BY = """
    SELECT word
      FROM people AS person,
           unnest(array[person.name, person.email, person.trn]) AS word
     WHERE person.person_id = $1
       AND word IS NOT NULL
       AND NOT EXISTS (
               SELECT
                 FROM people AS other
                WHERE other.person_id <> $1
                  AND lower(word) IN (lower(other.name), lower(other.email)))
"""


async def words_for(db: Db, person_id: UUID) -> frozenset[str]:
    """Hold a person and return the words that name them and nobody else; none for one who was erased."""
    await journal.hold(db, {str(person_id)})
    return frozenset(row["word"] for row in await db.fetch(NAMED_BY, person_id))


ARRIVALS = """
    SELECT seq AS id, 'hubs.' || hub || '.events' AS topic, NULL::bytea AS record_key, headers, bytes AS value
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
    SELECT seq AS id, topic, record_key, headers, value
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
    SELECT id, topic, record_key, headers, value
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
KEPT = {
    "arrivals": (ARRIVALS, REDACT_ARRIVAL),
    "parked": (PARKED, REDACT_PARKED),
    "dead_letters": (DEAD_LETTERS, REDACT_DEAD_LETTER),
}


async def scrub(db: Db, person_id: UUID, words: Collection[str], references: References) -> dict[str, int]:
    """Take a person out of every record that is kept here, and return of how many by store.

    A record loses `words`, and all that a report of the person says of them; it stays what it was
    otherwise, so that it is still answered. An arrival that is being published meanwhile is taken as it was.
    """
    counts = dict.fromkeys(KEPT, 0)
    for store, (kept, redact) in KEPT.items():
        async for row in db.cursor(kept):
            headers, value, key = unpack(row["headers"]), row["value"], row["record_key"] or b""
            named = words_in(decode(headers, value), hub_of(row["topic"]), person_id, words, references)
            without = [(name, redacted(raw, named)) for name, raw in headers], redacted(value, named)
            if without != (headers, value) or redacted(key, named) != key:
                await db.execute(redact, row["id"], pack(without[0]), without[1])
                counts[store] += 1
    return counts
