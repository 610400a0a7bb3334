"""SQL of API keys that were revoked."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from mathshubs.postgres import Db

REVOKE: Final = """
    INSERT INTO revoked_keys (key_id)
    SELECT new.key_id
      FROM unnest($1::uuid[]) AS new (key_id)
     ORDER BY new.key_id
        ON CONFLICT (key_id) DO NOTHING
"""


async def revoke(db: Db, key_ids: Collection[UUID]) -> None:
    """Take these keys for worth nothing from now on."""
    if key_ids:
        await db.execute(REVOKE, list(key_ids))


IS_REVOKED: Final = "SELECT EXISTS (SELECT FROM revoked_keys WHERE key_id = $1)"


async def is_revoked(db: Db, key_id: UUID) -> bool:
    """Say whether a key was revoked, as far as enrolment has been heard."""
    return bool(await db.fetchval(IS_REVOKED, key_id))
