"""SQL that answers the first page: the last things that happened, with the names in them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Final

import asyncpg

from mathshubs.clock import london_day, start_of
from mathshubs.events import Event
from mathshubs.postgres import Db, Pool
from reporting.desk.domain import FOLDED, TOLD, Happening, Names, read, said_of
from reporting.projections.store import read_steadily

EVER: Final = datetime(1, 1, 2, tzinfo=UTC)

LAST = """
    SELECT told.type, told.data, told.recorded_at, told.arrived, 1 AS many
      FROM unnest($1::text[]) AS kind
     CROSS JOIN LATERAL (
               SELECT type, data, recorded_at, arrived
                 FROM event_log
                WHERE type = kind
                ORDER BY recorded_at DESC, arrived DESC
                LIMIT $2) AS told
     ORDER BY told.recorded_at DESC, told.arrived DESC
     LIMIT $2
"""

LAST_DAYS = """
    WITH days AS (
        SELECT max(arrived) AS arrived, count(*) AS many
          FROM event_log
         WHERE type = ANY($1::text[])
           AND recorded_at >= $3
         GROUP BY type, (recorded_at AT TIME ZONE 'Europe/London')::date
    )
    SELECT last.type, last.data, last.recorded_at, arrived, days.many
      FROM days
      JOIN event_log AS last USING (arrived)
     ORDER BY last.recorded_at DESC, arrived DESC
     LIMIT $2
"""
"""What is told a day to a line, no further back than $3."""

SCHOOLS = """
    SELECT DISTINCT ON (urn) urn, name
      FROM report.schools
     WHERE urn = ANY($1::text[])
     ORDER BY urn, version DESC
"""

GROUPS = """
    SELECT DISTINCT ON (work_group_id) work_group_id, name
      FROM report.work_groups
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY work_group_id, version DESC
"""

HUBS = """
    SELECT DISTINCT ON (code) code, name
      FROM report.hubs
     ORDER BY code, version DESC
"""


async def last_happenings(pool: Pool, most: int) -> list[Happening]:
    """Return the things recorded last, newest first; what an import brought on one day is one thing."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        told = [
            (row["recorded_at"], fact, row["many"])
            for row in await _last(db, most)
            if (fact := read(row["type"], json.loads(row["data"]))) is not None
        ]
        names = await _names(db, [fact for _, fact, _ in told])
    return [Happening(at, said_of(fact, names, many)) for at, fact, many in told]


async def _last(db: Db, most: int) -> list[asyncpg.Record]:
    """Return the facts that are told, one to a line, and of those told by the day the last of each day."""
    rows = await db.fetch(LAST, [kind.type for kind in TOLD if kind not in FOLDED], most)
    since = start_of(london_day(rows[-1]["recorded_at"])) if len(rows) == most else EVER
    rows += await db.fetch(LAST_DAYS, [kind.type for kind in FOLDED], most, since)
    return sorted(rows, key=itemgetter("recorded_at", "arrived"), reverse=True)[:most]


async def _names(db: Db, facts: Sequence[Event]) -> Names:
    urns = {getattr(fact, "school_urn", None) for fact in facts} - {None}
    groups = {getattr(fact, "work_group_id", None) for fact in facts} - {None}
    return Names(
        {row["urn"]: row["name"] for row in await db.fetch(SCHOOLS, list(urns))},
        {str(row["work_group_id"]): row["name"] for row in await db.fetch(GROUPS, list(groups))},
        {row["code"]: row["name"] for row in await db.fetch(HUBS)},
    )
