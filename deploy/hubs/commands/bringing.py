"""What commands that import files have in common: where to, how far, and what was found."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from hubs.clocks import stand_with
from hubs.home import Home
from mathshubs.sheets import unseen

SHOWN = 10
"""Rows set aside that a person is shown; --json has them all."""


def running(service: str) -> str:
    """Return the running system's database of `service`, and stand where its clock stands.

    Raises:
        NotRunning: if nothing runs in this home.
    """
    home = Home.at()
    url: str = home.running()["postgres"][service]
    asyncio.run(stand_with(home))
    return url


def columns(said: dict[str, Any], usual: str) -> Iterator[str]:
    """Yield which columns `usual`, such as "the register", has and a file has not, and the other way round."""
    if said["missing_columns"]:
        yield f"  Columns that {usual} usually has, and this file has not: {', '.join(said['missing_columns'])}"
    if said["extra_columns"]:
        yield f"  Columns that are not known, and were not read: {', '.join(said['extra_columns'])}"


def set_aside(rows: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    """Yield the first rows that were set aside: the number of each, whose it is, and the reason."""
    found = list(rows)
    for number, whose, reason in found[:SHOWN]:
        yield f"  Set aside: row {number:,}, {whose}: {reason}"
    if more := max(0, len(found) - SHOWN):
        yield f"  … and {more:,} more; --json lists them all"


@contextmanager
def shown(doing: str, path: Path) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; elsewhere one plain line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"{doing} from {path.name}", highlight=False, soft_wrap=True)
        yield unseen
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(doing)
        yield lambda done, total: bar.update(task, completed=done, total=total)
