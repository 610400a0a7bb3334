"""In: each record takes effect once, in the order of its partition, whatever dies and whoever takes over."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy, StreamMessage
from faststream.kafka import KafkaBroker, KafkaMessage

from mathshubs import clock, faults, offsets, settling
from mathshubs.hearing import Hearing, Record
from mathshubs.log import get_logger
from mathshubs.offsets import Fenced
from mathshubs.postgres import Pool, is_away
from mathshubs.progress import Progress
from mathshubs.remembering import hear
from mathshubs.settings import Settings
from mathshubs.unreadable import read_every_record

__all__ = ["Fenced", "Inbox", "Subscription", "hear"]

log = get_logger(__name__)
FIRM_AFTER = 3
LONGEST_PAUSE = 5.0
LOOK_AT_MOST_SECONDS = 5.0


@dataclass
class Inbox:
    """Subscribes a service's hearings to Kafka, one transaction of Postgres to each batch."""

    pool: Pool
    settings: Settings
    subscriptions: list["Subscription"] = field(default_factory=list)

    def subscribe(
        self, broker: KafkaBroker, hearing: Hearing, *, topics: Sequence[str] = (), pattern: str | None = None
    ) -> "Subscription":
        """Hear `topics`, or those that match `pattern`, as consumer group `hearing.consumer`.

        This is the only place that knows how FastStream must be told to lose nothing: batches of raw
        bytes, no acknowledgement of its own, from the earliest record on, a static member of the group,
        and a listener that takes the offsets from Postgres.
        """
        read_every_record()
        subscription = Subscription(self.pool, hearing, self.settings.topic_prefix)
        subscriber = broker.subscriber(
            *(self.settings.topic_prefix + topic for topic in topics),
            pattern=pattern and self.settings.topic_prefix.replace(".", r"\.") + pattern,
            group_id=self.settings.topic_prefix + hearing.consumer,
            group_instance_id=f"{self.settings.topic_prefix}{self.settings.service}-{self.settings.instance}",
            batch=True,
            max_records=hearing.most,
            batch_timeout_ms=10,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.MANUAL,
            listener=subscription,
            parser=_untouched,
            decoder=_undecoded,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            rebalance_timeout_ms=60_000,
            max_partition_fetch_bytes=2_500_000,
            no_reply=True,
        )

        @subscriber
        async def hear(_: object, message: KafkaMessage) -> None:
            await subscription.hear(subscriber.consumer, message.raw_message)

        subscription.consumer_of = lambda: subscriber.consumer
        self.subscriptions.append(subscription)
        return subscription


async def _untouched(
    message: tuple[ConsumerRecord, ...], _original: object
) -> StreamMessage[tuple[ConsumerRecord, ...]]:
    """Take the batch as it is: a parser that decodes headers loses the record whose headers it cannot."""
    return StreamMessage(raw_message=message, body=b"")


async def _undecoded(_: StreamMessage[tuple[ConsumerRecord, ...]]) -> bytes:
    return b""


