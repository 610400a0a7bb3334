"""SQL that finds what a hub's tasks are made of: its facts, and what is known of the people and schools in them."""

import json
from datetime import datetime

import asyncpg

from mathshubs.clock import london_day
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import SchoolJoinedWorkGroup
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.specialists import LeadStanding
from mathshubs.events.notification.deliveries import AddressFailed, AddressReplaced
from mathshubs.events.spoken import school_year_of
from mathshubs.postgres import Db, Pool
from reporting.desk.domain import Names
from reporting.desk.domain.record import TAKES, HubRecord, Noted, as_fact, record_of
from reporting.desk.views.naming import names
from reporting.measures.views import policies
from reporting.projections.store import read_steadily

OF_HUB = """
    SELECT type, data, correlation, recorded_at, arrived
      FROM event_log
     WHERE hub = $1
       AND type = ANY($2::text[])
       AND recorded_at <= $3
"""
OF_ANYBODY = """
    SELECT type, data, correlation, recorded_at, arrived
      FROM event_log
     WHERE type = ANY($2::text[])
       AND hub IS DISTINCT FROM $1
       AND recorded_at <= $3
"""
"""What has no hub, or is of use whichever hub it is of: addresses, erasures, standings, and joins elsewhere."""

ANYBODYS = (AddressFailed, AddressReplaced, PersonErased, LeadStanding, SchoolJoinedWorkGroup)


async def hub_record(pool: Pool, hub: str, as_at: datetime) -> tuple[HubRecord, Names, int]:
    """Return what a hub's facts come to as recorded by an instant, its names, and when a register is late, in days."""
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        rows = await db.fetch(OF_HUB, hub, [kind.type for kind in TAKES], as_at)
        rows += await db.fetch(OF_ANYBODY, hub, [kind.type for kind in ANYBODYS], as_at)
        record = record_of(_noted(rows), hub)
        policy = await policies.policy(db, school_year_of(london_day(as_at)))
        return record, await _names(db, record), policy["register_days"]


def _noted(rows: list[asyncpg.Record]) -> list[Noted]:
    in_order = sorted(rows, key=lambda row: (row["recorded_at"], row["arrived"]))
    read = ((as_fact(row["type"], json.loads(row["data"])), row["correlation"]) for row in in_order)
    return [Noted(fact, correlation) for fact, correlation in read if isinstance(fact, Event)]


async def _names(db: Db, record: HubRecord) -> Names:
    urns = {urn for group in record.groups.values() for urn in group.schools}
    urns |= {one.fact.school_urn for one in record.interests.values()}
    urns |= {urn for group in record.groups.values() for kept in (group.questioned, group.visits) for urn in kept}
    closed = (m.planned.fact for group in record.groups.values() for m in group.meetings.values())
    urns |= {one.school_urn for fact in closed for one in getattr(fact, "closed", ()) if one.school_urn}
    return await names(db, urns, record.groups)
