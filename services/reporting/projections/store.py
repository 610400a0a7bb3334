"""SQL that writes the projections: those that are live, or a new set that is built beside them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from operator import itemgetter
from typing import Final

from mathshubs.events import Event
from mathshubs.postgres import Db, Pool, write_rows
from reporting.log.domain import LoggedFact
from reporting.projections import domain
from reporting.projections.domain import Row

COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "hubs": {"code": "text", "name": "text", "region": "text"},
    "schools": {
        "urn": "text",
        "name": "text",
        "local_authority_code": "text",
        "local_authority_name": "text",
        "region": "text",
        "country": "text",
        "type_code": "int",
        "phase_code": "int",
        "status_code": "int",
        "low_age": "int",
        "high_age": "int",
        "is_closed": "boolean",
        "opened_on": "date",
        "closed_on": "date",
    },
    "links": {"predecessor_urn": "text", "successor_urn": "text", "linked_on": "date"},
    "aliases": {"person_id": "uuid", "into_id": "uuid"},
    "work_groups": {
        "work_group_id": "uuid",
        "name": "text",
        "programme": "text",
        "stage": "text",
        "hub": "text",
        "school_year": "text",
        "lead_id": "uuid",
    },
    "standings": {"work_group_id": "uuid", "state": "text", "effective_on": "date"},
    "leads": {"work_group_id": "uuid", "lead_id": "uuid", "effective_on": "date"},
    "joins": {
        "work_group_id": "uuid",
        "school_urn": "text",
        "stage": "text",
        "hub": "text",
        "school_year": "text",
        "effective_on": "date",
    },
    "withdrawals": {"work_group_id": "uuid", "school_urn": "text", "reason": "text", "effective_on": "date"},
    "completions": {
        "work_group_id": "uuid",
        "school_urn": "text",
        "became": "text",
        "stage": "text",
        "hub": "text",
        "school_year": "text",
        "effective_on": "date",
    },
    "slots": {
        "work_group_id": "uuid",
        "school_urn": "text",
        "person_id": "uuid",
        "hub": "text",
        "school_year": "text",
        "effective_on": "date",
    },
    "vacated": {"work_group_id": "uuid", "school_urn": "text", "person_id": "uuid", "effective_on": "date"},
    "steps": {
        "person_id": "uuid",
        "step": "text",
        "hub": "text",
        "cohort": "int",
        "year": "int",
        "expires_on": "date",
        "effective_on": "date",
    },
    "meetings": {
        "meeting_id": "uuid",
        "work_group_id": "uuid",
        "became": "text",
        "starts_at": "timestamptz",
        "ends_at": "timestamptz",
        "mode": "text",
        "half_term": "int",
        "led_by_id": "uuid",
        "hub": "text",
        "school_year": "text",
    },
    "attendance": {
        "meeting_id": "uuid",
        "work_group_id": "uuid",
        "person_id": "uuid",
        "status": "text",
        "mode": "text",
        "minutes": "int",
        "revision": "int",
        "reason": "text",
    },
    "visits": {
        "visit_id": "uuid",
        "work_group_id": "uuid",
        "school_urn": "text",
        "hours": "float8",
        "entitled_hours": "float8",
        "hub": "text",
        "school_year": "text",
        "held_on": "date",
    },
    "lessons": {
        "lesson_id": "uuid",
        "work_group_id": "uuid",
        "school_urn": "text",
        "observers": "jsonb",
        "hub": "text",
        "school_year": "text",
        "held_on": "date",
    },
    "messages": {
        "delivery_id": "uuid",
        "meeting_id": "uuid",
        "status": "text",
        "queued_at": "timestamptz",
        "handed_at": "timestamptz",
        "hub": "text",
        "school_year": "text",
    },
}
"""What each table holds of its facts, with Postgres' types, in the order in which tables are written."""

EVERYWHERE: Final = {"version": "bigint", "effective_at": "timestamptz", "recorded_at": "timestamptz"}