@dataclass
class Subscription(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer group's part in this process."""

    pool: Pool
    hearing: Hearing
    prefix: str
    consumer_of: object = None
    assigned: set[TopicPartition] | None = None
    progress: Progress = field(default_factory=Progress)
    wake_parking: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _cluster: str = ""
    _expected: dict[TopicPartition, int] = field(default_factory=dict)
    """Where Postgres stands, as far as this process knows: not there for a partition of which nothing was applied."""
    _looked_back: dict[TopicPartition, int] = field(default_factory=dict)
    """How far a partition was read a second time from the last record that was applied."""
    _asked_again: AIOKafkaConsumer | None = None
    """The consumer that has joined its group a second time, or had no need to."""
    _races: int = 0
    _tries: int = 0

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """Return the Kafka consumer while it runs."""
        return self.consumer_of() if callable(self.consumer_of) else None

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002 -- aiokafka's name
        """Let the running batch end before the partitions go to somebody else."""
        async with self._lock:
            self.assigned = None

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Go on where Postgres says; wait for Postgres as long as that takes."""
        if self.consumer is not None:
            self._cluster = ""
            self._looked_back.clear()
            self.progress.began(await self._go_back(self.consumer, set(assigned)))
        self.assigned = set(assigned)

    async def _go_back(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> dict[TopicPartition, int]:
        """Read on from where Postgres stands, as soon as it can be asked, and return where that is."""
        while True:
            try:
                return await self._seek(consumer, partitions)
            except Exception as error:  # noqa: BLE001 -- a listener outlives whatever befalls it
                say = log.warning if is_away(error) or isinstance(error, KafkaError) else log.error
                say("offsets wait", consumer=self.hearing.consumer, exc_info=error)
                await asyncio.sleep(0.5)

    async def _seek(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> dict[TopicPartition, int]:
        if not partitions:
            return {}
        self._cluster = self._cluster or await offsets.cluster_of(consumer)
        known = await offsets.load(self.pool, self.hearing.consumer, self._cluster, partitions)
        unknown = partitions - known.keys()
        begin = known | (await consumer.beginning_offsets(unknown) if unknown else {})
        for partition, offset in begin.items():
            with contextlib.suppress(IllegalStateError):  # revoked meanwhile: another assignment follows
                consumer.seek(partition, offset)
            self._expected.pop(partition, None)
        self._expected |= known
        return begin

    async def hear(self, consumer: AIOKafkaConsumer, fetched: Sequence[ConsumerRecord]) -> None:
        """Apply one batch whole, or nothing of it and try again after a pause."""
        async with self._lock:
            records = await self._without_gaps(consumer, fetched)
            if not records:
                return
            ends = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
            try:
                if await self._take(ends, [self._record(r) for r in records]):
                    self.wake_parking.set()
            except Fenced:
                log.warning("fenced", consumer=self.hearing.consumer)
                await self._rewind(consumer, set(ends))
            except Exception as error:  # noqa: BLE001 -- every fault of a batch has an answer: again, parked or dead
                await self._try_again(consumer, set(ends), error)
            else:
                self._tries = self._races = 0
                self._expected |= ends
                self.progress.heard(records)
                faults.point("after-commit-before-offset-commit")
                with contextlib.suppress(KafkaError, IllegalStateError):  # for lag tools only
                    await consumer.commit(ends)

    async def _without_gaps(
        self, consumer: AIOKafkaConsumer, fetched: Sequence[ConsumerRecord]
    ) -> Sequence[ConsumerRecord]:
        """Leave out partitions whose records do not follow on the last that were applied, and go back to those.

        A fetch that fails half-way loses what it had read of other partitions. What is missing at a second
        look is a true hole: a record that compaction took out, or the marker at the end of a transaction.
        """
        firsts: dict[TopicPartition, int] = {}
        for record in fetched:
            firsts.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        missed = {
            tp: first
            for tp, first in firsts.items()
            if first > max(self.progress.next_offset(tp), self._looked_back.get(tp, 0))
        }
        self._looked_back |= missed
        if missed:
            await self._rewind(consumer, set(missed))
        return [record for record in fetched if TopicPartition(record.topic, record.partition) not in missed]

    async def _try_again(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition], error: Exception) -> None:
        """Pause, then go back to where Postgres stands: left alone, the consumer would read on past the batch."""
        self._tries += 1
        self._races = self._races + 1 if isinstance(error, settling.RACES) else 0
        say = log.warning if is_away(error) or self._races else log.error
        say("batch waits", consumer=self.hearing.consumer, tries=self._tries, exc_info=error)
        await asyncio.sleep(min(0.1 * 2 ** min(self._tries, 6), LONGEST_PAUSE) * random.uniform(0.5, 1))  # noqa: S311
        await self._rewind(consumer, partitions)

    async def _rewind(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> None:
        self.progress.went_back(await self._go_back(consumer, partitions & consumer.assignment()))

    async def look(self) -> None:
        """Ask Kafka where its topics end, for `progress`; while it does not answer, that shows there."""
        consumer, asked_at = self.consumer, clock.wall_seconds()
        if consumer is None:
            return
        if self.assigned is not None:
            self._claim_what_is_new(consumer, self.assigned)
        if not self.progress.partitions:
            return
        with contextlib.suppress(KafkaError, IllegalStateError, TimeoutError):
            async with asyncio.timeout(LOOK_AT_MOST_SECONDS):
                ends = await consumer.end_offsets(self.progress.partitions)
                self.progress.ended(ends, asked_at)
                for partition in (self.assigned or set()) & ends.keys():
                    await self._look_behind(consumer, partition, ends[partition])

    def _claim_what_is_new(self, consumer: AIOKafkaConsumer, assigned: set[TopicPartition]) -> None:
        """Join the group a second time, once after each start, where the first left out what we subscribe to.

        To a static member that comes back Kafka gives what it had before and does not say whether it leads the
        group, so that nobody would ever share out a topic that was made meanwhile. Where another member has the
        rest, to join again changes nothing.
        """
        if self._asked_again is consumer:
            return
        self._asked_again = consumer
        subscribed = {
            TopicPartition(t, p) for t in consumer.subscription() for p in consumer.partitions_for_topic(t) or ()
        }
        if subscribed - assigned:
            consumer._coordinator.request_rejoin()  # noqa: SLF001 -- aiokafka offers no other way

    async def _look_behind(self, consumer: AIOKafkaConsumer, partition: TopicPartition, end: int) -> None:
        """Read once more what the consumer has passed and nobody applied: lost in a failed fetch, or no record."""
        heard = self.progress.next_offset(partition)
        if heard >= end or self._lock.locked() or await consumer.position(partition) < end:
            return
        if self._looked_back.get(partition, 0) >= end:
            self.progress.passed(partition, end)
        else:
            self._looked_back[partition] = end
            consumer.seek(partition, heard)

    def check(self) -> dict[str, Any]:
        """Return what readiness says of it."""
        if self.assigned is None:
            return {"ok": False, "partitions": 0, "why": "no partitions are assigned yet"}
        return self.progress.check()

    def behind_seconds(self) -> dict[str, float | None]:
        """Return, by topic, how far behind this is: 0 when caught up, None while that is unknown."""
        return self.progress.behind_seconds(self.prefix)

    async def _take(self, ends: dict[TopicPartition, int], records: Sequence[Record]) -> bool:
        async with self.pool.acquire() as db, db.transaction():
            await offsets.advance(db, self.hearing.consumer, self._cluster, self._expected, ends)
            return await hear(db, self.hearing, records, firm=self._races >= FIRM_AFTER)

    def _record(self, raw: ConsumerRecord) -> Record:
        topic = raw.topic.removeprefix(self.prefix)
        return Record(topic, raw.partition, raw.offset, raw.key, raw.value, raw.headers, self._cluster)
