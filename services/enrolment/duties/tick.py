"""The tick on `people.current`: without a later write Kafka leaves an erased person's old record on its disk."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiokafka import AIOKafkaProducer

from mathshubs import clock
from mathshubs.envelope import CloudEvent, encode
from mathshubs.events.enrolment.people import PeopleTicked
from mathshubs.ids import new_id
from mathshubs.topics import PEOPLE, TICK

HOURS_OF_WINDOW = 168
"""An erasure window of seven days, as it is in production, has a tick an hour; a shorter one as many in all."""
SHORTEST = timedelta(seconds=0.5)


def interval(erasure_window: timedelta) -> timedelta:
    """Return the time from one tick to the next."""
    return max(erasure_window / HOURS_OF_WINDOW, SHORTEST)


def ticking(
    make_producer: Callable[[], AIOKafkaProducer], every: timedelta, prefix: str = ""
) -> Callable[[], Awaitable[None]]:
    """Return the duty that writes a tick to every partition of `people.current` and then waits.

    Each partition has one key for its ticks, so that compaction keeps one; it is nobody's id. Several
    processes may tick at once.
    """

    async def tick() -> None:
        async with make_producer() as producer:
            while True:
                await write(producer, prefix)
                await asyncio.sleep(every.total_seconds())

    return tick


async def write(producer: AIOKafkaProducer, prefix: str = "") -> None:
    """Write one tick to every partition."""
    topic = prefix + PEOPLE
    for part in sorted(await producer.partitions_for(topic)):
        event = CloudEvent(str(new_id()), "/enrolment", PeopleTicked.type, clock.now(), {"part": part})
        headers, value = encode(event)
        await producer.send_and_wait(topic, value, key=TICK + str(part).encode(), partition=part, headers=headers)
