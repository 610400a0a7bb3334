"""Whether an HTTP door answers, for the parts that have one."""

import httpx

SECONDS = 1.5  # for an answer; the supervisor asks again


def answers(url: str, *, status: int | None = None) -> bool:
    """Return whether `url` answers, with `status` if one is named."""
    try:
        code = httpx.get(url, timeout=SECONDS).status_code
    except httpx.HTTPError:
        return False
    return status in (None, code)
