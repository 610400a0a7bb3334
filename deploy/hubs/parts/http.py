"""Clients of HTTP: whether a part's door answers, and what every client of ours trusts."""

import ssl
from functools import cache

import httpx

SECONDS = 1.5  # for an answer; the supervisor asks again


def answers(url: str, *, status: int | None = None) -> bool:
    """Return whether `url` answers, with `status` if one is named."""
    try:
        code = httpx.get(url, timeout=SECONDS, verify=trust()).status_code
    except httpx.HTTPError:
        return False
    return status in (None, code)


@cache
def trust() -> ssl.SSLContext:
    """Return the authorities that clients trust, read once: httpx reads all of them for each client, taking 20 ms."""
    return httpx.create_ssl_context()
