"""SQL that holds and writes the register: schools, links, imports with what they set aside, policies."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from enrolment.schools.domain import EligibilityPolicy, School, Status
from mathshubs.lineage import Lineages, Link
from mathshubs.postgres import Db, Pool, write_rows


class ImportUnderWay(RuntimeError):
    """Another import of the register is running; try again when it has ended."""


class NoPolicy(LookupError):
    """No dated row says whom this programme is for in this school year; add one."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that was set aside: its number (the header is 1), its URN where it has one, a reason code."""

    row_number: int
    urn: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import as it begins; columns are those the register usually has and this file has not, and others."""

    id: UUID
    kind: str
    file_name: str
    file_date: date
    began_at: datetime
    missing_columns: tuple[str, ...]
    extra_columns: tuple[str, ...]


TRY_IMPORT_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('register-import', 0))"


@asynccontextmanager
async def alone(pool: Pool) -> AsyncIterator[Db]:
    """Give a connection on which no other import of the register runs; the pool's reset lets it go.

    Raises:
        ImportUnderWay: if another one is running.
    """
    async with pool.acquire() as db:
        if not await db.fetchval(TRY_IMPORT_LOCK):
            raise ImportUnderWay("another import of the register is running; try again when it has ended")
        yield db


FIND_SCHOOL = """
    SELECT urn, name, local_authority_code, local_authority_name, region, country,
           type_code, phase_code, status_code, low_age, high_age, opened_on, closed_on
      FROM schools
     WHERE urn = $1
"""


async def find(db: Db, urn: str) -> School | None:
    """Return the register's entry for `urn`, None if it has none."""
    row = await db.fetchrow(FIND_SCHOOL, urn)
    return School(**row) if row else None


HOLD_SCHOOLS = """
    SELECT urn, name, local_authority_code, local_authority_name, region, country,
           type_code, phase_code, status_code, low_age, high_age, opened_on, closed_on
      FROM schools
     WHERE urn = ANY($1::text[])
     ORDER BY urn
       FOR UPDATE
"""


async def hold(db: Db, urns: Collection[str]) -> dict[str, School]:
    """Hold those of `urns` that the register has until the transaction ends; others who change them wait."""
    return {row["urn"]: School(**row) for row in await db.fetch(HOLD_SCHOOLS, list(urns))}


PUT_SCHOOLS = """
    INSERT INTO schools (urn, name, local_authority_code, local_authority_name, region, country,
                         type_code, phase_code, status_code, low_age, high_age, opened_on, closed_on)
    SELECT urn, name, local_authority_code, local_authority_name, region, country,
           type_code, phase_code, status_code, low_age, high_age, opened_on, closed_on
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                  $7::smallint[], $8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[],
                  $12::date[], $13::date[])
        AS entry (urn, name, local_authority_code, local_authority_name, region, country,
                  type_code, phase_code, status_code, low_age, high_age, opened_on, closed_on)
        ON CONFLICT (urn) DO UPDATE
       SET name = excluded.name,
           local_authority_code = excluded.local_authority_code,
           local_authority_name = excluded.local_authority_name,
           region = excluded.region,
           country = excluded.country,
           type_code = excluded.type_code,
           phase_code = excluded.phase_code,
           status_code = excluded.status_code,
           low_age = excluded.low_age,
           high_age = excluded.high_age,
           opened_on = excluded.opened_on,
           closed_on = excluded.closed_on
"""


async def put(db: Db, schools: Iterable[School]) -> None:
    """Write these entries, new or changed."""
    await write_rows(db, PUT_SCHOOLS, [astuple(school) for school in schools])


HOLD_LINKS = """
    SELECT predecessor, successor, "on"
      FROM school_links
     WHERE predecessor = ANY($1::text[])
     ORDER BY predecessor, successor
       FOR UPDATE
"""


async def hold_links(db: Db, predecessors: Collection[str]) -> dict[tuple[str, str], Link]:
    """Hold all links that lead on from `predecessors`, by their pair."""
    rows = await db.fetch(HOLD_LINKS, list(predecessors))
    return {(row["predecessor"], row["successor"]): Link(**row) for row in rows}


