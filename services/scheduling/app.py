"""Scheduling put together: settings in, one application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from mathshubs.bus import producer
from mathshubs.http import open_doors
from mathshubs.relay import FactsLane, Relay
from mathshubs.running import Running, at_work, opened
from mathshubs.settings import settings
from mathshubs.web import mount_assets, ops, pages
from scheduling.listen import listen
from scheduling.meetings.pages import doors


def application() -> FastAPI:
    """Return the application that uvicorn serves; it hears and relays from its start to its end."""
    running: list[Running] = []
    told = settings()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with opened(told) as (pool, broker, inbox):
            listen(broker, inbox, told)
            relay = Relay(pool, FactsLane("scheduling"), lambda: producer(told), prefix=told.topic_prefix)
            running.append(Running(told, pool, broker, inbox, [relay]))
            async with at_work(running[0]):
                yield

    app = FastAPI(title="Scheduling", summary="When Work Groups meet", lifespan=life, docs_url=None, redoc_url=None)
    open_doors(app, lambda: running[0])
    mount_assets(app)
    app.include_router(doors(lambda: running[0], pages("scheduling", invented=told.demo)))
    app.include_router(ops.router("scheduling", told, lambda: running[0]))
    return app
