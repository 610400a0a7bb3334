"""What is said of hubs, of the school register and of people, who are never named."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mathshubs.events import Event
from mathshubs.events.enrolment.hubs import ApiKeyIssued, ApiKeyRevoked, HubRegistered
from mathshubs.events.enrolment.people import (
    PersonDetailsCorrected,
    PersonErased,
    PersonForgotten,
    PersonMerged,
    PersonRefused,
    PersonRegistered,
)
from mathshubs.events.enrolment.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolReplacedBy
from mathshubs.events.notification.people import PersonForgotten as NotificationForgot
from mathshubs.events.reporting.people import PersonForgotten as ReportingForgot
from mathshubs.events.scheduling.people import PersonForgotten as SchedulingForgot
from mathshubs.web.words import counted, day_and_year
from reporting.desk.domain.names import Names, why


def _hub_registered(fact: HubRegistered, names: Names) -> str:
    return f"{names.hub(fact.code)} joined the network"


def _registered(fact: SchoolRegistered, _: Names) -> str:
    return f"{fact.name} was added to the register"


def _closed(fact: SchoolClosed, _: Names) -> str:
    return f"{fact.name} closed on {day_and_year(fact.closed_on)}" if fact.closed_on else f"{fact.name} closed"


def _replaced(fact: SchoolReplacedBy, names: Names) -> str:
    since = f" on {day_and_year(fact.on)}" if fact.on else ""
    return f"{names.school(fact.successor_urn)} took the place of {names.school(fact.predecessor_urn)}{since}"


def _merged(_fact: PersonMerged, _: Names) -> str:
    return "two records of one person were joined"


def _refused(fact: PersonRefused, names: Names) -> str:
    return f"a person whom {names.hub(fact.hub)} reported was not accepted. {why(fact)}"


def _erased(_fact: PersonErased, _: Names) -> str:
    return "the name and details of a person were erased"


TOLD: Final[Mapping[type[Event], Callable[[Any, Names], str]]] = {
    HubRegistered: _hub_registered,
    SchoolRegistered: _registered,
    SchoolClosed: _closed,
    SchoolReplacedBy: _replaced,
    PersonMerged: _merged,
    PersonRefused: _refused,
    PersonErased: _erased,
}

FOLDED: Final[Mapping[type[Event], Callable[[int], str]]] = {
    SchoolRegistered: lambda many: f"{counted(many, 'school')} were added to the register",
    SchoolClosed: lambda many: f"{counted(many, 'school')} were marked as closed in the register",
    SchoolReplacedBy: lambda many: f"{counted(many, 'school')} were named as another's successor in the register",
}
"""What an import brings by the thousand: those of one day in one line."""

_ANSWERS = "answers PersonErased, which is told"

UNTOLD: Final[Mapping[type[Event], str]] = {
    ApiKeyIssued: "keys are between a hub's system and whoever runs the network",
    ApiKeyRevoked: "keys are between a hub's system and whoever runs the network",
    SchoolDetailsChanged: "an import brings them by the thousand, most of them of a head count or a trust",
    PersonRegistered: "who is known says nothing before they take part",
    PersonDetailsCorrected: "what was corrected is nobody's business here",
    PersonForgotten: _ANSWERS,
    SchedulingForgot: _ANSWERS,
    NotificationForgot: _ANSWERS,
    ReportingForgot: _ANSWERS,
}
