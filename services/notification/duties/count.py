"""Counts deliveries by what became of them, for `/metrics`."""

import asyncio
from typing import Final

from prometheus_client import Gauge

from mathshubs.postgres import Pool
from mathshubs.running import Duty
from notification.deliveries.store import queued

DELIVERIES: Final = Gauge("mathshubs_deliveries", "Mails by what became of them", ["state"])
COUNTED_EVERY_SECONDS: Final = 5


def counting(pool: Pool) -> Duty:
    """Return the duty that counts all deliveries every 5 s; a state that no delivery is in reads 0."""

    async def count() -> None:
        async with pool.acquire() as db:
            found = await queued.count(db)
        for state in queued.STATES:
            DELIVERIES.labels(state).set(found.get(state, 0))
        await asyncio.sleep(COUNTED_EVERY_SECONDS)

    return count
