"""The running system that the year is played on: its commands, its clock, and waiting until something holds."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from hubs import clocks
from hubs.demo.clients import HubSystem
from hubs.home import Home
from hubs.proof.quiet import Tails, quiet
from hubs.proof.system import System

PATIENCE: Final = 60.0  # seconds for anything to come about
LOOK: Final = 0.2  # seconds between two looks


class NotSo(RuntimeError):
    """The system did not do what the script says; the message says what, and `log` where to read more."""

    def __init__(self, cause: str, log: str, mend: str = "read the log; a run with --keep leaves all of it") -> None:
        super().__init__(cause)
        self.log, self.mend = log, mend


@dataclass
class Running:
    """A running system, seen from outside."""

    home: Home
    ready: Mapping[str, Any]
    tails: Tails = field(default_factory=Tails)

    @cached_property
    def system(self) -> System:
        """Return its parts, as the proof reaches them."""
        return System.of(self.home)

    async def command(self, *words: str) -> dict[str, Any]:
        """Run one of the operator's commands, and return the object that it prints.

        Raises:
            NotSo: if it ends with another status than 0.
        """
        env = {**os.environ, "HUBS_HOME": str(self.home.root)}
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hubs.cli", *words, "--json"),
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await started.communicate()
        except asyncio.CancelledError:
            started.kill()
            await started.wait()
            raise
        if started.returncode:
            said = (err or out).decode().strip().splitlines()
            shown = " ".join(["hubs", *words])
            raise NotSo(f"{shown} ended with {started.returncode}: {said[-1] if said else ''}", str(self.home.logs))
        said_last: dict[str, Any] = json.loads(out.decode().splitlines()[-1])
        return said_last

    async def is_quiet(self) -> None:
        """Wait until all that was sent is answered, heard and mailed.

        Raises:
            NotSo: if that takes more than a minute.
        """
        found = await quiet(self.system, PATIENCE, self.tails)
        if not found.ok:
            raise NotSo(found.said, str(self.home.logs))

    async def stands_at(self, instant: datetime) -> None:
        """Move the clock of every service."""
        await clocks.move(self.home.clock, self.ready["http"], instant)

    async def until(self, look: Callable[[], Awaitable[bool]], what: str, service: str) -> None:
        """Look again and again until it is so.

        Raises:
            NotSo: if it is not within a minute; `service` is whose log tells why.
        """
        deadline = time.monotonic() + PATIENCE
        while not await look():
            if time.monotonic() > deadline:
                raise NotSo(f"It did not come about within {PATIENCE:.0f} s that {what}", self.log_of(service))
            await asyncio.sleep(LOOK)

    def log_of(self, service: str) -> str:
        """Return the file in which a service says what it does."""
        return str(self.home.logs / f"{service}.log")

    @asynccontextmanager
    async def clients(self, hubs: list[str]) -> AsyncIterator[dict[str, HubSystem]]:
        """Give each hub's own system, for the length of a block."""
        systems = await asyncio.to_thread(HubSystem.all, hubs, self.ready)
        try:
            yield systems
        finally:
            for system in systems.values():
                system.close()
