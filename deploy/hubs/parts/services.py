"""A service as a process of its own."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence

from hubs.parts.http import answers
from hubs.parts.launch import Launch

GRACEFUL_SECONDS = 20  # in which a service finishes what it has begun; below the supervisor's 30


class ServicePart:
    """One process of one service: uvicorn, told where everything is by its environment."""

    stop_signal = signal.SIGTERM
    stop_seconds = 30.0

    def __init__(
        self, service: str, port: int, env: Mapping[str, str], *, instance: int = 1, after: Sequence[str] = ()
    ) -> None:
        """Take `instance` for a second process of the same service; it names its static group member."""
        self.service = service
        self.name = service if instance == 1 else f"{service}-{instance}"
        self.port = port
        self.after = after
        self.env = {**env, "HUBS_SERVICE": service, "HUBS_INSTANCE": str(instance)}

    @property
    def url(self) -> str:
        """Return the service's own address, behind the origin."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> Launch:
        """Return the command; there is nothing to make ready."""
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        # On uvloop aiokafka can end at a connection that broke: decision 0036.
        how = ["--loop", "asyncio", "--factory", "--no-access-log"]
        patience = ["--timeout-graceful-shutdown", str(GRACEFUL_SECONDS)]
        argv = [sys.executable, "-m", "uvicorn", f"{self.service}.app:application", *where, *how, *patience]
        return Launch(argv, env={**_ours(), **self.env})

    def is_ready(self) -> bool:
        """Return whether the service says that all it needs is there."""
        return answers(f"{self.url}/readyz", status=200)


def _ours() -> dict[str, str]:
    """Return our own settings, passed on where the part does not override them."""
    return {name: value for name, value in os.environ.items() if name.startswith("HUBS_")}
