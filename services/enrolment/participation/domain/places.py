"""A school's place in a Work Group, and the teachers who hold its slots."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count

from enrolment.participation.domain.spans import is_on, meets
from mathshubs.events.enrolment.participation import Vacated, Withdrew
from mathshubs.events.spoken import PersonId, Programme, SchoolYear, Urn, WorkGroupId


@dataclass(frozen=True, slots=True)
class Advocate:
    """A teacher in one of a school's slots, numbered from 1, from a day on to the last one, if it has come."""

    person_id: PersonId
    slot: int
    from_on: date
    until_on: date | None = None
    reason: Vacated | None = None
    """Why they hold it no more."""


@dataclass(frozen=True, slots=True)
class Place:
    """A school's place in a Work Group for as long as it lasts; `lineage` is its root on the day of joining.

    A school that has left and joins again has another place.
    """

    work_group_id: WorkGroupId
    school_urn: Urn
    lineage: Urn
    programme: Programme
    school_year: SchoolYear
    from_on: date
    headteacher_agreed_on: date | None = None
    until_on: date | None = None
    reason: Withdrew | None = None
    """Why the school takes part no more."""
    advocates: tuple[Advocate, ...] = ()

    def free_slot(self, first: date) -> int:
        """Return the lowest number that nobody has from `first` on; the policy says whether there is such a slot."""
        taken = {one.slot for one in self.advocates if meets(one, first, self.until_on)}
        return next(slot for slot in count(1) if slot not in taken)

    def held_by(self, person_id: PersonId) -> list[Advocate]:
        """Return when the teacher holds and held a slot here, the latest last."""
        held = (one for one in self.advocates if one.person_id == person_id)
        return sorted(held, key=lambda one: one.from_on)


def foremost(places: Iterable[Place], urn: Urn, day: date) -> Place | None:
    """Return the place that a word about `day` is meant of: that of the day, the last before it, or the first after.

    One that lasted for no day comes after all others. Where a school was there under two numbers, the one that is
    named comes first.
    """

    def rank(place: Place) -> tuple[bool, bool, bool, bool, int]:
        begun = place.from_on <= day
        nearest = place.from_on.toordinal() if begun else -place.from_on.toordinal()
        return is_on(place, day), meets(place, date.min), place.school_urn == urn, begun, nearest

    return max(places, key=rank, default=None)
