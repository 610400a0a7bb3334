"""CloudEvents 1.0.2 over Kafka and HTTP: binary mode out, binary and structured in, and never an exception."""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Headers = Sequence[tuple[str, bytes]]

MOST_BYTES = 1_000_000
DEEPEST = 32
STRUCTURED = "application/cloudevents+json"
_LONGEST = {"id": 128, "source": 512, "type": 256}
_EXACT = 2**53
REDACTED = "mathshubsredacted"
"""The attribute in which an event that we redacted carries its fingerprint; a hub that sends it misleads itself."""
_SHA_256 = re.compile(r"[0-9a-f]{64}")
_YEARS = range(2000, 2100)
"""What calendars can reckon with in any zone, and a hub can mean."""
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d", re.ASCII)
_TRACED = ("traceparent", "tracestate")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event as it was sent, with its data parsed."""

    id: str
    source: str
    type: str
    time: datetime
    data: Mapping[str, Any]
    extensions: Mapping[str, str] = field(default_factory=dict)

    def fingerprint(self, hub: str) -> bytes:
        """Return what is equal for the same event only: hub, source, id, type, time and parsed data.

        The mode, the key, other headers and the spelling of the JSON do not count. An event from which somebody
        who was erased was taken out is still the event that was sent.
        """
        before = self.extensions.get(REDACTED, "")
        if _SHA_256.fullmatch(before):
            return bytes.fromhex(before)
        parts = [hub, self.source, self.id, self.type, self.time.astimezone(UTC).isoformat(), self.data]
        spelled = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(spelled.encode()).digest()


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why bytes are no event; `event_id` and `source` where they could be read."""

    code: str
    message: str
    path: str = ""
    event_id: str | None = None
    source: str | None = None
    type: str | None = None


class _Unreadable(ValueError):
    """What is wrong with a piece of an event, by code and words."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(code)
        self.code, self.message, self.path = code, message, path


def decode(headers: Headers, value: bytes | None) -> CloudEvent | Malformed:
    """Read one record or HTTP body, in binary or structured mode, told apart by its content type.

    Whatever the bytes are, the answer is an event or the reason why there is none.
    """
    named: dict[str, Any] = {}
    try:
        if value is None:
            raise _Unreadable("tombstone", "a record without a value means nothing on this topic; send an event")
        if len(value) > MOST_BYTES:
            raise _Unreadable("too-large", f"an event may be {MOST_BYTES:,} bytes at most; this one has {len(value):,}")
        words = _text(headers)
        if words.get("content-type", "").split(";")[0].strip().lower() == STRUCTURED:
            whole = _object(parse(value))
            named.update({k: v for k, v in whole.items() if k in _LONGEST})
            return from_object(whole)
        if "ce_id" not in words and "ce_type" not in words:
            raise _Unreadable(
                "not-a-cloudevent",
                f"no ce_ headers: send ce_id, ce_source, ce_type, ce_time (binary mode), or content-type {STRUCTURED}",
            )
        attributes = {name[3:]: word for name, word in words.items() if name.startswith("ce_")}
        named.update(attributes)
        attributes |= {name: words[name] for name in _TRACED if name in words}
        checked = _attributes(attributes)
        return CloudEvent(**checked, data=_object(parse(value), "$.data"))
    except _Unreadable as wrong:
        return Malformed(wrong.code, wrong.message, wrong.path, *_identity(named))


def from_object(whole: Mapping[str, Any]) -> CloudEvent:
    """Read an event from its structured form, already parsed.

    Raises:
        ValueError: if it is not one; `decode_object` says why instead.
    """
    attributes = {k: v for k, v in whole.items() if k not in ("data", "data_base64")}
    checked = _attributes(attributes)
    if "data_base64" in whole:
        raise _Unreadable("data-not-json", "data is JSON; data_base64 is not taken", "$.data_base64")
    return CloudEvent(**checked, data=_object(whole.get("data"), "$.data"))


def decode_object(whole: object) -> CloudEvent | Malformed:
    """Read one event of a batch, or say why it is none."""
    try:
        return from_object(_object(whole))
    except _Unreadable as wrong:
        named = whole if isinstance(whole, dict) else {}
        return Malformed(wrong.code, wrong.message, wrong.path, *_identity(named))


def encode(event: CloudEvent) -> tuple[list[tuple[str, bytes]], bytes]:
    """Return the headers and the value of `event` in binary mode."""
    words = {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_time": event.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    for name, word in event.extensions.items():
        words[name if name in _TRACED else f"ce_{name}"] = word
    value = json.dumps(event.data, separators=(",", ":"), ensure_ascii=False).encode()
    return [(name, word.encode()) for name, word in words.items()], value


def parse(value: bytes) -> Any:  # noqa: ANN401 -- JSON is any of six shapes
    """Read JSON strictly: no duplicate keys, no infinities, no text that Postgres cannot keep.

    Raises:
        ValueError: with a code and words, if it is not such JSON.
    """
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise _Unreadable("not-utf-8", "the body is not UTF-8") from None
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_float=_finite, parse_constant=_no_constant)
        _shallow(found)
    except RecursionError:
        raise _Unreadable("too-deep", f"JSON may be nested {DEEPEST} deep at most") from None
    except _Unreadable:
        raise
    except ValueError as wrong:
        raise _Unreadable("not-json", f"the body is not JSON: {_position(wrong)}") from None
    if "\\u" in text:
        _keepable(found)
    return found


def _position(wrong: ValueError) -> str:
    return (
        f"line {wrong.lineno}, column {wrong.colno}"
        if isinstance(wrong, json.JSONDecodeError)
        else "a number is too long"
    )


def _text(headers: Headers) -> dict[str, str]:
    try:
        return {_encodable(name).lower(): raw.decode("utf-8") for name, raw in headers if raw is not None}
    except UnicodeError:
        raise _Unreadable("header-not-utf-8", "a header is not UTF-8") from None


def _encodable(name: str) -> str:
    """Return a header's name; one whose bytes were no text holds lone surrogates, and raises."""
    name.encode()
    return name


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("specversion") != "1.0":
        raise _Unreadable("bad-specversion", 'specversion is "1.0"', "$.specversion")
    checked: dict[str, Any] = {}
    for name, longest in _LONGEST.items():
        checked[name] = _word(name, given.get(name), longest)
    checked["time"] = _instant(given.get("time"))
    content = given.get("datacontenttype") or "application/json"
    if not isinstance(content, str) or "json" not in content:
        raise _Unreadable("data-not-json", "datacontenttype is application/json", "$.datacontenttype")
    rest = given.keys() - {"specversion", "datacontenttype", "content-type", "time", *_LONGEST}
    checked["extensions"] = {name: _kept(name, str(given[name])[:512]) for name in sorted(rest)}
    return checked


