"""SQL that finds whom to remind of what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db
from notification.reminders.domain import SETTLES, Due, Policies, gathered

POLICIES: Final = """
    SELECT from_year, days_before
      FROM reminder_policies
"""


async def policies(db: Db) -> Policies:
    """Return how long before a meeting to remind, by school year."""
    return gathered((row["from_year"], row["days_before"]) for row in await db.fetch(POLICIES))


AHEAD: Final = """
    SELECT meeting_id, starts_at
      FROM meetings
     WHERE starts_at > $1
       AND starts_at <= $2
       AND NOT is_held
       AND cancelled IS NULL
"""


async def ahead(db: Db, now: datetime, until: datetime) -> dict[UUID, datetime]:
    """Return when the meetings begin that are to take place after `now` and not after `until`."""
    return {row["meeting_id"]: row["starts_at"] for row in await db.fetch(AHEAD, now, until)}


TO_REMIND: Final = """
    SELECT i.meeting_id, i.person_id, i.uid, m.starts_at, m.ends_at, m.mode, m.name, m.place,
           due.days_before, due.due_by, told.causation_id, told.correlation_id, told.traceparent
      FROM unnest($1::uuid[], $2::smallint[], $3::timestamptz[]) AS due (meeting_id, days_before, due_by)
      JOIN meetings m ON m.meeting_id = due.meeting_id
      JOIN invitations i ON i.meeting_id = due.meeting_id AND i.state = 'invited'
      JOIN LATERAL (SELECT t.kind, t.status, t.starts_at, t.causation_id, t.correlation_id, t.traceparent,
                           coalesce(t.taken_at, t.handed_at) AS at
                      FROM deliveries t
                     WHERE t.meeting_id = i.meeting_id
                       AND t.person_id = i.person_id
                       AND t.revision IS NOT NULL
                       AND t.may_be_told
                     ORDER BY t.revision DESC
                     LIMIT 1) AS told ON true
     WHERE told.kind IN ('invitation', 'change')
       AND told.status = 'sent'
       AND told.starts_at = m.starts_at
       AND told.at <= $4
       AND NOT EXISTS (SELECT
                         FROM preferences p
                        WHERE p.person_id = i.person_id
                          AND NOT p.reminders)
       AND NOT EXISTS (SELECT
                         FROM deliveries d
                        WHERE d.meeting_id = i.meeting_id
                          AND d.person_id = i.person_id
                          AND ((d.starts_at = m.starts_at AND d.days_before = due.days_before)
                               OR (d.revision IS NOT NULL AND d.status IN ('queued', 'sending'))))
     ORDER BY i.meeting_id, i.person_id, due.days_before
"""


async def to_remind(db: Db, found: Sequence[Due], now: datetime) -> list[Record]:
    """Return whom to remind: who was told of the meeting as it stands, a day ago at least, and wants reminders.

    Nobody is returned who was reminded of this before.
    """
    asked = [one.meeting_id for one in found], [one.days_before for one in found], [one.due_by for one in found]
    return await db.fetch(TO_REMIND, *asked, now - SETTLES)
