"""SQL of sending: claimed, read again under the entry's lock, handed over and recorded."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db
from notification.deliveries.domain.delivery import Delivery, InHand, Occasion, Told
from notification.deliveries.domain.judging import Verdict
from notification.deliveries.store import facts

LOOKED_AT_SECONDS: Final = 5
"""For how long others leave a delivery alone that a sender looks at: it saves them a look, and gives a
sender whose connection to Postgres broke the time to record what it sent. The advisory lock is what fences."""
AFTER_RESTART_SECONDS: Final = 15
"""A restarted Postgres has forgotten its locks: senders that lived on have this long to record what they sent."""

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
           d.was_starts_at, d.was_ends_at, d.stamped_at, d.why, d.days_before, d.due_by,
           d.status, d.handings, d.doubts, d.deferrals,
           d.causation_id, d.correlation_id, d.traceparent,
           coalesce(meetings.ends_at, d.ends_at) AS meeting_ends_at,
           coalesce(meetings.is_held, false) AS meeting_was_held,
           i.state = 'invited' AND meetings.cancelled IS NULL AND meetings.starts_at = d.starts_at AS is_expected,
           told.starts_at = d.starts_at AND told.kind IN ('invitation', 'change') AND told.status = 'sent' AS is_told,
           told.at AS told_at,
           coalesce(wants.reminders, true) AS is_wanted,
           d.revision IS NULL
           AND EXISTS (SELECT
                         FROM deliveries other
                        WHERE other.meeting_id = d.meeting_id
                          AND other.person_id = d.person_id
                          AND other.revision IS NOT NULL
                          AND other.status IN ('queued', 'sending')) AS other_is_open,
           told.kind AS told_kind, told.status = 'sent' AS told_is_certain, told.address AS told_email,
           told.starts_at AS told_starts_at, told.ends_at AS told_ends_at, told.mode AS told_mode,
           told.name AS told_name, told.place AS told_place,
           EXISTS (SELECT
                     FROM deliveries newer
                    WHERE newer.meeting_id = d.meeting_id
                      AND newer.person_id = d.person_id
                      AND newer.revision > d.revision
                      AND (newer.status IN ('sent', 'unknown')
                           OR (newer.status = 'queued' AND d.status = 'queued' AND NOT d.may_be_told))) AS is_overtaken,
           EXISTS (SELECT
                     FROM deliveries older
                    WHERE older.meeting_id = d.meeting_id
                      AND older.person_id = d.person_id
                      AND older.revision < d.revision
                      AND older.status IN ('queued', 'sending')) AS older_is_open
      FROM deliveries d
      LEFT JOIN meetings ON meetings.meeting_id = d.meeting_id
      LEFT JOIN invitations i ON i.meeting_id = d.meeting_id AND i.person_id = d.person_id
      LEFT JOIN preferences wants ON wants.person_id = d.person_id
      LEFT JOIN LATERAL (SELECT t.kind, t.status, t.address, t.starts_at, t.ends_at, t.mode, t.name, t.place,
                                  coalesce(t.taken_at, t.handed_at) AS at
                           FROM deliveries t
                          WHERE t.meeting_id = d.meeting_id
                            AND t.person_id = d.person_id
                            AND t.revision IS NOT NULL
                            AND (d.revision IS NULL OR t.revision < d.revision)
                            AND t.may_be_told
                          ORDER BY t.revision DESC
                          LIMIT 1) AS told ON true
     WHERE d.delivery_id = $1
       AND d.status IN ('queued', 'sending')
"""


async def lock_and_read(db: Db, delivery_id: UUID, uid: str) -> Record | None:
    """Hold this entry until `unlock`, or until this connection ends, and return the delivery's row.

    None if somebody else holds the entry or if the delivery is settled. The row is as it was when the
    statement began, which may be before whoever held the lock let it go: `hand_over` compares it again.
    Whether older revisions are open can only have become better since, so the order of mails holds.
    """
    row = await db.fetchrow(LOCK_AND_READ, delivery_id, _number(uid))
    return row if row is not None and row["is_ours"] else None


