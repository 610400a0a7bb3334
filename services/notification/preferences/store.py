"""SQL of who wants reminders; of somebody with several records, each says the same."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from mathshubs import clock
from mathshubs.events.notification.deliveries import PreferencesChanged
from mathshubs.journal import Cause, Entry, hold, record
from mathshubs.postgres import Db, Pool

WANTS: Final = """
    SELECT coalesce(p.reminders, true) AS reminders,
           coalesce(w.is_erased, false) AS is_erased
      FROM (VALUES ($1::uuid)) AS asked (person_id)
      LEFT JOIN people w USING (person_id)
      LEFT JOIN preferences p USING (person_id)
"""


async def wants_reminders(db: Db, person_id: UUID) -> bool | None:
    """Say whether a person wants reminders, as everybody does who has not said otherwise; None if they were erased."""
    row = await db.fetchrow(WANTS, person_id)
    return None if row is None or row["is_erased"] else row["reminders"]


RECORDS: Final = """
      WITH stays AS (
               SELECT coalesce((SELECT into_id FROM merged_people WHERE person_id = $1), $1) AS person_id)
    SELECT person_id FROM stays
     UNION
    SELECT m.person_id FROM merged_people m JOIN stays ON m.into_id = stays.person_id
     UNION
    SELECT $1
"""


async def _records(db: Db, person_id: UUID) -> set[UUID]:
    """Return every id of somebody, of whom this is one."""
    return {row["person_id"] for row in await db.fetch(RECORDS, person_id)}


async def change(pool: Pool, person_id: UUID, *, reminders: bool) -> bool:
    """Write down that a person wants reminders, or none, and say so; False if they were erased.

    It holds for every record of them, whichever the link was made for. What they want already is said no second time.
    """
    while True:
        async with pool.acquire() as db, db.transaction():
            records = await _records(db, person_id)
            await hold(db, sorted(map(str, records)))
            if records != await _records(db, person_id):
                continue  # merged meanwhile: another record must be held too
            if await wants_reminders(db, person_id) is None:
                return False
            cause = Cause(f"person:{person_id}")
            for one in sorted(records):
                await _say(db, one, cause, reminders=reminders)
            return True


CHANGE: Final = """
    INSERT INTO preferences (person_id, reminders, changed_at)
    VALUES ($1, $2, $3)
        ON CONFLICT (person_id) DO UPDATE
       SET reminders = excluded.reminders,
           changed_at = excluded.changed_at
"""


async def _say(db: Db, person_id: UUID, cause: Cause, *, reminders: bool) -> None:
    before, now = await wants_reminders(db, person_id), clock.now()
    if before is not None and before != reminders:
        await db.execute(CHANGE, person_id, reminders, now)
        fact = PreferencesChanged(effective_at=now, person_id=person_id, reminders=reminders)
        await record(db, [Entry.of_fact("notification", fact, cause)])


MERGE: Final = """
    INSERT INTO merged_people (person_id, into_id)
    VALUES ($1, $2)
        ON CONFLICT (person_id) DO UPDATE
       SET into_id = excluded.into_id
"""
SAID_LAST: Final = """
    SELECT reminders
      FROM preferences
     WHERE person_id = ANY($1::uuid[])
     ORDER BY changed_at DESC, reminders
     LIMIT 1
"""


async def merge(db: Db, merged: Mapping[UUID, tuple[UUID, Cause]]) -> None:
    """Take each of these records and the one that stays for one person: what was said last by either holds for both.

    Both are held by the caller's transaction.
    """
    for person_id, (into_id, cause) in sorted(merged.items()):
        await db.execute(MERGE, person_id, into_id)
        wanted = await db.fetchval(SAID_LAST, [person_id, into_id])
        if wanted is not None:
            for one in (into_id, person_id):
                await _say(db, one, cause, reminders=wanted)


SCRUB: Final = "DELETE FROM preferences WHERE person_id = ANY($1::uuid[]) RETURNING person_id"


async def scrub(db: Db, person_ids: Collection[UUID]) -> set[UUID]:
    """Forget what these people wanted, and return who had said it."""
    return {row["person_id"] for row in await db.fetch(SCRUB, list(person_ids))}
