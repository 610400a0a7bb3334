"""What a meeting's day is judged by: the calendar of its Work Group, and who may lead on it."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from mathshubs.events import Event
from mathshubs.events.enrolment.specialists import Interval, LeadStanding
from mathshubs.events.scheduling.meetings import Closed, HalfTerm
from mathshubs.events.spoken import PersonId

Standings = Mapping[PersonId, tuple[Interval, ...]]
"""On which days each may lead; of who is not in it enrolment has said nothing, and nothing is held against them."""


class Days(Protocol):
    """The calendar of one Work Group."""

    def half_term(self, day: date) -> HalfTerm | None:
        """Return the half-term that `day` counts for; None where no dates are known."""

    def closed(self, day: date) -> tuple[Closed, ...]:
        """Return why `day` is none on which to meet, and whose closure it is."""


class NoDates:
    """The calendar of a Work Group of which no dates are known."""

    def half_term(self, _day: date) -> HalfTerm | None:
        """Return that nobody can say."""
        return None

    def closed(self, _day: date) -> tuple[Closed, ...]:
        """Return that nothing speaks against it."""
        return ()


NO_DATES = NoDates()


def may_lead(standings: Standings, person: PersonId, day: date) -> bool:
    """Say whether this person may lead on `day`, as far as is known."""
    intervals = standings.get(person)
    return intervals is None or any(
        one.from_on <= day and (one.until_on is None or day <= one.until_on) for one in intervals
    )


def note_standing(_stood: object, _fact: LeadStanding, _today: date) -> list[Event]:
    """Say nothing of who may lead: it is asked when a meeting is reported, and what was decided stands."""
    return []
