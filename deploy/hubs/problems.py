"""What stands in a command's way, in words that say what to do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

AWAY = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What opening a database raises where it is away, or where its URL is wrong."""


class Problem(Exception):
    """A command cannot be done; its message says why and what to do."""

    status = 1


class Misuse(Problem):
    """A command was asked for something that it can never do; correct the words."""

    status = 2


class DatabaseAway(Problem):
    """A service's database cannot be opened; see that the system runs."""


def code_of(wrong: Exception) -> str:
    """Return `database-away` of `DatabaseAway`, and so on, for programs."""
    name = type(wrong).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Give a connection to one service's database for the length of the block.

    Raises:
        DatabaseAway: if it cannot be opened, or is lost meanwhile.
    """
    try:
        db = await asyncpg.connect(url, timeout=5, command_timeout=60, server_settings={"timezone": "UTC"})
    except AWAY as wrong:
        raise DatabaseAway(f"The database {url.rpartition('/')[2]} cannot be opened: {wrong}") from wrong
    try:
        yield db
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError) as wrong:
        raise DatabaseAway(f"The database {url.rpartition('/')[2]} went away: {type(wrong).__name__}") from wrong
    finally:
        await db.close(timeout=2)
