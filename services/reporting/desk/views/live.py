"""SQL that answers `/live`: each hub's school year so far, and whether anything has changed since."""

from collections.abc import Sequence
from datetime import date

from mathshubs.postgres import Pool
from reporting.desk.domain.live import HubYear
from reporting.measures.domain import region
from reporting.measures.domain.half_terms import begin_on
from reporting.measures.views.policies import half_terms
from reporting.projections.store import read_steadily

YEARS = """
    WITH hubs AS (
        SELECT DISTINCT ON (code) code, name, region
          FROM report.hubs
         ORDER BY code, version DESC
    ), groups AS (
        SELECT DISTINCT ON (work_group_id) work_group_id, hub
          FROM report.work_groups
         WHERE school_year = $1
         ORDER BY work_group_id, version DESC
    ), formed AS (
        SELECT hub AS code, count(*) AS groups
          FROM groups
         GROUP BY hub
    ), joined AS (
        SELECT coalesce(groups.hub, j.hub) AS code, count(DISTINCT j.school_urn) AS schools
          FROM report.joins AS j
          LEFT JOIN groups USING (work_group_id)
         WHERE j.school_year = $1
         GROUP BY 1
    ), met AS (
        SELECT hub AS code, count(DISTINCT meeting_id) AS held
          FROM report.meetings
         WHERE became = 'held'
           AND school_year = $1
         GROUP BY hub
    )
    SELECT hubs.code, hubs.name, hubs.region, coalesce(groups, 0) AS groups, coalesce(schools, 0) AS schools,
           coalesce(held, 0) AS held
      FROM hubs
      LEFT JOIN formed USING (code)
      LEFT JOIN joined USING (code)
      LEFT JOIN met USING (code)
     ORDER BY hubs.name, hubs.code
"""

HELD_ON = """
    SELECT DISTINCT ON (meeting_id) (starts_at AT TIME ZONE 'Europe/London')::date AS held_on
      FROM report.meetings
     WHERE became = 'held'
       AND school_year = $1
     ORDER BY meeting_id, version DESC
"""


async def hub_years(pool: Pool, year: str) -> tuple[list[HubYear], Sequence[date], Sequence[date]]:
    """Return each hub's school year so far, the day of each meeting that was held, and when half-terms begin."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        rows = await db.fetch(YEARS, year)
        held = await db.fetch(HELD_ON, year)
        firsts = await half_terms(db, year)
    hubs = [
        HubYear(row["code"], row["name"], region(row["region"]), row["groups"], row["schools"], row["held"])
        for row in rows
    ]
    return hubs, [row["held_on"] for row in held], sorted(begin_on(year, firsts).values())


LAST = "SELECT coalesce(max(arrived), 0) FROM event_log"


async def last_heard(pool: Pool) -> int:
    """Return a number that rises with whatever is heard."""
    return int(await pool.fetchval(LAST))
