"""What is measured of every service: seconds behind, outbox age, dead letters, parked keys."""

import math
from typing import Protocol, runtime_checkable

from prometheus_client import Gauge

from mathshubs.outbox import Waiting
from mathshubs.postgres import Db, is_away
from mathshubs.running import Running

BEHIND = Gauge(
    "mathshubs_behind_seconds",
    "For how long the topic may hold something unheard: 0 when caught up, NaN while that is unknown",
    ["consumer", "topic"],
)
OUTBOX_AGE = Gauge("mathshubs_outbox_age_seconds", "Age of the oldest line that Kafka does not have", ["lane"])
OUTBOX_SIZE = Gauge("mathshubs_outbox_lines", "Lines that Kafka does not have", ["lane"])
OUTBOX_REFUSED = Gauge("mathshubs_outbox_refused_lines", "Lines that Kafka refuses for good")
DEAD_LETTERS = Gauge("mathshubs_dead_letters", "Dead letters that nobody has dealt with", ["consumer"])
PARKED_KEYS = Gauge("mathshubs_parked_keys", "Keys that wait", ["consumer", "state"])

OUTBOX = """
    SELECT lane,
           count(*) AS lines,
           count(refused_at) AS refused,
           extract(epoch FROM clock_timestamp() - min(queued_at))::float AS age
      FROM outbox
     GROUP BY lane
"""
DEAD = """
    SELECT consumer, count(*) AS letters
      FROM dead_letters
     WHERE state = 'dead'
     GROUP BY consumer
"""
PARKED = """
    SELECT consumer, state, count(DISTINCT key) AS keys
      FROM parked
     GROUP BY consumer, state
"""


@runtime_checkable
class KeepsItsOwn(Protocol):
    """A lane whose records wait in a table of its own, beside the outbox."""

    async def waiting(self, db: Db) -> Waiting:
        """Return what of its own Kafka does not have."""


async def measure(running: Running) -> None:
    """Bring the gauges up to now; with Postgres away they stay as they were."""
    BEHIND.clear()
    for subscription in running.subscriptions:
        for topic, seconds in subscription.behind_seconds().items():
            BEHIND.labels(subscription.hearing.consumer, topic).set(math.nan if seconds is None else seconds)
    try:
        await _measure_tables(running)
    except Exception as error:
        if not is_away(error):
            raise


async def _measure_tables(running: Running) -> None:
    async with running.pool.acquire(timeout=2) as db:
        outbox, dead, parked = await db.fetch(OUTBOX), await db.fetch(DEAD), await db.fetch(PARKED)
        own = {r.lane.name: await r.lane.waiting(db) for r in running.relays if isinstance(r.lane, KeepsItsOwn)}
    for gauge in (OUTBOX_AGE, OUTBOX_SIZE, DEAD_LETTERS, PARKED_KEYS):
        gauge.clear()
    for lane in {relay.lane.name for relay in running.relays}:
        OUTBOX_AGE.labels(lane).set(0)
        OUTBOX_SIZE.labels(lane).set(0)
    for lane, waiting in own.items():
        OUTBOX_SIZE.labels(lane).set(waiting.records)
        OUTBOX_AGE.labels(lane).set(waiting.seconds)
    refused = [row["refused"] for row in outbox] + [waiting.refused for waiting in own.values()]
    OUTBOX_REFUSED.set(sum(refused))
    for row in outbox:
        OUTBOX_AGE.labels(row["lane"]).set(row["age"])
        OUTBOX_SIZE.labels(row["lane"]).set(row["lines"])
    for row in dead:
        DEAD_LETTERS.labels(row["consumer"]).set(row["letters"])
    for row in parked:
        PARKED_KEYS.labels(row["consumer"], row["state"]).set(row["keys"])
