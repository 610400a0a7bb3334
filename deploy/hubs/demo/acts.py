"""What can happen in the year: a hub reports, an operator gives a command, somebody opens a link in a mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hubs.invented.register import InventedRegister

TAKEN: Final = "taken"
"""Applied, with or without a flag."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as a hub's system sends it, and what it must be answered in the end."""

    hub: str
    event: Mapping[str, Any]
    outcome: str = TAKEN
    """`taken`, or the receipt's own word: `flagged`, `refused`, `dead`; `rejected` where it is turned back at HTTP."""
    code: str = ""
    """Of the reason, where one must be given."""
    cut_at: int | None = None
    """Characters after which its data breaks off on the way."""

    @property
    def kind(self) -> str:
        """Return the name of its type."""
        return str(self.event["type"].split(".")[-2])

    @property
    def content(self) -> Mapping[str, Any]:
        """Return what it says."""
        said: Mapping[str, Any] = self.event["data"]
        return said


@dataclass(frozen=True, slots=True)
class Again:
    """One event that is delivered a second time."""

    sent: Sent


@dataclass(frozen=True, slots=True)
class TurnedBack:
    """One event that HTTP turns back: it is never recorded."""

    sent: Sent


@dataclass(frozen=True, slots=True)
class ImportRegister:
    """The operator imports a newer register."""

    register: InventedRegister


@dataclass(frozen=True, slots=True)
class Forget:
    """The operator forgets somebody."""

    hub: str
    person: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Somebody has reminders stopped, by the link in one of their mails."""

    email: str


Act = Sent | Again | TurnedBack | ImportRegister | Forget | Unsubscribe
Line = tuple[datetime, Act]


@dataclass(frozen=True, slots=True)
class OurId:
    """Stands in a report for the id by which the network knows another hub's person; put in when it is sent."""

    hub: str
    person: str


def report(hub: str, kind: str, said_at: datetime, about: str, **content: object) -> Sent:
    """Return a report; the same about the same has the same id."""
    event = {
        "specversion": "1.0",
        "id": f"{kind.partition('.')[2]}/{about}",
        "source": f"https://mis.{hub}.example",
        "type": f"uk.mathshubs.hub.{kind}.v1",
        "time": said_at.isoformat(),
        "data": {name: word for name, word in content.items() if word is not None},
    }
    return Sent(hub, event)
