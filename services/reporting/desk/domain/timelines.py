"""What came of one report, step by step: recorded, decided, heard by each service, mails queued and sent."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from mathshubs.events import Event
from mathshubs.events.notification.deliveries import MessageNotSent, MessageQueued, MessageSettled
from mathshubs.events.reasons import words
from reporting.desk.domain import Names, read, said_of
from reporting.desk.domain.groups import Standings
from reporting.log.domain import LoggedFact

Outcome = Literal["applied", "flagged", "refused"]
MAILS: Final = (MessageQueued.type, MessageSettled.type, MessageNotSent.type)
NOT_SENT: Final = "not-sent"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused, or what should be looked at: its code and its words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Hearer:
    """Whether one consumer group has heard one fact."""

    group: str
    heard: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """One fact that came of the report, and who has heard it."""

    event_id: str
    type: str
    said: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    effective_at: datetime
    recorded_at: datetime
    topic: str
    partition: int
    offset: int
    heard_by: tuple[Hearer, ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that came of the report, and what became of it; whom it goes to is not said."""

    delivery_id: str
    kind: str
    queued_at: datetime
    status: str | None
    """None until it was sent, or given up; `not-sent` where it was spared, and nobody misses it."""
    settled_at: datetime | None
    why: str | None = None
    """Why it was spared: `superseded`, `erased`, `withheld` or `unsubscribed`."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What came of one report, in the order in which it was recorded."""

    decided: tuple[Decided, ...]
    mails: tuple[Mail, ...]

    @property
    def outcome(self) -> Outcome:
        """Return what became of it as a whole: the worst that any of its facts says."""
        found = {one.outcome for one in self.decided}
        return "refused" if "refused" in found else "flagged" if "flagged" in found else "applied"

    @property
    def recorded_at(self) -> datetime:
        """Return when the first fact of it was recorded."""
        return min([one.recorded_at for one in self.decided] + [one.queued_at for one in self.mails])

    @property
    def heard(self) -> dict[str, tuple[int, int]]:
        """Return, by consumer group, how many of the facts it has heard, and of how many that it hears."""
        told = [one for fact in self.decided for one in fact.heard_by]
        done = Counter(one.group for one in told if one.heard)
        return {group: (done[group], many) for group, many in Counter(one.group for one in told).items()}


def timeline(logged: Sequence[LoggedFact], names: Names, standings: Standings) -> Timeline:
    """Return the timeline of the facts that share a report's correlation, in their order."""
    facts = [one for one in logged if one.type not in MAILS]
    return Timeline(tuple(_decided(one, names, standings) for one in facts), tuple(_mails(logged)))


def _decided(one: LoggedFact, names: Names, standings: Standings) -> Decided:
    refused, flags = one.data.get("reasons") or (), one.data.get("flags") or ()
    return Decided(
        event_id=one.event_id,
        type=one.type,
        said=_said(one, names),
        outcome="refused" if refused else "flagged" if flags else "applied",
        reasons=tuple(Reason(code, words(code)) for code in (*refused, *flags)),
        effective_at=one.effective_at,
        recorded_at=one.recorded_at,
        topic=one.topic,
        partition=one.part,
        offset=one.offset,
        heard_by=tuple(
            Hearer(group, standings.has_heard(group, one.topic, one.part, one.offset))
            for group in standings.hearers(one.topic)
        ),
    )


def _said(one: LoggedFact, names: Names) -> str:
    """Return a fact in a sentence; one that is not worth a line by the name of its kind."""
    fact = read(one.type, one.data)
    return said_of(fact, names) if fact is not None else kind_of(one.type)


def kind_of(fact_type: str) -> str:
    """Return a kind of fact in words: `Person invited`."""
    name = fact_type.removeprefix("uk.mathshubs.").split(".")[1] if fact_type.count(".") > 2 else fact_type  # noqa: PLR2004 -- uk.mathshubs.<service>.<kind>
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def facts_in(logged: Sequence[LoggedFact]) -> list[Event]:
    """Return those of the log's facts that read as a sentence."""
    return [fact for one in logged if (fact := read(one.type, one.data)) is not None]


def _mails(logged: Sequence[LoggedFact]) -> list[Mail]:
    """Return each delivery once, in the order in which they were queued, with the last that is known of it."""
    queued: dict[str, Mapping[str, Any]] = {}
    settled: dict[str, LoggedFact] = {}
    for one in logged:
        if one.type in MAILS:
            delivery = str(one.data["delivery_id"])
            at = one.data.get("queued_at") or one.recorded_at.isoformat()
            queued.setdefault(delivery, {"kind": one.data["kind"], "at": at})
            if one.type != MessageQueued.type:
                settled[delivery] = one
    return [_mail(delivery, told, settled.get(delivery)) for delivery, told in queued.items()]


def _mail(delivery: str, told: Mapping[str, Any], settled: LoggedFact | None) -> Mail:
    queued_at = datetime.fromisoformat(told["at"])
    if settled is None:
        return Mail(delivery, told["kind"], queued_at, None, None)
    status = NOT_SENT if settled.type == MessageNotSent.type else settled.data["status"]
    return Mail(delivery, told["kind"], queued_at, status, settled.recorded_at, settled.data.get("reason"))
