"""SQL that remembers who was erased, and scrubs what hubs sent and scheduling still keeps of them.

A report that can be read is cut to the fields that it may have, which are ids, codes and times, and goes on
as before. One that cannot be read may hold anything of anybody, so its bytes go; why and where it failed stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mathshubs import deadletters, journal, stones
from mathshubs.deadletters import pack, record_of
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.spoken import PersonId
from mathshubs.hearing import Record
from mathshubs.postgres import Db
from mathshubs.topics import hub_of

CONSUMER = "scheduling.hubs"


@dataclass(frozen=True, slots=True)
class Kept:
    """One report that waits or is dead, and what may be kept of it: None of its bytes if it cannot be read."""

    id: int
    hub: str
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


async def hold(db: Db, erased: Sequence[PersonErased]) -> "Scrubbed":
    """Hold the people who were erased, and find what waits or is dead of the hubs that reported them."""
    await journal.hold(db, {str(fact.person_id) for fact in erased})
    return Scrubbed(erased, await _find(db, FIND_PARKED), await _find(db, FIND_DEAD))


async def _find(db: Db, statement: str) -> list[Kept]:
    """Read what is kept, one record at a time, and remember of each only what has to be written."""
    found = []
    async for row in db.cursor(statement, CONSUMER):
        record = record_of(row)
        clean = stones.without_details(record)
        if clean is None or (clean.value, list(clean.headers)) != (record.value, list(record.headers)):
            found.append(Kept(row["id"], hub_of(record.topic), clean))
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

    def __init__(self, erased: Sequence[PersonErased], parked: Sequence[Kept], dead: Sequence[Kept]) -> None:
        """Take who was erased, and what is kept that holds more than it may."""
        self._erased: Mapping[PersonId, datetime] = {fact.person_id: fact.effective_at for fact in erased}
        hubs = {fact.hub for fact in erased}
        self._parked, self._dead = ([one for one in kept if None in hubs or one.hub in hubs] for kept in (parked, dead))

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
        await deadletters.empty(db, unreadable, by="service:scheduling", why="somebody of this hub was erased")


async def _cut(db: Db, statement: str, kept: Sequence[Kept]) -> None:
    readable = [(one.id, one.clean) for one in kept if one.clean]
    headers = [pack(record.headers) for _, record in readable]
    await db.execute(statement, [place for place, _ in readable], headers, [record.value for _, record in readable])
