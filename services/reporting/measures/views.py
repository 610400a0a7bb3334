"""SQL that surveys a school year: which schools take part, who was expected and who came, and what each school is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import asyncpg

from mathshubs.clock import london_day
from mathshubs.lineage import Lineages, Link
from mathshubs.postgres import Db, Pool
from reporting.measures.domain import ENGLAND, NOT_KNOWN, PRESENT, Asked, Level, Place, Sighting, Survey, region
from reporting.projections.store import read_steadily

SEEN = """
    WITH groups AS (
        SELECT DISTINCT ON (work_group_id) work_group_id, hub, stage
          FROM report.work_groups
         WHERE school_year = $1
           AND recorded_at <= $3
         ORDER BY work_group_id, version DESC
    ), joined AS (
        SELECT DISTINCT coalesce(groups.hub, j.hub) AS hub, j.school_urn
          FROM report.joins AS j
          LEFT JOIN groups USING (work_group_id)
         WHERE j.school_year = $1
           AND j.effective_on <= $4
           AND j.recorded_at <= $3
           AND ($5::text IS NULL OR coalesce(groups.stage, j.stage) = $5)
    ), held AS (
        SELECT DISTINCT ON (meeting_id) meeting_id, work_group_id, hub,
               (starts_at AT TIME ZONE 'Europe/London')::date AS held_on
          FROM report.meetings
         WHERE became = 'held'
           AND school_year = $1
           AND effective_at <= $2
           AND recorded_at <= $3
         ORDER BY meeting_id, version DESC
    ), expected AS (
        SELECT DISTINCT coalesce(groups.hub, held.hub, s.hub) AS hub, held.meeting_id, s.school_urn, s.person_id
          FROM held
          JOIN report.slots AS s USING (work_group_id)
          LEFT JOIN groups USING (work_group_id)
         WHERE s.effective_on <= held.held_on
           AND s.recorded_at <= $3
           AND ($5::text IS NULL OR groups.stage = $5)
    ), marked AS (
        SELECT DISTINCT ON (meeting_id, person_id) meeting_id, person_id, status
          FROM report.attendance
         WHERE meeting_id IN (SELECT meeting_id FROM held)
           AND effective_at <= $2
           AND recorded_at <= $3
         ORDER BY meeting_id, person_id, revision DESC, version DESC
    ), counted AS (
        SELECT expected.hub, expected.school_urn,
               count(DISTINCT meeting_id) AS meetings,
               count(*) AS expected,
               count(*) FILTER (WHERE marked.status = ANY($6::text[])) AS present,
               count(*) FILTER (WHERE marked.status = 'apologies') AS apologies
          FROM expected
          LEFT JOIN marked USING (meeting_id, person_id)
         GROUP BY expected.hub, expected.school_urn
    )
    SELECT coalesce(joined.hub, counted.hub) AS hub,
           coalesce(joined.school_urn, counted.school_urn) AS school_urn,
           joined.school_urn IS NOT NULL AS registered,
           coalesce(counted.meetings, 0) AS meetings,
           coalesce(counted.expected, 0) AS expected,
           coalesce(counted.present, 0) AS present,
           coalesce(counted.apologies, 0) AS apologies
      FROM joined
      FULL JOIN counted ON counted.school_urn = joined.school_urn
                       AND counted.hub IS NOT DISTINCT FROM joined.hub
     ORDER BY 2, 1
"""
"""Schools by hub. $1 is the school year, $2 as at, $3 known at, $4 the day of $2, $5 the stage, $6 who was there."""

REACHED = """
    WITH RECURSIVE reached (urn) AS (
        SELECT unnest($1::text[])
         UNION
        SELECT link.successor_urn
          FROM reached
          JOIN report.links AS link ON link.predecessor_urn = reached.urn
    )
    SELECT urn FROM reached
"""

LINKS = """
    SELECT DISTINCT ON (predecessor_urn, successor_urn) predecessor_urn, successor_urn, linked_on
      FROM report.links
     WHERE predecessor_urn = ANY($1::text[])
       AND recorded_at <= $2
     ORDER BY predecessor_urn, successor_urn, version DESC
