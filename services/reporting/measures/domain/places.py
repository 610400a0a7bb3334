"""Where and when figures are of: levels, places, and the two instants that are asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from mathshubs.clock import start_of


class Level(StrEnum):
    """What figures are broken down by."""

    NATIONAL = "national"
    HUB = "hub"
    REGION = "region"
    LOCAL_AUTHORITY = "local_authority"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What a row of figures is about: a hub, a region, a local authority or England."""

    code: str
    name: str


ENGLAND: Final = Place("E92000001", "England")
NOT_KNOWN: Final = Place("not-known", "Not known")
"""Where the register does not say in which region or authority a school is."""

REGIONS: Final[Mapping[str, Place]] = {
    name.casefold(): Place(code, name)
    for code, name in (
        ("E12000001", "North East"),
        ("E12000002", "North West"),
        ("E12000003", "Yorkshire and the Humber"),
        ("E12000004", "East Midlands"),
        ("E12000005", "West Midlands"),
        ("E12000006", "East of England"),
        ("E12000007", "London"),
        ("E12000008", "South East"),
        ("E12000009", "South West"),
    )
}
"""Regions by codes of the Office for National Statistics; the register gives names alone."""


def region(name: str | None) -> Place:
    """Return the region of that name; one that the statisticians do not have goes by its name."""
    return REGIONS.get(name.casefold(), Place(name, name)) if name else NOT_KNOWN


def instant_of(asked: date | datetime) -> datetime:
    """Return the instant up to which something counts: an instant is itself, a day counts to its end in London."""
    return asked if isinstance(asked, datetime) else start_of(asked + timedelta(days=1)) - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a survey is of: true by `as_at`, recorded by `known_at`, in Work Groups of `stage` where one is named."""

    school_year: str
    as_at: datetime
    known_at: datetime
    stage: str | None = None


def census_day(school_year: str) -> date:
    """Return the day of January's school census: the third Thursday of January in `school_year`.

    Source: the Department for Education's school census guidance.
    """
    first = date(int(school_year[:4]) + 1, 1, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 14)


def year_before(school_year: str) -> str:
    """Return the school year before: 2025/26 of 2026/27."""
    first = int(school_year[:4]) - 1
    return f"{first}/{(first + 1) % 100:02}"


def status(final_from: date | None, *moments: datetime) -> str:
    """Say whether figures are `final`: what they count, what is known and now are past the day that makes them so."""
    is_final = final_from is not None and all(moment >= start_of(final_from) for moment in moments)
    return "final" if is_final else "provisional"
