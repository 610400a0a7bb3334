"""What happened, in plain English, and how fresh what we say of it is. People are never named: an advocate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter, ValidationError

from mathshubs.events import Event
from mathshubs.topics import FACTS
from reporting.desk.domain import mail, meetings, network, participation, specialists
from reporting.desk.domain.names import Names, schools_of

__all__ = [
    "FOLDED",
    "TOLD",
    "UNTOLD",
    "Happening",
    "Names",
    "freshness",
    "read",
    "said_of",
    "schools_of",
    "timeline_of",
]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when it was recorded, what is said of it, and where its timeline stands."""

    at: datetime
    said: str
    href: str = ""


Told = Callable[[Any, Names], str]

TOLD: Final[Mapping[type[Event], Told]] = {
    **network.TOLD,
    **participation.TOLD,
    **specialists.TOLD,
    **meetings.TOLD,
    **mail.TOLD,
}
"""What is worth a line, and how it reads."""

FOLDED: Final[Mapping[type[Event], Callable[[int], str]]] = {**network.FOLDED, **meetings.FOLDED}
"""What comes by the hundred: those of one day in one line."""

UNTOLD: Final[Mapping[type[Event], str]] = {
    **network.UNTOLD,
    **specialists.UNTOLD,
    **meetings.UNTOLD,
    **mail.UNTOLD,
}
"""What is not worth a line, and why not."""

_SHAPES: Final[Mapping[str, TypeAdapter[Event]]] = {kind.type: TypeAdapter(kind) for kind in TOLD}


def said_of(fact: Event, names: Names, many: int = 1) -> str:
    """Return one sentence on a fact of a kind in `TOLD`, or on `many` of a kind in `FOLDED`."""
    kind = type(fact)
    sentence = TOLD[kind](fact, names) if many == 1 else FOLDED[kind](many)
    return sentence[0].upper() + sentence[1:]


def read(kind: str, said: Mapping[str, Any]) -> Event | None:
    """Return a fact of a kind in `TOLD` by its type; None if it is of another, or does not fit it.

    What does not fit is reported by a check of the log.
    """
    try:
        return _SHAPES[kind].validate_python(said) if kind in _SHAPES else None
    except ValidationError:
        return None


def timeline_of(correlation: str | None, hub: str | None) -> str:
    """Return where the timeline of a report stands, by what all that came of it shares; empty where nothing is."""
    if not correlation:
        return ""
    return f"/v1/timelines/{quote(correlation, safe='')}{'?' + urlencode({'hub': hub}) if hub else ''}"


def freshness(behind: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return, for each service, how many seconds behind we are in hearing it: 0 when caught up, None if unknown.

    Args:
        behind: seconds by topic; a topic of which nothing is known, left out or None, comes out as None.
    """
    return {topic.removesuffix(".facts"): behind.get(topic) for topic in FACTS}
