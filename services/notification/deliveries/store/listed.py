"""SQL that lists mails by what became of them: ids, times and states, and nobody's name or address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db

LIST: Final = """
    SELECT delivery_id, person_id, meeting_id, kind, status, stamped_at, taken_at, queued_at
      FROM deliveries
     WHERE status = ANY($1::text[])
       AND (queued_at, delivery_id) > ($2, $3)
     ORDER BY queued_at, delivery_id
     LIMIT $4
"""


async def page(db: Db, states: Sequence[str], after: tuple[datetime, UUID], most: int) -> list[Record]:
    """Return mails in these states, oldest first, that come after a place in that order."""
    return await db.fetch(LIST, list(states), *after, most)


SHOW: Final = """
    SELECT delivery_id, person_id, meeting_id, kind, status, stamped_at, taken_at
      FROM deliveries
     WHERE delivery_id = $1
       AND status <> 'waiting-for-address'
"""


async def show(db: Db, delivery_id: UUID) -> Record | None:
    """Return one mail; None if there is none with this id, or not yet."""
    return await db.fetchrow(SHOW, delivery_id)