def _adds(table: str) -> str:
    """Return the statement that adds rows to `table`, an array to each column; a fact that stands there stays."""
    columns = {"event_id": "text", **COLUMNS[table], **EVERYWHERE}
    named = ", ".join(columns)
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(columns.values(), 1))
    return f"""
    INSERT INTO {table} ({named})
    SELECT {named}
      FROM unnest({arrays}) AS fact ({named})
        ON CONFLICT (event_id) DO NOTHING
"""  # noqa: S608 -- made of the names above alone


ADDS: Final[Mapping[str, str]] = {table: _adds(table) for table in COLUMNS}
"""What adds rows to each table."""

Facts = Iterable[tuple[LoggedFact, Event]]

WRITE_TO = "SELECT set_config('search_path', 'projections_' || $1::int || ', public', true)"
WRITE_NO_MORE = "SELECT set_config('search_path', 'public', true)"


async def add(db: Db, number: int, facts: Facts) -> None:
    """Add what `facts` say to projections `number`, in the caller's transaction; kinds not projected pass."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for logged, fact in facts:
        if type(fact) in domain.PROJECTED:
            table, row = domain.row_of(logged, fact)
            rows[table].append(row)
    if not rows:
        return
    await db.execute(WRITE_TO, number)
    for table, add_rows in ADDS.items():
        await write_rows(db, add_rows, sorted(rows[table], key=itemgetter(0)))
    await db.execute(WRITE_NO_MORE)


WHILE_THEY_ARE_LIVE = "LOCK TABLE live_projections IN ROW SHARE MODE"
LIVE = "SELECT number FROM live_projections"


async def add_live(db: Db, facts: Facts) -> None:
    """Add what `facts` say to the projections that are live; those stay live until the transaction ends."""
    await db.execute(WHILE_THEY_ARE_LIVE)
    await add(db, await live(db), facts)


async def live(db: Db) -> int:
    """Return the number of the projections that are live, 0 before there are any."""
    return int(await db.fetchval(LIVE))


BEFORE_READING = "LOCK TABLE live_projections IN ACCESS SHARE MODE"


async def read_steadily(db: Db) -> None:
    """Let no other projections go live until the caller's transaction ends.

    First in a transaction of more than one statement: an older snapshot would find a new set's tables empty.
    """
    await db.execute(BEFORE_READING)


async def create(db: Db, number: int) -> None:
    """Make the empty tables of projections `number`, in the caller's transaction."""
    await db.execute("SELECT create_projections($1)", number)
    await db.execute(WRITE_TO, number)
    await db.execute(files("reporting.projections").joinpath("tables.sql").read_text())
    await db.execute(WRITE_NO_MORE)


GATHER_STATISTICS = f"ANALYZE {', '.join(COLUMNS)}"


async def analyse(db: Db, number: int) -> None:
    """Have the planner know projections `number`; without, a figure of a whole year takes ten times as long."""
    async with db.transaction():
        await db.execute(WRITE_TO, number)
        await db.execute(GATHER_STATISTICS, timeout=3_600)
        await db.execute(WRITE_NO_MORE)


LAYOUT: Final = 3
"""Of which layout the projections of this code are. Raise it with whatever changes a table, or what a fact adds to
one: a home whose live ones are of another is given new ones from its log when it starts."""

NOW_LIVE = "UPDATE live_projections SET number = $1, layout = $2"
LAYOUT_LIVE = "SELECT layout FROM live_projections"


async def go_live(db: Db, number: int) -> None:
    """Have readers see projections `number`, and facts be added to them, once the caller's transaction commits."""
    await db.execute("SELECT point_report_at($1)", number)
    await db.execute(NOW_LIVE, number, LAYOUT)


async def are_of_this_layout(db: Db) -> bool:
    """Say whether the live projections are laid out as this code lays them out; before there are any, too."""
    return await live(db) == 0 or await db.fetchval(LAYOUT_LIVE) == LAYOUT


async def begin(pool: Pool) -> None:
    """See that there are live projections, empty ones at the first start; safe to call from several processes."""
    async with pool.acquire() as db, db.transaction():
        if await live(db):
            return
    async with pool.acquire() as db, db.transaction():
        await db.execute("LOCK TABLE live_projections IN ACCESS EXCLUSIVE MODE")
        if not await live(db):
            await create(db, 1)
            await go_live(db, 1)
