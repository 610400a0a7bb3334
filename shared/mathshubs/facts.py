"""Hearing what other services say."""

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter, ValidationError

from mathshubs.envelope import CloudEvent, Malformed, decode
from mathshubs.events import Event
from mathshubs.hearing import Heard, Outcome, Record, SetAside
from mathshubs.journal import Cause
from mathshubs.postgres import Db


class Facts:
    """Reads the facts in its table; what is not in it passes, since a newer speaker may say more."""

    def __init__(self, types: Iterable[type[Event]]) -> None:
        self._types = {heard.type: TypeAdapter(heard) for heard in types}

    def read(self, record: Record) -> Heard | SetAside | None:
        """Read one record of a facts topic."""
        event = decode(record.headers, record.value)
        if isinstance(event, Malformed):
            return SetAside(record, event.code, event.message, event.path, "", event.event_id, event.source)
        shape = self._types.get(event.type)
        if shape is None:
            return None
        try:
            fact = shape.validate_python(event.data)
        except ValidationError as wrong:
            path, message = first_error(wrong)
            return SetAside(record, "bad-data", message, path, "", event.id, event.source)
        return heard_fact(record, event, fact)

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        """Facts are answered to nobody."""


def heard_fact(record: Record, event: CloudEvent, fact: Event) -> Heard:
    """Return `fact` as heard in `record`, kept in order with the others of its aggregate."""
    cause = Cause(
        actor=f"service:{event.source.strip('/')}",
        causation_id=event.id,
        correlation_id=event.extensions.get("correlationid"),
        traceparent=event.extensions.get("traceparent"),
    )
    return Heard(record, "", event, fact, fact.about, fact.makes, cause)


_OF_WHAT_WAS_SENT = ("error", "tag", "attribute")
"""What pydantic puts into its words that may be a piece of what was sent; words of our own stand there whole."""


def first_error(wrong: ValidationError) -> tuple[str, str]:
    """Return the JSON path and the words of what is wrong first: what is wanted, and nothing of what was sent."""
    first = wrong.errors(include_url=False, include_input=False)[0]
    path = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
    words = first["msg"].removeprefix("Value error, ")
    for piece in (first.get("ctx", {}).get(name) for name in _OF_WHAT_WAS_SENT):
        if isinstance(piece, str):
            words = words.partition(piece)[0].rstrip(" ,:'")
    return path, words
