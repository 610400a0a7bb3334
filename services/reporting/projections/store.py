"""SQL that writes the projections: those that are live, or a new set that is built beside them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from operator import itemgetter
from typing import Final

from mathshubs.events import Event
from mathshubs.postgres import Db, Pool
from reporting.log.domain import LoggedFact
from reporting.projections import domain
from reporting.projections.domain import Row

ADD_HUBS = """
    INSERT INTO hubs (event_id, code, name, region, version, effective_at, recorded_at)
    SELECT event_id, code, name, region, version, effective_at, recorded_at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
           AS fact (event_id, code, name, region, version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_SCHOOLS = """
    INSERT INTO schools (event_id, urn, name, local_authority_code, local_authority_name, region, is_closed,
                         opened_on, closed_on, version, effective_at, recorded_at)
    SELECT event_id, urn, name, local_authority_code, local_authority_name, region, is_closed,
           opened_on, closed_on, version, effective_at, recorded_at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
                  $8::date[], $9::date[], $10::bigint[], $11::timestamptz[], $12::timestamptz[])
           AS fact (event_id, urn, name, local_authority_code, local_authority_name, region, is_closed,
                    opened_on, closed_on, version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_LINKS = """
    INSERT INTO links (event_id, predecessor_urn, successor_urn, linked_on, version, effective_at, recorded_at)
    SELECT event_id, predecessor_urn, successor_urn, linked_on, version, effective_at, recorded_at
      FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
           AS fact (event_id, predecessor_urn, successor_urn, linked_on, version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_WORK_GROUPS = """
    INSERT INTO work_groups (event_id, work_group_id, name, programme, stage, hub, school_year,
                             version, effective_at, recorded_at)
    SELECT event_id, work_group_id, name, programme, stage, hub, school_year, version, effective_at, recorded_at
      FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                  $8::bigint[], $9::timestamptz[], $10::timestamptz[])
           AS fact (event_id, work_group_id, name, programme, stage, hub, school_year,
                    version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_JOINS = """
    INSERT INTO joins (event_id, work_group_id, school_urn, stage, hub, school_year, effective_on,
                       version, effective_at, recorded_at)
    SELECT event_id, work_group_id, school_urn, stage, hub, school_year, effective_on,
           version, effective_at, recorded_at
      FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
                  $8::bigint[], $9::timestamptz[], $10::timestamptz[])
           AS fact (event_id, work_group_id, school_urn, stage, hub, school_year, effective_on,
                    version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_SLOTS = """
    INSERT INTO slots (event_id, work_group_id, school_urn, person_id, hub, effective_on,
                       version, effective_at, recorded_at)
    SELECT event_id, work_group_id, school_urn, person_id, hub, effective_on, version, effective_at, recorded_at
      FROM unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::date[],
                  $7::bigint[], $8::timestamptz[], $9::timestamptz[])
           AS fact (event_id, work_group_id, school_urn, person_id, hub, effective_on,
                    version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_MEETINGS = """
    INSERT INTO meetings (event_id, meeting_id, work_group_id, became, starts_at, ends_at, mode, hub, school_year,
                          version, effective_at, recorded_at)
    SELECT event_id, meeting_id, work_group_id, became, starts_at, ends_at, mode, hub, school_year,
           version, effective_at, recorded_at
      FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[],
                  $8::text[], $9::text[], $10::bigint[], $11::timestamptz[], $12::timestamptz[])
           AS fact (event_id, meeting_id, work_group_id, became, starts_at, ends_at, mode, hub, school_year,
                    version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADD_ATTENDANCE = """
    INSERT INTO attendance (event_id, meeting_id, work_group_id, person_id, status, mode, minutes, revision,
                            version, effective_at, recorded_at)
    SELECT event_id, meeting_id, work_group_id, person_id, status, mode, minutes, revision,
           version, effective_at, recorded_at
      FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::int[], $8::int[],
                  $9::bigint[], $10::timestamptz[], $11::timestamptz[])
           AS fact (event_id, meeting_id, work_group_id, person_id, status, mode, minutes, revision,
                    version, effective_at, recorded_at)
        ON CONFLICT (event_id) DO NOTHING
"""

ADDS: Final[Mapping[str, str]] = {
    "hubs": ADD_HUBS,
    "schools": ADD_SCHOOLS,
    "links": ADD_LINKS,
    "work_groups": ADD_WORK_GROUPS,
    "joins": ADD_JOINS,
    "slots": ADD_SLOTS,
    "meetings": ADD_MEETINGS,
    "attendance": ADD_ATTENDANCE,
}
"""What adds rows to each table, in the order in which tables are written."""

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
        if table in rows:
            await db.execute(
                add_rows, *(list(column) for column in zip(*sorted(rows[table], key=itemgetter(0)), strict=True))
            )
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


GATHER_STATISTICS = "ANALYZE hubs, schools, links, work_groups, joins, slots, meetings, attendance"


async def analyse(db: Db, number: int) -> None:
    """Have the planner know projections `number`; without, a figure of a whole year takes ten times as long."""
    async with db.transaction():
        await db.execute(WRITE_TO, number)
        await db.execute(GATHER_STATISTICS, timeout=3_600)
        await db.execute(WRITE_NO_MORE)


async def go_live(db: Db, number: int) -> None:
    """Have readers see projections `number`, and facts be added to them, once the caller's transaction commits."""
    await db.execute("SELECT point_report_at($1)", number)
    await db.execute("UPDATE live_projections SET number = $1", number)


async def prepare(pool: Pool) -> None:
    """See that there are live projections, empty ones at the first start; safe to call from several processes."""
    async with pool.acquire() as db, db.transaction():
        if await live(db):
            return
    async with pool.acquire() as db, db.transaction():
        await db.execute("LOCK TABLE live_projections IN ACCESS EXCLUSIVE MODE")
        if not await live(db):
            await create(db, 1)
            await go_live(db, 1)
