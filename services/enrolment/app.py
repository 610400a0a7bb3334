"""Enrolment put together: settings in, one application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from enrolment.answers import say_what_lapsed
from enrolment.api import router
from enrolment.duties import following
from enrolment.duties.tick import interval, ticking
from enrolment.hubs.store import is_revoked
from enrolment.hubs.store.publishing import ArrivalsLane
from enrolment.listen import listen
from enrolment.people.store import PeopleLane
from mathshubs.bus import producer
from mathshubs.due import by_the_clock
from mathshubs.http import open_doors
from mathshubs.keys import Claim
from mathshubs.postgres import Pool
from mathshubs.relay import FactsLane, Relay
from mathshubs.running import Duty, Running, at_work, opened
from mathshubs.settings import Settings, settings
from mathshubs.web import mount_assets, ops


def application() -> FastAPI:
    """Return the application that uvicorn serves; it hears and relays from its start to its end."""
    running: list[Running] = []

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with opened(settings()) as (pool, broker, inbox):
            listen(broker, inbox, settings())
            running.append(Running(settings(), pool, broker, inbox, _relays(pool, settings())))
            async with at_work(running[0], _duties(pool, settings())):
                yield

    app = FastAPI(title="Enrolment", summary="Who takes part", lifespan=life, docs_url=None, redoc_url=None)
    open_doors(app, lambda: running[0])
    mount_assets(app)
    app.include_router(router(lambda: running[0]))
    app.include_router(
        ops.router("enrolment", settings(), lambda: running[0], lambda claim: _is_worthless(running[0].pool, claim))
    )
    return app


async def _is_worthless(pool: Pool, claim: Claim) -> bool:
    """Say whether a key was revoked, or never issued here."""
    async with pool.acquire(timeout=5) as db:
        return await is_revoked(db, claim) is not False


def _relays(pool: Pool, told: Settings) -> list[Relay]:
    """Return a relay for each lane; people have a producer of their own, which fences whoever was stalled."""
    prefix = told.topic_prefix
    return [
        Relay(pool, FactsLane("enrolment"), lambda: producer(told), prefix=prefix),
        Relay(pool, ArrivalsLane(), lambda: producer(told), prefix=prefix),
        Relay(
            pool,
            PeopleLane(),
            lambda: producer(told, transactional_id="enrolment.people", compressed=False),
            transactional=True,
            prefix=prefix,
        ),
    ]


def _duties(pool: Pool, told: Settings) -> list[Duty]:
    every = interval(told.erasure_window)
    return [
        ticking(lambda: producer(told, compressed=False), every, told.topic_prefix),
        by_the_clock(pool, "what lapsed", say_what_lapsed),
        by_the_clock(pool, following.NAME, following.look_at_work_groups),
    ]
