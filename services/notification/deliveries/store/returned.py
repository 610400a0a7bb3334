"""SQL of mails that came back."""

from typing import Final
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db
from notification.deliveries.store import facts

FIND: Final = """
    SELECT person_id, address, causation_id, correlation_id, traceparent
      FROM deliveries
     WHERE delivery_id = $1
"""


async def find(db: Db, delivery_id: UUID) -> Record | None:
    """Return whom a mail was for, where it went, and what had it queued."""
    return await db.fetchrow(FIND, delivery_id)


COME_BACK = """
    UPDATE deliveries
       SET status = $2,
           may_be_told = false,
           settled_at = clock_timestamp()
     WHERE delivery_id = $1
       AND status IN ('sending', 'sent', 'unknown')
 RETURNING delivery_id, person_id, meeting_id, kind, status, stamped_at, taken_at, causation_id, correlation_id,
           traceparent
"""


async def come_back(db: Db, delivery_id: UUID, status: str) -> bool:
    """Write down that a mail came back and say so; False if that is known, or if it was never handed over.

    A bounce can be here before its sender has written down that the server took the mail.
    """
    rows = await db.fetch(COME_BACK, delivery_id, status)
    await facts.say(db, rows)
    return bool(rows)
