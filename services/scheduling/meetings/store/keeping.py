"""Writes what has changed of plans, set-wise."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from mathshubs.events.spoken import MeetingId, PersonId, WorkGroupId
from mathshubs.postgres import Db, write_rows
from scheduling.meetings.domain import Calendars, Commitment, Meeting, Plan

REFUSE_MEETINGS = """
    INSERT INTO refused_meetings (id, work_group_id)
    SELECT id, work_group_id
      FROM unnest($1::uuid[], $2::uuid[]) AS refused (id, work_group_id)
        ON CONFLICT (id) DO NOTHING
"""


async def keep_refused(db: Db, refused: Mapping[MeetingId, WorkGroupId]) -> None:
    """Remember which meetings were refused, and in which Work Group, so that what follows is refused too."""
    await write_rows(db, REFUSE_MEETINGS, list(refused.items()))


ADD_MEETINGS = """
    INSERT INTO meetings (id, work_group_id, starts_at, ends_at, mode, place, join_url, extra,
                          held, cancelled, half_term, second, led_by_id, guests, attended)
    SELECT id, work_group_id, starts_at, ends_at, mode, place, join_url, extra,
           held, cancelled, half_term, second, led_by_id, guests, attended::uuid[]
      FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                  $8::boolean[], $9::boolean[], $10::text[], $11::smallint[], $12::boolean[], $13::uuid[],
                  $14::integer[], $15::text[])
        AS added (id, work_group_id, starts_at, ends_at, mode, place, join_url, extra,
                  held, cancelled, half_term, second, led_by_id, guests, attended)
"""
CHANGE_MEETINGS = """
    UPDATE meetings
       SET starts_at = changed.starts_at,
           ends_at = changed.ends_at,
           mode = changed.mode,
           place = changed.place,
           join_url = changed.join_url,
           extra = changed.extra,
           held = changed.held,
           cancelled = changed.cancelled,
           half_term = changed.half_term,
           second = changed.second,
           led_by_id = changed.led_by_id,
           guests = changed.guests,
           attended = changed.attended::uuid[]
      FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                  $7::boolean[], $8::boolean[], $9::text[], $10::smallint[], $11::boolean[], $12::uuid[],
                  $13::integer[], $14::text[])
        AS changed (id, starts_at, ends_at, mode, place, join_url, extra,
                    held, cancelled, half_term, second, led_by_id, guests, attended)
     WHERE meetings.id = changed.id
"""


async def keep_meetings(db: Db, before: Mapping[WorkGroupId, Plan], plans: Sequence[Plan]) -> None:
    """Write the meetings of `plans`, new or changed, and who is invited to them."""
    known = {meeting.id: meeting for plan in before.values() for meeting in plan.meetings.values()}
    touched = [(p.group.id, m) for p in plans for m in p.meetings.values() if m != known.get(m.id)]
    await write_rows(db, ADD_MEETINGS, [(m.id, group, *_columns(m)) for group, m in touched if m.id not in known])
    await write_rows(db, CHANGE_MEETINGS, [(m.id, *_columns(m)) for _, m in touched if m.id in known])
    await _keep_invited(db, [(known.get(m.id), m) for _, m in touched])


def _columns(m: Meeting) -> tuple[object, ...]:
    planned = (m.starts_at, m.ends_at, m.mode, m.place, m.join_url, m.extra)
    return (*planned, m.held, m.cancelled, m.half_term, m.second, m.led_by_id, m.guests, _array(m.attended))


def _array(people: Collection[PersonId]) -> str:
    """Spell an array, since arrays of arrays must be of one length each."""
    return "{" + ",".join(str(person) for person in sorted(people)) + "}"


UNINVITE = """
    DELETE FROM invitations
     USING unnest($1::uuid[], $2::uuid[]) AS gone (meeting_id, person_id)
     WHERE invitations.meeting_id = gone.meeting_id
       AND invitations.person_id = gone.person_id
"""
INVITE = """
    INSERT INTO invitations (meeting_id, person_id, role)
    SELECT meeting_id, person_id, role
      FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS invited (meeting_id, person_id, role)
        ON CONFLICT (meeting_id, person_id) DO UPDATE
       SET role = excluded.role
"""


async def _keep_invited(db: Db, changes: Sequence[tuple[Meeting | None, Meeting]]) -> None:
    gone = [(m.id, person) for was, m in changes if was for person in was.invited if person not in m.invited]
    new = [(m.id, *invited) for was, m in changes for invited in _new(was, m)]
    await write_rows(db, UNINVITE, gone)
    await write_rows(db, INVITE, new)


def _new(was: Meeting | None, meeting: Meeting) -> Iterator[tuple[PersonId, str]]:
    known = was.invited if was else {}
    yield from (invited for invited in meeting.invited.items() if invited not in known.items())


RELEASE = """
    DELETE FROM commitments
     USING unnest($1::uuid[], $2::uuid[]) AS gone (meeting_id, person_id)
     WHERE commitments.meeting_id = gone.meeting_id
       AND commitments.person_id = gone.person_id
"""
COMMIT = """
    INSERT INTO commitments (person_id, meeting_id, during, clashes)
    SELECT person_id, meeting_id, tstzrange(starts_at, ends_at), clashes
      FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::boolean[])
        AS made (person_id, meeting_id, starts_at, ends_at, clashes)
"""


async def keep_commitments(db: Db, before: Calendars, after: Calendars) -> None:
    """Write who is in a meeting at what time, what has gone first."""
    stood, stands = _all(before), _all(after)
    gone, made = stood - stands, stands - stood
    await write_rows(db, RELEASE, sorted((one.meeting_id, one.person_id) for one in gone))
    rows = [(one.person_id, one.meeting_id, one.starts_at, one.ends_at, one.clashes) for one in made]
    await write_rows(db, COMMIT, sorted(rows))


def _all(calendars: Calendars) -> set[Commitment]:
    return {one for calendar in calendars.values() for one in calendar.values()}
