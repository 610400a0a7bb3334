"""The figures that anybody is given are held against a recount, at each level, and against each other."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any, Final

import httpx

from hubs.parts.http import trust
from hubs.proof.recount import COUNTS, MEASURES, Recount, counted, levels
from hubs.proof.system import SHOWN, Check, System, number

FULL_TIME: Final = "full-time"
"""A part whose denominator is the same everywhere: it says nothing of whether there is anything."""

Given = dict[tuple[str, str], tuple[float | None, float, float | None]]


async def figures_equal_a_recount(system: System) -> Check:
    """Compare every part of every measure of every school year, at each level, with a recount over the log of facts."""
    now = datetime.fromisoformat(await system.clock())
    years = await _recount(system, now)
    wrong: list[dict[str, Any]] = []
    compared = 0
    async with _door(system, now) as door:
        for year, recount in years.items():
            for measure, level in ((one, level) for one in MEASURES for level in levels(one)):
                given = _given(level, await door.rows(measure, year, level))
                wanted = _told(recount.figures(measure, level))
                compared += len(wanted)
                where = {"measure": measure, "school_year": year, "level": level}
                wrong += [{**where, **one} for one in _differences(wanted, given)]
    figures: dict[str, Any] = {"years": list(years), "figures": compared}
    if wrong:
        said = f"{number(len(wrong), 'figure')} differ from a recount of the facts"
        return Check("figures = recount", ok=False, said=said, figures=figures | {"different": wrong[:SHOWN]})
    said = f"{number(compared, 'figure')} of {len(MEASURES)} measures equal a recount of the facts"
    return Check("figures = recount", ok=True, said=said, figures=figures)


async def hubs_add_up(system: System) -> Check:
    """See that the hubs' counts exceed the national one by the lineages that are in more than one hub."""
    now = datetime.fromisoformat(await system.clock())
    years = await _recount(system, now)
    found: list[dict[str, Any]] = []
    async with _door(system, now) as door:
        for year, recount in years.items():
            for measure in COUNTS:
                by_hub = await door.rows(measure, year, "hub")
                national = await door.rows(measure, year, "national")
                shared = sum(len(hubs) - 1 for hubs in recount.shared(measure).values())
                sums = sum(row["value"] for row in by_hub), sum(row["value"] for row in national)
                where = {"measure": measure, "school_year": year}
                found.append({**where, "sum of hubs": sums[0], "national": sums[1], "shared": shared})
    wrong = [one for one in found if one["sum of hubs"] - one["national"] != one["shared"]]
    figures = {"sums": found[:SHOWN], "different": wrong[:SHOWN]}
    if wrong:
        said = "The hubs' figures and the national ones differ by other than the schools they share"
        return Check("hubs - national = shared", ok=False, said=said, figures=figures)
    said = f"Sum of hubs less national = schools in more than one hub ({sum(one['shared'] for one in found):,})"
    return Check("hubs - national = shared", ok=True, said=said, figures=figures)


async def _recount(system: System, now: datetime) -> Mapping[str, Recount]:
    async with system.database("reporting") as db:
        return await counted(db, now, now)


@dataclass(frozen=True, slots=True)
class Door:
    """Reporting's own door, asked for figures as at one instant, and as known then."""

    client: httpx.AsyncClient
    at: str

    async def rows(self, measure: str, year: str, level: str) -> list[dict[str, Any]]:
        """Return the rows of one figure."""
        asked = {"measure": measure, "school_year": year, "level": level, "as_at": self.at, "known_at": self.at}
        answer = await self.client.get("/v1/figures", params=asked)
        rows: list[dict[str, Any]] = answer.raise_for_status().json()["rows"]
        return rows


@asynccontextmanager
async def _door(system: System, at: datetime) -> AsyncIterator[Door]:
    async with httpx.AsyncClient(verify=trust(), base_url=system.http["reporting"], timeout=30) as client:
        yield Door(client, at.isoformat())


def _given(level: str, rows: list[dict[str, Any]]) -> Given:
    """Return what is given for each place and part."""
    named = {"national": "name", "region": "name"}.get(level, "code")
    return _told(
        {(row[named], row.get("part") or ""): (row["value"], row["numerator"], row["denominator"]) for row in rows}
    )


def _told(figures: Given) -> Given:
    """Leave out what comes to nothing."""
    return {at: figure for at, figure in figures.items() if figure[1] or (figure[2] and at[1] != FULL_TIME)}


def _differences(wanted: Given, given: Given) -> list[dict[str, Any]]:
    at_odds = sorted(at for at in wanted.keys() | given.keys() if not _is_same(wanted.get(at), given.get(at)))
    return [
        {"place": place, "part": part, "recount": wanted.get((place, part)), "given": given.get((place, part))}
        for place, part in at_odds
    ]


def _is_same(one: tuple[float | None, ...] | None, other: tuple[float | None, ...] | None) -> bool:
    """Say whether two figures are one; sums of hours in another order may differ in the last bit."""
    if one is None or other is None:
        return one is other
    pairs = list(zip(one, other, strict=True))
    return all(a is b if a is None or b is None else isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in pairs)
