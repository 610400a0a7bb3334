"""Which school a school has become: lineage through conversions, mergers and amalgamations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

__all__ = ["Lineages", "Link"]


@dataclass(frozen=True, slots=True)
class Link:
    """One school took the place of another, wholly: a plain, merged or amalgamated successor.

    Splits, sixth-form centres and other kinds are no such link and are left out by whoever
    builds these. `on` is the first day of the successor; None where the register does not say.
    """

    predecessor: str
    successor: str
    on: date | None = None


class Lineages:
    """Every school's open successor root, on any day (source: domain.md, national report metrics).

    Args:
        links: in any order; a pair may stand more than once, and the earliest date then counts.
        opened: each URN of the register with its first day, None for "open as long as we know".
        closed: URNs that closed, with the last day on which they were open; None where the
            register says closed and not when, which is read as closed always.

    A link counts from its own date; without one, from the day on which the successor opened;
    without that either, always. A URN that the register does not hold is never taken for open.
    """

    def __init__(
        self, links: Iterable[Link], opened: Mapping[str, date | None], closed: Mapping[str, date | None]
    ) -> None:
        self._opened = opened
        self._closed = closed
        self._successors = _successors(links, opened)

    def root(self, urn: str, day: date) -> str:
        """Return the URN that stands for the lineage of `urn` on `day`.

        It is the last school of the chain. Where the chain forks, each fork is followed, oldest
        link first and then lowest URN, and the first end that is open on `day` is the root; if
        none is open, the first end. Schools that name each other in a circle are one school: the
        open one with the lowest URN stands for them. A URN with no link stands for itself.
        """
        seen = {urn}
        here = urn
        while len(following := self._following(here, day)) == 1:
            here = following[0]
            if here in seen:
                break
            seen.add(here)
        return here if not following else self._end_of_many(here, day)

    def is_open(self, urn: str, day: date) -> bool:
        """Return whether the register holds `urn` as open on `day`; its last day still counts."""
        if urn not in self._opened:
            return False
        first = self._opened[urn]
        if first is not None and first > day:
            return False
        if urn not in self._closed:
            return True
        last = self._closed[urn]
        return last is not None and day <= last

    def _following(self, urn: str, day: date) -> list[str]:
        """Return the direct successors on `day`, oldest link first, then lowest URN."""
        dated = self._successors.get(urn)
        if dated is None:
            return []
        return [successor for on, successor in sorted((on, successor) for successor, on in dated.items()) if on <= day]

    def _end_of_many(self, urn: str, day: date) -> str:
        """Return the root where the way forks or goes in a circle."""
        ends = list(self._ends(urn, day))
        for end in ends:
            if any(self.is_open(school, day) for school in end):
                return min(end, key=lambda school: (not self.is_open(school, day), school))
        return min(ends[0])

    def _ends(self, urn: str, day: date) -> Iterator[frozenset[str]]:
        """Yield what cannot be left any more, as one school or a circle, in order of discovery."""
        reached: dict[str, frozenset[str]] = {}
        for school in self._reach(urn, day):
            reached[school] = frozenset(self._reach(school, day))
        for school, group in reached.items():
            if all(school in reached[other] for other in group):
                yield group

    def _reach(self, urn: str, day: date) -> Iterator[str]:
        """Yield `urn` and all that follows from it, each once, the first branch to its end first."""
        seen: set[str] = set()
        waiting = [urn]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                yield here
                waiting.extend(reversed(self._following(here, day)))


def _successors(links: Iterable[Link], opened: Mapping[str, date | None]) -> dict[str, dict[str, date]]:
    """Return each school's successors with the first day of the link."""
    found: dict[str, dict[str, date]] = {}
    for link in links:
        predecessor, successor = link.predecessor, link.successor
        if predecessor != successor:
            on = link.on or opened.get(successor) or date.min
            dated = found.setdefault(predecessor, {})
            dated[successor] = min(on, dated.get(successor, on))
    return found
