"""What stands in a command's way, in words that say what to do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from confluent_kafka import KafkaException

from mathshubs.operating import Misuse, Problem
from mathshubs.postgres import Pool, is_away, open_pool

__all__ = ["AWAY", "DatabaseAway", "KafkaAway", "Misuse", "Problem", "code_of", "connected", "pooled", "what_is_away"]

AWAY = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What opening a database raises where it is away, or where its URL is wrong."""


class DatabaseAway(Problem):
    """A service's database cannot be opened; see that the system runs."""


class KafkaAway(Problem):
    """Kafka does not answer, or not as it must; see that the system runs."""


def what_is_away(wrong: Exception) -> Problem | None:
    """Return the problem that a part's own exception stands for; None where no part is away."""
    if isinstance(wrong, Problem):
        return wrong
    again = "runs, then give the command again."
    if isinstance(wrong, KafkaException):
        return KafkaAway(f"Kafka does not do what was asked: {wrong.args[0].str()}. See that it {again}")
    if is_away(wrong):
        lost = f"The database was lost on the way ({type(wrong).__name__}); the last step may be recorded or not"
        return DatabaseAway(f"{lost}. See that Postgres {again}")
    return None


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


@asynccontextmanager
async def pooled(url: str, service: str, size: int) -> AsyncIterator[Pool]:
    """Give a pool of `size` connections on one service's database for the length of the block.

    Raises:
        DatabaseAway: if it cannot be opened.
    """
    try:
        pool = await open_pool(url, size=size)
    except AWAY as wrong:
        raise DatabaseAway(f"{service.capitalize()}'s database cannot be opened: {wrong}") from wrong
    try:
        yield pool
    finally:
        await pool.close()
