"""A part as an operating system process: started in a session of its own, logged, stopped within a bound."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from hubs.home import Home

MARK = "HUBS_PART"  # in the environment of everything we start, so that leftovers are known for ours
LOG_LIMIT = 10_000_000  # bytes after which a log is set aside


@dataclass(frozen=True)
class Launch:
    """How to start one process. `user` is a user id to run as, where we are root."""

    argv: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None
    cwd: Path | None = None


class Part(Protocol):
    """What the supervisor must know of a part in order to keep it running."""

    name: str
    after: Sequence[str]  # the parts that must be ready first
    stop_signal: signal.Signals
    stop_seconds: float  # after which a part that does not stop is killed

    def prepare(self) -> Launch | None:
        """Make ready what the process needs, before every start; None if it runs elsewhere."""

    def is_ready(self) -> bool:
        """Return whether the part truly serves now; answers within two seconds."""


class Running:
    """A started process and its log."""

    def __init__(self, home: Home, name: str, launch: Launch) -> None:
        """Start it in its own session, so that Ctrl-C reaches the supervisor alone."""
        self.name = name
        self.log = home.logs / f"{name}.log"
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [str(word) for word in launch.argv],
                env={**_passed_on(), **launch.env, "HUBS_HOME": str(home.root), MARK: name},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=launch.cwd,
                start_new_session=True,
                user=launch.user,
                group=launch.user,
                extra_groups=None if launch.user is None else [],
            )

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self.popen.pid

    def died(self) -> bool:
        """Return whether the process has ended."""
        return self.popen.poll() is not None

    def bound_log(self) -> None:
        """Set a large log aside, in the place of the one before: copied and emptied, since the process holds it open.

        What is written in that moment is lost.
        """
        if self.log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def stop(self, sign: signal.Signals = signal.SIGTERM, seconds: float = 30) -> None:
        """Ask it to stop; kill it, and what it has started, after `seconds`."""
        if not self.died():
            self.popen.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """End it, and what it has started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a part's log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def write_reason(log: Path, error: Exception) -> None:
    """Write into a part's log why it could not be made ready."""
    said, _, _ = str(error).partition("\nDETAIL:")  # Postgres quotes a row there, which may name a person
    with log.open("a") as file:
        file.write(f"{type(error).__name__}: {said}\n")


def _passed_on() -> dict[str, str]:
    """Return our environment without what only the supervisor may read."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HUBS_")}


def leftovers(home: Home) -> list[psutil.Process]:
    """Return the processes that an earlier supervisor of this home started and did not stop."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ()
        except (psutil.Error, OSError):
            continue
        if mark.get("HUBS_HOME") == str(home.root) and MARK in mark and process.pid != os.getpid():
            found.append(process)
    return found


def kill_leftovers(home: Home) -> list[str]:
    """Kill them, and return their names. Only for whoever holds the home."""
    ours = leftovers(home)
    names = []
    for process in ours:
        try:
            names.append(process.environ()[MARK])
            process.kill()
        except (psutil.Error, OSError, KeyError):
            continue
    psutil.wait_procs(ours, timeout=10)
    return sorted(set(names))
