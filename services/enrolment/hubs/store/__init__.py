"""SQL that holds and writes hubs, their keys and what arrived from them by HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from enrolment.hubs.domain import Arrival, Hub, Identity, Verdict, sort_out
from mathshubs import clock
from mathshubs.deadletters import pack
from mathshubs.envelope import Malformed
from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import ApiKeyIssued, ApiKeyRevoked, HubRegistered
from mathshubs.ids import new_id
from mathshubs.journal import OUTBOX_CHANNEL, Cause, Entry, record
from mathshubs.keys import Claim, Keys
from mathshubs.postgres import Db, Pool

SERVICE: Final = "enrolment"
HUBS_CONSUMER: Final = "enrolment.hubs"


class UnknownHub(LookupError):
    """No hub has this code; add it first."""


class UnknownKey(LookupError):
    """No key has this id; `hubs hub key list` shows those that there are."""


KEEP_HUB = """
    INSERT INTO hubs (code, name, region, registered_at)
    VALUES ($1, $2, $3, $4)
        ON CONFLICT (code) DO UPDATE
       SET name = excluded.name,
           region = coalesce(excluded.region, hubs.region)
     WHERE (hubs.name, hubs.region) IS DISTINCT FROM (excluded.name, coalesce(excluded.region, hubs.region))
 RETURNING code
"""

COUNT_KEYS = "SELECT count(*) FROM api_keys WHERE hub IS NOT DISTINCT FROM $1 AND revoked_at IS NULL"


async def register_hub(pool: Pool, keys: Keys, hub: Hub, *, by: str, fresh_key: bool = False) -> str | None:
    """Register `hub`, or bring its name and region up to date, and return its key if one was issued.

    A key is issued to a hub that has none, and otherwise if `fresh_key` asks for one. Registering the same
    hub again says and issues nothing.

    Args:
        by: the operator who asks, for the journal.
    """
    async with pool.acquire() as db, db.transaction():
        at = clock.now()
        if await db.fetchval(KEEP_HUB, hub.code, hub.name, hub.region, at):
            registered = HubRegistered(effective_at=at, hub=hub.code, code=hub.code, name=hub.name, region=hub.region)
            await _say(db, registered, by)
        if fresh_key or not await db.fetchval(COUNT_KEYS, hub.code):
            return await _issue(db, keys, hub.code, by)
        return None


HUB_EXISTS = "SELECT EXISTS (SELECT FROM hubs WHERE code = $1)"


async def issue_key(pool: Pool, keys: Keys, hub: str | None, *, by: str) -> str:
    """Issue a further key to `hub`, or a national one for None, and return it; it can be seen this once.

    Raises:
        UnknownHub: if there is no such hub.
    """
    async with pool.acquire() as db, db.transaction():
        if hub is not None and not await db.fetchval(HUB_EXISTS, hub):
            raise UnknownHub(f"no hub has the code {hub!r}; add it with `hubs hub add {hub} --name …`")
        return await _issue(db, keys, hub, by)


KEEP_KEY = """
    INSERT INTO api_keys (key_id, hub, issued_at)
    VALUES ($1, $2, $3)
"""


async def _issue(db: Db, keys: Keys, hub: str | None, by: str) -> str:
    claim, at = Claim(new_id(), hub), clock.now()
    await db.execute(KEEP_KEY, claim.key_id, hub, at)
    await _say(db, ApiKeyIssued(effective_at=at, hub=hub, code=claim.bearer, key_id=claim.key_id), by)
    return keys.write(claim)


REVOKE_KEY = """
    UPDATE api_keys
       SET revoked_at = greatest($2, issued_at)
     WHERE key_id = $1
       AND revoked_at IS NULL
 RETURNING hub
