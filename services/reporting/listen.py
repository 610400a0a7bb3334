"""The bus door: every fact of every service is written to the log, and those that count to the projections."""

from collections.abc import Iterable, Sequence
from typing import Final

from faststream.kafka import KafkaBroker
from pydantic import TypeAdapter, ValidationError

from mathshubs.envelope import CloudEvent, Malformed, decode
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.facts import first_error, heard_fact
from mathshubs.hearing import Applied, Behind, Blocked, Heard, Hearing, Outcome, Record, SetAside, is_blocked
from mathshubs.inbox import Inbox
from mathshubs.journal import Cause
from mathshubs.postgres import Db
from mathshubs.topics import FACTS
from reporting import answers
from reporting.log import store as log
from reporting.log.domain import LoggedFact
from reporting.projections import store as projections
from reporting.projections.domain import PROJECTED

HEARD: Final[tuple[type[Event], ...]] = (*PROJECTED, PersonErased)
"""Facts that mean something here; every other is kept as it was said, for a later rebuild that may know it."""
TOPICS: Final = FACTS
MOST: Final = 2_000


def listen(broker: KafkaBroker, inbox: Inbox) -> None:
    """Hear everything that any service says, our own words too."""
    inbox.subscribe(broker, hearing(), topics=TOPICS)


def hearing() -> Hearing:
    """Return how reporting hears: consumer group, reader and taker."""
    return Hearing("reporting.log", EveryFact(HEARD), Log(), MOST)


class EveryFact:
    """Reads every fact: those in its table by their shape, others as they are, since a newer speaker may say more."""

    def __init__(self, table: Iterable[type[Event]]) -> None:
        self._shapes = {heard.type: TypeAdapter(heard) for heard in table}

    def read(self, record: Record) -> Heard | SetAside:
        """Read one record of a facts topic."""
        event = decode(record.headers, record.value)
        if isinstance(event, Malformed):
            return SetAside(record, event.code, event.message, event.path, "", event.event_id, event.source)
        shape = self._shapes.get(event.type)
        if shape is None:
            return _untold(record, event)
        try:
            return heard_fact(record, event, shape.validate_python(event.data))
        except ValidationError as wrong:
            path, message = first_error(wrong)
            return SetAside(record, "bad-data", message, path, "", event.id, event.source)

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        """Facts are answered to nobody."""


def _untold(record: Record, event: CloudEvent) -> Heard:
    """Return a fact whose type is not in the table, with what every fact has, as far as it has it."""
    try:
        fact = Event.model_validate(event.data)
    except ValidationError:
        fact = Event(effective_at=event.time)
    key = event.extensions.get("partitionkey") or (record.key or b"").decode("utf-8", "replace")
    cause = Cause(f"service:{event.source.strip('/')}", causation_id=event.id)
    return Heard(record, "", event, fact, key.replace("\x00", "\ufffd"), None, cause)


class Log:
    """Takes a batch of facts: into the log, into the live projections, and answers for the forgotten."""

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        """Write a batch down set-wise, and say that each took effect or is behind a parked one."""
        outcomes: list[Outcome] = [Behind(h) if is_blocked(h, blocked) else Applied(h) for h in heard]
        taken = [outcome.heard for outcome in outcomes if isinstance(outcome, Applied)]
        logged = [LoggedFact.of(one) for one in taken]
        await log.append(db, logged)
        await projections.add_live(db, zip(logged, (one.request for one in taken), strict=True))
        await answers.forget(db, taken)
        return outcomes
