"""Commands run as an operator runs them: their process, their home, the databases that it names."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from hubs.cli import app
from hubs.home import Home
from mathshubs import settling
from mathshubs.hearing import Hearing
from mathshubs.parking import due_keys
from mathshubs.postgres import Pool
from mathshubs.testing import until


@dataclass(frozen=True)
class Operator:
    """Somebody at the command line of one home."""

    home: Home

    async def runs(self, *words: str) -> tuple[int, str]:
        """Run `hubs` with these words; return its status and what it printed."""
        runner = CliRunner(env={"HUBS_HOME": str(self.home.root), "COLUMNS": "200"})
        done = await asyncio.to_thread(runner.invoke, app, list(words))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    async def reads(self, *words: str, status: int = 0) -> dict[str, Any]:
        """Run `hubs` with these words and `--json`; return the object that it printed."""
        code, said = await self.runs(*words, "--json")
        assert code == status, said
        found: dict[str, Any] = json.loads(said.splitlines()[-1])  # above it may stand what the test itself logs
        return found


@dataclass(frozen=True)
class Desk:
    """A home whose system is enrolment's database and nothing else."""

    operator: Operator
    enrolment: Pool


@asynccontextmanager
async def parking_duty(pool: Pool, hearing: Hearing) -> AsyncIterator[None]:
    """Do what a service does with parked keys and letters to be tried again, for the length of the block."""
    looking = asyncio.create_task(until(lambda: _look(pool, hearing), seconds=60))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(pool: Pool, hearing: Hearing) -> bool:
    async with pool.acquire() as db:
        async with db.transaction():
            await settling.try_dead_letters(db, hearing)
        for key in await due_keys(db, hearing.consumer):
            async with db.transaction():
                await settling.look_again(db, hearing, key)
    return False
