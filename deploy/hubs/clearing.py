"""Homes are removed with all that they hold, wherever it lies: `python -m hubs.clearing .hubs`, for `make clean`."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from hubs.home import Home, HomeTaken
from hubs.parts.launch import kill_leftovers


def clear(roots: Sequence[Path]) -> None:
    """Remove each home that there is, or none of them.

    Raises:
        HomeTaken: if a system runs in one of them.
    """
    homes = [Home.at(root) for root in roots if root.exists()]
    with ExitStack() as held:
        for home in homes:
            held.enter_context(home.claimed())
        for home in homes:
            kill_leftovers(home)
            home.remove()


if __name__ == "__main__":
    try:
        clear([Path(root) for root in sys.argv[1:]])
    except HomeTaken as wrong:
        sys.exit(str(wrong))
