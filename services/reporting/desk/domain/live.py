"""What `/live` shows: where the school year stands, and each hub's year so far, region by region."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from mathshubs.events.spoken import first_and_last_day
from reporting.measures.domain import NOT_KNOWN, REGIONS, Place

SHADES: Final = 4
"""How many steps of colour there are above none."""

NAMES: Final = ("Autumn 1", "Autumn 2", "Spring 1", "Spring 2", "Summer 1", "Summer 2")


@dataclass(frozen=True, slots=True)
class HalfTerm:
    """One of the six: how much of it has passed, in per cent, and how many meetings were held in it."""

    name: str
    passed: int
    held: int
    is_now: bool


def half_terms(year: str, begin: Sequence[date], today: date, held_on: Iterable[date]) -> list[HalfTerm]:
    """Return the six half-terms of a school year as they stand on a day, with the meetings held in each.

    Args:
        begin: the first day of each, as the policy has it; a Work Group's own calendar may differ by days.
    """
    ends = [*begin[1:], first_and_last_day(year)[1]]
    days = list(held_on)
    return [
        HalfTerm(
            name,
            _passed(first, end, today),
            sum(first <= day < end for day in days),
            first <= today < end,
        )
        for name, first, end in zip(NAMES, begin, ends, strict=True)
    ]


def _passed(first: date, end: date, today: date) -> int:
    return min(100, max(0, round(100 * (today - first).days / (end - first).days)))


@dataclass(frozen=True, slots=True)
class HubYear:
    """One hub's school year so far."""

    code: str
    name: str
    region: Place
    groups: int
    schools: int
    held: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One hub on the page, with its step of colour: 0 without a meeting, `SHADES` where most were held."""

    hub: HubYear
    shade: int


@dataclass(frozen=True, slots=True)
class Region:
    """The hubs of one region, in the order of their names."""

    name: str
    tiles: Sequence[Tile]


def by_region(hubs: Sequence[HubYear]) -> list[Region]:
    """Return the hubs region by region, from north to south as the statisticians list them; unknown ones last."""
    most = max((hub.held for hub in hubs), default=0)
    order = [*REGIONS.values(), *sorted({hub.region for hub in hubs} - {*REGIONS.values(), NOT_KNOWN}), NOT_KNOWN]
    return [
        Region(
            place.name if place is not NOT_KNOWN else "Region not known", [Tile(hub, _shade(hub, most)) for hub in ours]
        )
        for place in order
        if (ours := sorted((hub for hub in hubs if hub.region == place), key=lambda hub: (hub.name, hub.code)))
    ]


def _shade(hub: HubYear, most: int) -> int:
    return -(-SHADES * hub.held // most) if most else 0
