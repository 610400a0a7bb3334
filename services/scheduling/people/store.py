"""SQL that remembers who was erased, and scrubs what hubs sent and scheduling still keeps of them.

A report that names them and can be read is cut to the fields that it may have, which are ids, codes and times,
and goes on as before. Of one that cannot be read the bytes go; why and where it failed stays. What names nobody
who was erased is left alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mathshubs import deadletters, journal, stones
from mathshubs.answering import Hold
from mathshubs.deadletters import pack, record_of
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.spoken import PersonId
from mathshubs.hearing import Record
from mathshubs.ids import References
from mathshubs.postgres import Db, write_rows
from mathshubs.redaction import without

CONSUMER = "scheduling.hubs"

LOAD_ALIASES = """
    SELECT person_id, into_id
      FROM aliases
     WHERE person_id = ANY($1::uuid[])
        OR into_id = ANY($1::uuid[])
"""
KEEP_ALIASES = """
    INSERT INTO aliases (person_id, into_id)
    SELECT person_id, into_id
      FROM unnest($1::uuid[], $2::uuid[]) AS merged (person_id, into_id)
        ON CONFLICT (person_id) DO UPDATE
       SET into_id = excluded.into_id
"""


async def load_aliases(db: Db, people: Collection[PersonId]) -> dict[PersonId, PersonId]:
    """Return the one that stays of each record of any of `people` that was merged."""
    return {row["person_id"]: row["into_id"] for row in await db.fetch(LOAD_ALIASES, list(people))}


async def keep_aliases(db: Db, merged: Mapping[PersonId, PersonId]) -> None:
    """Remember what was merged, in place of what was said before."""
    await write_rows(db, KEEP_ALIASES, sorted(merged.items()))


@dataclass(frozen=True, slots=True)
class Kept:
    """One report that waits or is dead, and what may be kept of it: None of its bytes if it cannot be read."""

    id: int
    clean: Record | None


FIND_PARKED = """
    SELECT seq AS id, topic, part, "offset", record_key, headers, value
      FROM parked
     WHERE consumer = $1
     ORDER BY seq
       FOR UPDATE
"""
FIND_DEAD = """
    SELECT id, topic, part, "offset", record_key, headers, value
      FROM dead_letters
     WHERE consumer = $1
       AND value IS NOT NULL
     ORDER BY id
       FOR UPDATE
"""


def holding(references: References) -> Hold:
    """Return the hold of who was erased; hubs name people by their own `references`."""

    async def hold(db: Db, asked: Sequence[PersonErased]) -> Scrubbed:
        erased = {fact.person_id: fact.effective_at for fact in asked}
        await journal.hold(db, {str(person_id) for person_id in erased})
        parked, dead = [await _find(db, statement, erased, references) for statement in (FIND_PARKED, FIND_DEAD)]
        return Scrubbed(erased, parked, dead)

    return hold


async def _find(db: Db, statement: str, erased: Collection[PersonId], references: References) -> list[Kept]:
    """Read what is kept, one record at a time, and remember of each only what has to be written."""
    found = []
    async for row in db.cursor(statement, CONSUMER):
        record = record_of(row)
        if stones.of_erased(record, erased, references) and not stones.is_clear(record):
            found.append(Kept(row["id"], stones.without_details(record)))
    return found


CUT_PARKED = """
    UPDATE parked
       SET record_key = NULL, headers = cut.headers::jsonb, value = cut.value
      FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS cut (id, headers, value)
     WHERE parked.seq = cut.id
"""
CUT_DEAD = """
    UPDATE dead_letters
       SET record_key = NULL, headers = cut.headers::jsonb, value = cut.value
      FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS cut (id, headers, value)
     WHERE dead_letters.id = cut.id
"""


class Scrubbed:
    """What is scrubbed for the people that a batch erases."""

    def __init__(self, erased: Mapping[PersonId, datetime], parked: Sequence[Kept], dead: Sequence[Kept]) -> None:
        """Take who was erased and when, and what is kept that tells more of them than it may."""
        self._erased, self._parked, self._dead = erased, parked, dead

    def state(self, _fact: PersonErased) -> Mapping[str, int]:
        """Return how many rows are scrubbed, by store."""
        return {"parked": len(self._parked), "dead_letters": len(self._dead)}

    def evolve(self, fact: Event) -> None:
        """Nothing follows from having forgotten."""

    async def keep(self, db: Db) -> None:
        """Remember who was erased, and take out what may be theirs."""
        await stones.lay(db, self._erased)
        await _cut(db, CUT_PARKED, self._parked)
        await _cut(db, CUT_DEAD, self._dead)
        unreadable = [one.id for one in self._dead if one.clean is None]
        await deadletters.empty(db, unreadable, by="service:scheduling")


async def _cut(db: Db, statement: str, kept: Sequence[Kept]) -> None:
    readable = [(one.id, one.clean) for one in kept if one.clean]
    headers = [pack(record.headers) for _, record in readable]
    await db.execute(statement, [place for place, _ in readable], headers, [record.value for _, record in readable])


async def redact(db: Db, words: Collection[str]) -> dict[str, int]:
    """Take `words` out of what waits and what is dead, whomever else it names; return of how many by store."""
    counts = {}
    for store, find, cut in (("parked", FIND_PARKED, CUT_PARKED), ("dead_letters", FIND_DEAD, CUT_DEAD)):
        named = []
        async for row in db.cursor(find, CONSUMER):
            record = record_of(row)
            clean = without(record, words)
            if clean is not record:
                named.append(Kept(row["id"], clean))
        await _cut(db, cut, named)
        counts[store] = len(named)
    return counts
