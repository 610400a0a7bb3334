"""SQL that holds and writes deliveries: queued in a consumer's transaction, handed over and recorded by a sender."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db
from notification.deliveries.domain import Delivery, InHand, Verdict

CHANNEL: Final = "deliveries"
STATES: Final = (
    "waiting-for-address",
    "queued",
    "sending",
    "sent",
    "unknown",
    "expired",
    "failed",
    "withheld",
    "superseded",
    "dropped",
)
LOOKED_AT_SECONDS: Final = 5
"""For how long others leave a delivery alone that a sender looks at: it saves them a look, and gives a
sender whose connection to Postgres broke the time to record what it sent. The advisory lock is what fences."""
AFTER_RESTART_SECONDS: Final = 15
"""A restarted Postgres has forgotten its locks: senders that lived on have this long to record what they sent."""

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
"""


async def queue(db: Db, deliveries: Sequence[Delivery]) -> None:
    """Write these down to be sent, in the caller's transaction, and wake the senders when it commits.

    A delivery that waits for an address says the latest state only: its row is written over until it is queued.
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
    alone = [d for d in latest if d.replaces_unsent]
    if alone:
        places = [d.meeting_id for d in alone], [d.person_id for d in alone], [d.revision for d in alone]
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
    """Give up what was not sent of meetings that were reported as held."""
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


CLAIM = """
    UPDATE deliveries AS claimed
       SET next_attempt_at = clock_timestamp() + make_interval(secs => $2)
      FROM (SELECT d.delivery_id
              FROM deliveries d
             WHERE d.status IN ('queued', 'sending')
               AND d.next_attempt_at <= clock_timestamp()
               AND d.delivery_id <> ALL($4::uuid[])
               AND (d.status = 'queued'
                    OR d.handed_at > pg_postmaster_start_time()
                    OR clock_timestamp() > pg_postmaster_start_time() + make_interval(secs => $3))
               AND NOT EXISTS (
                       SELECT
                         FROM deliveries older
                        WHERE older.meeting_id = d.meeting_id
                          AND older.person_id = d.person_id
                          AND older.revision < d.revision
                          AND older.status IN ('queued', 'sending'))
             ORDER BY d.next_attempt_at
             LIMIT $1
               FOR UPDATE SKIP LOCKED) AS due
     WHERE claimed.delivery_id = due.delivery_id
 RETURNING claimed.delivery_id, claimed.uid, claimed.queued_at
"""


async def claim(db: Db, most: int, in_hand: Collection[UUID]) -> list[tuple[UUID, str]]:
    """Return ids and UIDs of deliveries to look at now, which no other sender looks at meanwhile, oldest first.

    Args:
        in_hand: deliveries that this process is sending, or could not record yet.
    """
    rows = await db.fetch(CLAIM, most, LOOKED_AT_SECONDS, AFTER_RESTART_SECONDS, list(in_hand))
    return [(row["delivery_id"], row["uid"]) for row in sorted(rows, key=lambda row: row["queued_at"])]


UNLOCK = "SELECT pg_advisory_unlock($1)"


async def unlock(db: Db, uid: str) -> None:
    """Let this entry go."""
    await db.execute(UNLOCK, _number(uid))


def _number(uid: str) -> int:
    """Return the number of an entry's lock; two entries that shared one would only wait for each other."""
    return int.from_bytes(UUID(uid.partition("@")[0]).bytes[8:], signed=True)


LOCK_AND_READ = """
    SELECT pg_try_advisory_lock($2) AS is_ours,
           d.meeting_id, d.person_id, d.uid, d.kind, d.revision, d.starts_at, d.ends_at, d.mode, d.name, d.place,
           d.was_starts_at, d.was_ends_at, d.stamped_at, d.status, d.handings, d.doubts, d.deferrals,
           EXISTS (SELECT
                     FROM deliveries newer
                    WHERE newer.meeting_id = d.meeting_id
                      AND newer.person_id = d.person_id
                      AND newer.revision > d.revision
                      AND newer.status IN ('sent', 'unknown')) AS newer_was_sent,
           EXISTS (SELECT
                     FROM deliveries older
                    WHERE older.meeting_id = d.meeting_id
                      AND older.person_id = d.person_id
                      AND older.revision < d.revision
                      AND older.status IN ('queued', 'sending')) AS older_is_open
      FROM deliveries d
     WHERE d.delivery_id = $1
       AND d.status IN ('queued', 'sending')
"""


