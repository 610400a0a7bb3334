"""Reporting on a database of its own, ready to hear, and visitors at its door."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import httpx
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
from reporting.projections.store import prepare
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


@pytest_asyncio.fixture
async def visitor(pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at reporting's door, with nothing on the bus yet."""
    settings = Settings(service="reporting")
    running = Running(settings, pool, consumer_broker(settings), Inbox(pool, settings))
    app = FastAPI()
    open_doors(app, lambda: running)
    mount_assets(app)
    app.include_router(api.router(lambda: running))
    behind = {"enrolment.facts": 0.0, "scheduling.facts": 12.0}
    app.include_router(desk.router(desk.Desk(lambda: pool, lambda: behind, pages("reporting"))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hubs.example") as client:
        yield client
