"""Duties by the clock: done when the clock has gone on, by one process, and undone as a whole where they fail."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from mathshubs.due import by_the_clock
from mathshubs.postgres import Db, Pool

PoolOf = Callable[[str], Awaitable[Pool]]


async def _note(db: Db, now: datetime) -> None:
    await db.execute("INSERT INTO stones (person_id, erased_at) VALUES (gen_random_uuid(), $1)", now)


async def _done(pool: Pool) -> int:
    async with pool.acquire() as db:
        return int(await db.fetchval("SELECT count(*) FROM stones"))


async def _an_hour_passes(pool: Pool) -> None:
    async with pool.acquire() as db:
        await db.execute("UPDATE duties SET stood_at = stood_at - interval '1 hour'")


async def test_what_is_due_is_done_once_until_the_clock_has_gone_on(pool_of: PoolOf) -> None:
    """A service that looks five times a second must not say five times that a slot is vacant."""
    pool = await pool_of("scheduling")
    duty = by_the_clock(pool, "vacancies", _note)

    await duty()
    await duty()
    assert await _done(pool) == 1

    await _an_hour_passes(pool)
    await by_the_clock(pool, "vacancies", _note)()
    assert await _done(pool) == 2


async def test_two_processes_do_not_do_the_same_duty(pool_of: PoolOf) -> None:
    """Whoever comes second finds it being done, or done."""
    pool = await pool_of("scheduling")

    await asyncio.gather(*(by_the_clock(pool, "vacancies", _note)() for _ in range(5)))

    assert await _done(pool) == 1


async def test_a_duty_that_fails_half_way_is_done_again_from_the_start(pool_of: PoolOf) -> None:
    """Or what it had said before it failed would be said twice."""
    pool = await pool_of("scheduling")

    async def fail(db: Db, now: datetime) -> None:
        await _note(db, now)
        raise LookupError

    with pytest.raises(LookupError):
        await by_the_clock(pool, "vacancies", fail)()
    assert await _done(pool) == 0

    await by_the_clock(pool, "vacancies", _note)()
    assert await _done(pool) == 1
