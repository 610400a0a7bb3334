"""Waiting for a part that was started by hand, in tests and for a team's shared parts."""

import time

from hubs.parts.launch import Part, Running, last_lines

PAUSE = 0.05  # seconds between two looks


class PartDied(RuntimeError):
    """The part ended before it was ready; the message holds the end of its log."""


def await_ready(part: Part, running: Running, seconds: float = 60) -> None:
    """Return when `part` serves.

    Raises:
        PartDied: if it ends first, or is not ready within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not part.is_ready():
        if running.died() or time.monotonic() > deadline:
            running.kill()
            raise PartDied(f"{part.name} did not become ready; its log ends:\n{last_lines(running.log)}")
        time.sleep(PAUSE)