def _word(name: str, given: object, longest: int) -> str:
    if not isinstance(given, str) or not given:
        raise _Unreadable("missing-attribute", f"{name} is missing or not text", f"$.{name}")
    if len(given) > longest:
        raise _Unreadable("attribute-too-long", f"{name} may have {longest} characters at most", f"$.{name}")
    return _kept(name, given)


def _kept(name: str, given: str) -> str:
    if "\x00" in given or any("\ud800" <= letter <= "\udfff" for letter in given):
        raise _Unreadable("bad-text", f"{name} holds a character that no text here may have", f"$.{name}")
    return given


def _instant(given: object) -> datetime:
    if given is None:
        raise _Unreadable("missing-attribute", "time is missing", "$.time")
    try:
        instant = datetime.fromisoformat(str(given))
        if instant.tzinfo is None or instant.year not in _YEARS or not _RFC_3339.match(str(given)):
            raise ValueError
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Unreadable(
            "bad-time", "time is RFC 3339 with an offset, from 2000 to 2099: 2026-09-14T15:04:05Z", "$.time"
        ) from None


def _identity(named: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Return id, source and type where each could be read and kept."""
    found: list[str | None] = []
    for name, longest in _LONGEST.items():
        try:
            found.append(_word(name, named.get(name), longest))
        except _Unreadable:
            found.append(None)
    return found[0], found[1], found[2]


def _object(given: object, path: str = "$") -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _Unreadable("not-an-object", "data is a JSON object", path)
    return given


def _once_each(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Unreadable("duplicate-key", "a key stands twice in one object")
        found[name] = value
    return found


def _finite(digits: str) -> float:
    """Read a number; 1.0 and 1 are one number, so that spelling does not make another event."""
    number = float(digits)
    if math.isinf(number):
        raise _Unreadable("number-out-of-range", "a number is too large")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _no_constant(name: str) -> float:
    raise _Unreadable("not-json", f"{name} is not JSON")


def _shallow(found: object) -> None:
    level, deep = [found], 0
    while level:
        if deep > DEEPEST:
            raise _Unreadable("too-deep", f"JSON may be nested {DEEPEST} deep at most")
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        deep += 1


def _keepable(found: object) -> None:
    """Refuse what an escape can spell and Postgres cannot keep: NUL and half characters."""
    words = json.dumps(found, ensure_ascii=False)
    if "\\u0000" in words.replace("\\\\", ""):
        raise _Unreadable("bad-text", "the body holds a NUL character, which no text here may have")
    try:
        words.encode()
    except UnicodeEncodeError:
        raise _Unreadable("bad-text", "the body holds half a character (a lone surrogate)") from None
