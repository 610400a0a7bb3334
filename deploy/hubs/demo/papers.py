"""What three invented hubs have on paper: Work Groups, schools, teachers, meetings and who came."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, product
from random import Random
from typing import Final

from hubs.invented.register import InventedHub, InventedRegister, InventedSchool, invent
from mathshubs.clock import LONDON

HUBS: Final = 3
GROUPS: Final = 3
SCHOOLS: Final = 4
"""Hubs, Work Groups of each, and schools of each Work Group."""
ADVOCATES: Final = 2
OCTOBER: Final = tuple(date(2026, 10, day) for day in (6, 7, 8, 13, 14, 15, 20, 21, 22))
NOVEMBER: Final = tuple(date(2026, 11, day) for day in (10, 11, 12, 17, 18, 19, 24, 25, 26))
OPENS, CLOSES = time(13, 30), time(16, 0)
PLACE_NOBODY_CAN_SAVE: Final = "The Old Library"
MARKS: Final = ("present",) * 7 + ("late", "partial", "apologies", "absent")
CAME: Final = frozenset({"present", "late", "partial"})
FIRST_NAMES: Final = (
    "Ada",
    "Bram",
    "Cass",
    "Dilys",
    "Emlyn",
    "Farah",
    "Gus",
    "Hana",
    "Idris",
    "Jory",
    "Kezia",
    "Lorcan",
)
LAST_NAMES: Final = (
    *("Applegarth", "Birdsong", "Copperfield", "Dewhurst", "Everglade", "Fernihough"),
    *("Greenwood", "Hollins", "Ironside", "Juniper", "Kestrel", "Larkspur"),
)


@dataclass(frozen=True, slots=True)
class Teacher:
    """Somebody invented, by the reference that their hub uses."""

    reference: str
    name: str
    email: str
    urn: str = ""
    """Of the school that sends them; empty for the lead of a Work Group."""


@dataclass(frozen=True, slots=True)
class Group:
    """One Work Group, with its meeting in October and the next one in November."""

    hub: str
    reference: str
    name: str
    lead: Teacher
    schools: tuple[InventedSchool, ...]
    advocates: tuple[Teacher, ...]
    october: date
    november: date
    mode: str
    place: str | None
    marks: tuple[str, ...]
    """How each advocate attended in October, in the order of `advocates`."""

    @property
    def meeting(self) -> str:
        """Return the hub's reference of the meeting in October."""
        return f"{self.reference}-autumn-1"

    @property
    def next_meeting(self) -> str:
        """Return the hub's reference of the meeting in November."""
        return f"{self.reference}-autumn-2"

    def came(self) -> int:
        """Return how many advocates came in October."""
        return sum(mark in CAME for mark in self.marks)

    def engaged(self) -> set[str]:
        """Return the schools of which somebody came."""
        return {who.urn for who, mark in zip(self.advocates, self.marks, strict=True) if mark in CAME}


@dataclass(frozen=True, slots=True)
class Papers:
    """All of it, from one seed."""

    register: InventedRegister
    groups: tuple[Group, ...]

    @property
    def hubs(self) -> tuple[InventedHub, ...]:
        """Return the hubs: the first two report by Kafka, the third by HTTP."""
        return self.register.hubs

    def of(self, hub: str) -> list[Group]:
        """Return a hub's Work Groups."""
        return [group for group in self.groups if group.hub == hub]

    def independent(self, hub: str) -> InventedSchool:
        """Return a school of a hub's area that may not take part."""
        return next(school for school in self.register.schools if school.hub == hub and school.kind[2] == "3")


def papers(seed: int) -> Papers:
    """Return the papers that `seed` stands for; the same number gives the same papers, whole."""
    register = invent(seed, hubs=HUBS)
    chance = Random(seed)  # noqa: S311 -- invents, protects nothing
    names = [" ".join(both) for both in product(FIRST_NAMES, LAST_NAMES)]
    october, november = list(OCTOBER), list(NOVEMBER)
    for shuffled in (names, october, november):
        chance.shuffle(shuffled)
    named = iter(names)
    groups = []
    for hub in register.hubs:
        schools = register.open_to(hub.code)
        for number in range(GROUPS):
            theirs = schools[number * SCHOOLS : (number + 1) * SCHOOLS]
            people = _people(hub, number, theirs, named)
            groups.append(_group(hub, number, people, (october.pop(), november.pop()), chance))
    return Papers(register, tuple(groups))


def _people(
    hub: InventedHub, number: int, schools: Sequence[InventedSchool], names: Iterator[str]
) -> tuple[Teacher, dict[InventedSchool, list[Teacher]]]:
    """Return a Work Group's lead, and its schools with their advocates."""
    lead = _teacher(hub, f"L-{number + 1}", next(names), "")
    advocates = {
        school: [_teacher(hub, f"T-{number + 1}{place + 1}{letter}", next(names), school.urn) for letter in "ab"]
        for place, school in enumerate(schools)
    }
    return lead, advocates


def _group(
    hub: InventedHub,
    number: int,
    people: tuple[Teacher, dict[InventedSchool, list[Teacher]]],
    days: tuple[date, date],
    chance: Random,
) -> Group:
    """Return a Work Group; the second of each hub meets online, one school of the first was never seen."""
    lead, members = people
    schools, advocates = tuple(members), tuple(chain.from_iterable(members.values()))
    marks = [chance.choice(MARKS) for _ in advocates]
    if number == 0:
        marks[:ADVOCATES] = ["apologies", "absent"]
    return Group(
        hub=hub.code,
        reference=f"WG-{number + 1}",
        name=f"{hub.name} Work Group {number + 1}",
        lead=lead,
        schools=schools,
        advocates=advocates,
        october=days[0],
        november=days[1],
        mode="online" if number == 1 else "face-to-face",
        place=None if number == 1 else schools[0].name,
        marks=tuple(marks),
    )


def _teacher(hub: InventedHub, reference: str, name: str, urn: str) -> Teacher:
    return Teacher(reference, name, f"{name.lower().replace(' ', '.')}@{hub.code}.example", urn)


def times(day: date, *, hours_later: int = 0) -> dict[str, str]:
    """Return when a meeting of that day starts and ends, in London, RFC 3339."""
    begins, ends = (moment.replace(hour=moment.hour + hours_later) for moment in (OPENS, CLOSES))
    return {"starts_at": _instant(day, begins), "ends_at": _instant(day, ends)}


def _instant(day: date, moment: time) -> str:
    return datetime.combine(day, moment, LONDON).isoformat()
