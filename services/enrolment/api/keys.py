"""Who asks: every request to this door carries an API key, of a hub or of the nation."""

from typing import Any, Final

from fastapi import Request
from fastapi.security import HTTPBearer

from enrolment.hubs import store
from mathshubs.http import PROBLEM, Problem
from mathshubs.keys import Claim, Keys
from mathshubs.running import Running

ANSWER_SECONDS: Final = 1.8
"""What the database may take of one request; then the answer is 503."""
READING: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No key, an unknown or a revoked one", "content": {PROBLEM: {}}}
}
KEY: Final = HTTPBearer(
    scheme_name="key", description="The hub's API key, as `hubs hub add` issues it", auto_error=False
)
"""As it is described; what becomes of a request without one, the door says itself."""


async def hub_of(running: Running, request: Request) -> str:
    """Return the hub that the request's key speaks for.

    Raises:
        Problem: 401 as `claim_of` does; 403 if the key is national.
    """
    claim = await claim_of(running, request)
    if claim.hub is None:
        raise Problem(403, "key-of-no-hub", "A national key reads; only a hub's own key may report.")
    return claim.hub


async def claim_of(running: Running, request: Request) -> Claim:
    """Return what the request's key says of itself.

    Raises:
        Problem: 401 without a key, with one that was never issued here, or that was revoked.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise _unauthorised("key-missing", "Send your API key: `Authorization: Bearer <key>`.")
    claim = Keys(running.settings.secret.get_secret_value()).read(key.strip())
    revoked = None
    if claim is not None:
        async with running.pool.acquire(timeout=ANSWER_SECONDS) as db:
            revoked = await store.is_revoked(db, claim)
    if claim is None or revoked is None:
        raise _unauthorised("key-unknown", "No such API key was issued here; check that it is whole.")
    if revoked:
        raise _unauthorised("key-revoked", "This API key was revoked; ask for a new one.")
    return claim


def _unauthorised(code: str, title: str) -> Problem:
    return Problem(401, code, title, headers={"WWW-Authenticate": 'Bearer realm="mathshubs"'})
