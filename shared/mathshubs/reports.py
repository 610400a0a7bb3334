"""Reports from hubs: read by one rule at both doors, answered with one receipt each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from mathshubs import clock
from mathshubs.envelope import CloudEvent, Malformed, decode
from mathshubs.events import Report, catalogue
from mathshubs.events.reasons import words
from mathshubs.facts import first_error
from mathshubs.hearing import Applied, Behind, Failing, Heard, Outcome, Passing, Record, SetAside, Waiting
from mathshubs.ids import References, derived
from mathshubs.journal import Cause, Entry, record
from mathshubs.postgres import Db
from mathshubs.topics import hub_of, receipts_topic

FUTURE_AFTER = timedelta(minutes=5)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""As W3C Trace Context has it."""
OWNERS = ("enrolment", "scheduling")
_ANSWERS_FOR_NOBODY = "enrolment"
"""The service that answers what no service can: malformed records and unknown owners."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a report apart from its data: whose it is, when it was said, and what its references mean."""

    hub: str
    said_at: datetime
    heard_at: datetime
    references: References

    def id(self, kind: str, reference: str) -> UUID:
        """Return the id of the `kind` that this hub calls `reference`."""
        return self.references.resolve(self.hub, kind, reference)

    def since(self, stated: datetime | None) -> datetime:
        """Return when the report was true: as stated, else when it was said."""
        return stated or self.said_at


Reported = Callable[[Any, About], Any]
"""Makes the request of a report; `About` resolves its references."""


class Reports:
    """Reads hubs' records for the service that owns some of their types, and sends the receipts."""

    most = 50

    def __init__(self, service: str, table: Mapping[type[Report], Reported], references: References) -> None:
        self._service = service
        self._requests = {report.type: (TypeAdapter(report), made) for report, made in table.items()}
        self._references = references

    def read(self, record: Record) -> Heard | Passing | SetAside:
        """Read one record of a hub's topic: a request, somebody else's, or a dead letter with its reason."""
        hub = hub_of(record.topic)
        event = decode(record.headers, record.value)
        if isinstance(event, Malformed):
            return self._aside(record, hub, event)
        return self.judge(record, hub, event)

    def judge(self, record: Record, hub: str, event: CloudEvent) -> Heard | Passing | SetAside:
        """Judge a well-formed event of `hub`, the same at both doors."""
        owner = owner_of(event.type)
        if owner in OWNERS and owner != self._service:
            return Passing(record, hub, event)
        wrong = misfit(hub, event)
        if wrong is not None:
            return self._aside(record, hub, wrong, event)
        shape, made = self._requests[event.type]
        report = shape.validate_python(event.data)
        about = About(hub, event.time, clock.now(), self._references)
        request = made(report, about)
        flags = ("future",) if event.time > about.heard_at + FUTURE_AFTER else ()
        return Heard(
            record, hub, event, request, request.key, request.makes, cause_of(hub, event, self._references), flags
        )

    def _aside(self, record: Record, hub: str, wrong: Malformed, event: CloudEvent | None = None) -> SetAside:
        owner = owner_of(wrong.type) if wrong.type else None
        answers = owner if owner in OWNERS else _ANSWERS_FOR_NOBODY
        silent = answers != self._service
        return SetAside(record, wrong.code, wrong.message, wrong.path, hub, wrong.event_id, wrong.source, silent, event)

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        """Send each hub a receipt: one when its report is parked, and exactly one that is final.

        What an operator had tried again is answered once more for each time that it had `died` before.
        """
        receipts = [self.receipt(o, died) for o in outcomes if not (isinstance(o, SetAside) and o.silent)]
        await record(db, receipts)

    def receipt(self, outcome: Outcome, died: int) -> Entry:
        """Return the line that tells a hub what became of its report, which had died so often before."""
        aside = isinstance(outcome, SetAside)
        hub = outcome.hub if isinstance(outcome, SetAside) else outcome.heard.hub
        where = outcome.record if isinstance(outcome, SetAside) else outcome.heard.record
        named = (outcome.event_id, outcome.source) if isinstance(outcome, SetAside) else _name(outcome.heard)
        said, reasons = _said(outcome)
        place = f"{where.topic}/{where.part}/{where.offset}"
        body: dict[str, Any] = {"event_id": named[0], "source": named[1], "outcome": said, "reasons": reasons}
        body["subject"] = _subject(outcome)
        if aside or named[0] is None:
            body |= {"topic": where.topic, "partition": where.part, "offset": where.offset}
        stage = "parked" if said == "parked" else f"again {died}" if died else "final"
        return Entry(
            topic=receipts_topic(hub or hub_of(where.topic)),
            key=named[0] or place,
            type=f"uk.mathshubs.{self._service}.EventAnswered.v1",
            data=body,
            cause=self._answering(hub, named[0]),
            event_id=derived("receipt", self._service, where.cluster, place, stage),
            versioned=False,
        )

    def _answering(self, hub: str, event_id: str | None) -> Cause:
        kept = self._references.unnamed(hub, event_id) if event_id else None
        return Cause(actor=f"service:{self._service}", causation_id=kept, correlation_id=kept)


