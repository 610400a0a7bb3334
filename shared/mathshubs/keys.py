"""API keys: signed, so that any service reads whom one speaks for; which were revoked is for each to know."""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

NATIONAL: Final = "national"
_MARK = "mh_"  # lets scanners for leaked secrets know one of ours


@dataclass(frozen=True, slots=True)
class Claim:
    """What a key says of itself: its id, and the hub that it speaks for; None if it is national."""

    key_id: UUID
    hub: str | None

    @property
    def bearer(self) -> str:
        """Return whom it speaks for, in a word: the hub's code, or `national`."""
        return self.hub or NATIONAL


class Keys:
    """Signs API keys and reads them again; the system's secret is the key of the signature."""

    def __init__(self, secret: str) -> None:
        self._signed = URLSafeSerializer(
            secret, salt="api-key", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )

    def write(self, claim: Claim) -> str:
        """Return the key that makes `claim`."""
        return _MARK + str(self._signed.dumps([str(claim.key_id), claim.bearer]))

    def read(self, key: str) -> Claim | None:
        """Return what `key` claims, or None if we did not sign it; compared in constant time."""
        try:
            key_id, hub = self._signed.loads(key.removeprefix(_MARK))
        except BadSignature:
            return None
        return Claim(UUID(key_id), None if hub == NATIONAL else hub)