"""

LIVES = """
    SELECT DISTINCT ON (urn) urn, is_closed, opened_on, closed_on
      FROM report.schools
     WHERE urn = ANY($1::text[])
       AND recorded_at <= $2
     ORDER BY urn, version DESC
"""
"""When each school opened and closed: dates speak for themselves, so the last that is known of them counts."""

DETAILS = """
    SELECT DISTINCT ON (urn) urn, name, local_authority_code, local_authority_name, region
      FROM report.schools
     WHERE urn = ANY($1::text[])
       AND recorded_at <= $2
     ORDER BY urn, effective_at <= $3 DESC, CASE WHEN effective_at <= $3 THEN version ELSE -version END DESC
"""
"""What each school was like at $3; of one that was to open later, what it was like at first."""

HUBS = """
    SELECT DISTINCT ON (code) code, name
      FROM report.hubs
     WHERE recorded_at <= $1
     ORDER BY code, version DESC
"""


async def survey(pool: Pool, asked: Asked) -> Survey:
    """Return all that is known of a school year, out of one snapshot."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        day = london_day(asked.as_at)
        seen = await db.fetch(SEEN, asked.school_year, asked.as_at, asked.known_at, day, asked.stage, list(PRESENT))
        schools = await _schools(db, asked, {row["school_urn"] for row in seen})
        hubs = {row["code"]: Place(row["code"], row["name"]) for row in await db.fetch(HUBS, asked.known_at)}
    return Survey([_sighting(row, schools[row["school_urn"]], hubs) for row in seen], list(hubs.values()))


@dataclass(frozen=True, slots=True)
class _School:
    """What a school has become by the day asked about, and where that is."""

    lineage: str
    name: str
    region: Place
    local_authority: Place


async def _schools(db: Db, asked: Asked, urns: Collection[str]) -> dict[str, _School]:
    """Return each of `urns` as the school that it has become; where the register lacks that one, as itself."""
    reached = [row["urn"] for row in await db.fetch(REACHED, list(urns))]
    lineages = await _lineages(db, asked, reached)
    day = london_day(asked.as_at)
    details = {row["urn"]: row for row in await db.fetch(DETAILS, reached, asked.known_at, asked.as_at)}
    found = {}
    for urn in urns:
        root = lineages.root(urn, day)
        found[urn] = _school(root, details.get(root) or details.get(urn))
    return found


async def _lineages(db: Db, asked: Asked, urns: Collection[str]) -> Lineages:
    links = [
        Link(row["predecessor_urn"], row["successor_urn"], row["linked_on"])
        for row in await db.fetch(LINKS, urns, asked.known_at)
    ]
    lives = await db.fetch(LIVES, urns, asked.known_at)
    opened = {row["urn"]: row["opened_on"] for row in lives}
    return Lineages(links, opened, {row["urn"]: row["closed_on"] for row in lives if row["is_closed"]})


def _school(root: str, details: asyncpg.Record | None) -> _School:
    if details is None:
        return _School(root, root, NOT_KNOWN, NOT_KNOWN)
    authority = Place(details["local_authority_code"], details["local_authority_name"])
    return _School(root, details["name"], region(details["region"]), authority)


def _sighting(row: asyncpg.Record, school: _School, hubs: Mapping[str, Place]) -> Sighting:
    code = row["hub"] or NOT_KNOWN.code
    return Sighting(
        school.lineage,
        school.name,
        {
            Level.NATIONAL: ENGLAND,
            Level.HUB: hubs.get(code, Place(code, code)),
            Level.REGION: school.region,
            Level.LOCAL_AUTHORITY: school.local_authority,
        },
        registered=row["registered"],
        meetings=row["meetings"],
        expected=row["expected"],
        present=row["present"],
        apologies=row["apologies"],
    )


YEARS = """
    SELECT DISTINCT school_year
      FROM report.work_groups
     ORDER BY school_year DESC
"""


async def school_years(pool: Pool) -> list[str]:
    """Return the school years that have a Work Group, latest first."""
    return [row["school_year"] for row in await pool.fetch(YEARS)]
