"""Bringing one home's system up, keeping it up, and taking it down without a trace."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from hubs import ports
from hubs.home import SERVICES, Home, keep
from hubs.parts.launch import Part, kill_leftovers
from hubs.supervisor import Voice
from hubs.system import System

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OnReady = Callable[[dict[str, Any]], None]


@contextlib.asynccontextmanager
async def running(
    home: Home, voice: Voice, services: Sequence[str] = SERVICES, parts: Sequence[Part] = ()
) -> AsyncIterator[System]:
    """Run the system in this process for the length of the block; it serves when the block begins.

    Args:
        home: where it keeps what it holds.
        voice: who is told what becomes of the parts.
        services: fewer than all, in tests.
        parts: further ones, in tests.

    Raises:
        HomeTaken: if another process runs this home.
        GaveUp: if a part cannot be brought up.
    """
    with home.claimed():
        for name in kill_leftovers(home):
            print(f"Stopped {name}, left over from a run that was killed.", file=sys.stderr, flush=True)
        home.ready.unlink(missing_ok=True)
        system = System(home, voice, services, parts)
        system.wiring.keep()
        try:
            await system.supervisor.start()
            keep(home.ready, system.ready_line())
            yield system
        finally:
            home.ready.unlink(missing_ok=True)
            await system.supervisor.stop()
            ports.release(system.wiring.ports.values())


async def keep_up(home: Home, voice: Voice, on_ready: OnReady, services: Sequence[str] = SERVICES) -> None:
    """Run the system until INT or TERM, or until its terminal closes; a second signal does not hurry it."""
    serving = asyncio.create_task(_serve(home, voice, on_ready, services))

    def stop() -> None:
        for sign in STOP:
            asyncio.get_running_loop().add_signal_handler(sign, lambda: None)
        serving.cancel()

    for sign in STOP:
        # `nohup hubs up` outlives its terminal; `hubs up &` in a script stops on INT, which its shell has it ignore.
        if sign is not signal.SIGHUP or signal.getsignal(sign) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(sign, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def _serve(home: Home, voice: Voice, on_ready: OnReady, services: Sequence[str]) -> None:
    async with running(home, voice, services) as system:
        await asyncio.to_thread(on_ready, system.ready_line())
        await system.supervisor.keep()
