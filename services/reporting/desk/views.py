"""SQL that answers the first page: the last things that happened, with the names in them."""

import json
from collections.abc import Sequence
from operator import itemgetter

from mathshubs.events import Event
from mathshubs.postgres import Db, Pool
from reporting.desk.domain import TOLD, Happening, Names, read, said_of
from reporting.projections.store import read_steadily

LAST = """
    SELECT told.type, told.data, told.recorded_at
      FROM unnest($1::text[]) AS kind
     CROSS JOIN LATERAL (
               SELECT arrived, type, data, recorded_at
                 FROM event_log
                WHERE type = kind
                ORDER BY arrived DESC
                LIMIT $2) AS told
     ORDER BY told.arrived DESC
     LIMIT $2
"""

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
    """Return the things heard last, the one recorded last first: what one service is late with may come after."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        last = await db.fetch(LAST, [kind.type for kind in TOLD], most)
        rows = sorted(last, key=itemgetter("recorded_at"), reverse=True)
        facts = [read(row["type"], json.loads(row["data"])) for row in rows]
        names = await _names(db, facts)
    return [Happening(row["recorded_at"], said_of(fact, names)) for row, fact in zip(rows, facts, strict=True)]


async def _names(db: Db, facts: Sequence[Event]) -> Names:
    urns = {getattr(fact, "school_urn", None) for fact in facts} - {None}
    groups = {getattr(fact, "work_group_id", None) for fact in facts} - {None}
    return Names(
        {row["urn"]: row["name"] for row in await db.fetch(SCHOOLS, list(urns))},
        {str(row["work_group_id"]): row["name"] for row in await db.fetch(GROUPS, list(groups))},
        {row["code"]: row["name"] for row in await db.fetch(HUBS)},
    )
