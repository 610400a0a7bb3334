"""Puts reporting together: settings in, application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from mathshubs.bus import producer
from mathshubs.http import open_doors
from mathshubs.relay import FactsLane, Relay
from mathshubs.running import Running, at_work, opened
from mathshubs.settings import settings
from mathshubs.web import mount_assets, pages
from reporting import api
from reporting.desk import pages as desk
from reporting.duties.position import position
from reporting.listen import listen
from reporting.projections.store import prepare


def application() -> FastAPI:
    """Return the application that serves figures and the first page, and hears every service while it runs."""
    ours, running = settings(), list[Running]()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with opened(ours) as (pool, broker, inbox):
            listen(broker, inbox)
            relay = Relay(pool, FactsLane("reporting"), lambda: producer(ours), prefix=ours.topic_prefix)
            running.append(Running(ours, pool, broker, inbox, [relay], before_hearing=lambda: prepare(pool)))
            async with at_work(running[0], [position(pool)]):
                yield

    app = FastAPI(title="Maths Hubs: reporting", lifespan=life, docs_url=None, redoc_url=None)
    open_doors(app, lambda: running[0])
    mount_assets(app)
    app.include_router(api.router(lambda: running[0]))
    templates = pages("reporting", invented=ours.demo, mailbox=ours.mailbox)
    app.include_router(desk.router(desk.Desk(lambda: running[0].pool, lambda: api.behind(running[0]), templates)))
    return app
