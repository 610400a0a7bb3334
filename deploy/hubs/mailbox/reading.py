"""Takes a mail apart for reading; whatever was sent, something readable comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

_UNREADABLE: Final = (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What the standard library raises, by its source, at headers and parts that break the rules."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail in its parts; None for a part that it lacks."""

    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    calendar: str | None


def subject_lines(raw: bytes) -> dict[str, str]:
    """Return the headers that a list of mails shows, empty where they are missing."""
    headers = dict(reversed(_headers(raw)))
    shown = {"sender": "from", "addressed_to": "to", "subject": "subject", "message_id": "message-id"}
    return {field: headers.get(name, "") for field, name in shown.items()}


def opened(raw: bytes) -> Opened:
    """Return the parts of a mail; the first of each type counts, attachments do not."""
    parts: dict[str, str] = {}
    for part in _parts(raw):
        if part.get_content_disposition() != "attachment":
            parts.setdefault(part.get_content_type(), _content(part))
    return Opened(
        headers=tuple(_headers(raw)),
        text=parts.get("text/plain"),
        html=parts.get("text/html"),
        calendar=parts.get("text/calendar"),
    )


def _parts(raw: bytes) -> Iterator[Message]:
    """Yield the text parts of a mail, however deep; none of one that cannot be taken apart."""
    try:
        found = [part for part in message_from_bytes(raw).walk() if part.get_content_maintype() == "text"]
    except _UNREADABLE:
        return
    yield from found


def _content(part: Message) -> str:
    """Return the text of a part; bytes that its charset does not know are marked."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return content.decode("utf-8", errors="replace")


def _headers(raw: bytes) -> list[tuple[str, str]]:
    """Return all headers in their order, names in lower case, values decoded where they can be."""
    plain = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    return [(name.lower(), _decoded(name, str(value))) for name, value in plain.raw_items()]


def _decoded(name: str, value: str) -> str:
    """Return a header's value in one line; as it came where it cannot be decoded."""
    try:
        text = str(policy.default.header_fetch_parse(name, value))
    except _UNREADABLE:
        text = value
    return " ".join(text.encode("utf-8", "replace").decode().split())