def in_hand(row: Record, name: str | None, email: str | None, *, is_suppressed: bool = False) -> InHand:
    """Return the delivery of a row of `lock_and_read`, to be sent to this person."""
    columns = ("meeting_id", "person_id", "uid", "kind", "revision", "starts_at", "ends_at", "mode", "name", "place")
    more = ("was_starts_at", "was_ends_at", "stamped_at", "why", "days_before", "due_by")
    delivery = Delivery(**{column: row[column] for column in columns + more}, cause=facts.cause_of(row))
    states = ("status", "handings", "doubts", "deferrals", "is_overtaken", "older_is_open")
    meeting = ("meeting_ends_at", "meeting_was_held")
    return InHand(
        delivery,
        **{column: row[column] for column in states + meeting},
        name=name,
        email=email,
        told=_told(row),
        is_suppressed=is_suppressed,
        occasion=_occasion(row),
    )


def _occasion(row: Record) -> Occasion | None:
    if row["days_before"] is None:
        return None
    told_at = row["told_at"] if row["is_told"] else None
    return Occasion(bool(row["is_expected"]), told_at, row["other_is_open"], row["is_wanted"])


def _told(row: Record) -> Told | None:
    columns = ("kind", "starts_at", "ends_at", "mode", "name", "place", "is_certain", "email")
    return None if row["told_kind"] is None else Told(**{column: row[f"told_{column}"] for column in columns})


HAND_OVER = """
    UPDATE deliveries
       SET status = 'sending',
           handings = handings + 1,
           handed_at = clock_timestamp(),
           next_attempt_at = clock_timestamp() + make_interval(secs => $5),
           address = $4,
           may_be_told = may_be_told OR status = 'sending',
           kind = $6,
           was_starts_at = $7,
           was_ends_at = $8
     WHERE delivery_id = $1
       AND status = $2
       AND handings = $3
"""


async def hand_over(db: Db, one: InHand) -> bool:
    """Write down, before the mail server hears of it, that this delivery is being handed over, and as what.

    False if it changed since it was read: somebody else settled it, and it is not to be sent.
    """
    said = one.delivery
    given = (said.id, one.status, one.handings, one.email, LOOKED_AT_SECONDS)
    words = (said.kind, said.was_starts_at, said.was_ends_at)
    return await db.execute(HAND_OVER, *given, *words) == "UPDATE 1"


SETTLE = """
    UPDATE deliveries
       SET status = $4,
           may_be_told = may_be_told OR status = 'sending',
           answer = coalesce($5, answer),
           settled_at = CASE WHEN $4 <> 'queued' THEN clock_timestamp() END
     WHERE delivery_id = $1
       AND status = $2
       AND handings = $3
 RETURNING delivery_id, person_id, meeting_id, kind, status, stamped_at, taken_at, causation_id, correlation_id,
           traceparent
"""


async def settle(db: Db, one: InHand, status: str, why: str | None = None) -> None:
    """Write down why a delivery does not go out, unless it changed since it was read; in a transaction."""
    await facts.say(db, await db.fetch(SETTLE, one.delivery.id, one.status, one.handings, status, why))


RECORD = """
    UPDATE deliveries
       SET status = $2,
           doubts = $3,
           deferrals = $4,
           may_be_told = may_be_told OR $2 = 'sent' OR $3 > 0,
           answer = $5,
           next_attempt_at = clock_timestamp() + make_interval(secs => $6),
           taken_at = CASE WHEN $2 = 'sent' THEN $7 ELSE taken_at END,
           settled_at = CASE WHEN $2 <> 'queued' THEN clock_timestamp() END
     WHERE delivery_id = $1
       AND (status = 'sending' OR (status = 'dropped' AND $2 <> 'queued'))
 RETURNING delivery_id, person_id, meeting_id, kind, status, stamped_at, taken_at, causation_id, correlation_id,
           traceparent
"""


async def record(db: Db, one: Delivery, said: str, what: Verdict, now: datetime) -> None:
    """Write down what became of an attempt, and say it where that is for good; in a transaction.

    Of somebody who was erased meanwhile nothing is tried again. A bounce that was heard of before stands.
    """
    given = (one.id, what.status, what.doubts, what.deferrals, said, what.pause_seconds, now)
    rows = await db.fetch(RECORD, *given)
    await facts.say(db, [row for row in rows if row["status"] != "queued"])
