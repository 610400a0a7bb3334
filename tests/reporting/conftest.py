"""Reporting on a database of its own, ready to hear, and visitors at its door."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from mathshubs.bus import consumer_broker
from mathshubs.http import open_doors
from mathshubs.inbox import Inbox
from mathshubs.postgres import Pool
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.web import mount_assets, pages
from reporting import api
from reporting.desk import pages as desk
from reporting.desk.domain.groups import Watch
from reporting.projections.rebuilding import prepare
from reporting_story import REFERENCES
from stores import database_url


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """A pool on reporting's database, with empty projections."""
    pool = await pool_of("reporting")
    await prepare(pool)
    return pool


@pytest_asyncio.fixture
async def by_hand(pool: Pool, postgres: str) -> AsyncIterator[Pool]:
    """The same database for somebody with a superuser's rights: reporting itself may change nothing in its log."""
    name = str(await pool.fetchval("SELECT current_database()"))
    async with asyncpg.create_pool(database_url(postgres, name), min_size=1, max_size=2) as rights:
        yield rights


@pytest.fixture
def behind() -> dict[str, float]:
    """By how many seconds reporting is behind, by topic."""
    return {"enrolment.facts": 0.0, "scheduling.facts": 12.0}


@pytest.fixture
def watch() -> Watch:
    """What Kafka is known to have told of who has heard what; nothing yet."""
    return Watch()


@pytest_asyncio.fixture
async def visitor(pool: Pool, watch: Watch, behind: dict[str, float]) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at reporting's door, with nothing on the bus yet."""
    settings = Settings(service="reporting")
    running = Running(settings, pool, consumer_broker(settings), Inbox(pool, settings))
    app = FastAPI()
    open_doors(app, lambda: running)
    mount_assets(app)
    app.include_router(api.router(lambda: running))
    app.include_router(desk.router(desk.Desk(lambda: pool, lambda: behind, pages("reporting"), REFERENCES, watch)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hubs.example") as client:
        yield client