PUT_LINKS = """
    INSERT INTO school_links (predecessor, successor, "on")
    SELECT predecessor, successor, "on"
      FROM unnest($1::text[], $2::text[], $3::date[]) AS link (predecessor, successor, "on")
        ON CONFLICT (predecessor, successor) DO UPDATE
       SET "on" = excluded."on"
"""


async def put_links(db: Db, links: Iterable[Link]) -> None:
    """Write these links, new or with another date."""
    await write_rows(db, PUT_LINKS, [astuple(link) for link in links])


FAMILY = """
    WITH RECURSIVE family (urn) AS (
        SELECT unnest($1::text[])
         UNION
        SELECT CASE link.predecessor WHEN family.urn THEN link.successor ELSE link.predecessor END
          FROM family
          JOIN school_links AS link ON family.urn IN (link.predecessor, link.successor)
    )
    SELECT family.urn, school.urn IS NOT NULL AS registered, school.opened_on, school.closed_on, school.status_code
      FROM family
      LEFT JOIN schools AS school ON school.urn = family.urn
"""
LINKS_OF_FAMILY = """
    SELECT predecessor, successor, "on"
      FROM school_links
     WHERE predecessor = ANY($1::text[])
"""


async def lineages(db: Db, urns: Collection[str]) -> tuple[Lineages, frozenset[str]]:
    """Return the lineages that `urns` belong to, and every URN in them, both ways along the links."""
    family = await db.fetch(FAMILY, list(urns))
    everyone = frozenset(row["urn"] for row in family)
    links = [Link(**row) for row in await db.fetch(LINKS_OF_FAMILY, list(everyone))]
    opened = {row["urn"]: row["opened_on"] for row in family if row["registered"]}
    closed = {row["urn"]: row["closed_on"] for row in family if row["closed_on"] or row["status_code"] == Status.CLOSED}
    return Lineages(links, opened, closed), everyone


POLICY = """
    SELECT programme, from_year, type_codes, phase_codes, status_codes, age_judged_type_codes, low_age, high_age,
           colleges, college_type_codes, college_phase_codes, outside_type_codes, outside_local_authority_codes,
           countries
      FROM eligibility_policies
     WHERE programme = $1
       AND from_year <= $2
     ORDER BY from_year DESC
     LIMIT 1
"""


async def policy(db: Db, programme: str, school_year: str) -> EligibilityPolicy:
    """Return whom `programme` is for in `school_year`: the latest row from that year or before.

    Raises:
        NoPolicy: if there is none.
    """
    row = await db.fetchrow(POLICY, programme, school_year)
    if row is None:
        raise NoPolicy(f"no eligibility policy for {programme} in {school_year}")
    columns: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in row.items()}
    return EligibilityPolicy(**columns)


BEGIN_IMPORT = """
    INSERT INTO register_imports (id, kind, file_name, file_date, began_at, missing_columns, extra_columns)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def begin_import(db: Db, begun: Import) -> None:
    """Write that an import has begun; one that has no end was broken off."""
    await db.execute(BEGIN_IMPORT, *astuple(begun))


END_IMPORT = """
    UPDATE register_imports
       SET ended_at = $2, added = $3, changed = $4, unchanged = $5, quarantined = $6
     WHERE id = $1
"""


async def end_import(
    db: Db, import_id: UUID, ended_at: datetime, *, added: int, changed: int, unchanged: int, quarantined: int
) -> None:
    """Write that an import has ended, and what it found."""
    await db.execute(END_IMPORT, import_id, ended_at, added, changed, unchanged, quarantined)


SET_ASIDE = """
    INSERT INTO register_quarantine (import_id, row_number, urn, reason)
    SELECT import_id, row_number, urn, reason
      FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[])
        AS quarantined (import_id, row_number, urn, reason)
"""


async def set_aside(db: Db, import_id: UUID, quarantined: Sequence[Quarantined]) -> None:
    """Keep which rows were set aside, and why; nothing of what they say."""
    await write_rows(db, SET_ASIDE, [(import_id, *astuple(row)) for row in quarantined])


QUARANTINE = """
    SELECT row_number, urn, reason
      FROM register_quarantine
     WHERE import_id = $1
     ORDER BY row_number
"""


async def quarantine(db: Db, import_id: UUID) -> list[Quarantined]:
    """Return the rows that an import set aside, in the order of the file."""
    return [Quarantined(**row) for row in await db.fetch(QUARANTINE, import_id)]
