"""What is not heard is seen: a partition that stands still, a Kafka that is silent, a figure that may be old."""

import asyncio
import math
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pydantic import SecretStr

from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.topics import Layout, connect, ensure_topics, system_topics
from mathshubs import clock
from mathshubs.hearing import Blocked, Heard, Outcome
from mathshubs.metrics import BEHIND, measure
from mathshubs.postgres import Db
from mathshubs.progress import Progress
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.testing import until
from shared.test_inbox import TOPIC, Lists, Note, toy

Database = Callable[[str], Awaitable[str]]
HERE = TopicPartition("enrolment.facts", 0)
Said = dict[str, Any]


def taken(offset: int, seconds_ago: float) -> ConsumerRecord[bytes, bytes]:
    stamp = int((clock.wall_seconds() - seconds_ago) * 1000)
    return ConsumerRecord(HERE.topic, HERE.partition, offset, stamp, 1, None, b"", None, -1, 0, ())


def progress() -> Progress:
    """Return the progress on one partition, nothing of which was heard."""
    made = Progress()
    made.began({HERE: 0})
    return made


def test_before_kafka_has_answered_nobody_knows_how_far_behind_we_are() -> None:
    """0 would say that every figure is up to date."""
    assert Progress().behind_seconds() == {}
    assert progress().behind_seconds() == {"enrolment.facts": None}


def test_caught_up_is_nothing_behind() -> None:
    """However long ago the last record was taken: on a quiet evening nothing is late."""
    made = progress()

    made.heard([taken(6, seconds_ago=9_000)])
    made.ended({HERE: 7}, clock.wall_seconds())

    assert made.behind_seconds() == {"enrolment.facts": 0}


def test_what_waits_is_as_late_as_the_last_that_was_heard() -> None:
    """Of the two instants until which all was surely heard, the later one counts."""
    made = progress()

    made.ended({HERE: 0}, clock.wall_seconds() - 500)
    made.heard([taken(6, seconds_ago=90)])
    made.ended({HERE: 8}, clock.wall_seconds())

    found = made.behind_seconds()["enrolment.facts"]
    assert found is not None
    assert 90 <= found < 100


def test_one_partition_of_which_nothing_is_known_leaves_the_topic_unknown() -> None:
    """A topic is no fresher than its last partition."""
    made, other = Progress(), TopicPartition("enrolment.facts", 1)
    made.began({HERE: 0, other: 0})

    made.ended({HERE: 0}, clock.wall_seconds())

    assert made.behind_seconds() == {"enrolment.facts": None}


def test_to_go_back_is_no_progress() -> None:
    """A batch that fails again and again goes back each time, and must be seen to stand still."""
    made = progress()
    made.stuck_after = 0

    made.ended({HERE: 5}, clock.wall_seconds())
    made.went_back({HERE: 0})
    made.began({HERE: 0})

    assert made.check()["ok"] is False
    assert made.check()["why"].startswith("enrolment.facts/0 holds more and has not moved for ")


@dataclass
class HeldUp(Lists):
    """Writes nothing down until it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        await self.may.wait()
        return await super().take(db, heard, blocked)


async def test_a_consumer_that_stands_still_is_not_ready(database: Database, bus: Callable[..., Settings]) -> None:
    """Its partitions are assigned and it lives; only what it does not do tells. Once it goes on, it is ready."""
    lists = HeldUp()
    async with toy(database, bus, lists) as made:
        subscription = made.running.subscriptions[0]
        subscription.progress.stuck_after = 1
        await until(lambda: _caught_up(made.running))
        await _ready(made.running, ok=True)

        await made.say(Note("a", "one"), Note("a", "two"))
        said = await _ready(made.running, ok=False)
        late = await until(lambda: _behind(made.running))
        lists.may.set()

        await _ready(made.running, ok=True)
        await until(lambda: _caught_up(made.running))
    assert "holds more and has not moved for" in said["why"]
    assert 0 < late < 60


async def test_a_lost_consumer_is_not_ready(database: Database, bus: Callable[..., Settings]) -> None:
    """The task that reads may end without a word, and Kafka still counts us as a member."""
    async with toy(database, bus) as made:
        subscription = made.running.subscriptions[0]
        subscription.progress.stuck_after = 1
        await _ready(made.running, ok=True)
        for subscriber in made.running.broker.subscribers:
            for task in getattr(subscriber, "tasks", ()):
                task.cancel()

        await made.say(Note("a", "one"))

        said = await _ready(made.running, ok=False)
    assert "holds more and has not moved for" in said["why"]


def test_a_consumer_is_lost_only_after_kafka_has_long_answered_others() -> None:
    """Not by its own silence: Kafka itself may have hung, and the first to be answered again may be somebody else."""
    made = progress()
    made.others_answered(answered=True)
    assert not made.is_lost

    made.lost_after = 0
    assert made.is_lost
    made.others_answered(answered=False)
    assert not made.is_lost

    made.others_answered(answered=True)
    made.ended({HERE: 5}, clock.wall_seconds())
    assert not made.is_lost


async def test_a_process_ends_whose_consumer_kafka_answers_no_more(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """As when aiokafka's own task died: Kafka is there, and this client will never know. Started anew, it hears."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with toy(database, bus) as made:
        subscription = made.running.subscriptions[0]
        await _ready(made.running, ok=True)
        subscription.progress.silent_after = subscription.progress.lost_after = 1
        assert subscription.consumer is not None
        assert not ended.is_set()

        await _lose_metadata(subscription.consumer)

        await until(lambda: _is_set(ended), seconds=60, what="the process is told to end")


