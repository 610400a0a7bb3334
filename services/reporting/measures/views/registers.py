"""SQL that reads registers: which meetings were held, which slots were effective there, and who came."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from reporting.measures.views.ground import Ground

EXPECTED = """
    WITH held AS (
        SELECT DISTINCT ON (meeting_id) meeting_id, work_group_id, hub, school_year, mode,
               (starts_at AT TIME ZONE 'Europe/London')::date AS held_on
          FROM report.meetings
         WHERE became = 'held'
           AND school_year BETWEEN $3 AND $1
           AND effective_at <= $2
           AND recorded_at <= $4
         ORDER BY meeting_id, version DESC
    )
    SELECT DISTINCT held.school_year, held.meeting_id, held.work_group_id, held.mode, s.school_urn, s.person_id,
           coalesce(held.hub, s.hub) AS hub
      FROM held
      JOIN report.slots AS s USING (work_group_id)
     WHERE s.effective_on <= held.held_on
       AND s.recorded_at <= $4
       AND NOT EXISTS (
           SELECT
             FROM report.vacated AS v
            WHERE v.work_group_id = s.work_group_id
              AND v.school_urn = s.school_urn
              AND v.person_id = s.person_id
              AND v.version > s.version
              AND v.effective_on <= held.held_on
              AND v.recorded_at <= $4)
       AND NOT EXISTS (
           SELECT
             FROM report.withdrawals AS w
            WHERE w.work_group_id = s.work_group_id
              AND w.school_urn = s.school_urn
              AND w.version > s.version
              AND w.effective_on <= held.held_on
              AND w.recorded_at <= $4)
"""
"""Slots that were effective at each held meeting. $1 is the school year, $2 as at, $3 the first school year, $4 known
at. A slot ends with the first day on which it was said to be vacated, or the school to have withdrawn."""

MARKS = """
    SELECT DISTINCT ON (meeting_id, person_id) meeting_id, person_id, status, mode, version, hub, school_year,
           bool_or(reason IS NOT NULL) OVER (PARTITION BY meeting_id, person_id) AS is_corrected
      FROM (SELECT a.meeting_id, a.person_id, a.status, a.mode, a.reason, a.version, m.hub, m.school_year
              FROM report.attendance AS a
              JOIN (SELECT DISTINCT ON (meeting_id) meeting_id, hub, school_year
                      FROM report.meetings
                     WHERE became = 'held'
                       AND school_year BETWEEN $3 AND $1
                       AND effective_at <= $2
                       AND recorded_at <= $4
                     ORDER BY meeting_id, version DESC) AS m USING (meeting_id)
             WHERE a.effective_at <= $2
               AND a.recorded_at <= $4) AS said
     ORDER BY meeting_id, person_id, version DESC
"""


class Expected(NamedTuple):
    """One advocate's place at one held meeting, and how they were marked; None where the register says nothing."""

    year: str
    meeting: UUID
    group: UUID
    urn: str
    person: UUID
    hub: str | None
    meeting_mode: str | None
    status: str | None
    mode: str | None


async def expected_places(ground: Ground, first_year: str) -> Sequence[Expected]:
    """Return every place at a held meeting since `first_year`; a person with two ids has one, and the last mark."""
    about = (ground.asked.school_year, ground.asked.as_at, first_year, ground.asked.known_at)
    marks: dict[tuple[UUID, UUID], tuple[int, str, str | None]] = {}
    for row in await ground.db.fetch(MARKS, *about):
        key, mark = (row["meeting_id"], ground.person(row["person_id"])), (row["version"], row["status"], row["mode"])
        marks[key] = max(marks.get(key, mark), mark, key=lambda one: one[0])
    found: dict[tuple[UUID, str, UUID], Expected] = {}
    for row in await ground.db.fetch(EXPECTED, *about):
        meeting, person, urn = row["meeting_id"], ground.person(row["person_id"]), row["school_urn"]
        _, status, mode = marks.get((meeting, person), (0, None, None))
        year, group = row["school_year"], row["work_group_id"]
        found[meeting, urn, person] = Expected(year, meeting, group, urn, person, row["hub"], row["mode"], status, mode)
    return list(found.values())
