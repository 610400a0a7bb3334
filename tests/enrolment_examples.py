"""Hubs, schools and teachers of the examples, and what a hub's system says of them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from enrolment.listen import from_hubs
from enrolment.participation.domain import Policy
from enrolment.schools import store as schools
from enrolment.schools.domain import School
from mathshubs import settling
from mathshubs.envelope import CloudEvent, encode
from mathshubs.events.spoken import Programme
from mathshubs.hearing import Record
from mathshubs.ids import References
from mathshubs.inbox import FIRM_AFTER, hear
from mathshubs.lineage import Link
from mathshubs.parking import due_keys
from mathshubs.postgres import Pool
from mathshubs.testing import until

SECRET = "of these tests alone"
REFERENCES = References(SECRET)
FROM_HUBS = from_hubs(SECRET)

RIVER_VALE = "river-vale"
NORTH_DALES = "north-dales"
YEAR = "2026/27"
PROGRAMME: Programme = "secondary-teaching-for-mastery"
STANDARD = Policy("standard", PROGRAMME, "2014/15", 2, 11, 30, 2, 5, 8, 1)
SEPTEMBER = date(2026, 9, 14)
OCTOBER = date(2026, 10, 5)
SAID_AT = datetime(2026, 10, 5, 9, tzinfo=UTC)

OAK_PARK = "900001"
OAK_ACADEMY = "900002"  # what Oak Park became on 1 January 2027
ELM_PARK = "900003"
BIRCH_COLLEGE = "900004"  # independent
UNKNOWN = "999999"
CONVERSION = date(2027, 1, 1)
AUTHORITY = "500"


def person(reference: str, hub: str = RIVER_VALE) -> UUID:
    """The id of whom a hub calls `reference`."""
    return REFERENCES.resolve(hub, "person", reference)


def group(reference: str, hub: str = RIVER_VALE) -> UUID:
    """The id of the Work Group that a hub calls `reference`."""
    return REFERENCES.resolve(hub, "work_group", reference)


AMINA = person("P-1")
BEN = person("P-2")
CARA = person("P-3")
LEAD = person("P-9")


ELM = School(
    urn=ELM_PARK,
    name="Elm Park School",
    local_authority_code=AUTHORITY,
    local_authority_name="River Vale",
    region="North East",
    country="England",
    type_code=34,
    phase_code=4,
    status_code=1,
    low_age=11,
    high_age=16,
    opened_on=None,
    closed_on=None,
)
REGISTER = (
    ELM,
    replace(ELM, urn=OAK_PARK, name="Oak Park School", closed_on=date(2026, 12, 31), status_code=2),
    replace(ELM, urn=OAK_ACADEMY, name="Oak Park Academy", opened_on=CONVERSION),
    replace(ELM, urn=BIRCH_COLLEGE, name="Birch College", type_code=11),
)
LINKS = (Link(OAK_PARK, OAK_ACADEMY, CONVERSION),)


async def registered(pool: Pool) -> Pool:
    """The pool, with the examples' register in it."""
    async with pool.acquire() as db:
        await schools.put(db, REGISTER)
        await schools.put_links(db, LINKS)
    return pool


def formed(work_group: str = "WG-7", **other: object) -> dict[str, Any]:
    """The report of a Work Group."""
    said = {"name": "Mastery at River Vale", "programme": PROGRAMME, "stage": "development", "school_year": YEAR}
    return {"type": "WorkGroupFormed", "work_group": work_group, "lead": "P-9"} | said | other


def joined(urn: str = OAK_PARK, work_group: str = "WG-7", on: date = SEPTEMBER) -> dict[str, Any]:
    """The report of a school that joined."""
    return {
        "type": "SchoolJoinedWorkGroup",
        "work_group": work_group,
        "school_urn": urn,
        "effective_on": on.isoformat(),
    }


def nominated(
    advocate: str = "P-1", urn: str = OAK_PARK, work_group: str = "WG-7", on: date = SEPTEMBER
) -> dict[str, Any]:
    """The report of an advocate."""
    return joined(urn, work_group, on) | {"type": "MasteryAdvocateNominated", "advocate": advocate}


def replaced(
    leaving: str = "P-1", joining: str | None = None, urn: str = OAK_PARK, on: date = OCTOBER, **other: object
) -> dict[str, Any]:
    """The report of an advocate who gave up a slot."""
    who = {"leaving": leaving} | ({"joining": joining} if joining else {})
    return joined(urn, on=on) | {"type": "MasteryAdvocateReplaced", "reason": "left-school"} | who | other


