"""Signed links: what a person carries in a mail, made by one service and read by another."""

import hashlib
from uuid import UUID

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from mathshubs.events.spoken import MeetingId, PersonId

_ID_BYTES = 16


class NotOurLink(ValueError):
    """The token was not signed here for this purpose, or is not whole; answer as to an address that is unknown."""


def join_token(secret: str, meeting_id: MeetingId, person_id: PersonId) -> str:
    """Return the token of `/j/<token>`, by which one person joins one meeting: for ever the same.

    It names both by id alone and does not say how to join; whoever opens it is sent there at the time.
    """
    return _join_signer(secret).sign(base64_encode(meeting_id.bytes + person_id.bytes)).decode()


def read_join_token(secret: str, token: str) -> tuple[MeetingId, PersonId]:
    """Return the meeting and the person that a token of `/j/<token>` was made for.

    Raises:
        NotOurLink: if it was forged, cut short or made for something else.
    """
    try:
        ids = base64_decode(_join_signer(secret).unsign(token))
    except (BadData, UnicodeEncodeError):
        raise NotOurLink from None
    return UUID(bytes=ids[:_ID_BYTES]), UUID(bytes=ids[_ID_BYTES:])


def _join_signer(secret: str) -> Signer:
    return Signer(secret, salt="join", digest_method=hashlib.sha256)
