"""The bus door: what scheduling says of meetings, people, their merged records, and revoked keys."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from faststream.kafka import KafkaBroker
from pydantic import ValidationError

from mathshubs.envelope import CloudEvent, Malformed, decode
from mathshubs.events.enrolment.hubs import ApiKeyRevoked
from mathshubs.events.enrolment.people import Person, PersonMerged
from mathshubs.facts import Facts, first_error
from mathshubs.hearing import Heard, Hearing, Outcome, Record, SetAside
from mathshubs.inbox import Inbox
from mathshubs.journal import Cause
from mathshubs.postgres import Db
from mathshubs.topics import PEOPLE
from notification.answers import OF_MEETINGS, Answers
from notification.people.domain import Erasure

CONSUMER: Final = "notification.facts"
TOPICS: Final = ("enrolment.facts", "scheduling.facts", PEOPLE)
OF_FACTS: Final = (*OF_MEETINGS, ApiKeyRevoked, PersonMerged)
HEARD: Final = (*OF_FACTS, Person)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class People:
    """Reads `people.current`: records of people, and tombstones, which are a key alone.

    What has another key than a person's id, such as the tick that has the log compacted, passes.
    """

    def read(self, record: Record) -> Heard | SetAside | None:
        """Read one record."""
        who = _person_of(record.key)
        if who is None:
            return None
        if record.value is None:
            return _erasure(record, who)
        event = decode(record.headers, record.value)
        if isinstance(event, Malformed):
            return SetAside(record, event.code, event.message, event.path, "", event.event_id, event.source)
        if event.type != Person.type:
            return None
        try:
            person = Person.model_validate(event.data)
        except ValidationError as wrong:
            path, message = first_error(wrong)
            return SetAside(record, "bad-data", message, path, "", event.id, event.source)
        return Heard(record, "", event, person, str(who), None, _cause(event))

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        """Nobody is answered."""


class Reader:
    """Reads the topics of this consumer, people in their own way."""

    def __init__(self) -> None:
        self._people, self._facts = People(), Facts(OF_FACTS)

    def read(self, record: Record) -> Heard | SetAside | None:
        """Read one record of any of them."""
        return (self._people if record.topic == PEOPLE else self._facts).read(record)

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        """Nobody is answered."""


HEARING: Final = Hearing(CONSUMER, Reader(), Answers())


def listen(broker: KafkaBroker, inbox: Inbox) -> None:
    """Hear of meetings, of people and of keys; the topics have no order between them."""
    inbox.subscribe(broker, HEARING, topics=TOPICS)


def _person_of(key: bytes | None) -> UUID | None:
    try:
        return UUID((key or b"").decode("ascii"))
    except ValueError:
        return None


def _erasure(record: Record, who: UUID) -> Heard:
    """Return a tombstone as heard: one erasure to a person for ever, however often it is said."""
    event = CloudEvent(f"erasure-{who}", f"/{PEOPLE}", "tombstone", _LONG_AGO, {})
    headers = {name: value for name, value in record.headers if value is not None}
    correlation = headers.get("ce_correlationid", b"").decode("ascii", "replace") or None
    cause = Cause(actor="service:enrolment", correlation_id=correlation)
    erasure = Erasure(who)
    return Heard(record, "", event, erasure, erasure.key, erasure.makes, cause)


def _cause(event: CloudEvent) -> Cause:
    said = event.extensions
    return Cause(f"service:{event.source.strip('/')}", event.id, said.get("correlationid"), said.get("traceparent"))
