"""Loads what is known of Work Groups, set-wise."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg

from enrolment.participation.domain import (
    Advocate,
    History,
    Lead,
    Place,
    PlaceKey,
    Policy,
    Register,
    Standing,
    WorkGroup,
)
from mathshubs.lineage import Lineages
from mathshubs.postgres import Db

POLICIES = """
    SELECT name, programme, from_year, slots, names_from_month, vacancy_days, min_schools, min_held, completes_month,
           completes_day
      FROM policies
"""
GROUPS = """
    SELECT work_group_id, hub, name, programme, stage, school_year, policy, lead_id
      FROM work_groups
     WHERE work_group_id = ANY($1::uuid[])
"""
REPORTED = """
    SELECT person_id
      FROM people
     WHERE person_id = ANY($1::uuid[])
       AND erased_at IS NULL
"""
TURNED_AWAY = """
    SELECT work_group_id, school_urn
      FROM refused_joins
     WHERE work_group_id = ANY($1::uuid[])
"""


async def load(
    db: Db, groups: Collection[UUID], urns: Collection[str], people: Collection[UUID], lineages: Lineages
) -> Standing:
    """Return what is known of these groups, schools and teachers, each school being judged by nobody yet."""
    policies = [Policy(**row) for row in await db.fetch(POLICIES)]
    found = {id_: WorkGroup(**columns) for id_, columns in map(_keyed, await db.fetch(GROUPS, groups))}
    reported = [row["person_id"] for row in await db.fetch(REPORTED, people)]
    turned_away = [(row["work_group_id"], row["school_urn"]) for row in await db.fetch(TURNED_AWAY, groups)]
    return Standing(
        policies=tuple(policies),
        register=Register({}, lineages, {}),
        people=frozenset(reported),
        groups=found,
        leads=await _leads(db, groups),
        places=await _places(db, groups, urns, people),
        turned_away=frozenset(turned_away),
    )


def _keyed(row: asyncpg.Record) -> tuple[UUID, dict[str, Any]]:
    columns = dict(row)
    return columns.pop("work_group_id"), columns


LEADS = """
    SELECT work_group_id, lead_id, from_on, until_on
      FROM work_group_leads
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY work_group_id, from_on, until_on NULLS LAST, lead_id
"""


async def _leads(db: Db, groups: Collection[UUID]) -> dict[UUID, History]:
    found: dict[UUID, History] = {}
    for id_, columns in map(_keyed, await db.fetch(LEADS, groups)):
        found[id_] = (*found.get(id_, ()), Lead(**columns))
    return found


# Of a teacher the places are wanted in which they hold a slot, whosever group that is.
PLACES = """
    WITH wanted AS (
        SELECT work_group_id, school_urn, from_on FROM participations WHERE work_group_id = ANY($1::uuid[])
         UNION
        SELECT work_group_id, school_urn, from_on FROM participations WHERE school_urn = ANY($2::text[])
         UNION
        SELECT work_group_id, school_urn, joined_on FROM advocate_slots WHERE person_id = ANY($3::uuid[])
    )
    SELECT work_group_id, school_urn, from_on, place.lineage, place.programme, place.school_year,
           place.headteacher_agreed_on, place.until_on, place.reason
      FROM wanted
      JOIN participations AS place USING (work_group_id, school_urn, from_on)
     ORDER BY work_group_id, school_urn, from_on
"""
ADVOCATES = """
    SELECT held.work_group_id, held.school_urn, held.joined_on, held.person_id, held.slot, held.from_on,
           held.until_on, held.reason
      FROM unnest($1::uuid[], $2::text[], $3::date[]) AS place (work_group_id, school_urn, joined_on)
      JOIN advocate_slots AS held USING (work_group_id, school_urn, joined_on)
     ORDER BY held.from_on, held.slot, held.person_id
"""


async def _places(
    db: Db, groups: Collection[UUID], urns: Collection[str], people: Collection[UUID]
) -> dict[PlaceKey, Place]:
    rows = await db.fetch(PLACES, groups, urns, people)
    if not rows:
        return {}
    keys = [(row["work_group_id"], row["school_urn"], row["from_on"]) for row in rows]
    held: dict[PlaceKey, list[Advocate]] = defaultdict(list)
    for row in await db.fetch(ADVOCATES, *(list(column) for column in zip(*keys, strict=True))):
        work_group_id, urn, joined_on, *advocate = row.values()
        held[work_group_id, urn, joined_on].append(Advocate(*advocate))
    return {key: Place(**row, advocates=tuple(held[key])) for key, row in zip(keys, rows, strict=True)}
