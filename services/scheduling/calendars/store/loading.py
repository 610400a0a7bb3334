"""Loads the calendars of Work Groups, set-wise."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import cast

import asyncpg

from mathshubs.events.scheduling.meetings import HalfTerm
from mathshubs.events.spoken import SchoolYear, Urn, WorkGroupId
from mathshubs.postgres import Db
from scheduling.calendars.domain import Calendar, Days, Layer, Member, Membership, Term, usual_in

Layers = Mapping[tuple[str, ...], Layer]
"""What is known, by whose and of which school year."""
Numbers = Mapping[Urn, tuple[Urn, ...]]
"""Of each school the numbers that it has had since it joined, the latest first and that of joining last."""


async def load(db: Db, groups: Collection[Membership]) -> dict[WorkGroupId, Calendar]:
    """Return the calendar of each of `groups`, by four statements however many there are."""
    numbers = await _numbers(db, groups)
    reported, imported = await _reported(db, groups, numbers), await _imported(db, groups, numbers)
    usual = await _usual(db)
    return {
        group.work_group_id: Calendar(
            group.hub,
            group.school_year,
            reported={urn: layer for (hub, urn, year), layer in reported.items() if (hub, year) == _whose(group)},
            imported={one.school_urn: _layers(one, group.school_year, imported, numbers) for one in group.members},
            of_record=group.first.school_urn if group.first else None,
            usual=usual_in(group.school_year, usual),
            numbers={joined: several for joined, several in numbers.items() if len(several) > 1},
        )
        for group in groups
    }


def _whose(group: Membership) -> tuple[str, SchoolYear]:
    return group.hub, group.school_year


def _layers(one: Member, year: SchoolYear, imported: Layers, numbers: Numbers) -> tuple[Layer, ...]:
    whose = (*numbers[one.school_urn], one.local_authority_code or "")
    return tuple(layer for name in whose if (layer := imported.get((name, year))))


LOAD_NUMBERS = """
    WITH RECURSIVE later (joined, urn, step) AS (
        SELECT named.urn, named.urn, 0
          FROM unnest($1::text[]) AS named (urn)
         UNION
        SELECT later.joined, link.successor, later.step + 1
          FROM later
          JOIN successors AS link ON link.predecessor = later.urn
         WHERE later.step < 9
           AND link.successor <> later.joined
    )
    SELECT joined, urn
      FROM later
     GROUP BY joined, urn
     ORDER BY joined, max(step) DESC, urn
"""


async def _numbers(db: Db, groups: Collection[Membership]) -> Numbers:
    found: dict[Urn, tuple[Urn, ...]] = {}
    for joined, urn in await db.fetch(
        LOAD_NUMBERS, sorted({one.school_urn for group in groups for one in group.members})
    ):
        found[joined] = (*found.get(joined, ()), urn)
    return found


LOAD_REPORTED = """
    SELECT closed.hub, closed.school_urn, closed.school_year, closed.kind, closed.from_on, closed.to_on
      FROM reported_closures AS closed
      JOIN unnest($1::text[], $2::text[], $3::text[]) AS member (hub, school_urn, school_year)
     USING (hub, school_urn, school_year)
     ORDER BY closed.from_on
"""


async def _reported(db: Db, groups: Collection[Membership], numbers: Numbers) -> Layers:
    wanted = {
        (group.hub, number, group.school_year)
        for group in groups
        for one in group.members
        for number in numbers[one.school_urn]
    }
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


async def _imported(db: Db, groups: Collection[Membership], numbers: Numbers) -> Layers:
    wanted = {
        (whose, group.school_year)
        for group in groups
        for one in group.members
        for whose in (*numbers[one.school_urn], one.local_authority_code)
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
