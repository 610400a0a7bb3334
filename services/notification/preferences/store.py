"""SQL of who wants reminders."""

from collections.abc import Collection
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


CHANGE: Final = """
    INSERT INTO preferences (person_id, reminders, changed_at)
    VALUES ($1, $2, $3)
        ON CONFLICT (person_id) DO UPDATE
       SET reminders = excluded.reminders,
           changed_at = excluded.changed_at
"""


async def change(pool: Pool, person_id: UUID, *, reminders: bool) -> bool:
    """Write down that a person wants reminders, or none, and say so; False if they were erased.

    What they want already is said no second time.
    """
    async with pool.acquire() as db, db.transaction():
        await hold(db, [str(person_id)])
        before = await wants_reminders(db, person_id)
        if before is not None and before != reminders:
            now = clock.now()
            await db.execute(CHANGE, person_id, reminders, now)
            fact = PreferencesChanged(effective_at=now, person_id=person_id, reminders=reminders)
            await record(db, [Entry.of_fact("notification", fact, Cause(f"person:{person_id}"))])
        return before is not None


SCRUB: Final = "DELETE FROM preferences WHERE person_id = ANY($1::uuid[]) RETURNING person_id"


async def scrub(db: Db, person_ids: Collection[UUID]) -> set[UUID]:
    """Forget what these people wanted, and return who had said it."""
    return {row["person_id"] for row in await db.fetch(SCRUB, list(person_ids))}
