"""SQL that holds and writes imported dates, and what each import found."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from mathshubs.postgres import Db, Pool, write_rows
from scheduling.calendars.domain import Dates, Days, Name


class ImportUnderWay(RuntimeError):
    """Another import of calendars is running; try again when it has ended."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was set aside: its number (the header is 1), whose calendar it is of if that can be read, why."""

    row_number: int
    whose: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found. Every row is counted once: as added, changed, unchanged or quarantined.

    `calendars` is how many the file says anything of, `removed` how many dates it says no more.
    """

    import_id: UUID
    file_name: str
    encoding: str
    missing_columns: tuple[str, ...]
    extra_columns: tuple[str, ...]
    read: int
    added: int
    changed: int
    unchanged: int
    removed: int
    quarantined: int
    calendars: int


TRY_IMPORT_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('calendar-import', 0))"


@asynccontextmanager
async def alone(pool: Pool) -> AsyncIterator[Db]:
    """Give a connection on which no other import of calendars runs; the pool's reset lets it go.

    Raises:
        ImportUnderWay: if another one is running.
    """
    async with pool.acquire() as db:
        if not await db.fetchval(TRY_IMPORT_LOCK):
            raise ImportUnderWay("another import of calendars is running; try again when it has ended")
        yield db


HOLD_DATES = """
    SELECT dates.whose, dates.school_year, dates.kind, dates.from_on, dates.to_on, dates.half_term
      FROM imported_dates AS dates
      JOIN unnest($1::text[], $2::text[]) AS named (whose, school_year)
     USING (whose, school_year)
     ORDER BY dates.whose, dates.school_year, dates.kind, dates.from_on
       FOR UPDATE OF dates
"""


async def hold_dates(db: Db, names: Collection[Name]) -> list[Dates]:
    """Hold the dates of these calendars until the transaction ends."""
    rows = await db.fetch(HOLD_DATES, [whose for whose, _ in names], [year for _, year in names])
    return [_dates(row) for row in rows]


def _dates(row: asyncpg.Record) -> Dates:
    days = Days(row["from_on"], row["to_on"])
    return Dates(row["whose"], row["school_year"], row["kind"], days, row["half_term"])


DROP_DATES = """
    DELETE FROM imported_dates
     USING unnest($1::text[], $2::text[], $3::text[], $4::date[]) AS gone (whose, school_year, kind, from_on)
     WHERE imported_dates.whose = gone.whose
       AND imported_dates.school_year = gone.school_year
       AND imported_dates.kind = gone.kind
       AND imported_dates.from_on = gone.from_on
"""
PUT_DATES = """
    INSERT INTO imported_dates (whose, school_year, kind, from_on, to_on, half_term)
    SELECT whose, school_year, kind, from_on, to_on, half_term
      FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::smallint[])
        AS dates (whose, school_year, kind, from_on, to_on, half_term)
"""


async def keep_dates(db: Db, held: Collection[Dates], now: Collection[Dates]) -> None:
    """Take out the dates that are no more, and put in those that are new."""
    await write_rows(db, DROP_DATES, [_columns(one)[:4] for one in sorted(set(held) - set(now))])
    await write_rows(db, PUT_DATES, [_columns(one) for one in sorted(set(now) - set(held))])


def _columns(one: Dates) -> tuple[object, ...]:
    return one.whose, one.school_year, one.kind, one.days.from_on, one.days.to_on, one.half_term


KEEP_IMPORT = """
    INSERT INTO calendar_imports (id, file_name, imported_at, imported_by, calendars, added, changed, unchanged,
                                  removed, quarantined)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
SET_ASIDE = """
    INSERT INTO calendar_quarantine (import_id, row_number, whose, reason)
    SELECT import_id, row_number, whose, reason
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[])
        AS quarantined (import_id, row_number, whose, reason)
"""


async def keep_import(db: Db, done: Imported, aside: Sequence[Quarantined], *, by: str, at: datetime) -> None:
    """Keep who imported what, and which rows were set aside; nothing of what those say."""
    counts = (done.calendars, done.added, done.changed, done.unchanged, done.removed, done.quarantined)
    await db.execute(KEEP_IMPORT, done.import_id, done.file_name, at, by, *counts)
    await write_rows(db, SET_ASIDE, [(done.import_id, *astuple(row)) for row in aside])


QUARANTINE = """
    SELECT row_number, whose, reason
      FROM calendar_quarantine
     WHERE import_id = $1
     ORDER BY row_number
"""


async def quarantine(db: Db, import_id: UUID) -> list[Quarantined]:
    """Return the rows that an import set aside, in the order of the file."""
    return [Quarantined(**row) for row in await db.fetch(QUARANTINE, import_id)]
