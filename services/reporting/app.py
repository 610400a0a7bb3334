"""Puts reporting together: settings in, application out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from mathshubs.bus import producer
from mathshubs.http import open_doors
from mathshubs.ids import References
from mathshubs.relay import FactsLane, Relay
from mathshubs.running import Running, at_work, opened
from mathshubs.settings import Settings, settings
from mathshubs.web import mount_assets, ops, pages
from reporting import api
from reporting.desk import pages as desk
from reporting.desk.domain.groups import Watch
from reporting.desk.views.keys import is_revoked
from reporting.duties.position import position
from reporting.duties.watch import watching
from reporting.listen import listen
from reporting.projections.rebuilding import prepare


def application() -> FastAPI:
    """Return the application that serves figures and the first page, and hears every service while it runs."""
    ours, running, watch = settings(), list[Running](), Watch()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with opened(ours) as (pool, broker, inbox):
            listen(broker, inbox)
            relay = Relay(pool, FactsLane("reporting"), lambda: producer(ours), prefix=ours.topic_prefix)
            running.append(Running(ours, pool, broker, inbox, [relay], before_hearing=lambda: prepare(pool)))
            async with at_work(running[0], [position(pool), watching(ours, watch)]):
                yield

    app = FastAPI(title="Maths Hubs: reporting", lifespan=life, docs_url=None, redoc_url=None)
    open_doors(app, lambda: running[0])
    mount_assets(app)
    app.include_router(api.router(lambda: running[0]))
    app.include_router(desk.router(_desk(ours, running, watch)))
    app.include_router(
        ops.router("reporting", ours, lambda: running[0], lambda claim: is_revoked(running[0].pool, claim))
    )
    return app


def _desk(ours: Settings, running: Sequence[Running], watch: Watch) -> desk.Desk:
    """Return what the desk's pages are made of, once the process runs."""
    return desk.Desk(
        lambda: running[0].pool,
        lambda: api.behind(running[0]),
        pages("reporting", invented=ours.demo, mailbox=ours.mailbox),
        References(ours.secret.get_secret_value()),
        watch,
    )
