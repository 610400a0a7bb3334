"""Enrolment's HTTP door on a database of the test's own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest_asyncio
from pydantic import SecretStr

from enrolment.hubs.domain import Hub
from enrolment.hubs.store import register_hub
from http_door import SECRET, Door, served
from mathshubs.bus import consumer_broker
from mathshubs.inbox import Inbox
from mathshubs.keys import Keys
from mathshubs.postgres import Pool
from mathshubs.running import Running
from mathshubs.settings import Settings


@pytest_asyncio.fixture
async def door(pool_of: Callable[[str], Awaitable[Pool]]) -> AsyncIterator[Door]:
    """Serve the door for one test."""
    pool, keys = await pool_of("enrolment"), Keys(SECRET)
    key = await register_hub(pool, keys, Hub("river-vale", "River Vale Maths Hub", "South East"), by="tests")
    settings = Settings(service="enrolment", secret=SecretStr(SECRET))
    running = Running(settings, pool, consumer_broker(settings), Inbox(pool, settings))
    async with served(running) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        yield Door(client, pool, keys, key or "")
