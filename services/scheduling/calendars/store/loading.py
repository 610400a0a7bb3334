"""Loads the calendars of Work Groups, set-wise."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import cast

import asyncpg

from mathshubs.events.scheduling.meetings import HalfTerm
from mathshubs.events.spoken import SchoolYear, WorkGroupId
from mathshubs.postgres import Db
from scheduling.calendars.domain import Calendar, Days, Layer, Member, Membership, Term, usual_in

Layers = Mapping[tuple[str, ...], Layer]
"""What is known, by whose and of which school year."""


async def load(db: Db, groups: Collection[Membership]) -> dict[WorkGroupId, Calendar]:
    """Return the calendar of each of `groups`, by three statements however many there are."""
    reported, imported = await _reported(db, groups), await _imported(db, groups)
    usual = await _usual(db)
    return {
        group.work_group_id: Calendar(
            group.hub,
            group.school_year,
            reported={urn: layer for (hub, urn, year), layer in reported.items() if (hub, year) == _whose(group)},
            imported={one.school_urn: _layers(one, group.school_year, imported) for one in group.members},
            of_record=group.first.school_urn if group.first else None,
            usual=usual_in(group.school_year, usual),
        )
        for group in groups
    }


def _whose(group: Membership) -> tuple[str, SchoolYear]:
    return group.hub, group.school_year


def _layers(one: Member, year: SchoolYear, imported: Layers) -> tuple[Layer, ...]:
    found = (imported.get((one.school_urn, year)), imported.get((one.local_authority_code or "", year)))
    return tuple(layer for layer in found if layer)


LOAD_REPORTED = """
    SELECT closed.hub, closed.school_urn, closed.school_year, closed.kind, closed.from_on, closed.to_on
      FROM reported_closures AS closed
      JOIN unnest($1::text[], $2::text[], $3::text[]) AS member (hub, school_urn, school_year)
     USING (hub, school_urn, school_year)
     ORDER BY closed.from_on
"""


async def _reported(db: Db, groups: Collection[Membership]) -> Layers:
    wanted = {(group.hub, one.school_urn, group.school_year) for group in groups for one in group.members}
    columns = [[key[place] for key in wanted] for place in range(3)]
    found: dict[tuple[str, ...], list[asyncpg.Record]] = defaultdict(list)
    for row in await db.fetch(LOAD_REPORTED, *columns):
        found[row["hub"], row["school_urn"], row["school_year"]].append(row)
    return {key: _layer(rows) for key, rows in found.items()}


LOAD_IMPORTED = """
    SELECT dates.whose, dates.school_year, dates.kind, dates.half_term, dates.from_on, dates.to_on
      FROM imported_dates AS dates
      JOIN unnest($1::text[], $2::text[]) AS wanted (whose, school_year)
     USING (whose, school_year)
     ORDER BY dates.from_on
"""


async def _imported(db: Db, groups: Collection[Membership]) -> Layers:
    wanted = {
        (whose, group.school_year)
        for group in groups
        for one in group.members
        for whose in (one.school_urn, one.local_authority_code)
        if whose
    }
    found: dict[tuple[str, ...], list[asyncpg.Record]] = defaultdict(list)
    for row in await db.fetch(LOAD_IMPORTED, [key[0] for key in wanted], [key[1] for key in wanted]):
        found[row["whose"], row["school_year"]].append(row)
    return {key: _layer(rows) for key, rows in found.items()}


def _layer(rows: Collection[asyncpg.Record]) -> Layer:
    days = {
        kind: [(Days(row["from_on"], row["to_on"]), row) for row in rows if row["kind"] == kind]
        for kind in ("term", "holiday", "inset")
    }
    return Layer(
        terms=tuple(Term(span, cast("HalfTerm | None", row["half_term"])) for span, row in days["term"]),
        holidays=tuple(span for span, _ in days["holiday"]),
        insets=tuple(span for span, _ in days["inset"]),
    )


LOAD_USUAL = """
    SELECT from_year, from_on, to_on
      FROM half_term_policies
     ORDER BY from_year, half_term
"""


async def _usual(db: Db) -> Mapping[SchoolYear, tuple[Days, ...]]:
    found: dict[SchoolYear, tuple[Days, ...]] = {}
    for row in await db.fetch(LOAD_USUAL):
        found[row["from_year"]] = (*found.get(row["from_year"], ()), Days(row["from_on"], row["to_on"]))
    return found
