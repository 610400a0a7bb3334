"""What a bounce says of the mail that it answers (RFC 3464)."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Final

from notification.deliveries.domain.fates import Blame, blame

_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_DIAGNOSTIC: Final = re.compile(r"\s*smtp\s*;\s*(\d{3})(?:[ -]([45]\.\d{1,3}\.\d{1,3}))?", re.IGNORECASE)
_UNSAID: Final = "5.0.0"
_CAME_BACK_AS: Final[dict[Blame, str]] = {"address": "bounced", "passing": "undelivered", "ours": "faulted"}
_WORST_FIRST: Final = ("bounced", "faulted", "undelivered")


def came_back_as(content: bytes) -> str | None:
    """Return the state of a mail of which this came back: `bounced`, `undelivered` or `faulted`.

    None where nothing follows: it is no report on a delivery, or one of a delay or a success. Somebody who is on
    holiday, or a person who writes to the address, says nothing of the mail.
    """
    mail = message_from_bytes(content)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    said = {state for block in _recipients(mail) if (state := _state(block))}
    return next((state for state in _WORST_FIRST if state in said), None)


def _recipients(mail: Message) -> Iterator[Message]:
    """Yield what a report says of each recipient; never what stands in the mail that it returns."""
    for part in mail.get_payload():
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status" and part.is_multipart():
            yield from (block for block in part.get_payload() if isinstance(block, Message) and block["Action"])


def _state(block: Message) -> str | None:
    if str(block["Action"]).strip().casefold() != "failed":
        return None
    found = _STATUS.match(str(block["Status"] or ""))
    status = found[1] if found else _UNSAID
    if status.startswith("4"):
        return "undelivered"
    return _CAME_BACK_AS[blame(_reply(block, status))]


def _reply(block: Message, status: str) -> str:
    """Return the code and status of a reply that refused; where neither is told the mailbox is the likely reason."""
    told = _DIAGNOSTIC.match(str(block["Diagnostic-Code"] or ""))
    code, enhanced = (told[1], told[2]) if told else ("550", None)
    return f"{code} {enhanced or status if status == _UNSAID else status}"
