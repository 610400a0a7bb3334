"""Invents the network from a seed: who there is, and who comes and goes in the year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random
from typing import Final

from hubs.demo import stops
from hubs.demo.meeting import meetings_of
from hubs.demo.network import Group, Lead, Merger, Network, Place, Slot, Specialist, Teacher
from hubs.demo.pathways import Step, specialists_of
from hubs.invented.people import names
from hubs.invented.register import InventedHub, InventedRegister, InventedSchool, invent

FEWEST_HUBS: Final = 2
SCHOOLS: Final = 4
"""Schools of each Work Group."""
SPARE: Final = 3
"""Schools of each hub's area that might take part and do not."""
STAGES: Final = ("development", "development", "embedding", "sustaining", "development")
MERGES_ON: Final = date(2027, 1, 1)
PAUSES_ON: Final = date(2026, 12, 1)
CHANGES_HUB_ON: Final = date(2027, 1, 4)
FORCED: Final = {
    (0, 2, 1): "permanent-failure",
    (1, 2, 1): "bounce",
    (1, 3, 0): "temporary-failure",
}
"""How the address of a school's first advocate begins where mail does not reach them: by hub, Work Group and school.

The local mailbox knows these words.
"""


def network(seed: int, hubs: int) -> Network:
    """Return the network that `seed` stands for: pure, so the same numbers invent the same year.

    Args:
        hubs: 2 to 40; every second hub has five Work Groups, the others four.

    Raises:
        ValueError: if it is out of that range.
    """
    if hubs < FEWEST_HUBS:
        raise ValueError(f"the year needs {FEWEST_HUBS} hubs or more")
    register = invent(seed, hubs, schools_per_hub=5 * SCHOOLS + SPARE)
    chance = Random(seed)  # noqa: S311 -- invents, protects nothing
    named = names(chance)
    hubs_at_work = [_Hub(place, hub, named) for place, hub in enumerate(register.hubs)]
    moving = hubs_at_work[0].leads[0]
    formed = [group for hub in hubs_at_work for group in hub.groups(register, moving)]
    groups = tuple(replace(group, meetings=meetings_of(group, hub, chance)) for hub, group in _placed(formed))
    every = (one for hub in hubs_at_work for one in hub.specialists())
    specialists = tuple(_moved(one, register.hubs[1]) if one.teacher is moving else one for one in every)
    merged = (groups[0].places[1].school, next(g for g in groups if g.hub == register.hubs[1].code).places[1].school)
    successor, newer = register.merged(merged, MERGES_ON)
    return Network(register, groups, specialists, Merger(merged, successor, newer), _cast(groups, moving))


def _moved(one: Specialist, to: InventedHub) -> Specialist:
    """Return a specialist who pauses in one hub, and goes on in another."""
    steps: tuple[Step, ...] = (
        (PAUSES_ON, "SpecialistDeferred", {"reason": "moved-school"}),
        (CHANGES_HUB_ON, "SpecialistReturned", {}),
    )
    return replace(one, steps=(*one.steps, *steps), moves=(CHANGES_HUB_ON, to.code))


def _placed(groups: Sequence[Group]) -> Iterator[tuple[int, Group]]:
    """Yield each Work Group with the place of its hub in the order of hubs."""
    order = list(dict.fromkeys(group.hub for group in groups))
    yield from ((order.index(group.hub), group) for group in groups)


def _cast(groups: Sequence[Group], moving: Teacher) -> dict[str, Teacher]:
    """Return those whose part in the story has a name of its own."""
    first, second = (group for group in groups if group.number == 1 and group.hub in {groups[0].hub, groups[4].hub})
    return {
        "changes hub": moving,
        "unsubscribes": first.places[0].slots[0].teacher,
        "is forgotten": second.places[1].slots[1].teacher,
    }


