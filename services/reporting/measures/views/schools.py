"""SQL that surveys schools: who took part in which Work Group, who was expected there, and who came."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from reporting.measures.domain.figures import Measure
from reporting.measures.domain.half_terms import half_term_of
from reporting.measures.domain.places import Level
from reporting.measures.domain.schools import PRESENT, Sighting, with_history
from reporting.measures.views import places
from reporting.measures.views.ground import Ground
from reporting.measures.views.policies import half_terms
from reporting.measures.views.registers import expected_places

JOINED = """
    SELECT j.school_year, j.work_group_id, j.school_urn, j.stage, j.hub, j.effective_on,
           gone.effective_on AS withdrew_on, gone.reason
      FROM report.joins AS j
      LEFT JOIN LATERAL (
               SELECT w.effective_on, w.reason
                 FROM report.withdrawals AS w
                WHERE w.work_group_id = j.work_group_id
                  AND w.school_urn = j.school_urn
                  AND w.version > j.version
                  AND w.recorded_at <= $3
                ORDER BY w.effective_on, w.version DESC
                LIMIT 1) AS gone ON true
     WHERE j.school_year BETWEEN $4 AND $1
       AND j.effective_on <= $2
       AND j.recorded_at <= $3
       AND (gone.effective_on IS NULL OR gone.effective_on > j.effective_on)
     ORDER BY j.work_group_id, j.school_urn, j.version
"""
"""Every time that a school took part, the last one last; not one that ended on its first day. $1 is the school year,
$2 the day asked about, $3 known at, $4 the first school year."""

COMPLETED = """
    SELECT DISTINCT ON (work_group_id, school_urn) school_year, work_group_id, school_urn, stage, hub, became
      FROM report.completions
     WHERE school_year BETWEEN $4 AND $1
       AND effective_on <= $2
       AND recorded_at <= $3
     ORDER BY work_group_id, school_urn, version DESC
"""

VISITED = """
    SELECT DISTINCT ON (visit_id) school_year, work_group_id, school_urn, hub
      FROM report.visits
     WHERE school_year BETWEEN $4 AND $1
       AND held_on <= $2
       AND recorded_at <= $3
     ORDER BY visit_id, version DESC
"""

Told = dict[str, Any]
Key = tuple[str, UUID, str]
"""School year, Work Group, and the URN that was said, later its lineage."""


async def sightings(ground: Ground, measure: Measure) -> list[Sighting]:
    """Return every school in every Work Group, and where the measure asks for them those that might take part."""
    told = await _told(ground, "2000/01" if measure.looks_back else ground.asked.school_year)
    schools = await places.schools(ground.db, ground.asked, {urn for _, _, urn in told})
    merged: dict[Key, Sighting] = {}
    for (year, group, urn), about in told.items():
        school = schools[urn]
        at = school.places | {Level.HUB: ground.hub(group, about.pop("hub", None))}
        stage = ground.stage(group, about.pop("stage", None))
        one = Sighting(school.lineage, school.name, at, year, stage, **about)
        key = (year, group, school.lineage)
        merged[key] = _as_one(merged[key], one) if key in merged else one
    seen = with_history(list(merged.values()), ground.asked.school_year)
    return [*seen, *(await _eligible(ground) if measure.is_of_population else [])]


def _as_one(one: Sighting, other: Sighting) -> Sighting:
    """Return what two schools of a Work Group come to that have become one; it is gone once both are."""
    active = [school for school in (one, other) if school.registered and school.withdrew_on is None]
    gone = [school for school in (one, other) if school.withdrew_on is not None]
    stays = not gone or bool(active)
    last = one if stays else max(gone, key=lambda school: school.withdrew_on or date.min)
    numbers = ("meetings", "expected", "present", "apologies", "visits")
    return replace(
        last,
        registered=one.registered or other.registered,
        completed=one.completed or other.completed,
        withdrew_on=None if stays else last.withdrew_on,
        **{number: getattr(one, number) + getattr(other, number) for number in numbers},
    )


async def _eligible(ground: Ground) -> list[Sighting]:
    found = await places.population(ground.db, ground.asked)
    return [Sighting(school.lineage, school.name, school.places, is_eligible=True) for school in found]


async def _told(ground: Ground, first_year: str) -> dict[Key, Told]:
    """Return what was said of each school in each Work Group, under the number that was said."""
    about = (ground.asked.school_year, ground.day, ground.asked.known_at, first_year)
    told: defaultdict[Key, Told] = defaultdict(dict)
    expected = await expected_places(ground, first_year)
    for one in expected:
        entry = told[one.year, one.group, one.urn]
        entry["hub"] = one.hub
        entry.setdefault("met", set()).add(one.meeting)
        entry["expected"] = entry.get("expected", 0) + 1
        entry["present"] = entry.get("present", 0) + (one.status in PRESENT)
        entry["apologies"] = entry.get("apologies", 0) + (one.status == "apologies")
    for entry in told.values():
        entry["meetings"] = len(entry.pop("met"))
    for row in await ground.db.fetch(VISITED, *about):
        entry = told[_key(row)]
        entry |= {"hub": row["hub"], "visits": entry.get("visits", 0) + 1}
    for row in await ground.db.fetch(COMPLETED, *about):
        told[_key(row)] |= {"hub": row["hub"], "stage": row["stage"], "completed": row["became"] == "completed"}
    first_met = await _first_met(ground)
    firsts = await half_terms(ground.db, ground.asked.school_year)
    for row in await ground.db.fetch(JOINED, *about):
        told[_key(row)] |= _joined(row, ground.day, first_met.get(row["work_group_id"]), firsts)
    return dict(told)


def _key(row: asyncpg.Record) -> Key:
    return row["school_year"], row["work_group_id"], row["school_urn"]


def _joined(row: asyncpg.Record, day: date, first_met: date | None, firsts: Mapping[int, tuple[int, int]]) -> Told:
    said = {"hub": row["hub"], "stage": row["stage"], "registered": True}
    on = row["withdrew_on"]
    if on is None or on > day:
        return said | {"withdrew_on": None, "reason": None, "half_term": None, "is_early": False}
    return said | {
        "withdrew_on": on,
        "reason": row["reason"],
        "half_term": half_term_of(on, row["school_year"], firsts),
        "is_early": first_met is None or on <= first_met,
    }


FIRST_MET = """
    WITH held AS (
        SELECT DISTINCT ON (meeting_id) work_group_id, (starts_at AT TIME ZONE 'Europe/London')::date AS held_on
          FROM report.meetings
         WHERE became = 'held'
           AND effective_at <= $1
           AND recorded_at <= $2
         ORDER BY meeting_id, version DESC
    )
    SELECT work_group_id, min(held_on) AS first_met
      FROM held
     GROUP BY work_group_id
"""


async def _first_met(ground: Ground) -> dict[UUID, date]:
    rows = await ground.db.fetch(FIRST_MET, ground.asked.as_at, ground.asked.known_at)
    return {row["work_group_id"]: row["first_met"] for row in rows}
