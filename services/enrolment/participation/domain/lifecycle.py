"""How a Work Group stands on a day: from proposed to completed or disbanded (source: domain.md, lifecycles)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from enrolment.participation.domain.leads import History, leading
from enrolment.participation.domain.places import Place
from enrolment.participation.domain.policies import Policy
from enrolment.participation.domain.spans import Span, ended_on, is_on, meets
from mathshubs.events.enrolment.participation import State
from mathshubs.events.spoken import SchoolYear, first_and_last_day


class Stand(NamedTuple):
    """A Work Group's state, whether too few schools are left in it, and how many take part."""

    state: State
    at_risk: bool
    schools: int


@dataclass(frozen=True, slots=True)
class Life:
    """All that a Work Group's standing follows from, on any day."""

    school_year: SchoolYear
    policy: Policy
    places: tuple[Place, ...]
    leads: History
    met_on: tuple[date, ...]
    """The days of its held meetings."""

    @property
    def completes_on(self) -> date:
        """Return the day on which it is completed, if it ever met."""
        return self.policy.completes_on(self.school_year)

    def on(self, day: date) -> Stand:
        """Return how it stands on `day`; before the school year as on its first day, after its end as at that.

        A running group whose schools have all left is disbanded, and so is one that never met, at the end.
        """
        counted = min(max(day, first_and_last_day(self.school_year)[0]), self.completes_on)
        schools = sum(is_on(place, counted) for place in self.places)
        met = any(held_on <= counted for held_on in self.met_on)
        if met:
            return self._once_met(day, counted, schools)
        if day >= self.completes_on:
            return Stand("disbanded", at_risk=False, schools=schools)
        return Stand(self._before_meeting(counted, schools), at_risk=False, schools=schools)

    def _once_met(self, day: date, counted: date, schools: int) -> Stand:
        if not schools and any(meets(place, date.min, counted) for place in self.places):
            return Stand("disbanded", at_risk=False, schools=0)
        if day >= self.completes_on:
            return Stand("completed", at_risk=False, schools=schools)
        return Stand("running", schools < self.policy.min_schools, schools)

    def _before_meeting(self, counted: date, schools: int) -> State:
        led = leading(self.leads, counted) is not None
        if led and schools >= self.policy.min_schools:
            return "confirmed"
        return "recruiting" if led or schools else "proposed"

    def since(self, day: date) -> date:
        """Return the day since which it has stood as on `day`; that day itself where nothing was before."""
        stands, found = self.on(day)[:2], day
        for turn in sorted((turn for turn in self.turns() if turn <= day), reverse=True):
            if self.on(turn)[:2] != stands:
                break
            found = turn
        return found

    def turns(self) -> set[date]:
        """Return every day on which it may begin to stand otherwise."""
        first, _ = first_and_last_day(self.school_year)
        return {first, self.completes_on, *self.met_on, *edges(self.places), *edges(self.leads)}


def edges(spans: Iterable[Span]) -> set[date]:
    """Return the days on which one of `spans` begins or has ended."""
    return {day for span in spans for day in (span.from_on, ended_on(span)) if day}
