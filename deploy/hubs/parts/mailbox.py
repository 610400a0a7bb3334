"""The local mailbox: receives all mail of an embedded system and shows it."""

import os
import signal
import sys
from collections.abc import Sequence

from hubs.home import Home
from hubs.parts.http import answers
from hubs.parts.launch import Launch


class Mailbox:
    """The mailbox as a process; its mail is kept in the home."""

    name = "mailbox"
    after: Sequence[str] = ()
    stop_signal = signal.SIGTERM
    stop_seconds = 10.0

    def __init__(self, home: Home, port: int, smtp_port: int, bounces: str = "") -> None:
        """Take the port of the page, the port that receives mail, and where bounces go (host:port)."""
        self.bounces = bounces
        self.store, self.port, self.smtp_port = home.kept / "mailbox", port, smtp_port

    def prepare(self) -> Launch:
        """Return the command; a mail comes in by the system's clock, and a demonstration's people are invented."""
        ports = ["--smtp-port", str(self.smtp_port), "--http-port", str(self.port)]
        bounces = ["--bounces", self.bounces] if self.bounces else []
        told = {name: os.environ[name] for name in ("HUBS_CLOCK", "HUBS_DEMO") if name in os.environ}
        return Launch([sys.executable, "-m", "hubs.mailbox", *ports, *bounces, "--store", self.store], env=told)

    def is_ready(self) -> bool:
        """Return whether the page answers; it opens after the door for mail."""
        return answers(f"http://127.0.0.1:{self.port}/inbox", status=200)
