"""SQL of what is to be sent: queued in a consumer's transaction, given up, scrubbed and counted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from mathshubs.postgres import Db
from notification.deliveries.domain import Delivery

CHANNEL: Final = "deliveries"
STATES: Final = ("waiting-for-address", "queued", "sending", "unknown", "failed", "withheld")
"""What still waits, and what an operator should look at."""

QUEUE = """
    INSERT INTO deliveries (delivery_id, meeting_id, person_id, uid, kind, revision, starts_at, ends_at, mode, name,
                            place, was_starts_at, was_ends_at, stamped_at, status)
    SELECT new.delivery_id, new.meeting_id, new.person_id, new.uid, new.kind, new.revision, new.starts_at,
           new.ends_at, new.mode, new.name, new.place, new.was_starts_at, new.was_ends_at, new.stamped_at, new.status
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
                  $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[],
                  $14::timestamptz[], $15::text[])
           AS new (delivery_id, meeting_id, person_id, uid, kind, revision, starts_at, ends_at, mode, name,
                   place, was_starts_at, was_ends_at, stamped_at, status)
        ON CONFLICT (meeting_id, person_id, revision) DO UPDATE
       SET starts_at = excluded.starts_at,
           ends_at = excluded.ends_at,
           mode = excluded.mode,
           name = excluded.name,
           place = excluded.place,
           stamped_at = excluded.stamped_at,
           status = excluded.status,
           settled_at = NULL,
           next_attempt_at = clock_timestamp()
     WHERE deliveries.handings = 0
       AND deliveries.status IN ('waiting-for-address', 'superseded', 'expired')
"""

SUPERSEDE_UNSENT = """
    UPDATE deliveries AS older
       SET status = 'superseded',
           settled_at = clock_timestamp()
      FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS newer (meeting_id, person_id, revision)
     WHERE older.meeting_id = newer.meeting_id
       AND older.person_id = newer.person_id
       AND older.revision < newer.revision
       AND older.status = 'queued'
       AND NOT older.may_be_told
"""


async def queue(db: Db, deliveries: Sequence[Delivery]) -> None:
    """Write these down to be sent, in the caller's transaction, and wake the senders when it commits.

    A delivery that waits for an address says the latest state only: its row is written over until it is queued.
    What is still queued of older revisions gives way, so that a person gets one mail with the newest state;
    but one that they may have been told is sent again first, or they would read that something moved of which
    they had not heard.
    """
    if not deliveries:
        return
    latest = list({delivery.id: delivery for delivery in deliveries}.values())
    await db.execute(
        QUEUE,
        [d.id for d in latest],
        [d.meeting_id for d in latest],
        [d.person_id for d in latest],
        [d.uid for d in latest],
        [d.kind for d in latest],
        [d.revision for d in latest],
        [d.starts_at for d in latest],
        [d.ends_at for d in latest],
        [d.mode for d in latest],
        [d.name for d in latest],
        [d.place for d in latest],
        [d.was_starts_at for d in latest],
        [d.was_ends_at for d in latest],
        [d.stamped_at for d in latest],
        [d.status for d in latest],
    )
    places = [d.meeting_id for d in latest], [d.person_id for d in latest], [d.revision for d in latest]
    await db.execute(SUPERSEDE_UNSENT, *places)
    await db.execute("SELECT pg_notify($1, '')", CHANNEL)


EXPIRE_OF_MEETINGS = """
    UPDATE deliveries
       SET status = 'expired',
           settled_at = clock_timestamp()
     WHERE meeting_id = ANY($1::uuid[])
       AND status IN ('queued', 'waiting-for-address')
"""


async def expire_meetings(db: Db, meeting_ids: Collection[UUID]) -> None:
    """Give up what was not sent of meetings that are over."""
    if meeting_ids:
        await db.execute(EXPIRE_OF_MEETINGS, list(meeting_ids))


EXPIRE = """
    UPDATE deliveries
       SET status = 'expired',
           settled_at = clock_timestamp()
     WHERE ends_at <= $1
       AND status IN ('queued', 'waiting-for-address')
"""


async def expire(db: Db, now: datetime) -> None:
    """Give up what was not sent of meetings that have ended by `now`."""
    await db.execute(EXPIRE, now)


SCRUB = """
    WITH scrubbed AS (
        UPDATE deliveries
           SET address = NULL,
               status = CASE WHEN settled_at IS NULL THEN 'dropped' ELSE status END,
               settled_at = coalesce(settled_at, clock_timestamp())
         WHERE person_id = ANY($1::uuid[])
     RETURNING person_id
    )
    SELECT person_id, count(*) AS rows
      FROM scrubbed
     GROUP BY person_id
"""


async def scrub(db: Db, person_ids: Collection[UUID]) -> dict[UUID, int]:
    """Take out where these people were written to, drop what was not sent, and return each one's rows."""
    return {row["person_id"]: row["rows"] for row in await db.fetch(SCRUB, list(person_ids))}


COUNT = """
    SELECT status,
           count(*) AS deliveries,
           extract(epoch FROM clock_timestamp() - min(queued_at))::float AS age
      FROM deliveries
     WHERE status IN ('waiting-for-address', 'queued', 'sending', 'unknown', 'failed', 'withheld')
     GROUP BY status
"""


async def count(db: Db) -> dict[str, tuple[int, float]]:
    """Return, for each of `STATES` that any delivery is in, how many are and the age of the oldest in seconds.

    What was sent, or needs no more sending, is not looked at: it is nearly all of the table.
    """
    return {row["status"]: (row["deliveries"], row["age"]) for row in await db.fetch(COUNT)}
