"""`hubs up --json` as a process of its own, for journeys and demonstrations that start and kill it."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from hubs.home import Home

COMMAND = ("-m", "hubs.cli", "up", "--json")
READY_SECONDS = 120.0
STOP_SECONDS = 90.0


class WentWrong(RuntimeError):
    """`hubs up` ended, or said nothing in time; the message holds what it wrote on stderr."""


class Launched:
    """A running `hubs up --json`; `ready` is its ready line. Use as a context."""

    ready: dict[str, Any]

    def __init__(self, home: Home, env: Mapping[str, str] | None = None, command: Sequence[str] = COMMAND) -> None:
        """Take settings beside this process's own, and another command that says the same lines."""
        self.home = home
        self.env = {**os.environ, **(env or {}), "HUBS_HOME": str(home.root)}
        self.argv = [sys.executable, *command]
        self._lines: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> Self:
        """Start it and wait for its ready line."""
        self.home.prepare()
        with (self.home.logs / "up.log").open("ab") as log:
            self.popen = subprocess.Popen(self.argv, env=self.env, stdout=subprocess.PIPE, stderr=log, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.ready = self.event(READY_SECONDS)
        except BaseException:  # an interrupt above all: whoever waits for the line is gone
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and wait until it has ended."""
        self.stop()

    def event(self, seconds: float = 60) -> dict[str, Any]:
        """Return the next line that it says, within `seconds`.

        Raises:
            WentWrong: if it says none, or has ended.
        """
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            line = None
        if line is None:
            raise WentWrong(f"hubs up said nothing more; it wrote:\n{(self.home.logs / 'up.log').read_text()}")
        said: dict[str, Any] = json.loads(line)
        return said

    def pids(self) -> dict[str, int]:
        """Return each part's process as it is now, restarts counted."""
        now: dict[str, int] = json.loads(self.home.pids.read_text())
        return now

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; return its exit code once it has ended."""
        if self.popen.poll() is None:
            self.popen.send_signal(sign)
        try:
            return self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            raise

    def kill(self) -> None:
        """End the supervisor alone, as `kill -9` does; its parts stay until the next start."""
        self.popen.kill()
        self.popen.wait()

    def _read(self) -> None:
        for line in self.popen.stdout or ():
            self._lines.put(line)
        self._lines.put(None)
