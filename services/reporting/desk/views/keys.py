"""SQL that says whether an API key was revoked, as far as that was heard."""

from mathshubs.events.enrolment.hubs import ApiKeyRevoked
from mathshubs.keys import Claim
from mathshubs.postgres import Pool

REVOKED = """
    SELECT EXISTS (SELECT
                     FROM event_log
                    WHERE type = $1
                      AND data ->> 'key_id' = $2)
"""


async def is_revoked(pool: Pool, claim: Claim) -> bool:
    """Say whether the key of `claim` is worth nothing any more."""
    return bool(await pool.fetchval(REVOKED, ApiKeyRevoked.type, str(claim.key_id)))
