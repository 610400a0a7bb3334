"""Takes words that name somebody out of what hubs sent; what takes their place can still be read."""

import json
import re
from collections.abc import Collection
from dataclasses import replace

from mathshubs.hearing import Record
from mathshubs.stones import STAND_INS


def without(record: Record, words: Collection[str]) -> Record:
    """Return a record without `words` in its key, its headers and its value; itself if none is in it."""
    key = redacted(record.key or b"", words)
    headers = [(name, redacted(raw, words)) for name, raw in record.headers]
    value = redacted(record.value or b"", words)
    if (key, headers, value) == (record.key or b"", list(record.headers), record.value or b""):
        return record
    return replace(record, key=None, headers=headers, value=value)


def redacted(value: bytes, words: Collection[str]) -> bytes:
    """Return bytes without `words`, in whatever case and however JSON spells them; else as they were.

    What takes their place can still be read as a name, an address or a number, so that whatever the record
    is part of goes on as it would have.
    """
    if not words:
        return value
    pattern = any_of(words)
    text = value.decode("utf-8", "surrogateescape")
    try:
        whole = json.loads(text)
        found = _replaced(whole, pattern)
        text = text if found == whole else json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        pass
    return pattern.sub(_in_place_of, text).encode("utf-8", "surrogateescape")


def any_of(words: Collection[str]) -> re.Pattern[str]:
    """Match any of `words` where it stands alone: Ann is not in Anna. There must be some."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])", re.IGNORECASE)


def _in_place_of(found: re.Match[str]) -> str:
    if "@" in found.group():
        return STAND_INS["email"]
    return STAND_INS["trn" if found.group().isdigit() else "name"]


def _replaced(found: object, pattern: re.Pattern[str]) -> object:
    match found:
        case str():
            return pattern.sub(_in_place_of, found)
        case list():
            return [_replaced(each, pattern) for each in found]
        case dict():
            return {name: _replaced(each, pattern) for name, each in found.items()}
        case _:
            return found
