"""Bytes of a record as an operator reads them."""

import json
from typing import Final

MOST_SHOWN: Final = 20_000
"""Characters of a value that a person is shown; `hubs dlq show --json` has them all."""


def text_of(content: bytes | None) -> str:
    """Return bytes for a reader: JSON laid out, what is no text in hexadecimal, `MOST_SHOWN` characters at most."""
    if content is None:
        return "(no value)"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.hex(" ")
    else:
        text = _laid_out(text)
    cut = f"\n… {len(text) - MOST_SHOWN:,} more characters; --json has them all" if len(text) > MOST_SHOWN else ""
    return text[:MOST_SHOWN] + cut


def _laid_out(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
