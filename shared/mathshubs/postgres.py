"""Postgres: the pool that a service works with, and its migrations."""

import asyncio
import errno
import re
import socket
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from yoyo import get_backend, read_migrations
from yoyo.migrations import MigrationList

if TYPE_CHECKING:
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Db: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Db = asyncpg.Connection
"""`Db` is a connection, whether it came from a pool or not."""

SHARED = "mathshubs"
TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection cut in the middle of an answer
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""The kinds of which what another try may mend are: Postgres away or starting, a deadlock, a lost connection."""
_LOST = re.compile(r"(connection|pool) (is clos|has been released)")
"""What asyncpg says of a connection that is gone; by its class alone, a call that makes no sense looks the same."""
_UNREACHABLE = {
    None,  # asyncio, having tried several addresses
    errno.EADDRNOTAVAIL,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETRESET,
    errno.ENETUNREACH,
}


def is_away(error: BaseException) -> bool:
    """Say whether another try may mend it: `error` is of the kinds in `TRANSIENT`, and no fault that looks like one.

    Those are a full disk, a file that is not there, and a call of asyncpg that makes no sense.
    """
    match error:
        case asyncpg.InterfaceError():
            return _LOST.search(str(error)) is not None
        case ConnectionError() | TimeoutError() | socket.gaierror():
            return True
        case OSError():
            return type(error) is OSError and error.errno in _UNREACHABLE  # the others are of files
        case _:
            return isinstance(error, TRANSIENT)


async def open_pool(url: str, *, size: int = 10, least: int = 1) -> Pool:
    """Open a pool of `least` to `size` connections; a statement waits 30 s at most, a lock 20 s.

    With `least` 0 it opens while Postgres is away, and connects when it is first asked.
    A transaction that its process leaves idle is ended after 15 s, so that a stopped process
    cannot hold its partitions' offsets for ever.
    """
    return await asyncpg.create_pool(
        url,
        min_size=least,
        max_size=size,
        timeout=5,
        command_timeout=30,
        server_settings={"lock_timeout": "20s", "idle_in_transaction_session_timeout": "15s", "timezone": "UTC"},
    )


async def listen(url: str, channel: str, wake: Callable[[], None]) -> None:
    """Call `wake` whenever `channel` is notified, until the connection is lost."""
    lost = asyncio.Event()
    connection = await asyncpg.connect(url, timeout=5)
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, lambda *_: wake())
        wake()
        await lost.wait()
    finally:
        connection.terminate()


async def write_rows(db: Db, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Run `statement` once over the columns of `rows`, one array to each; nothing where there are none."""
    if rows:
        await db.execute(statement, *(list(column) for column in zip(*rows, strict=True)))


def migrate(url: str, service: str) -> None:
    """Bring the database of `service` to this version; `url` holds the owner role.

    Safe to run at any time and from several processes: one does it, the rest wait.
    """
    backend = get_backend(_for_psycopg(url))
    try:
        backend.execute("SET lock_timeout = '2s'")
        with backend.lock(timeout=60):
            backend.apply_migrations(backend.to_apply(migrations(service)))
    finally:
        backend.connection.close()


def migrations(service: str) -> MigrationList:
    """Return the plumbing's and the service's own migrations, in the order of their numbers."""
    found = [str(files(package) / "migrations") for package in (SHARED, service)]
    return read_migrations(*found)


async def is_migrated(db: Db, service: str) -> bool:
    """Say whether every migration that this code knows has been applied."""
    applied = await db.fetch("SELECT migration_id FROM _yoyo_migration")
    return _known(service) <= {row["migration_id"] for row in applied}


@lru_cache
def _known(service: str) -> frozenset[str]:
    return frozenset(migration.id for migration in migrations(service))


def _for_psycopg(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql+psycopg"))
