"""What is heard on the bus: a record, what was read in it, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mathshubs.envelope import CloudEvent, Headers
from mathshubs.events import Event
from mathshubs.ids import References
from mathshubs.journal import Cause
from mathshubs.postgres import Db


@dataclass(frozen=True, slots=True)
class Record:
    """One record as Kafka gave it, bytes untouched."""

    topic: str
    part: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    cluster: str = ""
    """The id of the Kafka in which it stands: in another the same topic, partition and offset are another record."""


class Request(Protocol):
    """What a rule answers: a request made of a hub's report, or a fact of another service."""

    @property
    def key(self) -> str:
        """Return what it is kept in order with: when one of these waits, the rest wait behind it."""

    @property
    def makes(self) -> str | None:
        """Return what others may be waiting for that this brings, such as `work_group:<id>`."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One record that could be read, with the request in it."""

    record: Record
    hub: str
    """The hub whose topic it came by; empty for facts."""
    event: CloudEvent
    request: Any
    key: str
    makes: str | None
    cause: Cause
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passing:
    """A report that another service answers; its id is remembered, nothing else."""

    record: Record
    hub: str
    event: CloudEvent


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that cannot be applied, ever: a dead letter, with its reason."""

    record: Record
    code: str
    message: str
    path: str = ""
    hub: str = ""
    event_id: str | None = None
    source: str | None = None
    silent: bool = False
    """Another service keeps the dead letter and answers."""
    event: CloudEvent | None = None
    """The event in it, where there is one: its data fits nothing that is known."""


@dataclass(frozen=True, slots=True)
class Applied:
    """It took effect, perhaps with flags, or was refused with reasons."""

    heard: Heard
    facts: tuple[Event, ...] = ()
    refused: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """It names something not heard of yet."""

    heard: Heard
    waits_for: str


@dataclass(frozen=True, slots=True)
class Behind:
    """Something of its key is parked, so it waits its turn."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class Failing:
    """It met an exception that nobody expected."""

    heard: Heard
    error: str


Outcome = Applied | Waiting | Behind | Failing | SetAside
Blocked = dict[str, str | None]
"""Keys with something parked, and what the first of each waits for."""


class NotHeardOf(LookupError):
    """A request names something that nobody has reported yet; it waits for it."""

    def __init__(self, waits_for: str) -> None:
        super().__init__(waits_for)
        self.waits_for = waits_for


class Reader(Protocol):
    """How records of one kind of topic are read, and how their senders are told what became of them."""

    def read(self, record: Record) -> Heard | Passing | SetAside | None:
        """Read one record; None if it is of no interest here. Never raises."""

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        """Tell whoever sent these what became of them, in the caller's transaction.

        Args:
            died: how often they were set aside before, if an operator had them tried again.
        """


class Taker(Protocol):
    """What is done with what was read: answers or copies."""

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        """Apply what was heard, in order, in the caller's transaction, and say what became of each."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One consumer group of a service: `<service>.hubs`, `<service>.facts` or `reporting.log`."""

    consumer: str
    reader: Reader
    taker: Taker
    most: int = 50
    """Records in one transaction at most: 50 where rules decide, 2,000 for copies."""
    references: References | None = None
    """What hubs' references stand for, where hubs' records are heard: no letter keeps who was erased."""


def is_blocked(heard: Heard, blocked: Mapping[str, str | None]) -> bool:
    """Say whether `heard` must wait behind its key; what the key waits for may always pass."""
    return heard.key in blocked and (heard.makes is None or heard.makes != blocked[heard.key])
