"""What tests of every service wait with: a state, never a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class StillNot(AssertionError):
    """The state that a test waits for did not come within its limit."""


async def until(state: Callable[[], Awaitable[T]], *, seconds: float = 20, every: float = 0.02, what: str = "") -> T:
    """Wait until `state` gives something true, and return it; `every` so many seconds it is asked.

    Raises:
        StillNot: if it does not within `seconds`; says `what` and the last value seen.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await state()
        if found:
            return found
        if time.monotonic() > deadline:
            raise StillNot(f"{what or state!r} after {seconds} s: {found!r}")
        await asyncio.sleep(every)
