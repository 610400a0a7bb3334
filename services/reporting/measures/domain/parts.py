"""The figures that a measure is made of, and how each is reckoned from what was seen in one place."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, Final, Protocol

from reporting.measures.domain.places import Level, Place


class Unit(StrEnum):
    """What a value is: a whole number, a rate of 0 to 1, any other number, or a length of time."""

    COUNT = "count"
    RATE = "rate"
    NUMBER = "number"
    HOURS = "hours"
    DAYS = "days"
    SECONDS = "seconds"


PERSON: Final = "person"


class Seen(Protocol):
    """One thing that was seen in the year asked about, or before: what every measure is made of.

    `kind` and `id` say what stands behind a figure: a school (by its lineage), a Work Group, a meeting; of a
    person the id is never shown. `places` lacks a level at which the thing is nowhere.
    """

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def id(self) -> str:
        """By which it is told from others of its kind."""

    @property
    def name(self) -> str:
        """Its name, where it has a public one."""

    @property
    def places(self) -> Mapping[Level, Place]:
        """Where it counts."""


Counts = Callable[[Any], bool]
Amount = Callable[[Any], float]


@dataclass(frozen=True, slots=True)
class Value:
    """A value with what it was made of. A rate of nothing has none; a count has no denominator."""

    value: float | None
    numerator: float
    denominator: float | None = None
    apologies: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of a measure: what counts for it, and what those that were seen in one place come to."""

    code: str
    name: str
    unit: Unit
    counts: Counts
    reckon: Callable[[Sequence[Any]], Value]


def _id(seen: Seen) -> Hashable:
    return seen.id


def how_many(code: str, name: str, counts: Counts, of: Callable[[Any], Hashable] = _id) -> Part:
    """Count those that count, each `of` once."""

    def reckon(seen: Sequence[Any]) -> Value:
        found = len({of(one) for one in seen if counts(one)})
        return Value(found, found)

    return Part(code, name, Unit.COUNT, counts, reckon)


def share(code: str, name: str, counts: Counts, among: Counts, of: Callable[[Any], Hashable] = _id) -> Part:
    """Divide those that count by those `among` whom they are looked for, each `of` once."""

    def reckon(seen: Sequence[Any]) -> Value:
        top = len({of(one) for one in seen if counts(one)})
        return divided(top, len({of(one) for one in seen if among(one)}))

    return Part(code, name, Unit.RATE, counts, reckon)


def total(code: str, name: str, amount: Amount, counts: Counts, unit: Unit = Unit.COUNT) -> Part:
    """Add up the amounts of those that count."""

    def reckon(seen: Sequence[Any]) -> Value:
        found = sum(amount(one) for one in seen if counts(one))
        return Value(found, found)

    return Part(code, name, unit, counts, reckon)


def ratio(code: str, name: str, counts: Counts, top: Amount, bottom: Amount, *, unit: Unit = Unit.RATE) -> Part:
    """Divide one sum by another, over those that count."""

    def reckon(seen: Sequence[Any]) -> Value:
        counted = [one for one in seen if counts(one)]
        return divided(sum(map(top, counted)), sum(map(bottom, counted)))

    return Part(code, name, unit, counts, reckon)


def middle(
    code: str, name: str, counts: Counts, amount: Amount, unit: Unit, *, by: Callable[[Any], Hashable] | None = None
) -> Part:
    """Return the median of the amounts of those that count; with `by`, of the sums of each of those."""

    def reckon(seen: Sequence[Any]) -> Value:
        sums: defaultdict[Hashable, float] = defaultdict(float)
        for number, one in enumerate(seen):
            if counts(one):
                sums[by(one) if by else number] += amount(one)
        return Value(median(sums.values()) if sums else None, len(sums))

    return Part(code, name, unit, counts, reckon)


def divided(numerator: float, denominator: float) -> Value:
    """Divide; by nothing there is no value."""
    return Value(numerator / denominator if denominator else None, numerator, denominator)
