"""SQL of addresses that take no mail, kept as keyed hashes, and of who has no other."""

from collections.abc import Collection
from uuid import UUID

from mathshubs import clock
from mathshubs.events.notification.deliveries import AddressFailed, AddressReplaced
from mathshubs.journal import Cause, Entry, hold, record
from mathshubs.postgres import Db
from notification.people.domain import mark_of
from notification.people.store import load

IS_SUPPRESSED = "SELECT EXISTS (SELECT FROM suppressed_addresses WHERE mark = $1)"


async def is_suppressed(db: Db, mark: bytes) -> bool:
    """Say whether this address has shown that it takes no mail."""
    return bool(await db.fetchval(IS_SUPPRESSED, mark))


async def give_up(db: Db, secret: str, who: UUID, email: str, *, by: str, cause: Cause) -> None:
    """Send nothing more to this address, and say, once, that no mail reaches whoever has no other.

    The person is held first, as whoever hears of them does: so neither waits for the other.
    """
    await hold(db, [str(who)])
    mark = mark_of(secret, email)
    first_known_by = await _suppress(db, mark, by)
    known = (await load(db, [who])).get(who)
    if known and not known.is_erased and known.email.casefold() == email.casefold():
        await _lose(db, who, mark, first_known_by, cause)


SUPPRESS = """
      WITH suppressed AS (
               INSERT INTO suppressed_addresses (mark, by, since)
               VALUES ($1, $2, $3)
                   ON CONFLICT (mark) DO NOTHING
            RETURNING by)
    SELECT by FROM suppressed
     UNION ALL
    SELECT by FROM suppressed_addresses WHERE mark = $1
     LIMIT 1
"""
LOSE = """
    INSERT INTO unreachable_people (person_id, mark)
    VALUES ($1, $2)
        ON CONFLICT (person_id) DO UPDATE
       SET mark = excluded.mark
     WHERE unreachable_people.mark <> excluded.mark
 RETURNING person_id
"""


async def _suppress(db: Db, mark: bytes, by: str) -> str:
    """Keep the address's mark, and return by what it was known first."""
    return str(await db.fetchval(SUPPRESS, mark, by, clock.now()))


async def _lose(db: Db, person_id: UUID, mark: bytes, by: str, cause: Cause) -> None:
    if await db.fetchval(LOSE, person_id, mark):
        fact = AddressFailed.model_validate({"effective_at": clock.now(), "person_id": person_id, "by": by})
        await record(db, [Entry.of_fact("notification", fact, cause)])


REPLACE = """
    DELETE FROM unreachable_people
     WHERE person_id = ANY($1::uuid[])
 RETURNING person_id
"""


async def replace(db: Db, causes: dict[UUID, Cause]) -> None:
    """Say of those of these people whom no mail reached that they have another address now."""
    if not causes:
        return
    found = sorted(row["person_id"] for row in await db.fetch(REPLACE, list(causes)))
    said = [(who, AddressReplaced(effective_at=clock.now(), person_id=who)) for who in found]
    await record(db, [Entry.of_fact("notification", fact, causes[who]) for who, fact in said])


SCRUB_REACH = "DELETE FROM unreachable_people WHERE person_id = ANY($1::uuid[]) RETURNING person_id"


async def scrub(db: Db, person_ids: Collection[UUID]) -> None:
    """Forget that no mail reached these people; of their addresses the keyed hash stays, so that none is written to."""
    await db.fetch(SCRUB_REACH, list(person_ids))
