"""Whether each report that was accepted has been answered, exactly once for good: values alone."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hubs.proof.bus import Stored

Place = tuple[str, int, int]
"""Topic, partition and offset."""
Identity = tuple[str, str, str]
"""Hub, source and id of an event."""
FINAL = frozenset({"applied", "flagged", "refused", "dead"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One record on a hub's topic, and the event in it as far as its sender named it."""

    place: Place
    identity: Identity | None

    @classmethod
    def of(cls, record: Stored) -> "Sent":
        """Read who sent what, in binary or structured mode, and nothing else."""
        named = _named(record)
        source, event_id = named.get("source"), named.get("id")
        known = isinstance(source, str) and isinstance(event_id, str) and bool(source and event_id)
        hub = record.topic.removeprefix("hubs.").removesuffix(".events")
        return cls((record.topic, record.part, record.offset), (hub, str(source), str(event_id)) if known else None)


def _named(record: Stored) -> Mapping[str, Any]:
    try:
        headers = {name.lower(): (value or b"").decode() for name, value in record.headers}
        if not headers.get("content-type", "").lower().startswith("application/cloudevents+json"):
            return {name.removeprefix("ce_"): value for name, value in headers.items() if name.startswith("ce_")}
        whole = json.loads(record.value or b"")
    except (ValueError, RecursionError):
        return {}
    return whole if isinstance(whole, dict) else {}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a hub was told of one of its events; a record that died is named by its place as well."""

    outcome: str
    identity: Identity | None
    place: Place | None
    codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, hub: str, body: Mapping[str, Any]) -> "Receipt":
        """Read one receipt of a hub's."""
        place = (body["topic"], body["partition"], body["offset"]) if body.get("topic") else None
        named = body["event_id"] is not None and body["source"] is not None
        identity = (hub, body["source"], body["event_id"]) if named else None
        return cls(body["outcome"], identity, place, tuple(reason["code"] for reason in body["reasons"]))

    @property
    def spelled(self) -> str:
        """Return whose it is and why, for a list."""
        named = " ".join(self.identity) if self.identity else _spelled(self.place or ("", 0, 0))
        return f"{named}: {', '.join(self.codes)}"


@dataclass(frozen=True, slots=True)
class Accounts:
    """All that was accepted, and all that is known of what became of it."""

    sent: Sequence[Sent]
    arrivals: Collection[Identity]
    """Accepted by HTTP; some may stand on Kafka no more."""
    receipts: Sequence[Receipt]
    parked: Collection[Place]
    parked_events: Collection[Identity]
    retries: Mapping[Place, int] = field(default_factory=dict)
    """How often an operator had a dead letter tried again: each is answered once more."""
    whole: Collection[str] = ()
    """Hubs whose topic still holds its first record, so that nothing can be answered that is not there."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the accounts come to."""

    outcomes: Mapping[str, int]
    dead: Sequence[str]
    refused: Sequence[str]
    """Answered with a no, and the reasons' codes: listed, and no failure."""
    reports: int
    repeats: int
    parked: int
    lost: Sequence[str]
    twice: Sequence[str]
    unasked: Sequence[str]

    @property
    def adds_up(self) -> bool:
        """Say whether everything accepted was answered once, or waits."""
        return not (self.lost or self.twice or self.unasked)