"""

KEY_EXISTS = "SELECT EXISTS (SELECT FROM api_keys WHERE key_id = $1)"


async def revoke_key(pool: Pool, key_id: UUID, *, by: str) -> bool:
    """Make a key worth nothing from now on; False if it was revoked before.

    Raises:
        UnknownKey: if no key has this id.
    """
    async with pool.acquire() as db, db.transaction():
        at = clock.now()
        row = await db.fetchrow(REVOKE_KEY, key_id, at)
        if row is None:
            if not await db.fetchval(KEY_EXISTS, key_id):
                raise UnknownKey(f"no key has the id {key_id}; `hubs hub key list` shows those that there are")
            return False
        claim = Claim(key_id, row["hub"])
        await _say(db, ApiKeyRevoked(effective_at=at, hub=claim.hub, code=claim.bearer, key_id=key_id), by)
        return True


async def _say(db: Db, fact: Event, by: str) -> None:
    await record(db, [Entry.of_fact(SERVICE, fact, Cause(actor=f"operator:{by}"))])


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as it is listed: never the key itself."""

    key_id: UUID
    hub: str | None
    issued_at: datetime
    revoked_at: datetime | None


LIST_KEYS = """
    SELECT key_id, hub, issued_at, revoked_at
      FROM api_keys
     ORDER BY hub NULLS FIRST, issued_at, key_id
"""


async def list_keys(pool: Pool) -> list[IssuedKey]:
    """Return every key that was issued, by hub and age."""
    return [IssuedKey(**row) for row in await pool.fetch(LIST_KEYS)]


FIND_KEY = """
    SELECT revoked_at IS NOT NULL AS revoked
      FROM api_keys
     WHERE key_id = $1
       AND hub IS NOT DISTINCT FROM $2
"""


async def is_revoked(db: Db, claim: Claim) -> bool | None:
    """Say whether the key of `claim` was revoked; None if it was never issued."""
    revoked: bool | None = await db.fetchval(FIND_KEY, claim.key_id, claim.hub)
    return revoked


TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtext('arrivals'), hashtext($1))"

KNOWN = """
    WITH asked AS (SELECT a.source, a.id FROM unnest($3::text[], $4::text[]) AS a (source, id))
    SELECT known.source, known.id, known.fingerprint
      FROM asked
      JOIN arrivals known ON known.hub = $1 AND known.source = asked.source AND known.id = asked.id
     UNION ALL
    SELECT known.source, known.event_id, known.fingerprint
      FROM asked
      JOIN inbox known
        ON known.consumer = $2
       AND known.hub = $1
       AND known.source = asked.source
       AND known.event_id = asked.id
"""

RECORD = """
    INSERT INTO arrivals (hub, source, id, fingerprint, headers, bytes, recorded_at)
    SELECT $1, new.source, new.id, new.fingerprint, new.headers::jsonb, new.bytes, $2
      FROM unnest($3::text[], $4::text[], $5::bytea[], $6::text[], $7::bytea[]) WITH ORDINALITY
           AS new (source, id, fingerprint, headers, bytes, place)
     ORDER BY new.place
"""


async def take_in(pool: Pool, hub: str, judged: Sequence[Arrival | Malformed], *, trial: bool = False) -> list[Verdict]:
    """Record what is new of one request, in one transaction, and return a verdict on each of its events.

    Requests of one hub take turns, so that `seq` is the order in which they were accepted and twins that
    come at once are told apart. On `trial` the verdicts are the same, and nothing is recorded.
    """
    arrivals = [one for one in judged if isinstance(one, Arrival)]
    if not arrivals:
        return sort_out(judged, {})[0]
    async with pool.acquire() as db, db.transaction():
        await db.execute(TAKE_TURN, hub)
        verdicts, new = sort_out(judged, await _known(db, hub, arrivals))
        if new and not trial:
            await _record(db, hub, new)
        return verdicts


async def _known(db: Db, hub: str, arrivals: Sequence[Arrival]) -> dict[Identity, bytes]:
    sources, ids = [a.source for a in arrivals], [a.id for a in arrivals]
    rows = await db.fetch(KNOWN, hub, HUBS_CONSUMER, sources, ids)
    return {(row["source"], row["id"]): row["fingerprint"] for row in reversed(rows)}


async def _record(db: Db, hub: str, new: Sequence[Arrival]) -> None:
    await db.execute(
        RECORD,
        hub,
        clock.now(),
        [a.source for a in new],
        [a.id for a in new],
        [a.fingerprint for a in new],
        [pack(a.headers) for a in new],
        [a.value for a in new],
    )
    await db.execute("SELECT pg_notify($1, '')", OUTBOX_CHANNEL)
