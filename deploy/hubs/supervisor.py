"""One supervisor for all parts: starts them in order, restarts what dies, stops them in reverse."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from hubs.home import Home, keep
from hubs.parts.launch import Part, Running, last_lines, write_reason

T = TypeVar("T")

LOOK = 0.05  # seconds between two looks at a part
DEATHS = 5  # before it was ready, after which a part is given up
PAUSE = 0.1  # seconds before a part that died unready is tried again; doubled each time
REMIND = 15.0  # seconds after which a part that is not ready yet is named


class GaveUp(RuntimeError):
    """A part died again and again before it was ready; the message holds the end of its log."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(f"{name} died {DEATHS} times before it was ready. The end of {log}:\n{last_lines(log)}")


class Voice(Protocol):
    """Who is told what becomes of the parts."""

    def ready(self, part: Part) -> None:
        """Hear that a part serves for the first time."""

    def waiting(self, part: Part, seconds: float, log: Path) -> None:
        """Hear that a part is still not ready after `seconds`."""

    def restarted(self, name: str, pid: int) -> None:
        """Hear that a part died and serves again as process `pid`."""


class Supervisor:
    """Keeps the parts of one home running, from `start` to `stop`."""

    def __init__(
        self,
        home: Home,
        parts: Sequence[Part],
        voice: Voice,
        once_ready: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        """Take by name what is to be done once a part is ready, before others may build on it."""
        self.home, self.parts, self.voice = home, parts, voice
        self.once_ready = once_ready or {}
        self.running: dict[str, Running] = {}
        self._serves = {part.name: asyncio.Event() for part in parts}
        self._welcomed: set[str] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._threads = ThreadPoolExecutor(4 * len(parts) + 4, thread_name_prefix="parts")

    @property
    def pids(self) -> dict[str, int]:
        """Return each running part's process."""
        return {name: running.pid for name, running in self.running.items()}

    async def start(self) -> None:
        """Start every part and return when all are ready.

        Raises:
            GaveUp: if a part dies five times before it is ready.
        """
        self._keepers = [asyncio.create_task(self._keep(part)) for part in self.parts]
        all_serve = asyncio.create_task(self._all_serve())
        try:
            await asyncio.wait([all_serve, *self._keepers], return_when=asyncio.FIRST_COMPLETED)
            for failed in (keeper for keeper in self._keepers if keeper.done()):
                failed.result()
        finally:
            all_serve.cancel()

    async def keep(self) -> None:
        """Keep the parts running for as long as this is awaited.

        Raises:
            GaveUp: if a part dies five times before it is ready again.
        """
        await asyncio.gather(*self._keepers)

    async def stop(self) -> None:
        """Stop what runs, whoever builds on others first; return when no process is left."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        while self.running:
            built_on = {name for part in self.parts if part.name in self.running for name in part.after}
            free = [part for part in self.parts if part.name in self.running and part.name not in built_on]
            await asyncio.gather(*(self._stop_one(part) for part in free))
        self.home.pids.unlink(missing_ok=True)
        self._threads.shutdown()

    async def _all_serve(self) -> None:
        for served in self._serves.values():
            await served.wait()

    async def _keep(self, part: Part) -> None:
        """Start one part, and start it again whenever it dies."""
        for name in part.after:
            if name in self._serves:
                await self._serves[name].wait()
        deaths = 0
        while True:
            ground = self._ground(part)
            if await self._start(part):
                deaths = 0
                await self._serve(part)
                continue
            if ground is not None and self._ground(part) == ground:  # else it may have died of that
                deaths += 1
            if deaths == DEATHS:
                raise GaveUp(part.name, self._log(part))
            await asyncio.sleep(PAUSE * 2**deaths)

    def _ground(self, part: Part) -> list[Running | None] | None:
        """Return what the part builds on, as it serves now; None while any of it does not."""
        names = [name for name in part.after if name in self._serves]
        serve = all(self._serves[name].is_set() for name in names)
        return [self.running.get(name) for name in names] if serve else None

    async def _start(self, part: Part) -> bool:
        """Start a part; return True once it serves, False if it has died first.

        What goes wrong in making it ready is a death like any other, and its reason stands in the part's log.
        """
        running = None
        try:
            running = await self._launch(part)
            if not await self._becomes_ready(part, running):
                return False
            if part.name not in self._welcomed:
                await self._aside(self.once_ready.get(part.name, lambda: None))
        except Exception as error:  # noqa: BLE001 -- whatever befell it is written to the part's log
            if running:
                await self._aside(partial(running.stop, part.stop_signal, part.stop_seconds))
            write_reason(self._log(part), error)
            return False
        return True

    async def _serve(self, part: Part) -> None:
        """Say that a part serves, and return once it is dead."""
        running = self.running.get(part.name)  # None of one that runs elsewhere
        if part.name not in self._welcomed:
            self._welcomed.add(part.name)
            self.voice.ready(part)
        elif running:
            self.voice.restarted(part.name, running.pid)
        self._serves[part.name].set()
        await self._death(running)
        self._serves[part.name].clear()

    def _log(self, part: Part) -> Path:
        return self.home.logs / f"{part.name}.log"

    async def _launch(self, part: Part) -> Running | None:
        launch = await self._aside(part.prepare)
        if launch is None:
            return None
        running = self.running[part.name] = Running(self.home, part.name, launch)
        keep(self.home.pids, self.pids)
        return running

    async def _becomes_ready(self, part: Part, running: Running | None) -> bool:
        """Return True when the part serves, False when it has died first."""
        began = reminded = time.monotonic()
        while True:
            serves = await self._aside(part.is_ready)
            if running and running.died():  # whatever answered, it was not this
                running.kill()
                return False
            if serves:
                return True
            if time.monotonic() - reminded > REMIND:
                reminded = time.monotonic()
                self.voice.waiting(part, reminded - began, self._log(part))
            await asyncio.sleep(LOOK)

    async def _death(self, running: Running | None) -> None:
        """Return when it has died, and what it had started with it; its log stays bounded meanwhile."""
        while running is None or not running.died():
            if running:
                running.bound_log()
            await asyncio.sleep(LOOK)
        running.kill()

    async def _stop_one(self, part: Part) -> None:
        await self._aside(lambda: self.running[part.name].stop(part.stop_signal, part.stop_seconds))
        del self.running[part.name]

    async def _aside(self, act: Callable[[], T]) -> T:
        """Do in a thread what would hold up the other parts."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, act)
