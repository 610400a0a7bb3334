"""Facts that were heard get their positions in the log, soon after."""

import asyncio

from mathshubs.postgres import Pool
from mathshubs.running import Duty
from reporting.log import store

PAUSE_SECONDS = 0.2
MOST = 2_000


def position(pool: Pool) -> Duty:
    """Return the duty that gives positions until none is wanting, then waits a moment."""

    async def give_positions() -> None:
        async with pool.acquire() as db:
            given = await store.give_positions(db, MOST)
        if given < MOST:
            await asyncio.sleep(PAUSE_SECONDS)

    return give_positions
