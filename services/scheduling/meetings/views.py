"""SQL that answers whoever opens a link to a meeting."""

from dataclasses import dataclass, field
from datetime import datetime

from mathshubs.events.spoken import MeetingId, Mode, PersonId
from mathshubs.postgres import Pool


@dataclass(frozen=True, slots=True)
class Invited:
    """A meeting as one person who is invited to it may see it."""

    work_group: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    place: str | None
    join_url: str | None = field(repr=False)


SEEN_BY = """
    SELECT work_groups.name AS work_group, meetings.starts_at, meetings.ends_at, meetings.mode, meetings.place,
           meetings.join_url
      FROM meetings
      JOIN work_groups ON work_groups.id = meetings.work_group_id
      JOIN invitations ON invitations.meeting_id = meetings.id AND invitations.person_id = $2
     WHERE meetings.id = $1
       AND NOT EXISTS (SELECT FROM stones WHERE stones.person_id = $2)
"""


async def seen_by(pool: Pool, meeting: MeetingId, person: PersonId) -> Invited | None:
    """Return the meeting for somebody who is invited to it; None for anybody else, and for who was erased."""
    row = await pool.fetchrow(SEEN_BY, meeting, person)
    return Invited(**row) if row else None
