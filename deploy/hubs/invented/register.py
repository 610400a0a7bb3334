"""An invented school register in the real one's layout: hubs, their schools, what some of them became.

Every name is made up, every URN begins with 9 (England's begin with 1, Wales's with 4) and every local
authority has a code from 500 on, where England has none, and says that it is invented.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Self

from enrolment.schools.importing.files import known_columns
from mathshubs.sheets import CODEC

REGIONS = (
    "North East",
    "North West",
    "Yorkshire and the Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
)
MOST_HUBS = 40
FEWEST_SCHOOLS = 3
FIRST_URN = 900_001
_FIRST_AUTHORITY = 500
_AUTHORITIES_PER_HUB = 2
_BEGINNINGS = (
    *("Bramble", "Curlew", "Fennel", "Harebell", "Heron", "Juniper", "Lapwing", "Larch", "Linnet", "Marten"),
    *("Otter", "Plover", "Quern", "Rook", "Sorrel", "Tansy", "Teasel", "Thistle", "Wren", "Yarrow"),
)
_ENDINGS = ("bourne", "brook", "combe", "den", "ford", "garth", "holt", "leigh", "mere", "stead", "thorpe", "wick")
_HUB_ENDINGS = ("Vale", "Downs", "Fells", "Levels")
_KINDS = (
    ("34", "Academy converter", "10", "Academies", "Academy"),
    ("28", "Academy sponsor led", "10", "Academies", "Academy"),
    ("1", "Community school", "4", "Local authority maintained schools", "Community School"),
    ("2", "Voluntary aided school", "4", "Local authority maintained schools", "High School"),
    ("5", "Foundation school", "4", "Local authority maintained schools", "School"),
    ("35", "Free schools", "11", "Free Schools", "Free School"),
)
_PHASES = {"0": "Not applicable", "2": "Primary", "4": "Secondary", "7": "All-through"}
_STATUSES = {"1": "Open", "2": "Closed"}


@dataclass(frozen=True, slots=True)
class InventedSchool:
    """One row of the invented register; `hub` is the code of the hub in whose area it lies."""

    urn: str
    name: str
    hub: str
    authority: tuple[str, str]
    region: str
    kind: tuple[str, str, str, str]
    phase: str = "4"
    ages: tuple[int, int] = (11, 16)
    opened_on: str = ""
    closed_on: str = ""

    @property
    def may_join(self) -> bool:
        """Return whether the secondary programme is open to this school today."""
        return self.phase in {"4", "7"} and self.kind[2] != "3" and not self.closed_on


@dataclass(frozen=True, slots=True)
class InventedLink:
    """What one school became, as both schools' entries have it."""

    predecessor: InventedSchool
    successor: InventedSchool
    manner: str
    """How the register's link type goes on: nothing, or ` - merged`."""


