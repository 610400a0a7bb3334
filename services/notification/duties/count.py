"""Counts what still waits to be sent and what could not be, for `/metrics`."""

import asyncio
from typing import Final

from prometheus_client import Gauge

from mathshubs.postgres import Pool
from mathshubs.running import Duty
from notification.deliveries.store import queued

DELIVERIES: Final = Gauge("mathshubs_deliveries", "Mails that wait, or that an operator should look at", ["state"])
OLDEST: Final = Gauge("mathshubs_deliveries_oldest_seconds", "Age of the oldest mail that is due", [])
COUNTED_EVERY_SECONDS: Final = 5


def counting(pool: Pool) -> Duty:
    """Return the duty that counts these every 5 s; a state that no delivery is in reads 0."""

    async def count() -> None:
        async with pool.acquire() as db:
            found = await queued.count(db)
        for state in queued.STATES:
            DELIVERIES.labels(state).set(found.get(state, (0, 0))[0])
        OLDEST.set(max(found.get(state, (0, 0))[1] for state in ("queued", "sending")))
        await asyncio.sleep(COUNTED_EVERY_SECONDS)

    return count
