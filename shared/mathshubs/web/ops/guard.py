"""Who may see what was set aside, and that a form was sent from our own page."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from mathshubs.http import Problem
from mathshubs.keys import Claim, Keys
from mathshubs.running import Running

IsRevoked = Callable[[Claim], Awaitable[bool]]
VISITOR: Final = "visitor of the demo"
_ASK: Final = {"WWW-Authenticate": 'Basic realm="Maths Hubs operations", charset="UTF-8"'}
MOST_NAME: Final = 60  # characters


async def operator_of(request: Request, running: Running, is_revoked: IsRevoked | None) -> str:
    """Return who asks: the user name that came with the national API key as its password.

    In the demo everything is invented, and anybody may look.

    Raises:
        Problem: 401 without the key, or with one that is not national or was revoked.
    """
    if running.settings.demo:
        return VISITOR
    name, password = _credentials(request.headers.get("authorization", ""))
    claim = Keys(running.settings.secret.get_secret_value()).read(password) if password else None
    if claim is None or claim.hub is not None or (is_revoked is not None and await is_revoked(claim)):
        words = "Give your name, and the national API key as the password; `credentials.json` has it."
        raise Problem(401, "operators-only", "This page is for operators.", words, headers=_ASK)
    return name[:MOST_NAME] or "operator"


def _credentials(header: str) -> tuple[str, str]:
    """Return the name and the password of an `Authorization` header; empty ones where it has none. RFC 7617."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return "".join(letter for letter in name if letter.isprintable()).strip(), password


def must_be_ours(request: Request) -> None:
    """See that a form was sent from a page of this origin; a browser always says from which, other clients never.

    Raises:
        Problem: 403 if it was sent from elsewhere.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site != "same-origin" or (origin is not None and urlsplit(origin).netloc != request.headers.get("host")):
        title = "The form was sent from another page than ours."
        raise Problem(403, "sent-from-elsewhere", title, "Open the page of operations and send it from there.")