def withdrawn(urn: str = OAK_PARK, on: date = OCTOBER, **other: object) -> dict[str, Any]:
    """The report of a school that left."""
    return joined(urn, on=on) | {"type": "SchoolWithdrewFromWorkGroup", "reason": "staffing"} | other


def assigned(lead: str, on: date, work_group: str = "WG-7") -> dict[str, Any]:
    """The report of who leads."""
    return {
        "type": "LeadSpecialistAssigned",
        "work_group": work_group,
        "lead": lead,
        "effective_on": on.isoformat(),
    }


def reported(reference: str = "P-1", **other: object) -> dict[str, Any]:
    """The report of a person."""
    said = {"name": "Amina Khan", "email": "amina.khan@elmpark.example", "trn": "1234567"}
    return {"type": "PersonReported", "person": reference} | said | other


@dataclass
class Hub:
    """A hub's system: what it reports gets a place on its topic and an id of its own."""

    code: str = RIVER_VALE
    _offsets: "count[int]" = field(default_factory=count)

    def says(self, report: dict[str, Any], event_id: str | None = None) -> Record:
        """The record of one report."""
        offset = next(self._offsets)
        event = CloudEvent(
            id=event_id or f"e-{offset}",
            source="https://mis.example",
            type=f"uk.mathshubs.hub.enrolment.{report['type']}.v1",
            time=SAID_AT,
            data={name: value for name, value in report.items() if name != "type"},
        )
        headers, value = encode(event)
        return Record(f"hubs.{self.code}.events", 0, offset, None, value, headers)


async def told(pool: Pool, *records: Record) -> None:
    """Hear a batch as the inbox does, and let what is parked go on; a lost race is run again."""
    for tries in count():
        try:
            async with pool.acquire() as db, db.transaction():
                await hear(db, FROM_HUBS, records, firm=tries >= FIRM_AFTER)
            break
        except (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError):
            continue
    again = True
    while again:
        again = False
        async with pool.acquire() as db:
            for key in await due_keys(db, FROM_HUBS.consumer):
                async with db.transaction():
                    again |= await settling.look_again(db, FROM_HUBS, key)


async def open_connections(pool: Pool, number: int) -> None:
    """Have so many ready, so that a race begins for all at the same moment."""
    ready = [await pool.acquire() for _ in range(number)]
    for connection in ready:
        await pool.release(connection)


WAITING = """
    SELECT count(*)
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND wait_event_type = 'Lock'
"""


async def told_at_once(pool: Pool, first: Record, second: Record) -> None:
    """Hear `second` when `first` is decided and not yet committed, which is when a race is lost."""
    async with pool.acquire() as db:
        transaction = db.transaction()
        await transaction.start()
        await hear(db, FROM_HUBS, [first], firm=False)
        other = asyncio.create_task(told(pool, second))

        async def has_decided_or_waits() -> bool:
            return other.done() or bool(await pool.fetchval(WAITING))

        await until(has_decided_or_waits)
        await transaction.commit()
    await other


async def facts(pool: Pool) -> list[str]:
    """The types of the facts in the journal, in their order, save how groups stand: that depends on the day."""
    rows = await pool.fetch("SELECT type FROM journal WHERE topic = 'enrolment.facts' ORDER BY seq")
    types = [row["type"].split(".")[3] for row in rows]
    return [type_ for type_ in types if type_ != "WorkGroupStandingChanged"]


async def receipts(pool: Pool, hub: str = RIVER_VALE) -> dict[str, list[tuple[str, list[str]]]]:
    """By event, each outcome that the hub was told, with its codes."""
    rows = await pool.fetch("SELECT data FROM journal WHERE topic = $1 ORDER BY seq", f"hubs.{hub}.receipts")
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for row in rows:
        receipt = json.loads(row["data"])
        codes = [reason["code"] for reason in receipt["reasons"]]
        found.setdefault(receipt["event_id"], []).append((receipt["outcome"], codes))
    return found


async def finally_told(pool: Pool, hub: str = RIVER_VALE) -> list[tuple[str, list[str]]]:
    """The last outcome of each event, in the order of the events."""
    by_event = await receipts(pool, hub)
    return [by_event[event][-1] for event in sorted(by_event, key=lambda e: int(e.split("-")[1]))]


def columns(rows: Sequence[asyncpg.Record]) -> list[tuple[Any, ...]]:
    """Rows as tuples, to compare."""
    return [tuple(row) for row in rows]
