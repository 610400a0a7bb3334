"""What the figures must come to by what the hubs know of their year: worked out from the network alone."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hubs.demo import stops
from hubs.demo.network import CAME, Group, Network, Place, Teacher

NEEDED: Final = 5
"""Meetings of the year to which a school's advocates must have come for it to complete its stage."""


@dataclass(frozen=True, slots=True)
class Figures:
    """M1, M2, M3 and M9 of one place: schools registered, engaged, completed; advocates who came of those expected."""

    registered: int
    engaged: int
    completed: int
    came: int
    expected: int

    def given(self, measures: Iterable[str]) -> dict[str, tuple[int, int | None]]:
        """Return some of them by the code of the measure, as numerators and denominators."""
        every = {
            "M1": (self.registered, None),
            "M2": (self.engaged, None),
            "M3": (self.completed, None),
            "M9": (self.came, self.expected),
        }
        return {measure: every[measure] for measure in measures}

    def __str__(self) -> str:
        """Return them in words."""
        rate = f"{self.came / self.expected:.1%} attendance" if self.expected else "no meeting held"
        return f"{self.registered:,} registered · {self.engaged:,} engaged · {self.completed:,} completed · {rate}"


def figures(network: Network, groups: Iterable[Group], known_at: datetime = stops.QUESTIONING) -> Figures:
    """Return the figures of some Work Groups as they were known at an instant, by default when all is said."""
    theirs = list(groups)
    expected = [one for group in theirs for one in _expected(group, known_at)]
    engaged = {network.lineage(place.school.urn) for place, _, mark in expected if mark in CAME}
    completed = {network.lineage(place.school.urn) for group in theirs for place in _completed(group, known_at)}
    return Figures(
        registered=len({network.lineage(place.school.urn) for group in theirs for place in group.places}),
        engaged=len(engaged),
        completed=len(completed),
        came=sum(mark in CAME for _, _, mark in expected),
        expected=len(expected),
    )


def _expected(group: Group, known_at: datetime) -> Iterator[tuple[Place, Teacher, str]]:
    """Yield every advocate's place at every meeting that was held, with the mark in it."""
    for meeting, register in group.held():
        if register.said_at <= known_at:
            marks = register.known(known_at)
            yield from ((place, who, marks.get(who, "absent")) for place, who in group.advocates(meeting.day))


def _completed(group: Group, known_at: datetime) -> list[Place]:
    """Return the schools that have completed their stage, once it is the time for it."""
    if known_at < stops.COMPLETING:
        return []
    came: Counter[Place] = Counter()
    for meeting, register in group.held():
        marks = register.known(known_at)
        there = {place for place, who in group.advocates(meeting.day) if marks.get(who) in CAME}
        came.update(there)
    return [place for place in group.places if came[place] >= NEEDED and not place.withdrew_on]
