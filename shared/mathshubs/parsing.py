"""JSON as it is read from strangers: strictly, and with a reason where it is none."""

import json
import math
from collections.abc import Iterable
from typing import Any

DEEPEST = 32
_EXACT = 2**53


class Unreadable(ValueError):
    """What is wrong with a piece of an event: a code, words that quote nothing of it, and where it stands."""

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(code)
        self.code, self.message, self.path = code, message, path


def parse(value: bytes) -> Any:  # noqa: ANN401 -- JSON is any of six shapes
    """Read JSON strictly: no duplicate keys, no infinities, no text that Postgres cannot keep.

    Raises:
        Unreadable: if it is not such JSON.
    """
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("not-utf-8", "the body is not UTF-8") from None
    try:
        found = json.loads(text, object_pairs_hook=_once_each, parse_float=_finite, parse_constant=_no_constant)
        _shallow(found)
    except RecursionError:
        raise Unreadable("too-deep", f"JSON may be nested {DEEPEST} deep at most") from None
    except Unreadable:
        raise
    except ValueError as wrong:
        raise Unreadable("not-json", f"the body is not JSON: {_position(wrong)}") from None
    if "\\u" in text:
        _keepable(found)
    return found


def _position(wrong: ValueError) -> str:
    return (
        f"line {wrong.lineno}, column {wrong.colno}"
        if isinstance(wrong, json.JSONDecodeError)
        else "a number is too long"
    )


def _once_each(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Unreadable("duplicate-key", "a key stands twice in one object")
        found[name] = value
    return found


def _finite(digits: str) -> float:
    """Read a number; 1.0 and 1 are one number, so that spelling does not make another event."""
    number = float(digits)
    if math.isinf(number):
        raise Unreadable("number-out-of-range", "a number is too large")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _no_constant(name: str) -> float:
    raise Unreadable("not-json", f"{name} is not JSON")


def _shallow(found: object) -> None:
    level, deep = [found], 0
    while level:
        if deep > DEEPEST:
            raise Unreadable("too-deep", f"JSON may be nested {DEEPEST} deep at most")
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
        raise Unreadable("bad-text", "the body holds a NUL character, which no text here may have")
    try:
        words.encode()
    except UnicodeEncodeError:
        raise Unreadable("bad-text", "the body holds half a character (a lone surrogate)") from None
