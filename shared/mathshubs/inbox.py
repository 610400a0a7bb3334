"""In: each record takes effect once, in the order of its partition, whatever dies and whoever takes over."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy, StreamMessage
from faststream.kafka import KafkaBroker, KafkaMessage

from mathshubs import clock, faults, settling
from mathshubs.hearing import Hearing, Record
from mathshubs.log import get_logger
from mathshubs.postgres import TRANSIENT, Db, Pool, is_away
from mathshubs.remembering import hear
from mathshubs.settings import Settings
from mathshubs.topics import PEOPLE
from mathshubs.unreadable import read_every_record

__all__ = ["Fenced", "Inbox", "Subscription", "hear"]

log = get_logger(__name__)
FIRM_AFTER = 3
LONGEST_PAUSE = 5.0


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
            partition_assignment_strategy=[StickyPartitionAssignor],
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


ADVANCE = """
    INSERT INTO consumer_offsets (consumer, topic, part, next)
    SELECT $1, moved.topic, moved.part, moved.next
      FROM unnest($2::text[], $3::int[], $4::bigint[]) AS moved (topic, part, next)
        ON CONFLICT (consumer, topic, part) DO NOTHING
 RETURNING topic
"""

COMPARE_AND_SET = """
    UPDATE consumer_offsets AS known
       SET next = moved.next,
           heard_at = clock_timestamp()
      FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS moved (topic, part, expected, next)
     WHERE known.consumer = $1
       AND known.topic = moved.topic
       AND known.part = moved.part
       AND known.next = moved.expected
"""

LOAD_OFFSETS = """
    SELECT topic, part, next
      FROM consumer_offsets
     WHERE consumer = $1
       AND topic = ANY($2::text[])
"""


class Fenced(Exception):
    """Another process has moved these offsets: this one has lost the partition and must let go of its batch."""


@dataclass
class Subscription(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer group's part in this process."""

    pool: Pool
    hearing: Hearing
    prefix: str
    consumer_of: object = None
    assigned: set[TopicPartition] | None = None
    wake_parking: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _expected: dict[TopicPartition, int] = field(default_factory=dict)
    _starts: dict[TopicPartition, int] = field(default_factory=dict)
    """Where a partition of which nothing was applied yet begins."""
    _looked_back: set[TopicPartition] = field(default_factory=set)
    _races: int = 0
    _stamps: dict[TopicPartition, float] = field(default_factory=dict)
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
        while True:
            try:
                await self._seek(assigned)
            except (*TRANSIENT, KafkaError) as error:
                log.warning("offsets wait", consumer=self.hearing.consumer, error=type(error).__name__)
                await asyncio.sleep(0.5)
            else:
                self.assigned = set(assigned)
                return

    async def _seek(self, partitions: set[TopicPartition]) -> None:
        consumer = self.consumer
        if consumer is None or not partitions:
            return
        rows = await self.pool.fetch(LOAD_OFFSETS, self.hearing.consumer, [tp.topic for tp in partitions])
        known = {TopicPartition(row["topic"], row["part"]): row["next"] for row in rows}
        unknown = [tp for tp in partitions if tp not in known]
        first = await consumer.beginning_offsets(unknown) if unknown else {}
        for partition in partitions:
            with contextlib.suppress(IllegalStateError):  # revoked meanwhile: another assignment follows
                consumer.seek(partition, known.get(partition, first.get(partition, 0)))
            self._expected.pop(partition, None)
            self._starts[partition] = first.get(partition, 0)
            if partition in known:
                self._expected[partition] = known[partition]

    async def hear(self, consumer: AIOKafkaConsumer, fetched: Sequence[ConsumerRecord]) -> None:
        """Apply one batch whole, or nothing of it and try again after a pause."""
        async with self._lock:
            records = await self._without_gaps(consumer, fetched)
            if not records:
                return
            ends = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
            try:
                if await self._take(ends, [_record(r, self.prefix) for r in records]):
                    self.wake_parking.set()
            except Fenced:
                log.warning("fenced", consumer=self.hearing.consumer)
                await self._rewind(consumer, set(ends))
            except Exception as error:
                await self._try_again(consumer, set(ends), error)
            else:
                self._tries = self._races = 0
                self._expected |= ends
                self._measure(records)
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
        gaps = {tp for tp, first in firsts.items() if first > self._expected.get(tp, self._starts.get(tp, first))}
        missed = gaps - self._looked_back
        self._looked_back = (self._looked_back - firsts.keys()) | missed
        if missed:
            await self._rewind(consumer, missed)
        return [record for record in fetched if TopicPartition(record.topic, record.partition) not in missed]

    async def _try_again(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition], error: Exception) -> None:
        """Pause, then go back to where Postgres stands: left alone, the consumer would read on past the batch."""
        self._tries += 1
        self._races = self._races + 1 if isinstance(error, settling.RACES) else 0
        say = log.warning if is_away(error) or self._races else log.error
        say("batch waits", consumer=self.hearing.consumer, tries=self._tries, exc_info=error)
        await asyncio.sleep(min(0.1 * 2 ** min(self._tries, 6), LONGEST_PAUSE) * random.uniform(0.5, 1))  # noqa: S311
        await self._rewind(consumer, partitions)

    def _measure(self, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            self._stamps[TopicPartition(record.topic, record.partition)] = record.timestamp / 1000

    def behind_seconds(self) -> dict[str, float]:
        """Return, by topic, how long ago Kafka took the last record applied where there are later ones; else 0."""
        consumer, now = self.consumer, clock.wall_seconds()
        found: dict[str, float] = {}
        for partition in self.assigned or ():
            topic = partition.topic.removeprefix(self.prefix)
            end = (consumer.highwater(partition) or 0) if consumer else 0
            end -= topic == PEOPLE  # its transactions end with a marker, which is no record
            late = end > self._expected.get(partition, 0) and partition in self._stamps
            seconds = max(0.0, now - self._stamps[partition]) if late else 0.0
            found[topic] = max(found.get(topic, 0.0), seconds)
        return found

    async def _rewind(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> None:
        mine = partitions & consumer.assignment()
        while mine:
            try:
                await self._seek(mine)
            except (*TRANSIENT, KafkaError):
                await asyncio.sleep(0.5)
            else:
                return

    async def _take(self, ends: dict[TopicPartition, int], records: Sequence[Record]) -> bool:
        async with self.pool.acquire() as db, db.transaction():
            await self._advance(db, ends)
            return await hear(db, self.hearing, records, firm=self._races >= FIRM_AFTER)

    async def _advance(self, db: Db, ends: dict[TopicPartition, int]) -> None:
        """Move the offsets from what this process last knew; a process that was replaced stops here."""
        known = sorted(tp for tp in ends if tp in self._expected)
        new = sorted(tp for tp in ends if tp not in self._expected)
        if new:
            rows = await db.fetch(
                ADVANCE,
                self.hearing.consumer,
                [tp.topic for tp in new],
                [tp.partition for tp in new],
                [ends[tp] for tp in new],
            )
            if len(rows) != len(new):
                raise Fenced
        if known:
            moved = await db.execute(
                COMPARE_AND_SET,
                self.hearing.consumer,
                [tp.topic for tp in known],
                [tp.partition for tp in known],
                [self._expected[tp] for tp in known],
                [ends[tp] for tp in known],
            )
            if moved != f"UPDATE {len(known)}":
                raise Fenced


def _record(raw: ConsumerRecord, prefix: str) -> Record:
    return Record(raw.topic.removeprefix(prefix), raw.partition, raw.offset, raw.key, raw.value, raw.headers)
