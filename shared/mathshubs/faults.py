"""Named points at which a process kills itself when a test told it to, so that a crash is repeatable."""

import os
import signal
from pathlib import Path
from typing import Literal

Point = Literal[
    "after-commit-before-publish",
    "after-ack-before-outbox-delete",
    "after-commit-before-offset-commit",
    "after-smtp-data-before-record",
    "relay-holds-a-person",
]


def point(name: Point) -> None:
    """Die here with SIGKILL, once, if `HUBS_FAULT` is a folder holding a file called `name`.

    The file is removed first: each fault that a test places fires once, and its absence afterwards
    shows that it did. A file that says `stop` stops the process (SIGSTOP) instead of killing it.
    """
    folder = os.environ.get("HUBS_FAULT")
    if not folder:
        return
    placed = Path(folder) / name
    try:
        order = placed.read_text().strip()
        placed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGSTOP if order == "stop" else signal.SIGKILL)
