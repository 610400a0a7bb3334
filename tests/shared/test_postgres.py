"""What another try may mend, and what only we can: told apart by what asyncpg and the machine really raise."""

import asyncio
import errno
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from hubs.ports import free_port
from mathshubs.postgres import Pool, is_away, open_pool

PoolOf = Callable[[str], Awaitable[Pool]]


async def raised(doing: Awaitable[object]) -> BaseException:
    """Return what `doing` fails with."""
    [found] = await asyncio.gather(doing, return_exceptions=True)
    assert isinstance(found, BaseException)
    return found


async def test_a_connection_that_is_gone_is_tried_again(database: Callable[[str], Awaitable[str]]) -> None:
    """Postgres may end it in the middle of a statement, or between two; in a pool, and without."""
    url = await database("scheduling")
    pool, alone = await open_pool(url), await asyncpg.connect(url)
    pid = await alone.fetchval("SELECT pg_backend_pid()")

    cut = asyncio.ensure_future(raised(alone.fetchval("SELECT pg_sleep(60)")))
    await pool.execute("SELECT pg_terminate_backend($1)", pid)

    assert is_away(await cut)
    assert is_away(await raised(alone.fetchval("SELECT 1")))
    assert is_away(await raised(_ended_by_postgres(pool)))
    pool.terminate()
    assert is_away(await raised(pool.fetchval("SELECT 1")))


async def _ended_by_postgres(pool: Pool) -> None:
    async with pool.acquire() as db, db.transaction():
        with pytest.raises(asyncpg.AdminShutdownError):
            await db.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    """By whatever name it is called."""
    port = free_port()

    for host in ("127.0.0.1", "localhost"):
        assert is_away(await raised(open_pool(f"postgresql://nobody@{host}:{port}/none")))


async def test_a_call_that_makes_no_sense_is_our_fault(pool_of: PoolOf) -> None:
    """To try it again for ever would hold up a partition, and say that Postgres is away."""
    pool = await pool_of("scheduling")
    async with pool.acquire() as db:
        two = await asyncio.gather(db.fetchval("SELECT 1"), db.fetchval("SELECT 2"), return_exceptions=True)
        assert [is_away(error) for error in two if isinstance(error, asyncpg.InterfaceError)] == [False]
        assert not is_away(await raised(db.fetchval("SELECT $1::int", "no number")))
        assert not is_away(await raised(db.fetchval("SELECT $1::int")))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.ENOENT, errno.EACCES, errno.EMFILE])
def test_a_disk_that_is_full_is_not_postgres_away(code: int) -> None:
    """Whoever is woken looks at the machine, not at the network."""
    assert not is_away(OSError(code, "of this machine"))
