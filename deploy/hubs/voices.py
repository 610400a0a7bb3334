"""How `hubs up` speaks: lines for a person, or JSON for a program."""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from hubs.home import SERVICES
from hubs.parts.launch import Part

TITLES = {"postgres": "Postgres 18", "kafka": "Kafka 4.3", "caddy": "Caddy", "mailbox": "Mailbox"}
WIDTH = 68  # columns before the seconds, so that a line fits in 80


class Quiet:
    """Says nothing; for a system inside another program."""

    def ready(self, part: Part) -> None:
        """Say nothing."""

    def waiting(self, part: Part, seconds: float, log: Path) -> None:
        """Say on stderr what holds the start up."""
        print(f"Still waiting for {part.name} after {seconds:.0f} s; see {log}", file=sys.stderr, flush=True)

    def restarted(self, name: str, pid: int) -> None:
        """Say nothing."""

    def serving(self, line: dict[str, Any]) -> None:
        """Say nothing."""


class Json(Quiet):
    """One line of JSON for each thing that a program waits for, alone on stdout."""

    def restarted(self, name: str, pid: int) -> None:
        """Say which part serves again, as which process."""
        _print({"event": "restarted", "name": name, "pid": pid})

    def serving(self, line: dict[str, Any]) -> None:
        """Say where everything is."""
        _print(line)


def _print(line: dict[str, Any]) -> None:
    """Print a line, as long as somebody reads: `hubs up --json | head -1` must not end the system."""
    try:
        print(json.dumps(line), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Plain(Quiet):
    """A line with a tick for each step, and the seconds it came after."""

    def __init__(self, services: Sequence[str] = SERVICES) -> None:
        """Begin to count the seconds."""
        self.began = time.monotonic()
        self.missing = set(services)
        self.console = Console(highlight=False, soft_wrap=True)

    def ready(self, part: Part) -> None:
        """Say that a part serves; the services share one line, once the last of them does."""
        if part.name in TITLES:
            self.tick(f"{TITLES[part.name]} started{_where(part)}")
        elif part.name in self.missing:
            self.missing.discard(part.name)
            if not self.missing:
                self.tick(f"Services ready: {' '.join(SERVICES)}")

    def restarted(self, name: str, pid: int) -> None:
        """Say that a part died and serves again."""
        self.console.print(f"  [yellow]↻[/] {name} had stopped; it serves again as process {pid}")

    def serving(self, line: dict[str, Any]) -> None:
        """Say what to open, and how to stop."""
        url = line["url"]
        self.console.print(f"\n  Open          [bold]{url}[/]\n  Inbox         {line['inbox']}")
        self.console.print(f"  Credentials   {line['credentials']}\n\n  Ctrl-C stops everything.")

    def tick(self, said: str) -> None:
        """Say that a step is done."""
        seconds = f"{time.monotonic() - self.began:.1f} s"
        self.console.print(f"  [green]✓[/] {said:<{WIDTH}}{seconds:>8}")


def _where(part: Part) -> str:
    port = getattr(part, "port", None)
    return f" on 127.0.0.1:{port}" if port else " elsewhere"