async def lock_and_read(db: Db, delivery_id: UUID, uid: str) -> Record | None:
    """Hold this entry until `unlock` or `record`, or until this connection ends, and return the delivery's row.

    None if somebody else holds the entry or if the delivery is settled. The row is as it was when the
    statement began, which may be before whoever held the lock let it go: `hand_over` compares it again.
    Whether older revisions are open can only have become better since, so the order of mails holds.
    """
    row = await db.fetchrow(LOCK_AND_READ, delivery_id, _number(uid))
    return row if row is not None and row["is_ours"] else None


def in_hand(row: Record, name: str | None, email: str | None) -> InHand:
    """Return the delivery of a row of `read`, to be sent to this person."""
    columns = ("meeting_id", "person_id", "uid", "kind", "revision", "starts_at", "ends_at", "mode", "name", "place")
    more = ("was_starts_at", "was_ends_at", "stamped_at")
    delivery = Delivery(**{column: row[column] for column in columns + more})
    counts = {column: row[column] for column in ("status", "handings", "doubts", "deferrals")}
    return InHand(
        delivery,
        **counts,
        newer_was_sent=row["newer_was_sent"],
        older_is_open=row["older_is_open"],
        name=name,
        email=email,
    )


HAND_OVER = """
    UPDATE deliveries
       SET status = 'sending',
           handings = handings + 1,
           handed_at = clock_timestamp(),
           next_attempt_at = clock_timestamp() + make_interval(secs => $5),
           address = $4
     WHERE delivery_id = $1
       AND status = $2
       AND handings = $3
"""


async def hand_over(db: Db, one: InHand) -> bool:
    """Write down, before the mail server hears of it, that this delivery is being handed over.

    False if it changed since it was read: somebody else settled it, and it is not to be sent.
    """
    given = (one.delivery.id, one.status, one.handings, one.email, LOOKED_AT_SECONDS)
    return await db.execute(HAND_OVER, *given) == "UPDATE 1"


SETTLE = """
    UPDATE deliveries
       SET status = $4,
           settled_at = CASE WHEN $4 <> 'queued' THEN clock_timestamp() END
     WHERE delivery_id = $1
       AND status = $2
       AND handings = $3
"""


async def settle(db: Db, one: InHand, status: str) -> None:
    """Write down why a delivery does not go out, unless it changed since it was read."""
    await db.execute(SETTLE, one.delivery.id, one.status, one.handings, status)


RECORD_AND_UNLOCK = """
    WITH recorded AS (
        UPDATE deliveries
           SET status = $2,
               doubts = $3,
               deferrals = $4,
               answer = $5,
               next_attempt_at = clock_timestamp() + make_interval(secs => $6),
               settled_at = CASE WHEN $2 <> 'queued' THEN clock_timestamp() END
         WHERE delivery_id = $1
           AND (status = 'sending' OR (status = 'dropped' AND $2 <> 'queued'))
    )
    SELECT pg_advisory_unlock($7)
"""


async def record(db: Db, one: Delivery, said: str, what: Verdict) -> None:
    """Write down what became of an attempt and let the entry go, if this connection holds it.

    Of somebody who was erased meanwhile nothing is tried again. Whoever takes the entry up before this
    commits finds the delivery changed when it would hand it over, and leaves it.
    """
    given = (one.id, what.status, what.doubts, what.deferrals, said, what.pause_seconds, _number(one.uid))
    await db.execute(RECORD_AND_UNLOCK, *given)


COUNT = """
    SELECT status, count(*) AS deliveries
      FROM deliveries
     GROUP BY status
"""


async def count(db: Db) -> dict[str, int]:
    """Return how many deliveries there are in each status."""
    return {row["status"]: row["deliveries"] for row in await db.fetch(COUNT)}
