"""SQL of what is to be sent: queued in a consumer's transaction, given up, scrubbed and counted."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db
from notification.deliveries.domain.delivery import Delivery
from notification.deliveries.store import facts

CHANNEL: Final = "deliveries"
STATES: Final = (
    *("waiting-for-address", "queued", "sending", "unknown", "failed", "withheld"),
    *("faulted", "suppressed", "bounced", "undelivered"),
)
"""What still waits, and what an operator should look at."""

QUEUE = """
    INSERT INTO deliveries (delivery_id, meeting_id, person_id, uid, kind, revision, starts_at, ends_at, mode, name,
                            place, was_starts_at, was_ends_at, stamped_at, status, why, causation_id, correlation_id,
                            traceparent, days_before, due_by)
    SELECT new.delivery_id, new.meeting_id, new.person_id, new.uid, new.kind, new.revision, new.starts_at,
           new.ends_at, new.mode, new.name, new.place, new.was_starts_at, new.was_ends_at, new.stamped_at, new.status,
           new.why, new.causation_id, new.correlation_id, new.traceparent, new.days_before, new.due_by
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
                  $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[],
                  $14::timestamptz[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                  $20::smallint[], $21::timestamptz[])
           AS new (delivery_id, meeting_id, person_id, uid, kind, revision, starts_at, ends_at, mode, name,
                   place, was_starts_at, was_ends_at, stamped_at, status, why, causation_id, correlation_id,
                   traceparent, days_before, due_by)
        ON CONFLICT (meeting_id, person_id, revision) DO UPDATE
       SET starts_at = excluded.starts_at,
           ends_at = excluded.ends_at,
           mode = excluded.mode,
           name = excluded.name,
           place = excluded.place,
           stamped_at = excluded.stamped_at,
           status = excluded.status,
           causation_id = excluded.causation_id,
           correlation_id = excluded.correlation_id,
           traceparent = excluded.traceparent,
           settled_at = NULL,
           next_attempt_at = clock_timestamp()
     WHERE deliveries.handings = 0
       AND deliveries.status IN ('waiting-for-address', 'superseded', 'expired')
 RETURNING delivery_id, person_id, meeting_id, kind, status, stamped_at, taken_at, causation_id, correlation_id,
           traceparent
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
 RETURNING older.delivery_id, older.person_id, older.meeting_id, older.kind, older.status, older.stamped_at,
           older.taken_at, older.causation_id, older.correlation_id, older.traceparent
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
    written = await db.fetch(
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
        [d.why for d in latest],
        [d.cause.causation_id for d in latest],
        [d.cause.correlation_id for d in latest],
        [d.cause.traceparent for d in latest],
        [d.days_before for d in latest],
        [d.due_by for d in latest],
    )
    places = [d.meeting_id for d in latest], [d.person_id for d in latest], [d.revision for d in latest]
    given_way = await db.fetch(SUPERSEDE_UNSENT, *places)
    await facts.say(db, [*(row for row in written if row["status"] == "queued"), *given_way])
    await db.execute("SELECT pg_notify($1, '')", CHANNEL)


EXPIRE_OF_MEETINGS = """
      WITH late AS (
               SELECT delivery_id, status
                 FROM deliveries
                WHERE meeting_id = ANY($1::uuid[])
                  AND status IN ('queued', 'waiting-for-address')
                  FOR UPDATE)
    UPDATE deliveries
       SET status = CASE WHEN deliveries.answer LIKE '5%' THEN 'faulted' ELSE 'expired' END,
           settled_at = clock_timestamp()
      FROM late
     WHERE deliveries.delivery_id = late.delivery_id
 RETURNING deliveries.delivery_id, deliveries.person_id, deliveries.meeting_id, deliveries.kind, deliveries.status,
           deliveries.stamped_at, deliveries.taken_at, deliveries.causation_id, deliveries.correlation_id,
           deliveries.traceparent, late.status AS was
"""


async def expire_meetings(db: Db, meeting_ids: Collection[UUID]) -> None:
    """Give up what was not sent of meetings that are over."""
    if meeting_ids:
        await _say_late(db, await db.fetch(EXPIRE_OF_MEETINGS, list(meeting_ids)))


EXPIRE = """
      WITH late AS (
               SELECT delivery_id, status
                 FROM deliveries
                WHERE (ends_at <= $1 AND status IN ('queued', 'waiting-for-address'))
                   OR (starts_at <= $1 AND status = 'queued' AND deferrals > 0)
                   OR (due_by <= $1 AND status = 'queued')
                  FOR UPDATE SKIP LOCKED)
    UPDATE deliveries
       SET status = CASE WHEN deliveries.answer LIKE '5%' THEN 'faulted' ELSE 'expired' END,
           settled_at = clock_timestamp()
      FROM late
     WHERE deliveries.delivery_id = late.delivery_id
 RETURNING deliveries.delivery_id, deliveries.person_id, deliveries.meeting_id, deliveries.kind, deliveries.status,
           deliveries.stamped_at, deliveries.taken_at, deliveries.causation_id, deliveries.correlation_id,
           deliveries.traceparent, late.status AS was
"""


async def expire(db: Db, now: datetime) -> None:
    """Give up what was not sent of meetings that have ended by `now`, or begun where the server put it off, and
    reminders that would be late.

    What a server refused again and again for a reason that is about us is a fault of ours, not of time.
    """
    async with db.transaction():
        await _say_late(db, await db.fetch(EXPIRE, now))


async def _say_late(db: Db, rows: Sequence[Record]) -> None:
    """Say what became of these; of what waited for an address nothing was ever said."""
    await facts.say(db, [row for row in rows if row["was"] == "queued"])


SCRUB = """
      WITH theirs AS (
               SELECT delivery_id, status
                 FROM deliveries
                WHERE person_id = ANY($1::uuid[])
                  FOR UPDATE)
    UPDATE deliveries
       SET address = NULL,
           status = CASE WHEN deliveries.settled_at IS NULL THEN 'dropped' ELSE deliveries.status END,
           settled_at = coalesce(deliveries.settled_at, clock_timestamp())
      FROM theirs
     WHERE deliveries.delivery_id = theirs.delivery_id
 RETURNING deliveries.delivery_id, deliveries.person_id, deliveries.meeting_id, deliveries.kind, deliveries.status,
           deliveries.stamped_at, deliveries.taken_at, deliveries.causation_id, deliveries.correlation_id,
           deliveries.traceparent, theirs.status AS was
"""


async def scrub(db: Db, person_ids: Collection[UUID]) -> Counter[UUID]:
    """Take out where these people were written to, drop what was not sent, and return each one's rows."""
    rows = await db.fetch(SCRUB, list(person_ids))
    await facts.say(db, [row for row in rows if row["status"] == "dropped" and row["was"] in ("queued", "sending")])
    return Counter(row["person_id"] for row in rows)


COUNT = """
    SELECT status,
           count(*) AS deliveries,
           extract(epoch FROM clock_timestamp() - min(queued_at))::float AS age
      FROM deliveries
     WHERE status IN ('waiting-for-address', 'queued', 'sending', 'unknown', 'failed', 'withheld', 'faulted',
                      'suppressed', 'bounced', 'undelivered')
     GROUP BY status
"""


async def count(db: Db) -> dict[str, tuple[int, float]]:
    """Return, for each of `STATES` that any delivery is in, how many are and the age of the oldest in seconds.

    What was sent, or needs no more sending, is not looked at: it is nearly all of the table.
    """
    return {row["status"]: (row["deliveries"], row["age"]) for row in await db.fetch(COUNT)}
