"""SQL that says where things are: what each school has become by a day, and the hubs that take part."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import asyncpg

from mathshubs.clock import london_day
from mathshubs.lineage import Lineages, Link
from mathshubs.postgres import Db, Pool
from reporting.measures.domain.places import ENGLAND, NOT_KNOWN, Asked, Level, Place, census_day, instant_of, region

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


async def hubs(db: Db, asked: Asked) -> dict[str, Place]:
    """Return the hubs that take part, by their codes."""
    return {row["code"]: Place(row["code"], row["name"]) for row in await db.fetch(HUBS, asked.known_at)}


@dataclass(frozen=True, slots=True)
class School:
    """What a school has become by the day asked about, and where that is."""

    lineage: str
    name: str
    region: Place
    local_authority: Place

    @property
    def places(self) -> dict[Level, Place]:
        """Where it is, but for a hub: that is the Work Group's."""
        return {Level.NATIONAL: ENGLAND, Level.REGION: self.region, Level.LOCAL_AUTHORITY: self.local_authority}


async def schools(db: Db, asked: Asked, urns: Collection[str]) -> dict[str, School]:
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


def _school(root: str, details: asyncpg.Record | None) -> School:
    if details is None:
        return School(root, root, NOT_KNOWN, NOT_KNOWN)
    authority = Place(details["local_authority_code"], details["local_authority_name"])
    return School(root, details["name"], region(details["region"]), authority)


POLICY = """
    SELECT type_codes, phase_codes, status_codes, age_judged_type_codes, low_age, high_age, outside_type_codes,
           outside_local_authority_codes, countries
      FROM population_policies
     WHERE from_year <= $1
     ORDER BY from_year DESC
     LIMIT 1
"""

POPULATION = """
    WITH entries AS (
        SELECT DISTINCT ON (urn) urn, local_authority_code, country, type_code, phase_code, status_code, low_age,
               high_age, opened_on, closed_on
          FROM report.schools
         WHERE recorded_at <= $1
           AND effective_at <= $2
         ORDER BY urn, version DESC
    )
    SELECT urn
      FROM entries
     WHERE type_code = ANY($4::int[])
       AND (phase_code = ANY($5::int[])
            OR type_code = ANY($7::int[]) AND low_age < $9 AND high_age > $8)
       AND type_code <> ALL($10::int[])
       AND local_authority_code <> ALL($11::text[])
       AND (country IS NULL OR country = ANY($12::text[]))
       AND (opened_on IS NULL OR opened_on <= $3)
       AND (closed_on IS NULL OR closed_on >= $3)
       AND (status_code = ANY($6::int[]) OR status_code = 2 AND closed_on IS NOT NULL)
"""
"""Schools that might take part. $1 known at, $2 the end of the day, $3 the day, then the policy's codes in order."""


async def population(db: Db, asked: Asked) -> list[School]:
    """Return the state-funded secondary schools of England on the day of the census, until then on the day asked."""
    day = min(census_day(asked.school_year), london_day(asked.as_at))
    policy = await db.fetchrow(POLICY, asked.school_year)
    if policy is None:
        return []
    open_then = await db.fetch(POPULATION, asked.known_at, instant_of(day), day, *policy.values())
    urns = [row["urn"] for row in open_then]
    found = await schools(db, replace(asked, as_at=instant_of(day)), urns)
    return list({school.lineage: school for school in found.values()}.values())


YEARS = """
    SELECT DISTINCT school_year
      FROM report.work_groups
     ORDER BY school_year DESC
"""


async def school_years(pool: Pool) -> list[str]:
    """Return the school years that have a Work Group, latest first."""
    return [row["school_year"] for row in await pool.fetch(YEARS)]
