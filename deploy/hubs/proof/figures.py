"""The figures that anybody is given are held against a recount, at each level, and against each other."""

from collections import defaultdict
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

SECONDS: Final = 60
"""In which all the figures of a school year come, as long as the proof waits."""

Given = dict[tuple[str, str], tuple[float | None, float, float | None]]


async def figures_equal_a_recount(system: System) -> Check:
    """Compare every part of every measure of every school year, at each level, with a recount over the log of facts."""
    now = datetime.fromisoformat(await system.clock())
    years = await _recount(system, now)
    wrong: list[dict[str, Any]] = []
    compared = 0
    async with _door(system, now) as door:
        for year, recount in years.items():
            rows = await door.every_row(year)
            for measure, level in ((one, level) for one in MEASURES for level in levels(one)):
                given = _given(level, rows[measure, level])
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
    """See that each count of schools is by hubs more than nationally by those that are in more than one hub."""
    now = datetime.fromisoformat(await system.clock())
    years = await _recount(system, now)
    found: list[dict[str, Any]] = []
    async with _door(system, now) as door:
        for year, recount in years.items():
            for measure in COUNTS:
                by_hub = await door.rows(measure, year, "hub")
                national = await door.rows(measure, year, "national")
                found += sums(measure, year, by_hub, national, recount.shared(measure))
    wrong = [one for one in found if one["sum of hubs"] - one["national"] != _seen_again(one)]
    figures = {"sums": found, "different": wrong[:SHOWN]}
    if wrong:
        said = "The hubs' figures and the national ones differ by other than the schools they share"
        return Check("hubs - national = shared", ok=False, said=said, figures=figures)
    said = f"Sum of hubs less national = schools in more than one hub, by {number(len(found), 'count')} of schools"
    return Check("hubs - national = shared", ok=True, said=said, figures=figures)


def sums(
    measure: str,
    year: str,
    by_hub: list[dict[str, Any]],
    national: list[dict[str, Any]],
    shared: Mapping[str, Mapping[str, set[str]]],
) -> list[dict[str, Any]]:
    """Return for each count of schools what the hubs' come to, the national one, and the schools that hubs share."""
    return [
        {
            "measure": measure,
            "school_year": year,
            **({"part": part} if part else {}),
            "sum of hubs": sum(row["value"] for row in by_hub if (row.get("part") or "") == part),
            "national": sum(row["value"] for row in national if (row.get("part") or "") == part),
            "shared": {lineage: sorted(hubs) for lineage, hubs in sorted(lineages.items())},
        }
        for part, lineages in shared.items()
    ]


def _seen_again(sums: Mapping[str, Any]) -> int:
    """Count how often schools are counted by hubs beyond the first."""
    return sum(len(hubs) - 1 for hubs in sums["shared"].values())


async def _recount(system: System, now: datetime) -> Mapping[str, Recount]:
    async with system.database("reporting") as db:
        return await counted(db, now, now)


@dataclass(frozen=True, slots=True)
class Door:
    """Reporting's own door, asked for figures as at one instant, and as known then."""

    client: httpx.AsyncClient
    at: str

    async def every_row(self, year: str) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
        """Return the rows of every figure, by measure and level."""
        asked = {"school_year": year, "as_at": self.at, "known_at": self.at}
        answer = await self.client.get("/v1/figures/all", params=asked)
        found: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for one in answer.raise_for_status().json()["measures"]:
            for row in one["rows"]:
                found[one["measure"], row["level"]].append(row)
        return found

    async def rows(self, measure: str, year: str, level: str) -> list[dict[str, Any]]:
        """Return the rows of one figure."""
        asked = {"measure": measure, "school_year": year, "level": level, "as_at": self.at, "known_at": self.at}
        answer = await self.client.get("/v1/figures", params=asked)
        rows: list[dict[str, Any]] = answer.raise_for_status().json()["rows"]
        return rows


@asynccontextmanager
async def _door(system: System, at: datetime) -> AsyncIterator[Door]:
    async with httpx.AsyncClient(verify=trust(), base_url=system.http["reporting"], timeout=SECONDS) as client:
        yield Door(client, at.isoformat())


def _given(level: str, rows: list[dict[str, Any]]) -> Given:
    """Return what is given for each place and part."""
    named = {"national": "name", "region": "name"}.get(level, "code")
    given: Given = {}
    for row in rows:
        given[row[named], row.get("part") or ""] = (row["value"], row["numerator"], row["denominator"])
        if row["apologies"] is not None:
            given[row[named], "apologies"] = (row["apologies"], row["apologies"], None)
    return _told(given)


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
