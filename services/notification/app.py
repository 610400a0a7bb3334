"""Notification's composition root: settings in, application out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from mathshubs.bus import producer
from mathshubs.due import by_the_clock
from mathshubs.http import open_doors
from mathshubs.keys import Claim
from mathshubs.postgres import Pool
from mathshubs.relay import FactsLane, Relay
from mathshubs.running import Running, at_work, opened
from mathshubs.settings import settings
from mathshubs.web import mount_assets, ops, pages
from notification.api import router
from notification.duties.count import counting
from notification.duties.receive import Receiving
from notification.duties.remind import NAME, remind
from notification.duties.send import Sending
from notification.keys.store import is_revoked
from notification.listen import listen
from notification.preferences.pages import doors


def application() -> FastAPI:
    """Return the service: it hears facts and people, relays what it says, and sends."""
    running: list[Running] = []
    asked = settings()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with opened(asked) as (pool, broker, inbox):
            listen(broker, inbox)
            relays = [
                Relay(pool, FactsLane("notification"), lambda: producer(asked), prefix=asked.topic_prefix),
            ]
            sending, receiving = Sending(asked), Receiving(asked, pool)
            checks = {"mail server": sending.check, "bounces": receiving.check}
            running.append(Running(asked, pool, broker, inbox, relays, checks=checks))
            duties = [sending.send, receiving.receive, by_the_clock(pool, NAME, remind), counting(pool)]
            async with at_work(running[0], duties):
                yield

    app = FastAPI(title="Maths Hubs: notification", lifespan=life, docs_url=None, redoc_url=None)
    open_doors(app, lambda: running[0])
    mount_assets(app)
    app.include_router(router(lambda: running[0]))
    app.include_router(doors(lambda: running[0], pages("notification", invented=asked.demo, mailbox=asked.mailbox)))
    app.include_router(
        ops.router("notification", asked, lambda: running[0], lambda claim: _is_worthless(running[0].pool, claim))
    )
    return app


async def _is_worthless(pool: Pool, claim: Claim) -> bool:
    """Say whether a key was revoked, as far as enrolment has been heard."""
    async with pool.acquire(timeout=5) as db:
        return await is_revoked(db, claim.key_id)
