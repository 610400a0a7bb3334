"""A Kafka that was lost and made anew: the same topics and offsets, and other records."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer

from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka
from mathshubs.bus import connection
from mathshubs.running import at_work
from mathshubs.testing import until
from shared.test_inbox import TOPIC, Note, Toy, subscribed, toy
from shared.test_progress import on

Database = Callable[[str], Awaitable[str]]
SAID = (("ce_id", b"1"), ("ce_source", b"/test"), ("ce_type", b"t"), ("ce_time", b"2026-09-14T15:04:05Z"))


async def test_no_record_of_a_new_kafka_is_taken_for_an_old_one(database: Database, own_home: Home) -> None:
    """It is heard from its beginning; what is parked or died in either is kept; an id counts once all the same."""
    kafka = EmbeddedKafka(own_home)
    await asyncio.to_thread(kafka.start)
    try:
        async with toy(database, on(kafka.admin)) as made:
            await _say(made, "old")
            await until(lambda: made.lists_are(a="old", once="said"))
            await until(lambda: _kept(made, 1))
            await made.running.broker.stop()

            await asyncio.to_thread(kafka.stop)
            await asyncio.to_thread(shutil.rmtree, kafka.folder)
            await asyncio.to_thread(kafka.start)
            on(kafka.admin)
            await _say(made, "new", "and", "newer")
            async with at_work(subscribed(made.pool, made.settings, made.hearing)):
                await until(lambda: made.lists_are(a="old new and newer", once="said"))
                await until(lambda: _kept(made, 2))
                assert await made.pool.fetchval("SELECT count(DISTINCT cluster) FROM consumer_offsets") == 1
    finally:
        await asyncio.to_thread(kafka.stop)


async def _say(made: Toy, *words: str) -> None:
    """Say words, one thing that cannot be read, one that waits, and one under the same id every time."""
    await made.say(*(Note("a", each) for each in words), Note("waits", words[0], needs="never"))
    async with AIOKafkaProducer(**connection(made.settings)) as producer:
        topic = made.settings.topic_prefix + TOPIC
        await producer.send_and_wait(topic, b"no event", partition=0)
        once = b'{"key": "once", "words": "said"}'
        await producer.send_and_wait(topic, once, partition=0, headers=[("ce_specversion", b"1.0"), *SAID])


async def _kept(made: Toy, clusters: int) -> bool:
    """Say whether one letter and one parked record stand there of each cluster."""
    found = [await made.pool.fetch(f"SELECT DISTINCT cluster FROM {table}") for table in ("dead_letters", "parked")]
    return [len(rows) for rows in found] == [clusters, clusters]
