"""Signed links and addresses: what a mail carries, so that whoever comes back with it is known."""

import binascii
import hashlib
import hmac
from base64 import b32decode, b32encode
from uuid import UUID

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from mathshubs.events.spoken import DeliveryId, MeetingId, PersonId

_ID_BYTES = 16
_SEAL_BYTES = 16


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


def preferences_token(secret: str, person_id: PersonId) -> str:
    """Return the token of `/u/<token>`, by which one person says which mail they want: for ever the same."""
    return _preferences_signer(secret).sign(base64_encode(person_id.bytes)).decode()


def read_preferences_token(secret: str, token: str) -> PersonId:
    """Return the person for whom a token of `/u/<token>` was made.

    Raises:
        NotOurLink: if it was forged, cut short or made for something else.
    """
    try:
        return UUID(bytes=base64_decode(_preferences_signer(secret).unsign(token)))
    except (BadData, UnicodeEncodeError):
        raise NotOurLink from None


def _preferences_signer(secret: str) -> Signer:
    return Signer(secret, salt="preferences", digest_method=hashlib.sha256)


def bounce_token(secret: str, delivery_id: DeliveryId) -> str:
    """Return the token by which an envelope's sender names its delivery: 52 characters that no server garbles.

    With `bounces+` before it the local part stays below the 64 octets of RFC 5321 (4.5.3.1.1), and base 32 in
    lower case means the same to a server that folds capitals. Hence a seal of 128 bits, half of SHA-256.
    """
    return b32encode(_sealed(secret, delivery_id.bytes)).decode().rstrip("=").lower()


def read_bounce_token(secret: str, token: str) -> DeliveryId:
    """Return the delivery that an envelope's sender was made for.

    Raises:
        NotOurLink: if it was forged or cut short.
    """
    try:
        whole = b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        raise NotOurLink from None
    if len(whole) != _ID_BYTES + _SEAL_BYTES or not hmac.compare_digest(whole, _sealed(secret, whole[:_ID_BYTES])):
        raise NotOurLink
    return UUID(bytes=whole[:_ID_BYTES])


def _sealed(secret: str, named: bytes) -> bytes:
    signer = Signer(secret, salt="bounce", digest_method=hashlib.sha256)
    return named + base64_decode(signer.get_signature(named))[:_SEAL_BYTES]
