"""The invented network: hubs, Work Groups, schools, teachers, and everything that befalls them in the year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hubs.demo.terms import Pattern, pattern_of
from hubs.invented.register import InventedHub, InventedRegister, InventedSchool

CAME = frozenset({"present", "late", "partial"})


@dataclass(frozen=True, slots=True)
class Teacher:
    """Somebody invented, by the reference that their hub uses."""

    hub: str
    reference: str
    name: str
    email: str
    urn: str = ""
    """Of the school that sends them; empty for whoever leads Work Groups."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An advocate's days: from the first up to, not including, the last."""

    teacher: Teacher
    from_on: date
    said_at: datetime
    until_on: date | None = None
    left_at: datetime | None = None
    """When it was said that they leave."""
    reason: str = ""
    fills: Teacher | None = None
    """Whose place they took on the same day."""

    def holds(self, day: date) -> bool:
        """Say whether they hold it on a day."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True)
class Place:
    """A school in a Work Group."""

    school: InventedSchool
    joined_on: date
    said_at: datetime
    slots: tuple[Slot, ...]
    withdrew_on: date | None = None
    withdrew_at: datetime | None = None
    reason: str = ""

    @property
    def pattern(self) -> Pattern:
        """Return when the school is closed."""
        return pattern_of(self.school.authority[0])

    def advocates(self, day: date) -> list[Teacher]:
        """Return who holds a slot on a day."""
        if self.withdrew_on and day >= self.withdrew_on:
            return []
        return [slot.teacher for slot in self.slots if slot.holds(day)]


@dataclass(frozen=True, slots=True)
class Correction:
    """A mark on a register that was wrong."""

    said_at: datetime
    teacher: Teacher
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Register:
    """Who came to a meeting, as the hub reports it and puts it right."""

    said_at: datetime
    marks: Mapping[Teacher, str]
    guests: int | None = None
    corrections: tuple[Correction, ...] = ()

    def known(self, known_at: datetime) -> Mapping[Teacher, str]:
        """Return the marks as they stood for whoever knew what was said by an instant."""
        put_right = {one.teacher: one.status for one in self.corrections if one.said_at <= known_at}
        return {**self.marks, **put_right}


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting: when it was to be, whether it moved, was cancelled, or held."""

    reference: str
    half_term: int
    slot: int
    planned_on: date
    said_at: datetime
    mode: str
    led_by: Teacher
    moved_on: date | None = None
    moved_at: datetime | None = None
    why_moved: str = ""
    cancelled_at: datetime | None = None
    why_cancelled: str = ""
    register: Register | None = None

    @property
    def day(self) -> date:
        """Return the day on which it is in the end."""
        return self.moved_on or self.planned_on


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads a Work Group from a day on."""

    teacher: Teacher
    from_on: date
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """One Work Group with its year."""

    hub: str
    number: int
    """From 0 within its hub; also its slot in the week."""
    name: str
    stage: str
    leads: tuple[Lead, ...]
    places: tuple[Place, ...]
    meetings: tuple[Meeting, ...] = ()

    @property
    def reference(self) -> str:
        """Return the hub's reference of it."""
        return f"WG-{self.number + 1}"

    @property
    def mode(self) -> str:
        """Return how it meets: the second of each hub online, the fourth both ways."""
        return {1: "online", 3: "hybrid"}.get(self.number, "face-to-face")

    def lead(self, day: date) -> Teacher:
        """Return who leads it on a day."""
        return [one.teacher for one in self.leads if one.from_on <= day][-1]

    def advocates(self, day: date) -> list[tuple[Place, Teacher]]:
        """Return who holds a slot on a day, each with their school's place."""
        return [(place, teacher) for place in self.places for teacher in place.advocates(day)]

    def held(self) -> Iterator[tuple[Meeting, Register]]:
        """Yield the meetings that were held, with their registers."""
        for meeting in self.meetings:
            if meeting.register:
                yield meeting, meeting.register


@dataclass(frozen=True, slots=True)
class Specialist:
    """Somebody on the three-year programme, or through it: what is reported of them, by the day it was true."""

    teacher: Teacher
    steps: tuple[tuple[date, str, Mapping[str, object]], ...]
    """Day, name of the report's type, and what else it says."""
    moves: tuple[date, str] | None = None
    """From which day on which other hub reports of them."""


@dataclass(frozen=True, slots=True)
class Merger:
    """Two schools of Work Groups in two hubs become one."""

    schools: tuple[InventedSchool, InventedSchool]
    successor: InventedSchool
    register: InventedRegister
    """The newer one, which tells of it."""


@dataclass(frozen=True, slots=True)
class Network:
    """All of it, from one seed."""

    register: InventedRegister
    groups: tuple[Group, ...]
    specialists: tuple[Specialist, ...]
    merger: Merger
    teachers: Mapping[str, Teacher] = field(default_factory=dict)
    """Those whose part in the story has a name of its own."""

    @property
    def hubs(self) -> tuple[InventedHub, ...]:
        """Return the hubs."""
        return self.register.hubs

    def of(self, hub: str) -> list[Group]:
        """Return a hub's Work Groups."""
        return [group for group in self.groups if group.hub == hub]

    def lineage(self, urn: str) -> str:
        """Return the school that stands for a school at the end of the year."""
        return self.merger.successor.urn if urn in {one.urn for one in self.merger.schools} else urn

    def authorities(self, hub: str) -> tuple[str, ...]:
        """Return the local authorities that a hub covers, by their codes."""
        return tuple(sorted({school.authority[0] for school in self.register.schools if school.hub == hub}))

    def idle(self, hub: str) -> list[InventedSchool]:
        """Return the schools of a hub's area that might take part and do not."""
        taking = {place.school.urn for group in self.groups for place in group.places}
        return [school for school in self.register.open_to(hub) if school.urn not in taking]
