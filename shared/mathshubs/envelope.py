"""CloudEvents 1.0.2 over Kafka and HTTP: binary mode out, binary and structured in, and never an exception."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mathshubs.events.words import rfc_3339
from mathshubs.parsing import Unreadable, parse

Headers = Sequence[tuple[str, bytes]]

MOST_BYTES = 1_000_000
STRUCTURED = "application/cloudevents+json"
_CLOUDEVENTS = "application/cloudevents"
_LONGEST = {"id": 128, "source": 512, "type": 256}
REDACTED = "mathshubsredacted"
"""The attribute in which an event that we redacted carries its fingerprint; a hub that sends it misleads itself."""
_SHA_256 = re.compile(r"[0-9a-f]{64}")
_YEARS = range(2000, 2100)
"""What calendars can reckon with in any zone, and a hub can mean."""
_TRACED = ("traceparent", "tracestate")
_NAMED = {"specversion", *_LONGEST, "time", "datacontenttype", "subject", "hub", "correlationid", *_TRACED}
_NAMING = re.compile(r"@|%40|\s")
"""What an e-mail address or a line of prose has, and no key of a record needs."""


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


def decode(headers: Headers, value: bytes | None) -> CloudEvent | Malformed:
    """Read one record or HTTP body, in binary or structured mode, told apart by its content type.

    Whatever the bytes are, the answer is an event or the reason why there is none.
    """
    named: dict[str, Any] = {}
    try:
        if value is None:
            raise Unreadable("tombstone", "a record without a value means nothing on this topic; send an event")
        if len(value) > MOST_BYTES:
            raise Unreadable("too-large", f"an event may be {MOST_BYTES:,} bytes at most; this one has {len(value):,}")
        words = _text(headers)
        if _is_structured(words):
            whole = _object(parse(value))
            named.update({k: v for k, v in whole.items() if k in _LONGEST})
            return _from_object(whole)
        checked = _attributes(_binary(words, named))
        return CloudEvent(**checked, data=_object(parse(value), "$.data"))
    except Unreadable as wrong:
        return Malformed(wrong.code, wrong.message, wrong.path, *_identity(named))


def _is_structured(words: Sequence[tuple[str, str]]) -> bool:
    """Say whether the content type is that of an event whole; the binding keeps the other spellings for such too."""
    media = [word.split(";")[0].strip().lower() for name, word in words if name == "content-type"]
    if len(media) > 1:
        raise Unreadable("duplicate-header", "the header content-type stands there more than once")
    if media and media[0].startswith(_CLOUDEVENTS) and media[0] != STRUCTURED:
        raise Unreadable("not-a-cloudevent", f"of the structured forms only {STRUCTURED} is taken, an event at a time")
    return media == [STRUCTURED]


def _binary(words: Sequence[tuple[str, str]], named: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of an event in binary mode; those that stand there once go into `named` as well."""
    attributes = [(name[3:], word) for name, word in words if name.startswith("ce_")]
    times = Counter(name for name, _ in attributes)
    if not times.keys() & {"id", "type"}:
        raise Unreadable(
            "not-a-cloudevent",
            f"no ce_ headers: send ce_id, ce_source, ce_type, ce_time (binary mode), or content-type {STRUCTURED}",
        )
    named.update({name: word for name, word in attributes if times[name] == 1})
    for name, _ in attributes:
        if times[name] > 1:
            raise Unreadable("duplicate-header", "a CloudEvents attribute stands in two headers", _path(name))
    return dict(attributes) | {name: word for name, word in words if name in _TRACED}


def _from_object(whole: Mapping[str, Any]) -> CloudEvent:
    attributes = {k: v for k, v in whole.items() if k not in ("data", "data_base64")}
    checked = _attributes(attributes)
    if "data_base64" in whole:
        raise Unreadable("data-not-json", "data is JSON; data_base64 is not taken", "$.data_base64")
    return CloudEvent(**checked, data=_object(whole.get("data"), "$.data"))


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


def _text(headers: Headers) -> list[tuple[str, str]]:
    try:
        return [(_encodable(name).lower(), raw.decode("utf-8")) for name, raw in headers if raw is not None]
    except UnicodeError:
        raise Unreadable("header-not-utf-8", "a header is not UTF-8") from None


def _encodable(name: str) -> str:
    """Return a header's name; one whose bytes were no text holds lone surrogates, and raises."""
    name.encode()
    return name


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("specversion") != "1.0":
        raise Unreadable("bad-specversion", 'specversion is "1.0"', "$.specversion")
    checked: dict[str, Any] = {}
    for name, longest in _LONGEST.items():
        checked[name] = _word(name, given.get(name), longest)
    checked["time"] = _instant(given.get("time"))
    content = given.get("datacontenttype") or "application/json"
    if not isinstance(content, str) or "json" not in content:
        raise Unreadable("data-not-json", "datacontenttype is application/json", "$.datacontenttype")
    rest = given.keys() - {"specversion", "datacontenttype", "content-type", "time", *_LONGEST}
    checked["extensions"] = {name: _kept(name, str(given[name])[:512]) for name in sorted(rest)}
    return checked


def _word(name: str, given: object, longest: int) -> str:
    if not isinstance(given, str) or not given:
        raise Unreadable("missing-attribute", f"{name} is missing or not text", f"$.{name}")
    if len(given) > longest:
        raise Unreadable("attribute-too-long", f"{name} may have {longest} characters at most", f"$.{name}")
    if _NAMING.search(given):
        wanted = f'{name} must hold no "@" and no space: it is kept for long, so it must name nobody'
        raise Unreadable("attribute-not-plain", wanted, _path(name))
    return _kept(name, given)


def _kept(name: str, given: str) -> str:
    if "\x00" in given or any("\ud800" <= letter <= "\udfff" for letter in given):
        raise Unreadable("bad-text", "an attribute holds a character that no text here may have", _path(name))
    return given


def _path(name: str) -> str:
    """Return where an attribute stands, if it is one that we name; what senders call their own is not repeated."""
    return f"$.{name}" if name in _NAMED else "$"


def _instant(given: object) -> datetime:
    if given is None:
        raise Unreadable("missing-attribute", "time is missing", "$.time")
    try:
        instant = datetime.fromisoformat(rfc_3339(str(given)))
        if instant.year not in _YEARS:
            raise ValueError
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(
            "bad-time", "time is RFC 3339 with an offset, from 2000 to 2099: 2026-09-14T15:04:05Z", "$.time"
        ) from None


def _identity(named: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Return id, source and type where each could be read and kept."""
    found: list[str | None] = []
    for name, longest in _LONGEST.items():
        try:
            found.append(_word(name, named.get(name), longest))
        except Unreadable:
            found.append(None)
    return found[0], found[1], found[2]


def _object(given: object, path: str = "$") -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Unreadable("not-an-object", "data is a JSON object", path)
    return given
