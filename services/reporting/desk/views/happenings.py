"""SQL that finds the last things that happened."""

import json
from datetime import UTC, datetime
from operator import itemgetter
from typing import Final

import asyncpg

from mathshubs.clock import london_day, start_of
from mathshubs.postgres import Db, Pool
from reporting.desk.domain import FOLDED, TOLD, Happening, read, said_of, timeline_of
from reporting.desk.views.naming import names_of
from reporting.projections.store import read_steadily

EVER: Final = datetime(1, 1, 2, tzinfo=UTC)

LAST = """
    SELECT told.type, told.data, told.recorded_at, told.arrived, told.hub, told.correlation, 1 AS many
      FROM unnest($1::text[]) AS kind
     CROSS JOIN LATERAL (
               SELECT type, data, recorded_at, arrived, hub, correlation
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
    SELECT last.type, last.data, last.recorded_at, arrived, last.hub, last.correlation, days.many
      FROM days
      JOIN event_log AS last USING (arrived)
     ORDER BY last.recorded_at DESC, arrived DESC
     LIMIT $2
"""
"""What is told a day to a line, no further back than $3."""


async def last_happenings(pool: Pool, most: int) -> list[Happening]:
    """Return the things recorded last, newest first; what an import brought on one day is one thing."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        told = [
            (row, fact)
            for row in await _last(db, most)
            if (fact := read(row["type"], json.loads(row["data"]))) is not None
        ]
        names = await names_of(db, (fact for _, fact in told))
    return [Happening(row["recorded_at"], said_of(fact, names, row["many"]), _timeline(row)) for row, fact in told]


def _timeline(row: asyncpg.Record) -> str:
    """Return where the timeline of the report behind a line stands; empty where many facts are told in one."""
    return timeline_of(row["correlation"], row["hub"]) if row["many"] == 1 else ""


async def _last(db: Db, most: int) -> list[asyncpg.Record]:
    """Return the facts that are told, one to a line, and of those told by the day the last of each day."""
    rows = await db.fetch(LAST, [kind.type for kind in TOLD if kind not in FOLDED], most)
    since = start_of(london_day(rows[-1]["recorded_at"])) if len(rows) == most else EVER
    rows += await db.fetch(LAST_DAYS, [kind.type for kind in FOLDED], most, since)
    return sorted(rows, key=itemgetter("recorded_at", "arrived"), reverse=True)[:most]