@dataclass(frozen=True, slots=True)
class InventedHub:
    """One hub: its code on the wire, its name, where it is."""

    code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class InventedRegister:
    """Everything invented from one seed."""

    hubs: tuple[InventedHub, ...]
    schools: tuple[InventedSchool, ...]
    links: tuple[InventedLink, ...]

    def open_to(self, hub: str) -> list[InventedSchool]:
        """Return the schools of a hub's area that may join its Work Groups."""
        return [school for school in self.schools if school.hub == hub and school.may_join]

    def merged(self, schools: Sequence[InventedSchool], on: date) -> tuple[InventedSchool, Self]:
        """Return the school that these become on a day, and the register that tells of it.

        It has a number of its own, and lies where the first of them does.
        """
        first, eve = schools[0], on - timedelta(days=1)
        number = max(int(school.urn) for school in self.schools) + 1
        name = f"{' and '.join(school.name.split()[0] for school in schools)} Academy"
        successor = replace(first, urn=f"{number}", name=name, kind=_KINDS[0][:4], opened_on=f"{on:%d-%m-%Y}")
        closed = {school: replace(school, closed_on=f"{eve:%d-%m-%Y}") for school in schools}
        links = tuple(InventedLink(school, successor, " - merged") for school in closed.values())
        told = tuple(closed.get(school, school) for school in self.schools)
        return successor, replace(self, schools=(*told, successor), links=(*self.links, *links))

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the register and its links to `folder` as the real ones are written, and return both paths."""
        register, links = folder / "invented-register.csv", folder / "invented-links.csv"
        columns = known_columns()
        _write(register, columns, (_entry(school, columns) for school in self.schools))
        _write(links, ("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate"), _both_ways(self.links))
        return register, links


def invent(seed: int = 7, hubs: int = 8, schools_per_hub: int = 18) -> InventedRegister:
    """Return the register that `seed` stands for; the same numbers give the same register, whole.

    Beside `schools_per_hub` schools that may join, each hub's area has a primary and an independent school,
    which may not, and the predecessors of one conversion and one merger, which are closed.

    Args:
        hubs: 1 to 40, over the nine regions in turn.
        schools_per_hub: 3 or more.

    Raises:
        ValueError: if a number is out of its range.
    """
    if not 1 <= hubs <= MOST_HUBS or schools_per_hub < FEWEST_SCHOOLS:
        raise ValueError(f"from 1 to {MOST_HUBS} hubs and {FEWEST_SCHOOLS} or more schools to each")
    chance = Random(seed)  # noqa: S311 - invents, protects nothing
    maker = _Maker(chance, hubs * (schools_per_hub + 6))
    for hub in _hubs(chance, hubs):
        maker.add(hub, schools_per_hub)
    return InventedRegister(tuple(maker.hubs), tuple(maker.schools), tuple(maker.links))


class _Maker:
    """Gives out names and URNs, no two alike."""

    def __init__(self, chance: Random, most: int) -> None:
        self.hubs: list[InventedHub] = []
        self.schools: list[InventedSchool] = []
        self.links: list[InventedLink] = []
        self._chance = chance
        self._places = _shuffled_places(chance, most)

    def add(self, hub: InventedHub, schools: int) -> None:
        """Add a hub and the schools of its area."""
        first = _FIRST_AUTHORITY + len(self.hubs) * _AUTHORITIES_PER_HUB
        self.hubs.append(hub)
        names = (f"{hub.name} {side} (invented)" for side in ("North", "South"))
        authorities = [(str(first + n), name) for n, name in enumerate(names)]
        joining = [self._school(hub, authorities[n % 2], self._chance.choice(_KINDS)) for n in range(schools - 2)]
        joining[0] = self._saint(joining[0])
        joining[-1] = replace(joining[-1], phase="7", ages=(4, 18))
        self.schools += joining
        self._replace(hub, authorities[0], 1, "")
        self._replace(hub, authorities[1], 2, " - merged")
        primary = self._school(hub, authorities[0], (*_KINDS[2][:4], "Primary School"))
        self.schools.append(replace(primary, phase="2", ages=(4, 11)))
        independent = ("11", "Other independent school", "3", "Independent schools", "Independent School")
        self.schools.append(replace(self._school(hub, authorities[1], independent), phase="0", ages=(7, 18)))

    def _replace(self, hub: InventedHub, authority: tuple[str, str], predecessors: int, manner: str) -> None:
        """Add an academy with the closed schools that it took the place of."""
        year = self._chance.randint(2017, 2024)
        closed = [
            replace(self._school(hub, authority, _KINDS[2]), closed_on=f"31-08-{year}") for _ in range(predecessors)
        ]
        academy = replace(self._school(hub, authority, _KINDS[0]), opened_on=f"01-09-{year}")
        self.schools += [*closed, academy]
        self.links += [InventedLink(school, academy, manner) for school in closed]

    def _school(
        self, hub: InventedHub, authority: tuple[str, str], kind: tuple[str, str, str, str, str]
    ) -> InventedSchool:
        number, place = next(self._places)
        ages = self._chance.choice([(11, 16), (11, 18)])
        return InventedSchool(
            str(FIRST_URN + number), f"{place} {kind[4]}", hub.code, authority, hub.region, kind[:4], ages=ages
        )

    @staticmethod
    def _saint(school: InventedSchool) -> InventedSchool:
        """Give a school a name that plain ASCII cannot write, as real ones have."""
        place = school.name.split()[0]
        return replace(school, name=f"St Élowen’s {place} Catholic School")  # noqa: RUF001 - cp1252's own apostrophe, as the register writes it


def _hubs(chance: Random, number: int) -> Iterator[InventedHub]:
    """Yield hubs, River Vale always the first, over the regions in turn."""
    names = [f"{first} {last}" for first, last in product(_BEGINNINGS, _HUB_ENDINGS)]
    chance.shuffle(names)
    for place, name in enumerate(["River Vale", *names[: number - 1]]):
        yield InventedHub(name.lower().replace(" ", "-"), name, REGIONS[place % len(REGIONS)])


def _shuffled_places(chance: Random, most: int) -> Iterator[tuple[int, str]]:
    """Yield numbered names of places that are not on any map, with a quarter named once all are used."""
    places = [first + last for first, last in product(_BEGINNINGS, _ENDINGS)]
    chance.shuffle(places)
    quarters = ("", " East", " West", " Upper", " Lower", " Market", " Abbas", " Magna", " Parva", " Green", " Cross")
    named = [place + quarter for quarter in quarters for place in places]
    if most > len(named):
        raise ValueError(f"there are invented names for {len(named)} schools, fewer than {most}")
    yield from enumerate(named)


def _entry(school: InventedSchool, columns: Sequence[str]) -> list[str]:
    """Return a school's row in the register's layout; what nobody reads is blank, as it often is."""
    status = "2" if school.closed_on else "1"
    said = {
        "URN": school.urn,
        "LA (code)": school.authority[0],
        "LA (name)": school.authority[1],
        "EstablishmentNumber": f"{4000 + int(school.urn) % 1000}",
        "EstablishmentName": school.name,
        "TypeOfEstablishment (code)": school.kind[0],
        "TypeOfEstablishment (name)": school.kind[1],
        "EstablishmentTypeGroup (code)": school.kind[2],
        "EstablishmentTypeGroup (name)": school.kind[3],
        "EstablishmentStatus (code)": status,
        "EstablishmentStatus (name)": _STATUSES[status],
        "OpenDate": school.opened_on,
        "CloseDate": school.closed_on,
        "PhaseOfEducation (code)": school.phase,
        "PhaseOfEducation (name)": _PHASES[school.phase],
        "StatutoryLowAge": str(school.ages[0]),
        "StatutoryHighAge": str(school.ages[1]),
        "GOR (name)": school.region,
    }
    return [said.get(column, "") for column in columns]


def _both_ways(links: Iterable[InventedLink]) -> Iterator[list[str]]:
    """Yield the two rows of each link: the predecessor's with its last day, the successor's with its first."""
    for link in links:
        old, new, manner = link.predecessor, link.successor, link.manner
        yield [old.urn, new.urn, new.name, f"Successor{manner}", old.closed_on]
        yield [new.urn, old.urn, old.name, f"Predecessor{manner}", new.opened_on]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding=CODEC, newline="") as file:
        csv.writer(file).writerows([header, *rows])
