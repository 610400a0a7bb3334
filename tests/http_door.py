"""Enrolment's HTTP door, served by uvicorn on a database of the test's own; no Kafka is needed to be recorded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from fastapi import FastAPI

from enrolment.api import router
from hubs.ports import free_port
from mathshubs.http import open_doors
from mathshubs.keys import Keys
from mathshubs.postgres import Pool
from mathshubs.running import Running
from mathshubs.testing import until

SECRET = "of these tests alone"


@dataclass
class Door:
    """The door, the database behind it, and River Vale's key."""

    client: httpx.AsyncClient
    pool: Pool
    keys: Keys
    key: str

    async def post(self, content: bytes, media: str, *more: tuple[str, str], **headers: str) -> httpx.Response:
        """Send a body under River Vale's key; `_` in a header's name stands for `-`, and `more` may say it again."""
        return await self._send("/v1/events", content, media, *more, **headers)

    async def validate(self, content: bytes, media: str, **headers: str) -> httpx.Response:
        """Have a body judged as `post` would send it."""
        return await self._send("/v1/events/validate", content, media, **headers)

    async def _send(
        self, path: str, content: bytes, media: str, *more: tuple[str, str], **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        all_headers = {"authorization": f"Bearer {self.key}", "content-type": media, **named}
        return await self.client.post(path, content=content, headers=[*all_headers.items(), *more])

    async def recorded(self) -> list[str]:
        """Return the ids of what was recorded, in the order in which it will be published."""
        return [row["id"] for row in await self.pool.fetch("SELECT id FROM arrivals ORDER BY seq")]


@asynccontextmanager
async def served(running: Running) -> AsyncIterator[str]:
    """Serve the door over real HTTP and give its address."""
    app = FastAPI()
    open_doors(app, lambda: running)
    app.include_router(router(lambda: running))
    async with listening(app) as url:
        yield url


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Have uvicorn serve `app` on a free port, and give its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving
