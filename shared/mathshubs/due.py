"""Duties by the clock: what has come due is done within a minute of it, by one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from mathshubs import clock
from mathshubs.postgres import Db, Pool
from mathshubs.running import Duty

GRAIN: Final = timedelta(minutes=1)
"""The most that a duty may be behind the clock; a driven clock that moves by less has nothing done."""
LOOK_SECONDS: Final = 0.2

Act = Callable[[Db, datetime], Awaitable[None]]
_NEVER: Final = datetime(1, 1, 2, tzinfo=UTC)

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


def by_the_clock(pool: Pool, name: str, act: Act) -> Duty:
    """Return the duty that does, in one transaction, what has come due by the instant that `act` is given.

    Of several processes one does it; whoever finds it being done looks again. What `act` raises undoes all
    of it, and it is tried again.
    """
    done = _NEVER  # as it was last seen to be, so that a clock that stands costs nothing

    async def look() -> None:
        nonlocal done
        now = clock.now()
        if now - done >= GRAIN:
            done = await _do(pool, name, act, now)
        await asyncio.sleep(LOOK_SECONDS)

    return look


async def _do(pool: Pool, name: str, act: Act, now: datetime) -> datetime:
    """Do what is due unless somebody has, or is at it; return how far it is done."""
    async with pool.acquire() as db, db.transaction():
        is_ours = await db.fetchval(TAKE, name)
        stood: datetime | None = await db.fetchval(STOOD, name)
        if stood is not None and now - stood < GRAIN:
            return stood
        if not is_ours:
            return stood or _NEVER
        await act(db, now)
        await db.execute(STAND, name, now)
        return now
