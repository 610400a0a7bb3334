"""SQL of what is heard of meetings and of what was said of Work Groups, of itself or by the clock."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from enrolment.participation.domain import Evidence, Mark, Stand, Standing, Vacancy, next_look
from mathshubs.postgres import Db, write_rows

MEETINGS = """
    SELECT work_group_id, meeting_id, held_on
      FROM held_meetings
     WHERE work_group_id = ANY($1::uuid[])
"""
MARKS = """
    SELECT work_group_id, meeting_id, person_id, status, revision
      FROM attendance
     WHERE work_group_id = ANY($1::uuid[])
"""
STANDS = """
    SELECT work_group_id, state, at_risk, schools
      FROM work_group_standings
     WHERE work_group_id = ANY($1::uuid[])
"""
TOLD = """
    SELECT work_group_id, school_urn, slot, vacant_since
      FROM vacancies_told
     WHERE work_group_id = ANY($1::uuid[])
"""
COMPLETED = """
    SELECT work_group_id, school_urn, is_questioned
      FROM completed_stages
     WHERE work_group_id = ANY($1::uuid[])
"""


async def load_followed(db: Db, groups: Collection[UUID]) -> dict[str, Any]:
    """Return what was heard of these groups' meetings and said of them, by the names of a standing's fields."""
    meetings: dict[UUID, dict[UUID, date]] = defaultdict(dict)
    for id_, meeting_id, held_on in await db.fetch(MEETINGS, groups):
        meetings[id_][meeting_id] = held_on
    marks: dict[UUID, dict[tuple[UUID, UUID], Mark]] = defaultdict(dict)
    for id_, meeting_id, person_id, *mark in await db.fetch(MARKS, groups):
        marks[id_][meeting_id, person_id] = Mark(*mark)
    return {
        "evidence": {id_: Evidence(meetings[id_], marks[id_]) for id_ in meetings.keys() | marks.keys()},
        "stands": {id_: Stand(*stand) for id_, *stand in await db.fetch(STANDS, groups)},
        "told": frozenset(Vacancy(*row) for row in await db.fetch(TOLD, groups)),
        "completed": {(id_, urn): not questioned for id_, urn, questioned in await db.fetch(COMPLETED, groups)},
    }


PUT_MEETINGS = """
    INSERT INTO held_meetings (meeting_id, work_group_id, held_on)
    SELECT meeting_id, work_group_id, held_on
      FROM unnest($1::uuid[], $2::uuid[], $3::date[]) AS held (meeting_id, work_group_id, held_on)
        ON CONFLICT (meeting_id) DO UPDATE
       SET work_group_id = excluded.work_group_id,
           held_on = excluded.held_on
"""
PUT_MARKS = """
    INSERT INTO attendance (meeting_id, person_id, work_group_id, status, revision)
    SELECT meeting_id, person_id, work_group_id, status, revision
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[])
        AS marked (meeting_id, person_id, work_group_id, status, revision)
        ON CONFLICT (meeting_id, person_id) DO UPDATE
       SET status = excluded.status,
           revision = excluded.revision
"""
TELL = """
    INSERT INTO vacancies_told (work_group_id, school_urn, slot, vacant_since)
    SELECT work_group_id, school_urn, slot, vacant_since
      FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::date[])
        AS vacant (work_group_id, school_urn, slot, vacant_since)
"""
COMPLETE = """
    INSERT INTO completed_stages (work_group_id, school_urn, is_questioned)
    SELECT work_group_id, school_urn, is_questioned
      FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS completed (work_group_id, school_urn, is_questioned)
        ON CONFLICT (work_group_id, school_urn) DO UPDATE
       SET is_questioned = excluded.is_questioned
"""
PUT_STANDS = """
    INSERT INTO work_group_standings (work_group_id, state, at_risk, schools, due_on)
    SELECT work_group_id, state, at_risk, schools, due_on
      FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::integer[], $5::date[])
        AS said (work_group_id, state, at_risk, schools, due_on)
        ON CONFLICT (work_group_id) DO UPDATE
       SET state = excluded.state,
           at_risk = excluded.at_risk,
           schools = excluded.schools,
           due_on = excluded.due_on
"""


async def keep_followed(db: Db, before: Standing, now: Standing, day: date) -> None:
    """Write what was heard and said since, and when each group is to be looked at next, after `day`."""
    met, marked = _new(before, now)
    await write_rows(db, PUT_MEETINGS, met)
    await write_rows(db, PUT_MARKS, marked)
    await write_rows(db, TELL, sorted(now.told - before.told))
    changed = [(*key, not holds) for key, holds in now.completed.items() if before.completed.get(key) is not holds]
    await write_rows(db, COMPLETE, changed)
    stands = [(id_, *now.stands[id_], next_look(now, id_, day)) for id_ in now.groups if id_ in now.stands]
    await write_rows(db, PUT_STANDS, sorted(stands))


def _new(before: Standing, now: Standing) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return meetings and marks that were not known just so."""
    met: list[tuple[object, ...]] = []
    marked: list[tuple[object, ...]] = []
    for id_, evidence in now.evidence.items():
        known = before.evidence_of(id_)
        met += [(meeting, id_, on) for meeting, on in _others(known.meetings, evidence.meetings)]
        marked += [(*key, id_, *mark) for key, mark in _others(known.marks, evidence.marks)]
    return met, marked


def _others(known: Mapping[Any, Any], now: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return [(key, value) for key, value in now.items() if known.get(key) != value]


DUE = """
    SELECT work_group_id
      FROM work_groups
      LEFT JOIN work_group_standings AS said USING (work_group_id)
     WHERE said.work_group_id IS NULL
        OR said.due_on <= $1
     ORDER BY work_group_id
"""


async def due(db: Db, day: date) -> list[UUID]:
    """Return the groups of which the clock alone may have something follow by `day`, and those never looked at."""
    return [row["work_group_id"] for row in await db.fetch(DUE, day)]
