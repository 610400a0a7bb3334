"""What happened, in plain English, and how fresh what we say of it is. People are never named: an advocate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import HubRegistered
from mathshubs.events.enrolment.participation import (
    MasteryAdvocateNominated,
    SchoolJoinedWorkGroup,
    SchoolJoinRefused,
    WorkGroupFormed,
)
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.schools import SchoolClosed, SchoolRegistered
from mathshubs.events.reasons import words
from mathshubs.events.scheduling.meetings import MeetingHeld, MeetingRescheduled, MeetingScheduled
from mathshubs.topics import FACTS
from mathshubs.web.words import counted, day, day_and_year, when


@dataclass(frozen=True, slots=True)
class Names:
    """Names of schools by URN, of Work Groups by id, of hubs by code: all of them public."""

    schools: Mapping[str, str]
    groups: Mapping[str, str]
    hubs: Mapping[str, str]

    def school(self, urn: str) -> str:
        """Return the name of a school, or its URN where the register has not been heard."""
        return self.schools.get(urn, f"School {urn}")

    def group(self, work_group_id: object) -> str:
        """Return the name of a Work Group."""
        return self.groups.get(str(work_group_id), "a Work Group")

    def hub(self, code: str | None) -> str:
        """Return the name of a hub, or its code."""
        return self.hubs.get(code or "", code or "a hub")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when it was recorded, and what is said of it."""

    at: datetime
    said: str


Told = Callable[[Any, Names], str]


def said_of(fact: Event, names: Names, many: int = 1) -> str:
    """Return one sentence on a fact of a kind in `TOLD`, or on `many` of a kind in `FOLDED`."""
    kind = type(fact)
    sentence = TOLD[kind](fact, names) if many == 1 else FOLDED[kind](many)
    return sentence[0].upper() + sentence[1:]


def read(kind: str, said: Mapping[str, Any]) -> Event | None:
    """Return a fact of a kind in `TOLD` by its type; None if it does not fit it, which a check of the log reports."""
    try:
        return _SHAPES[kind].validate_python(said)
    except ValidationError:
        return None


def freshness(behind: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return, for each service, how many seconds behind we are in hearing it: 0 when caught up, None if unknown.

    Args:
        behind: seconds by topic; a topic of which nothing is known, left out or None, comes out as None.
    """
    return {topic.removesuffix(".facts"): behind.get(topic) for topic in FACTS}


def _hub_registered(fact: HubRegistered, names: Names) -> str:
    return f"{names.hub(fact.code)} joined the network"


def _formed(fact: WorkGroupFormed, names: Names) -> str:
    return f"{names.hub(fact.hub)} formed {fact.name}"


def _joined(fact: SchoolJoinedWorkGroup, names: Names) -> str:
    return f"{names.school(fact.school_urn)} joined {names.group(fact.work_group_id)}"


def _refused(fact: SchoolJoinRefused, names: Names) -> str:
    why = words(fact.reasons[0])
    return f"{names.school(fact.school_urn)} could not join {names.group(fact.work_group_id)}. {why}"


def _nominated(fact: MasteryAdvocateNominated, names: Names) -> str:
    return f"{names.school(fact.school_urn)} named an advocate to {names.group(fact.work_group_id)}"


def _scheduled(fact: MeetingScheduled, _: Names) -> str:
    return f"{fact.work_group_name} will meet {when(fact.starts_at, fact.ends_at)}"


def _rescheduled(fact: MeetingRescheduled, names: Names) -> str:
    return f"{names.group(fact.work_group_id)} moved a meeting to {when(fact.starts_at, fact.ends_at)}"


def _held(fact: MeetingHeld, names: Names) -> str:
    return f"{names.group(fact.work_group_id)} met on {day(fact.starts_at)}"


def _registered(fact: SchoolRegistered, _: Names) -> str:
    return f"{fact.name} was added to the register"


def _closed(fact: SchoolClosed, _: Names) -> str:
    return f"{fact.name} closed on {day_and_year(fact.closed_on)}" if fact.closed_on else f"{fact.name} closed"


def _erased(_fact: PersonErased, _: Names) -> str:
    return "the name and details of a person were erased"


TOLD: Final[Mapping[type[Event], Told]] = {
    HubRegistered: _hub_registered,
    WorkGroupFormed: _formed,
    SchoolJoinedWorkGroup: _joined,
    SchoolJoinRefused: _refused,
    MasteryAdvocateNominated: _nominated,
    MeetingScheduled: _scheduled,
    MeetingRescheduled: _rescheduled,
    MeetingHeld: _held,
    SchoolRegistered: _registered,
    SchoolClosed: _closed,
    PersonErased: _erased,
}
"""What is worth a line on the first page, and how it reads."""

FOLDED: Final[Mapping[type[Event], Callable[[int], str]]] = {
    SchoolRegistered: lambda many: f"{counted(many, 'school')} were added to the register",
    SchoolClosed: lambda many: f"{counted(many, 'school')} were marked as closed in the register",
}
"""What an import brings by the thousand: those of one day in one line."""

_SHAPES: Final[Mapping[str, TypeAdapter[Event]]] = {kind.type: TypeAdapter(kind) for kind in TOLD}
