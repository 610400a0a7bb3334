"""Dates that were imported of one calendar: what becomes of those held when a file says otherwise; pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from mathshubs.events.scheduling.meetings import HalfTerm
from mathshubs.events.spoken import SchoolYear
from scheduling.calendars.domain.layers import Days

Kind = Literal["term", "holiday", "inset"]
Name = tuple[str, SchoolYear]
"""Whose calendar (an authority's code or a school's URN), and of which school year."""


@dataclass(frozen=True, slots=True, order=True)
class Dates:
    """One line of a calendar."""

    whose: str
    school_year: SchoolYear
    kind: Kind
    days: Days
    half_term: HalfTerm | None = None

    @property
    def name(self) -> Name:
        """Return which calendar it is of."""
        return self.whose, self.school_year

    def meets(self, other: "Dates") -> bool:
        """Say whether both are of one calendar and one kind, and have a day in common."""
        if (self.name, self.kind) != (other.name, other.kind):
            return False
        return self.days.from_on <= other.days.to_on and other.days.from_on <= self.days.to_on


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file brings to the calendars that it names: what they are afterwards, and how many dates are what."""

    now: frozenset[Dates]
    tally: Counter[str] = field(default_factory=Counter)
    """Of `added`, `changed` and `unchanged` one for each date that is said; `removed` are those said no more."""


def bring(held: Collection[Dates], said: Collection[Dates], broken: Collection[Name]) -> Brought:
    """Bring calendars to what a file says of them: all of it, so that what it says no more is removed.

    A date that meets one held, of its kind, replaces it. Of a calendar of which a row could not be read nothing
    is removed but what is replaced, since that row may have said it.
    """
    before, now = frozenset(held), frozenset(said)
    replaced = {one for one in before - now if any(one.meets(other) for other in now)}
    kept = {one for one in before - now - replaced if one.name in broken}
    removed = before - now - replaced - kept
    tally = Counter(_became(before, one) for one in now)
    return Brought(now | kept, tally + Counter(removed=len(removed)))


def _became(before: Iterable[Dates], one: Dates) -> str:
    return "unchanged" if one in before else "changed" if any(one.meets(other) for other in before) else "added"
