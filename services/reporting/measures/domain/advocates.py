"""Advocates: how many there are, what their slots come to, and how much of the slots stands vacant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from reporting.measures.domain.figures import Measure, Subject
from reporting.measures.domain.parts import Part, Unit, Value, how_many, ratio
from reporting.measures.domain.places import Level, Place

FULL_TIME_DAYS: Final = 2 * 365
"""Slot-days of one school of two advocates in a year. Source: domain.md, M8."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """Days of one school year, up to the day asked about, on which somebody held a slot: or that a place offers.

    Of a place `person` is None, `offered` its slot-days; of a slot `held` its days.
    """

    lineage: str
    name: str
    places: Mapping[Level, Place]
    stage: str | None
    person: str | None
    held: int = 0
    offered: int = 0

    kind = "school"

    @property
    def id(self) -> str:
        """The lineage's URN."""
        return self.lineage


def days_within(since: date, until: date | None, first: date, last: date) -> int:
    """Return how many days from `since` until before `until` are from `first` to `last`."""
    after = last + timedelta(days=1)
    return max(0, (min(until or after, after) - max(since, first)).days)


def _is_held(tenure: Tenure) -> bool:
    return tenure.held > 0


def _full_time(seen: Sequence[Tenure]) -> Value:
    held = sum(one.held for one in seen)
    return Value(held / FULL_TIME_DAYS, held, FULL_TIME_DAYS)


ADVOCATES: Final = (
    Measure(
        "M8",
        "Advocates",
        "People who held an advocate's slot on a day of the school year, each once, also by two records; slot-days "
        "held up to the day asked about, divided by 2 x 365; and of the slot-days that schools' places in Work Groups "
        "offer by policy up to then, the share not held. Each slot counts as it was named: two that one person held "
        "at once, under two records, are two until one is given up.",
        Subject.ADVOCATES,
        (
            how_many("advocates", "Advocates", _is_held, of=lambda tenure: tenure.person),
            Part("full-time", "Slot-years held", Unit.NUMBER, _is_held, _full_time),
            ratio(
                "vacancy",
                "Vacancy rate",
                lambda _: True,
                top=lambda tenure: tenure.offered - tenure.held,
                bottom=lambda tenure: tenure.offered,
            ),
        ),
    ),
)
