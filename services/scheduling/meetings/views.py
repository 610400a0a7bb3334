"""SQL that answers whoever opens a link to a meeting."""

from dataclasses import dataclass, field
from datetime import datetime

from mathshubs.events.spoken import MeetingId, Mode, PersonId
from mathshubs.postgres import Pool


@dataclass(frozen=True, slots=True)
class Invited:
    """A meeting as one person who is, or was, invited to it may see it."""

    work_group: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    place: str | None
    is_cancelled: bool
    join_url: str | None = field(repr=False)


SEEN_BY = """
    SELECT work_groups.name AS work_group, meetings.starts_at, meetings.ends_at, meetings.mode, meetings.place,
           meetings.cancelled IS NOT NULL AS is_cancelled,
           CASE WHEN meetings.cancelled IS NULL THEN meetings.join_url END AS join_url
      FROM meetings
      JOIN work_groups ON work_groups.id = meetings.work_group_id
      LEFT JOIN invitations ON invitations.meeting_id = meetings.id AND invitations.person_id = $2
     WHERE meetings.id = $1
       AND (invitations.person_id IS NOT NULL OR meetings.cancelled IS NOT NULL)
       AND NOT EXISTS (SELECT FROM stones WHERE stones.person_id = $2)
"""


async def seen_by(pool: Pool, meeting: MeetingId, person: PersonId) -> Invited | None:
    """Return the meeting for somebody who is invited to it; None for anybody else, and for who was erased.

    Nobody is invited to one that was cancelled, so whoever holds a link of ours to it is told.
    """
    row = await pool.fetchrow(SEEN_BY, meeting, person)
    return Invited(**row) if row else None
