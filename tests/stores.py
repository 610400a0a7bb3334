"""Databases for tests: one migrated template to a service for the run, a copy of it to each test."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
import structlog

from mathshubs.log import without_words
from mathshubs.postgres import Pool, migrate, open_pool

structlog.configure(processors=[without_words, structlog.processors.KeyValueRenderer()])
"""The log's usual frame for a terminal draws every value near an exception, which takes seconds."""

SERVICES = ("enrolment", "scheduling", "notification", "reporting")
Database = Callable[[str], Awaitable[str]]


def database_url(server: str, name: str, user: str | None = None, password: str = "") -> str:
    """Return `server`'s URL for another database and, where given, another role."""
    parts = urlsplit(server)
    netloc = parts.netloc if user is None else f"{user}:{password}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{name}"))


@pytest.fixture(scope="session")
def templates(postgres: str) -> dict[str, str]:
    """A migrated database for each service, with its owner and app roles; passwords of this run alone."""
    run = secrets.token_hex(4)
    return asyncio.run(_make_templates(postgres, run))


async def _make_templates(server: str, run: str) -> dict[str, str]:
    made = {}
    admin = await asyncpg.connect(server)
    try:
        for service in SERVICES:
            owner, app = f"{service}_{run}_owner", f"{service}_{run}_app"
            template = f"{service}_{run}"
            for role in (owner, app):
                await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{run}'")
            await admin.execute(f"CREATE DATABASE {template} OWNER {owner}")
            inside = await asyncpg.connect(database_url(server, template, owner, run))
            await inside.execute(
                f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};"
                f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {app};"
                f"GRANT CREATE ON DATABASE {template} TO {app};"
            )
            await inside.close()
            await asyncio.to_thread(migrate, database_url(server, template, owner, run), service)
            made[service] = template
    finally:
        await admin.close()
    return made


@pytest_asyncio.fixture
async def database(postgres: str, templates: dict[str, str]) -> AsyncIterator[Database]:
    """Give a fresh database of a service, as its app role's URL; gone after the test."""
    async with databases(postgres, templates) as fresh:
        yield fresh


@asynccontextmanager
async def databases(postgres: str, templates: dict[str, str]) -> AsyncIterator[Database]:
    """Give fresh databases for the length of the block, for whatever outlives one test."""
    made: list[str] = []

    async def fresh(service: str) -> str:
        template = templates[service]
        run = template.removeprefix(f"{service}_")
        name = f"{template}_{secrets.token_hex(4)}"
        admin = await asyncpg.connect(postgres)
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        await admin.execute(f"GRANT CREATE ON DATABASE {name} TO {template}_app")
        await admin.close()
        made.append(name)
        return database_url(postgres, name, f"{service}_{run}_app", run)

    try:
        yield fresh
    finally:
        admin = await asyncpg.connect(postgres)
        for name in made:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


@pytest_asyncio.fixture
async def pool_of(database: Database) -> AsyncIterator[Callable[[str], Awaitable[Pool]]]:
    """Give a pool on a fresh database of a service, with the app role."""
    pools: list[Pool] = []

    async def opened(service: str) -> Pool:
        pools.append(await open_pool(await database(service)))
        return pools[-1]

    yield opened
    for pool in pools:
        await pool.close()
