"""An event as each door takes it: in binary mode and structured, by Kafka and by HTTP."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mathshubs.envelope import STRUCTURED

Headers = Sequence[tuple[str, bytes]]
Event = Mapping[str, Any]
"""In its structured form; `data` may be bytes, which go out as they are spelled."""


def kafka_binary(event: Event) -> tuple[Headers, bytes]:
    """Return an event as a record in binary mode."""
    words = {(n if n == "traceparent" else f"ce_{n}"): str(v).encode() for n, v in event.items() if n != "data"}
    return [*words.items(), ("content-type", b"application/json")], _bytes(event["data"])


def kafka_structured(event: Event) -> tuple[Headers, bytes]:
    """Return an event as a record in structured mode."""
    rest = {name: value for name, value in event.items() if name != "data"}
    whole = json.dumps(rest, ensure_ascii=False).encode()[:-1] + b', "data": ' + _bytes(event["data"]) + b"}"
    return [("content-type", STRUCTURED.encode())], whole


def http_binary(event: Event) -> tuple[dict[str, str], bytes]:
    """Return an event as a request in binary mode."""
    words = {(n if n == "traceparent" else f"ce-{n}"): quote(str(v)) for n, v in event.items() if n != "data"}
    return {**words, "content-type": "application/json"}, _bytes(event["data"])


def http_structured(event: Event) -> tuple[dict[str, str], bytes]:
    """Return an event as a request in structured mode."""
    return {"content-type": STRUCTURED}, kafka_structured(event)[1]


def filled(value: bytes, size: int) -> bytes:
    """Return JSON with space at its end, up to `size` bytes."""
    return value.ljust(size) if size else value


def _bytes(data: object) -> bytes:
    return data if isinstance(data, bytes) else json.dumps(data).encode()
