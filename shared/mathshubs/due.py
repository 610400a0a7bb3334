"""Duties by the clock: what has come due is done within a minute of it, by one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from mathshubs import clock
from mathshubs.postgres import Db, Pool
from mathshubs.running import Duty

GRAIN: Final = timedelta(minutes=1)
"""The most that a duty may be behind the clock; a driven clock that moves by less has nothing done."""
LOOK_SECONDS: Final = 0.2

STOOD = """
    SELECT stood_at
      FROM duties
     WHERE name = $1
"""
TAKE = "SELECT pg_try_advisory_xact_lock(hashtextextended('duty:' || $1, 0))"
STAND = """
    INSERT INTO duties (name, stood_at)
    VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE
       SET stood_at = excluded.stood_at
"""


def by_the_clock(pool: Pool, name: str, act: Callable[[Db, datetime], Awaitable[None]]) -> Duty:
    """Return the duty that does, in one transaction, what has come due by the instant that `act` is given.

    Of several processes one does it; whoever finds it being done looks again. What `act` raises undoes all
    of it, and it is tried again.
    """

    async def look() -> None:
        async with pool.acquire() as db, db.transaction():
            now = clock.now()
            if await _is_due(db, name, now):
                await act(db, now)
                await db.execute(STAND, name, now)
        await asyncio.sleep(LOOK_SECONDS)

    return look


async def _is_due(db: Db, name: str, now: datetime) -> bool:
    stood = await db.fetchval(STOOD, name)
    if stood is not None and now - stood < GRAIN:
        return False
    if not await db.fetchval(TAKE, name):
        return False
    stood = await db.fetchval(STOOD, name)  # whoever held it may have done it
    return stood is None or now - stood >= GRAIN
