"""SQL that holds and writes names and addresses."""

from collections import Counter
from collections.abc import Collection, Mapping
from uuid import UUID

from mathshubs.postgres import Db
from notification.people.domain import STONE, Addressee

LOAD_PEOPLE = """
    SELECT person_id, version, name, email, is_erased
      FROM people
     WHERE person_id = ANY($1::uuid[])
"""


async def load(db: Db, person_ids: Collection[UUID]) -> dict[UUID, Addressee]:
    """Return those of these people who are known, stones among them."""
    rows = await db.fetch(LOAD_PEOPLE, list(person_ids))
    return {row["person_id"]: _addressee(row["version"], row["name"], row["email"], row["is_erased"]) for row in rows}


def _addressee(version: int, name: str | None, email: str | None, is_erased: bool) -> Addressee:  # noqa: FBT001 -- a row
    return STONE if is_erased else Addressee(version, name or "", email or "")


KEEP_PEOPLE = """
    INSERT INTO people (person_id, version, name, email, is_erased)
    SELECT new.person_id, new.version, new.name, new.email, new.is_erased
      FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::boolean[])
           AS new (person_id, version, name, email, is_erased)
     ORDER BY new.person_id
        ON CONFLICT (person_id) DO UPDATE
       SET version = excluded.version,
           name = excluded.name,
           email = excluded.email,
           is_erased = excluded.is_erased
"""


async def keep(db: Db, people: Mapping[UUID, Addressee]) -> None:
    """Write these people down as they are now; of an erased one only the stone."""
    if not people:
        return
    known = list(people.values())
    await db.execute(
        KEEP_PEOPLE,
        list(people),
        [p.version for p in known],
        [None if p.is_erased else p.name for p in known],
        [None if p.is_erased else p.email for p in known],
        [p.is_erased for p in known],
    )


SCRUB_PARKED = """
    DELETE FROM parked
     WHERE topic = 'people.current'
       AND record_key = ANY($1::bytea[])
 RETURNING record_key
"""

SCRUB_DEAD_LETTERS = """
    UPDATE dead_letters
       SET value = NULL,
           headers = '[]',
           state = 'discarded',
           action_by = 'service:notification',
           action_at = clock_timestamp(),
           action_why = 'the person was erased'
     WHERE topic = 'people.current'
       AND record_key = ANY($1::bytea[])
       AND value IS NOT NULL
 RETURNING record_key
"""


async def scrub_records(db: Db, person_ids: Collection[UUID]) -> Counter[UUID]:
    """Scrub records of these people that could not be applied, and count them for each."""
    keys = [str(person_id).encode() for person_id in person_ids]
    rows = [*await db.fetch(SCRUB_PARKED, keys), *await db.fetch(SCRUB_DEAD_LETTERS, keys)]
    return Counter(UUID(row["record_key"].decode()) for row in rows)