async def test_while_postgres_keeps_an_assignment_waiting_kafka_is_not_called_silent(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """Nothing is assigned meanwhile, and nothing is lost: to end the process would help nobody."""
    async with toy(database, bus) as made:
        subscription = made.running.subscriptions[0]
        await _ready(made.running, ok=True)
        async with made.pool.acquire() as db, db.transaction():
            await db.execute("LOCK TABLE consumer_offsets IN ACCESS EXCLUSIVE MODE")
            subscription.consumer._coordinator.request_rejoin()  # type: ignore[union-attr]
            await until(lambda: _is_assigned(made.running, expected=False), what="the assignment waits")
            since = time.monotonic()

            await until(lambda: _was_answered(subscription.progress, since), what="Kafka answers all the same")

        await until(lambda: _is_assigned(made.running, expected=True), what="it is assigned")


async def _is_assigned(running: Running, *, expected: bool) -> bool:
    return (running.subscriptions[0].assigned is not None) == expected


async def _was_answered(progress: Progress, after: float) -> bool:
    return progress._answered_at > after


async def _lose_metadata(consumer: "AIOKafkaConsumer[bytes, bytes]") -> None:
    """Stop the client's task that keeps its picture of Kafka, and have the client wait for a newer one."""
    client = consumer._client
    client._sync_task.cancel()
    client.force_metadata_update()


async def _is_set(event: asyncio.Event) -> bool:
    return event.is_set()


async def test_what_a_failed_fetch_lost_is_read_again(database: Database, bus: Callable[..., Settings]) -> None:
    """No later record need come to show that one is missing."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "one"))
        await until(lambda: made.lists_are(a="one"))
        consumer = made.running.subscriptions[0].consumer
        assert consumer is not None
        for partition in consumer.assignment():
            consumer.pause(partition)
        await made.say(Note("a", "two"))
        await _pass_over(consumer)
        for partition in consumer.assignment():
            consumer.resume(partition)

        await until(lambda: made.lists_are(a="one two"))
        await until(lambda: _caught_up(made.running))


async def _pass_over(consumer: "AIOKafkaConsumer[bytes, bytes]") -> None:
    """Move on to the end, as a consumer does whose fetch fails after it was read."""
    for partition, end in (await consumer.end_offsets(consumer.assignment())).items():
        consumer.seek(partition, end)


async def test_without_kafka_nothing_is_called_fresh(database: Database, own_home: Home) -> None:
    """What was complete before Kafka went grows old, readiness says why, and both recover by themselves."""
    kafka = EmbeddedKafka(own_home)
    await asyncio.to_thread(kafka.start)
    try:
        async with toy(database, on(kafka.admin)) as made:
            made.running.subscriptions[0].progress.silent_after = 1
            await made.say(Note("a", "one"))
            await until(lambda: _caught_up(made.running))
            await _ready(made.running, ok=True)

            await asyncio.to_thread(kafka.kill)
            said = await _ready(made.running, ok=False)
            await until(lambda: _behind(made.running))
            await asyncio.to_thread(kafka.start)
            await made.say(Note("a", "two"))

            await until(lambda: made.lists_are(a="one two"))
            await until(lambda: _caught_up(made.running))
            await _ready(made.running, ok=True)
    finally:
        await asyncio.to_thread(kafka.stop)
    assert said["why"].startswith("Kafka has not answered for ")


def on(login: Login) -> Callable[..., Settings]:
    """Make the topics that every system has, on a Kafka of the test's own, and give a service's settings there."""
    ensure_topics(connect(login), system_topics(Layout()))

    def of(service: str) -> Settings:
        return Settings(
            service=service,
            kafka=login.bootstrap,
            kafka_username=login.username or "",
            kafka_password=SecretStr(login.password or ""),
        )

    return of


async def _ready(running: Running, *, ok: bool) -> Said:
    """Return what readiness says of the consumer, once it is as asked."""

    async def said() -> Said | None:
        found = running.subscriptions[0].check()
        return found if found["ok"] is ok else None

    return await until(said) or {}


async def _behind(running: Running) -> float:
    return (await _measured(running)) or 0


async def _caught_up(running: Running) -> bool:
    return (await _measured(running)) == 0


async def _measured(running: Running) -> float | None:
    """Return what the metrics say, None where they say that nobody knows."""
    await measure(running)
    [gauge] = BEHIND.collect()
    labels = {"consumer": running.subscriptions[0].hearing.consumer, "topic": TOPIC}
    found = [sample.value for sample in gauge.samples if sample.labels == labels]
    return None if not found or math.isnan(found[0]) else found[0]
