"""Who speaks for a hub, how a request over HTTP is read, and which of its events are new."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from mathshubs.envelope import MOST_BYTES, STRUCTURED, CloudEvent, Headers, Malformed, decode, encode
from mathshubs.events.reasons import words
from mathshubs.reports import misfit

BATCH: Final = "application/cloudevents-batch+json"
MOST_EVENTS: Final = 500
MOST_HEADER_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Hub:
    """A Maths Hub: its code in topics and addresses, its public name, its region of England."""

    code: str
    name: str
    region: str | None = None


def read_one(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> CloudEvent | Malformed:
    """Read a request that holds one event, in structured or binary mode."""
    return decode(kafka_headers(headers), body)


def read_batch(body: bytes) -> list[CloudEvent | Malformed] | Malformed:
    """Read a batch; each event as if it had come alone, so that one that is malformed spoils no other."""
    try:
        pieces = list(_pieces(body.decode("utf-8", "surrogateescape")))
    except RecursionError:
        return Malformed("too-deep", "the batch is nested too deep")
    except ValueError as wrong:
        place = f" at line {wrong.lineno}, column {wrong.colno}" if isinstance(wrong, json.JSONDecodeError) else ""
        return Malformed("not-json", f"a batch is a JSON array of events; this is none{place}")
    if len(pieces) > MOST_EVENTS:
        return Malformed("too-many-events", f"a batch may hold {MOST_EVENTS} events; this one has {len(pieces):,}")
    alone: Headers = [("content-type", STRUCTURED.encode())]
    return [decode(alone, piece.encode("utf-8", "surrogateescape")) for piece in pieces]


_SPACE = re.compile(r"[ \t\n\r]*")
_SPLITTER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)  # finds ends, judges nothing


def _pieces(text: str) -> Iterable[str]:
    """Yield the elements of a JSON array as they are spelled."""
    place = _after_space(text, 0)
    if text[place : place + 1] != "[":
        raise json.JSONDecodeError("not an array", text, place)
    place = _after_space(text, place + 1)
    if text[place : place + 1] == "]":
        return _at_end(text, place + 1)
    while True:
        _, end = _SPLITTER.raw_decode(text, place)
        yield text[place:end]
        place = _after_space(text, end)
        if text[place : place + 1] == "]":
            return _at_end(text, place + 1)
        if text[place : place + 1] != ",":
            raise json.JSONDecodeError("no comma", text, place)
        place = _after_space(text, place + 1)


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _at_end(text: str, place: int) -> None:
    if _after_space(text, place) != len(text):
        raise json.JSONDecodeError("more after the array", text, place)


def kafka_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return a request's headers as the Kafka binding spells them, so that both doors read by one rule.

    Source: CloudEvents 1.0.2, HTTP binding 3.1.3: quoted strings are unescaped, then percent-decoded once.
    In binary mode the content type is that of the data.
    """
    found: list[tuple[str, bytes]] = []
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        if name.startswith("ce-") and name != "ce-datacontenttype":
            found.append((f"ce_{name[3:]}", unquote_to_bytes(_unquoted(value.strip()))))
        elif name == "content-type":
            found += [(name, value), ("ce_datacontenttype", value)]
        elif name in ("traceparent", "tracestate"):
            found.append((name, value))
    return found


def _unquoted(value: bytes) -> bytes:
    quoted = re.fullmatch(rb'"((?:[^"\\]|\\.)*)"', value)
    return re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else value


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event to be recorded: what tells it apart, and how it goes to Kafka."""

    source: str
    id: str
    fingerprint: bytes
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one event at the door; `wrong` says why it was rejected."""

    id: str | None
    source: str | None
    outcome: Literal["recorded", "duplicate", "rejected"]
    wrong: Malformed | None = None


Identity = tuple[str, str]
"""Source and id: within one hub, these name one event."""


def judge(hub: str, read: CloudEvent | Malformed) -> Arrival | Malformed:
    """Judge what was read as the Kafka door would; what passes can be published as it stands."""
    if isinstance(read, Malformed):
        return read
    wrong = misfit(hub, read)
    if wrong is not None:
        return wrong
    headers, value = encode(read)
    if len(value) > MOST_BYTES or sum(len(name) + len(word) for name, word in headers) > MOST_HEADER_BYTES:
        most = f"written out, an event may have {MOST_BYTES:,} bytes of data and {MOST_HEADER_BYTES:,} of attributes"
        return Malformed("too-large", most, "$", read.id, read.source, read.type)
    return Arrival(read.source, read.id, read.fingerprint(hub), headers, value)


def sort_out(
    judged: Sequence[Arrival | Malformed], known: Mapping[Identity, bytes]
) -> tuple[list[Verdict], list[Arrival]]:
    """Return a verdict on each event, in order, and those that are new; the first of twins is the new one.

    Args:
        judged: the events of one request.
        known: fingerprints of what this hub has sent before, by either door.
    """
    seen = dict(known)
    verdicts: list[Verdict] = []
    new: list[Arrival] = []
    for one in judged:
        if isinstance(one, Malformed):
            verdicts.append(Verdict(one.event_id, one.source, "rejected", one))
            continue
        before = seen.get((one.source, one.id))
        if before is None:
            seen[one.source, one.id] = one.fingerprint
            new.append(one)
            verdicts.append(Verdict(one.id, one.source, "recorded"))
        elif before == one.fingerprint:
            verdicts.append(Verdict(one.id, one.source, "duplicate"))
        else:
            reused = Malformed("id-reused", words("id-reused"), "$.id", one.id, one.source)
            verdicts.append(Verdict(one.id, one.source, "rejected", reused))
    return verdicts, new