def reckon(accounts: Accounts) -> Reckoning:
    """Hold what was accepted against what was answered."""
    finals = [receipt for receipt in accounts.receipts if receipt.outcome in FINAL]
    by_place: Counter[Place] = Counter(receipt.place for receipt in finals if receipt.place)
    answered = {receipt.identity for receipt in finals if receipt.identity}
    first = {sent.identity: sent for sent in reversed(accounts.sent) if sent.identity}
    lost, waiting, reports = [], set(), 0
    for sent in accounts.sent:
        # An id that was used again for something else is a report of its own: it died under its place.
        new = sent.identity is None or first[sent.identity] is sent or sent.place in by_place
        reports += new
        if sent.place in by_place or sent.identity in answered:
            continue
        if sent.place in accounts.parked or sent.identity in accounts.parked_events:
            waiting.add(sent.identity)
        else:
            lost.append(_spelled(sent.place))
    known = answered | set(accounts.parked_events) | {sent.identity for sent in accounts.sent}
    lost += [" ".join(arrival) for arrival in accounts.arrivals if arrival not in known]
    return Reckoning(
        Counter(receipt.outcome for receipt in finals),
        [receipt.spelled for receipt in finals if receipt.outcome == "dead"],
        [receipt.spelled for receipt in finals if receipt.outcome == "refused"],
        reports + len(set(accounts.arrivals) - first.keys()),
        len(accounts.sent) - reports,
        len(waiting),
        lost,
        sorted(_answered_twice(accounts, finals, by_place)),
        sorted(_answered_unasked(accounts, finals)),
    )


def _answered_twice(accounts: Accounts, finals: Sequence[Receipt], by_place: Mapping[Place, int]) -> set[str]:
    """Name what has more than one final receipt, apart from one for each time that an operator tried it again.

    An id that was used again for something else dies under that id: those receipts are the other record's.
    """
    twice = {_spelled(place) for place, count in by_place.items() if count > 1 + accounts.retries.get(place, 0)}
    own: defaultdict[Identity, list[Receipt]] = defaultdict(list)
    for receipt in finals:
        if receipt.identity and "id-reused" not in receipt.codes:
            own[receipt.identity].append(receipt)
    for identity, receipts in own.items():
        again = sum(accounts.retries.get(place, 0) for place in {receipt.place for receipt in receipts} if place)
        if len(receipts) > 1 + again:
            twice.add(" ".join(identity))
    return twice


def _answered_unasked(accounts: Accounts, finals: Sequence[Receipt]) -> set[str]:
    """Name what was answered to hubs that never sent it."""
    asked = {sent.identity for sent in accounts.sent} | set(accounts.arrivals)
    places = {sent.place for sent in accounts.sent}
    unasked = set()
    for receipt in finals:
        hub = receipt.identity[0] if receipt.identity else (receipt.place or ("", 0, 0))[0][5:-7]
        if hub in accounts.whole and receipt.identity not in asked and receipt.place not in places:
            unasked.add(" ".join(receipt.identity) if receipt.identity else _spelled(receipt.place or ("", 0, 0)))
    return unasked


def _spelled(place: Place) -> str:
    return "/".join(map(str, place))


@dataclass(frozen=True, slots=True)
class Decided:
    """A receipt as it stands in a service's journal, in its order there."""

    topic: str
    event_id: str
    service: str
    seq: int


@dataclass(frozen=True, slots=True)
class Astray:
    """Receipts that a journal or Kafka lacks, and how many are too old for Kafka to have."""

    names: frozenset[str]
    expired: int


def astray(decided: Sequence[Decided], told: Sequence[tuple[str, str]], cut: Collection[str]) -> Astray:
    """Hold the receipts of journals against those on Kafka, both ways.

    Of a topic whose beginning has expired, a service's receipts are missed from the first one on that stands there:
    each service publishes them in the order of its journal. What is older can be there no more.

    Args:
        told: topic and id of each receipt on Kafka, in the order of each topic.
        cut: the topics whose beginning has expired.
    """
    known = {(one.topic, one.event_id): one for one in decided}
    begins: dict[tuple[str, str], int] = {}
    for receipt in told:
        if receipt in known:
            begins.setdefault((receipt[0], known[receipt].service), known[receipt].seq)
    there = set(told)
    missing = [one for name, one in known.items() if name not in there]
    expired = {
        (one.topic, one.event_id)
        for one in missing
        if one.topic in cut and one.seq < begins.get((one.topic, one.service), one.seq + 1)
    }
    names = {(one.topic, one.event_id) for one in missing} - expired | (there - known.keys())
    return Astray(frozenset(" ".join(name) for name in names), len(expired))