@dataclass
class _Hub:
    """One hub, while its people are invented."""

    place: int
    hub: InventedHub
    named: Iterator[str]

    def __post_init__(self) -> None:
        alone = self.place % 4 == 2  # noqa: PLR2004 -- in every fourth hub one specialist leads all four
        self.leads = [self.teacher(f"L-{number + 1}") for number in range(1 if alone else 2)]

    def teacher(self, reference: str, urn: str = "", *, forced: str = "") -> Teacher:
        """Return somebody new; `forced` is a word that the mailbox obeys."""
        name = next(self.named)
        local = "+".join(filter(None, (forced, name.lower().replace(" ", "."))))
        return Teacher(self.hub.code, reference, name, f"{local}@{self.hub.code}.example", urn)

    def specialists(self) -> list[Specialist]:
        """Return its specialists: those who lead, and those on their way."""
        on_their_way = [self.teacher(reference) for reference in ("S-1", "S-2", "D-1")]
        return specialists_of(self.place, self.leads, on_their_way)

    def groups(self, register: InventedRegister, moving: Teacher) -> list[Group]:
        """Return its Work Groups, with their schools and advocates, but no meetings yet."""
        schools = register.open_to(self.hub.code)
        return [
            Group(
                self.hub.code,
                number,
                f"{self.hub.name} Work Group {number + 1}",
                STAGES[number],
                self._leads(number, moving),
                tuple(self._places(number, schools[number * SCHOOLS : (number + 1) * SCHOOLS])),
            )
            for number in range(5 if self.place % 2 else 4)
        ]

    def _leads(self, number: int, moving: Teacher) -> tuple[Lead, ...]:
        """Return who leads one of its Work Groups; in the new year somebody goes from the first hub to the second."""
        boundary = 3 if self.place % 2 else 2
        who = self.leads[0] if number < boundary or len(self.leads) == 1 else self.leads[1]
        from_start = number != 4  # noqa: PLR2004 -- the fifth is formed before its lead is found
        day, said_at = (date(2026, 9, 7), stops.FORMING) if from_start else (date(2026, 9, 14), stops.JOINING)
        first = Lead(who, day, said_at)
        if self.place == 0 and who is moving:
            return first, Lead(self.leads[1], CHANGES_HUB_ON, stops.NEW_YEAR)
        if self.place == 1 and number == 2:  # noqa: PLR2004 -- its third Work Group
            return first, Lead(moving, CHANGES_HUB_ON, stops.NEW_YEAR)
        return (first,)

    def _places(self, number: int, schools: Sequence[InventedSchool]) -> Iterator[Place]:
        for place, school in enumerate(schools):
            late = place == SCHOOLS - 1
            joined_on, said_at = (date(2026, 9, 14), stops.JOINING) if late else (date(2026, 9, 7), stops.FORMING)
            yield self._befallen(number, place, Place(school, joined_on, said_at, self._slots(number, place, school)))

    def _slots(self, number: int, place: int, school: InventedSchool) -> tuple[Slot, ...]:
        """Return a school's advocates over the year: one leaves for another, one slot stands empty for a while."""
        forced = FORCED.get((self.place % 4, number, place), "")
        joined = (date(2026, 9, 14), stops.JOINING) if place == SCHOOLS - 1 else (date(2026, 9, 7), stops.FORMING)
        first, second = (
            Slot(self._advocate(number, place, letter, school, forced if letter == "a" else ""), *joined)
            for letter in "ab"
        )
        if (number, place) == (1, 1):
            left = _left(second, date(2027, 1, 4), stops.NEW_YEAR, "left-school")
            joining = self._advocate(number, place, "c", school)
            return first, left, Slot(joining, date(2027, 1, 4), stops.NEW_YEAR, fills=second.teacher)
        if (number, place) == (2, 0) and self.place % 2 == 0:
            left = _left(second, date(2026, 11, 9), stops.CLOSING[1], "leave")
            return first, left, Slot(self._advocate(number, place, "c", school), date(2027, 2, 1), stops.CLOSING[2])
        if (number, place) == (3, 1) and self.place % 2 == 1:
            return first, _left(second, date(2027, 5, 17), stops.CLOSING[4], "workload")
        return first, second

    def _advocate(self, number: int, place: int, letter: str, school: InventedSchool, forced: str = "") -> Teacher:
        return self.teacher(f"T-{number + 1}{place + 1}{letter}", school.urn, forced=forced)

    def _befallen(self, number: int, place: int, one: Place) -> Place:
        """Return a place with its school's withdrawal, if it does: one in winter, one before the first meeting."""
        if self.place % 2 == 1 and (number, place) == (0, 3):
            return replace(one, withdrew_on=date(2026, 12, 1), withdrew_at=stops.CLOSING[1], reason="staffing")
        if self.place % 4 == 0 and (number, place) == (3, 3):
            return replace(one, withdrew_on=date(2026, 9, 21), withdrew_at=stops.PLANNING[0], reason="workload")
        return one


def _left(slot: Slot, on: date, said_at: datetime, reason: str) -> Slot:
    return replace(slot, until_on=on, left_at=said_at, reason=reason)
