"""`hubs demo`: a school year of an invented network on a system of its own, and the proof of it."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer

from hubs.commands.check import proof
from hubs.demo.inventing import FEWEST_HUBS
from hubs.demo.script import year
from hubs.demo.spoken import Plain
from hubs.demo.stage import demonstrate
from hubs.demo.stops import QUESTIONING
from hubs.demo.telling import Json, Telling
from hubs.home import Home, HomeTaken
from hubs.invented.register import MOST_HUBS
from hubs.proof.system import Check

KEPT: Final = Path(".hubs-demo")
PAUSE: Final = 5.0  # seconds to look at each stop
INTERRUPTED: Final = 130


class Speed(StrEnum):
    """How fast the year plays."""

    REAL = "real"
    MAX = "max"


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line; the last is the proof.")] = False,
    speed: Annotated[
        Speed | None,
        typer.Option(
            help="`real` leaves time to look at each stop.", show_default="max; on a terminal with --keep real"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which hubs, schools and people are invented.")] = 7,
    hubs: Annotated[
        int, typer.Option(min=FEWEST_HUBS, max=MOST_HUBS, help="How many hubs; 40 are the whole network.")
    ] = 8,
    keep: Annotated[bool, typer.Option("--keep", help="Leave all data in .hubs-demo, to be looked at.")] = False,
) -> None:
    """Play a school year of invented hubs on a whole system of its own, and prove that it adds up.

    Everything is real but the people: Kafka, Postgres, mail, the services. Nothing is sent to anyone, nothing is
    left running. Ends with 1 if a check fails.

    Examples:
        hubs demo

        hubs demo --json --seed 11 | tail -1

        hubs demo --hubs 40

        hubs demo --keep --speed real
    """
    obey_no_settings()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's shell has what it puts aside ignore it
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _as_if_by_hand)
    slow = speed is Speed.REAL or (speed is None and keep and sys.stdout.isatty())
    telling: Telling = Json(_print) if as_json else Plain()
    home = _home(keep=keep)
    try:
        telling.begin()
        checks = demonstrate(year(seed, hubs), home, telling, PAUSE if slow else 0.0)
    except KeyboardInterrupt:
        sys.unraisablehook = lambda _: None  # an event loop that was cut off while it was made would complain
        if not keep:
            _clear(home)
        print("\nStopped. Nothing is left running.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    ok = all(one.ok for one in checks)
    if not keep:
        _clear(home, keep_logs=not ok)
    finish(telling, checks, _notes(home, keep=keep, ok=ok))


def finish(telling: Telling, checks: Sequence[Check], notes: Sequence[str]) -> None:
    """Tell the proof, and leave with 1 if any of its checks failed."""
    whole = proof(checks)
    telling.end(whole, notes)
    if not whole["ok"]:
        raise typer.Exit(1)


def obey_no_settings() -> None:
    """Leave out what this shell has set for other systems: a demonstration has parts of its own, and sends no mail."""
    for name in [name for name in os.environ if name.startswith("HUBS_")]:
        del os.environ[name]


def _home(*, keep: bool) -> Home:
    """Return an empty home: one that was kept before makes room.

    Raises:
        HomeTaken: if a system runs in it.
    """
    if not keep:
        return Home(Path(tempfile.mkdtemp(prefix="hubs-demo-")))
    home = Home.at(KEPT)
    if home.is_held():
        raise HomeTaken(home.root, (home.root / "lock").read_text().strip())
    home.remove()
    return home


def _clear(home: Home, *, keep_logs: bool = False) -> None:
    """Remove what the run has left, but for what tells why it failed."""
    if not keep_logs:
        home.remove()
        return
    shutil.rmtree(home.unprivileged(), ignore_errors=True)
    for path in home.root.iterdir():
        if path.is_dir() and path != home.logs:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            path.unlink()


def _notes(home: Home, *, keep: bool, ok: bool) -> list[str]:
    """Return what can be done next."""
    stands = QUESTIONING.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    again = [f"  HUBS_HOME={home.root} HUBS_DEMO=true \\", f"  HUBS_CLOCK={stands} {sys.argv[0]} up"]
    if keep:
        return [f"Nothing is left running; {KEPT} holds it all. To look at it:", *again]
    if ok:
        return ["Nothing is left running. To look around afterwards: add --keep"]
    return [f"Nothing is left running, and nothing left but the logs: {home.logs}"]


def _as_if_by_hand(_number: int, _frame: FrameType | None) -> None:
    """Stop as Ctrl-C does."""
    signal.raise_signal(signal.SIGINT)


def _print(line: str) -> None:
    """Print a line; where nobody reads any more, stop."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGINT)
