"""Loads the plans of Work Groups, set-wise."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from mathshubs.events.spoken import MeetingId, PersonId, WorkGroupId
from mathshubs.postgres import Db
from scheduling.meetings.domain import Calendars, Commitment, Meeting, Plan, Standings, calendars
from scheduling.meetings.store.groups import load_groups
from scheduling.meetings.store.standings import load_standings

GROUPS_OF_MEETINGS = """
    SELECT id, work_group_id
      FROM meetings
     WHERE id = ANY($1::uuid[])
"""


async def groups_of(db: Db, meetings: Collection[MeetingId]) -> dict[MeetingId, WorkGroupId]:
    """Return the Work Group of each of `meetings` that is known."""
    rows = await db.fetch(GROUPS_OF_MEETINGS, list(meetings))
    return {row["id"]: row["work_group_id"] for row in rows}


GROUPS_OF_PEOPLE = """
    SELECT work_group_id
      FROM slots
     WHERE person_id = ANY($1::uuid[])
"""


async def groups_of_people(db: Db, people: Collection[PersonId]) -> set[WorkGroupId]:
    """Return the Work Groups in which any of `people` holds, held or will hold a slot."""
    rows = await db.fetch(GROUPS_OF_PEOPLE, list(people)) if people else []
    return {row["work_group_id"] for row in rows}


REFUSED_MEETINGS = """
    SELECT id, work_group_id
      FROM refused_meetings
     WHERE id = ANY($1::uuid[])
"""


async def refused_in(db: Db, meetings: Collection[MeetingId]) -> dict[MeetingId, WorkGroupId]:
    """Return in which Work Group each of `meetings` was refused, if a report that would have made it was."""
    rows = await db.fetch(REFUSED_MEETINGS, list(meetings))
    return {row["id"]: row["work_group_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Window:
    """The times in question, and people who are in question beside leads and advocates."""

    starts_at: datetime
    ends_at: datetime
    people: frozenset[PersonId] = frozenset()

    def over(self, meetings: Collection[Meeting]) -> "Window":
        """Return the window that takes in these meetings as well."""
        starts = [self.starts_at, *(meeting.starts_at for meeting in meetings)]
        ends = [self.ends_at, *(meeting.ends_at for meeting in meetings)]
        led = {meeting.led_by_id for meeting in meetings if meeting.led_by_id}
        return Window(min(starts), max(ends), self.people | led)


async def load(
    db: Db, groups: Collection[WorkGroupId], window: Window
) -> tuple[dict[WorkGroupId, Plan], Calendars, Standings]:
    """Return the plans of those of `groups` that are known, their people's calendars, and who of them may lead when."""
    known = await load_groups(db, groups)
    meetings = await _meetings(db, known)
    everything = [meeting for of_group in meetings.values() for meeting in of_group.values()]
    people = {person for group in known.values() for person in group.people}
    committed = await _commitments(db, window.over(everything), people, {meeting.id for meeting in everything})
    standings = await load_standings(db, people | window.people)
    return {group.id: Plan(group, meetings[group.id]) for group in known.values()}, committed, standings


LOAD_MEETINGS = """
    SELECT id, work_group_id, starts_at, ends_at, mode, place, join_url, extra, held, cancelled,
           half_term, second, led_by_id, guests, attended
      FROM meetings
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY starts_at, id
"""
LOAD_INVITED = """
    SELECT invitations.meeting_id, invitations.person_id, invitations.role
      FROM invitations
      JOIN meetings ON meetings.id = invitations.meeting_id
     WHERE meetings.work_group_id = ANY($1::uuid[])
"""


async def _meetings(db: Db, groups: Collection[WorkGroupId]) -> Mapping[WorkGroupId, dict[MeetingId, Meeting]]:
    invited: dict[MeetingId, dict[PersonId, str]] = defaultdict(dict)
    for row in await db.fetch(LOAD_INVITED, list(groups)):
        invited[row["meeting_id"]][row["person_id"]] = row["role"]
    found: dict[WorkGroupId, dict[MeetingId, Meeting]] = defaultdict(dict)
    for row in await db.fetch(LOAD_MEETINGS, list(groups)):
        found[row["work_group_id"]][row["id"]] = _meeting(row, invited[row["id"]])
    return found


def _meeting(row: asyncpg.Record, invited: Mapping[PersonId, str]) -> Meeting:
    columns = dict(row, attended=frozenset(row["attended"]), invited=invited)
    del columns["work_group_id"]
    return Meeting(**columns)


LOAD_COMMITMENTS = """
    SELECT person_id, meeting_id, lower(during) AS starts_at, upper(during) AS ends_at, clashes
      FROM commitments
     WHERE person_id = ANY($1::uuid[])
       AND during && tstzrange($2, $3)
     UNION
    SELECT person_id, meeting_id, lower(during), upper(during), clashes
      FROM commitments
     WHERE meeting_id = ANY($4::uuid[])
"""


async def _commitments(
    db: Db, window: Window, people: Collection[PersonId], meetings: Collection[MeetingId]
) -> Calendars:
    everybody = [*window.people, *people]
    rows = await db.fetch(LOAD_COMMITMENTS, everybody, window.starts_at, window.ends_at, list(meetings))
    return calendars(Commitment(**row) for row in rows)
