"""SQL that finds what came of one report: every fact of the log that shares its correlation."""

import json
from typing import Any

from mathshubs.postgres import Pool
from reporting.desk.domain.groups import Standings
from reporting.desk.domain.timelines import Timeline, facts_in, timeline
from reporting.desk.views.naming import names_of
from reporting.log.domain import LoggedFact
from reporting.projections.store import read_steadily

MOST = 2_000
"""Facts of one report that are shown: an import of the register is one report of fifty thousand."""

OF_REPORT = """
    SELECT topic, part, "offset", source, event_id, type, key, version, hub, school_year, effective_at, recorded_at,
           correlation, data
      FROM event_log
     WHERE correlation = $1
       AND ($2::text IS NULL OR hub IS NULL OR hub = $2)
     ORDER BY recorded_at, arrived
     LIMIT $3
"""


async def timeline_of(pool: Pool, correlation: str, hub: str | None, standings: Standings) -> Timeline | None:
    """Return what came of a report, as far as it was heard; None if nothing was.

    Args:
        pool: reporting's database.
        correlation: what all that came of it shares.
        hub: only of a report of this hub; mails, which are of no hub, come with what led to them.
        standings: how far each service has heard.
    """
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        logged = [_fact(dict(row)) for row in await db.fetch(OF_REPORT, correlation, hub, MOST)]
        names = await names_of(db, facts_in(logged))
    is_theirs = hub is None or any(one.hub == hub for one in logged)
    return timeline(logged, names, standings) if logged and is_theirs else None


def _fact(row: dict[str, Any]) -> LoggedFact:
    return LoggedFact(**row | {"data": json.loads(row["data"])})