def cause_of(hub: str, event: CloudEvent, references: References) -> Cause:
    """Return what a decision about this report follows from; kept for ever, so a hub's own words are not in it."""
    traceparent = event.extensions.get("traceparent", "")
    return Cause(
        actor=f"hub:{hub}",
        causation_id=references.unnamed(hub, event.id),
        correlation_id=references.unnamed(hub, event.extensions.get("correlationid", event.id)),
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else None,
    )


def misfit(hub: str, event: CloudEvent) -> Malformed | None:
    """Say why a well-formed event of `hub` is no report that anybody answers; None if it is one."""
    named = {"event_id": event.id, "source": event.source, "type": event.type}
    if owner_of(event.type) not in OWNERS:
        return Malformed("unknown-owner", words("unknown-owner"), "$.type", **named)
    report = catalogue().get(event.type)
    if report is None or not issubclass(report, Report):
        return Malformed("unknown-type", words("unknown-type"), "$.type", **named)
    for claims, path in ((event.data, "$.data.hub"), (event.extensions, "$.hub")):
        if claims.get("hub", hub) != hub:
            return Malformed("hub-mismatch", words("hub-mismatch"), path, **named)
    try:
        TypeAdapter(report).validate_python(event.data)
    except ValidationError as wrong:
        path, message = first_error(wrong)
        return Malformed("bad-data", message, path.replace("$", "$.data", 1), **named)
    return None


def owner_of(event_type: str) -> str | None:
    """Return the service that a report's type names as its owner; None if it is no report's type."""
    parts = event_type.split(".")
    return parts[3] if parts[:3] == ["uk", "mathshubs", "hub"] and len(parts) > 4 else None  # noqa: PLR2004


def _name(heard: Heard) -> tuple[str | None, str | None]:
    return heard.event.id, heard.event.source


def _said(outcome: Outcome) -> tuple[str, list[dict[str, str]]]:
    match outcome:
        case SetAside(code=code, message=message, path=path):
            return "dead", [{"code": code, "message": message, "path": path}]
        case Applied(refused=refused) if refused:
            return "refused", [_reason(code) for code in refused]
        case Applied(facts=facts, flags=flags) if flags:
            details = {code: detail for fact in facts for code, detail in fact.details.items()}
            return "flagged", [_reason(code, f"{words(code)} {details.get(code, '')}".rstrip()) for code in flags]
        case Applied():
            return "applied", []
        case Failing():
            return "parked", [_reason("unexpected-error")]
        case Waiting(heard=heard, waits_for=key):
            return "parked", [_reason("waits", f"It waits for {_awaited(heard, key)}.")]
        case Behind(heard=heard):
            earlier = f"an earlier report on {_named(heard, heard.key)}, which waits itself"
            return "parked", [_reason("behind", f"It waits behind {earlier}.")]


def _awaited(heard: Heard, key: str) -> str:
    if key.startswith("place:"):
        return f"school {heard.event.data['school_urn']} to join {_named(heard, 'work_group')}"
    return f"{_named(heard, key)} to be reported"


_KINDS = {"work_group": "Work Group", "meeting": "meeting", "visit": "visit", "lesson": "open lesson"}


def _named(heard: Heard, key: str) -> str:
    """Return what `key` is of, as the hub calls it; a person's reference may be a name, and is not repeated."""
    kind = key.partition(":")[0]
    reference = heard.event.data.get(kind) if kind in _KINDS else None
    return f"{_KINDS[kind]} {reference}" if reference else f"the same {_KINDS.get(kind, kind)}"


def _reason(code: str, message: str = "") -> dict[str, str]:
    return {"code": code, "message": message or words(code), "path": ""}


def _subject(outcome: Outcome) -> dict[str, str] | None:
    if isinstance(outcome, SetAside) or ":" not in outcome.heard.key:
        return None
    kind, _, name = outcome.heard.key.partition(":")
    return {"kind": kind, "id": name}
