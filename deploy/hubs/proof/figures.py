"""The figures that anybody is given are held against a recount, at each level, and against each other."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx

from hubs.parts.http import trust
from hubs.proof import recount
from hubs.proof.recount import LEVELS, Recount, Register
from hubs.proof.system import SHOWN, Check, System, number

MEASURES: Final = ("M1", "M2", "M9")
COUNTS: Final = ("M1", "M2")


async def figures_equal_a_recount(system: System) -> Check:
    """Compare M1, M2 and M9 of every school year at each level with a recount over the log of facts."""
    now = datetime.fromisoformat(await system.clock())
    years, register = await _recount(system, now)
    wrong: list[dict[str, Any]] = []
    compared = 0
    async with _door(system, now) as door:
        for year, counted in years.items():
            for measure, level in ((m, lv) for m in MEASURES for lv in LEVELS):
                given = _given(level, await door.rows(measure, year, level))
                wanted = counted.figures(measure, level, register)
                compared += len(wanted)
                where = {"measure": measure, "school_year": year, "level": level}
                wrong += [{**where, **one} for one in _differences(wanted, given)]
    figures: dict[str, Any] = {"years": list(years), "figures": compared}
    if wrong:
        said = f"{number(len(wrong), 'figure')} differ from a recount of the facts"
        return Check("figures = recount", ok=False, said=said, figures=figures | {"different": wrong[:SHOWN]})
    said = f"{number(compared, 'figure')} of M1, M2 and M9 at {len(LEVELS)} levels equal a recount of the facts"
    return Check("figures = recount", ok=True, said=said, figures=figures)


async def hubs_add_up(system: System) -> Check:
    """See that the hubs' counts exceed the national one by the lineages that are in more than one hub."""
    now = datetime.fromisoformat(await system.clock())
    years, register = await _recount(system, now)
    found: list[dict[str, Any]] = []
    async with _door(system, now) as door:
        for year, counted in years.items():
            for measure in COUNTS:
                by_hub = await door.rows(measure, year, "hub")
                national = await door.rows(measure, year, "national")
                shared = sum(len(hubs) - 1 for hubs in counted.shared(measure, register).values())
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


async def _recount(system: System, now: datetime) -> tuple[Mapping[str, Recount], Register]:
    async with system.database("reporting") as db:
        years = [row["school_year"] for row in await db.fetch(recount.YEARS)]
        register = await recount.read_register(db, now, now)
        return {year: await recount.count(db, year, now, now) for year in years}, register


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


def _given(level: str, rows: list[dict[str, Any]]) -> dict[str, tuple[int, int | None]]:
    """Return what is given for each place in which anything counts; a value that its parts do not make is no number."""
    named = {"national": "name", "region": "name"}.get(level, "code")
    return {row[named]: _parts(row) for row in rows if row["numerator"] or row["denominator"]}


def _parts(row: Mapping[str, Any]) -> tuple[int, int | None]:
    numerator, denominator = row["numerator"], row["denominator"]
    value = numerator if denominator is None else numerator / denominator
    return (numerator if row["value"] == value else -1, denominator)


def _differences(
    wanted: Mapping[str, tuple[int, int | None]], given: Mapping[str, tuple[int, int | None]]
) -> list[dict[str, Any]]:
    places = sorted(place for place in wanted.keys() | given.keys() if wanted.get(place) != given.get(place))
    return [{"place": place, "recount": wanted.get(place), "given": given.get(place)} for place in places]
