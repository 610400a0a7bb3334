"""In: each record takes effect once, in the order of its partition, whatever dies and whoever takes over."""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy, StreamMessage
from faststream.kafka import KafkaBroker, KafkaMessage

from mathshubs import clock, faults, settling
from mathshubs.hearing import Heard, Hearing, Outcome, Passing, Record, SetAside
from mathshubs.log import get_logger
from mathshubs.postgres import TRANSIENT, Db, Pool
from mathshubs.settings import Settings

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


async def _undecoded(message: StreamMessage[tuple[ConsumerRecord, ...]]) -> bytes:
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

REMEMBER = """
    INSERT INTO inbox (consumer, hub, source, event_id, fingerprint)
    SELECT $1, new.hub, new.source, new.event_id, new.fingerprint
      FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) AS new (hub, source, event_id, fingerprint)
     ORDER BY new.hub, new.source, new.event_id
        ON CONFLICT (consumer, hub, source, event_id) DO NOTHING
 RETURNING hub, source, event_id
"""

REMEMBERED = """
    SELECT known.hub, known.source, known.event_id, known.fingerprint
      FROM unnest($2::text[], $3::text[], $4::text[]) AS asked (hub, source, event_id)
      JOIN inbox known
        ON known.consumer = $1
       AND known.hub = asked.hub
       AND known.source = asked.source
       AND known.event_id = asked.event_id
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
    _stamps: dict[TopicPartition, float] = field(default_factory=dict)
    _tries: int = 0

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """Return the Kafka consumer while it runs."""
        return self.consumer_of() if callable(self.consumer_of) else None

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
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
            if partition in known:
                self._expected[partition] = known[partition]

    async def hear(self, consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
        """Apply one batch whole, or nothing of it and try again after a pause."""
        async with self._lock:
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
                self._tries = 0
                self._expected |= ends
                self._measure(records)
                faults.point("after-commit-before-offset-commit")
                with contextlib.suppress(KafkaError, IllegalStateError):  # for lag tools only
                    await consumer.commit(ends)

    async def _try_again(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition], error: Exception) -> None:
        """Pause, then go back to where Postgres stands: left alone, the consumer would read on past the batch."""
        self._tries += 1
        expected = isinstance(error, (*TRANSIENT, *settling.RACES))
        say = log.warning if expected else log.error
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
            end = consumer.highwater(partition) if consumer else None
            late = end is not None and end > self._expected.get(partition, 0) and partition in self._stamps
            seconds = max(0.0, now - self._stamps[partition]) if late else 0.0
            topic = partition.topic.removeprefix(self.prefix)
            found[topic] = max(found.get(topic, 0.0), seconds)
        return found

    async def _rewind(self, consumer: AIOKafkaConsumer, partitions: set[TopicPartition]) -> None:
        mine = partitions & consumer.assignment()
        while mine:
            try:
                return await self._seek(mine)
            except (*TRANSIENT, KafkaError):
                await asyncio.sleep(0.5)

    async def _take(self, ends: dict[TopicPartition, int], records: Sequence[Record]) -> bool:
        async with self.pool.acquire() as db, db.transaction():
            await self._advance(db, ends)
            return await hear(db, self.hearing, records, firm=self._tries >= FIRM_AFTER)

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


async def hear(db: Db, hearing: Hearing, records: Sequence[Record], *, firm: bool) -> bool:
    """Read, deduplicate, apply and answer `records`; say whether something parked may now go on."""
    read = [hearing.reader.read(record) for record in records]
    fresh = await _fresh(db, hearing, [r for r in read if r is not None])
    heard = [r for r in fresh if isinstance(r, Heard)]
    outcomes: list[Outcome] = [r for r in fresh if isinstance(r, SetAside)]
    if heard:
        outcomes += await settling.settle(db, hearing, heard, firm=firm)
    return await settling.keep(db, hearing, outcomes)


Read = Heard | Passing | SetAside
Identity = tuple[str, str, str]


async def _fresh(db: Db, hearing: Hearing, read: Sequence[Read]) -> list[Read]:
    """Return what was not heard before; the same id with other content comes back set aside."""
    firsts: dict[Identity, tuple[Read, bytes]] = {}
    repeats: list[tuple[Identity, Read, bytes]] = []
    for one in read:
        identity = _identity(one)
        if identity is None:
            continue
        mark = _fingerprint(one)
        if identity in firsts:
            repeats.append((identity, one, mark))
        else:
            firsts[identity] = (one, mark)
    new = await _remember(db, hearing.consumer, firsts)
    repeats += [(identity, *first) for identity, first in firsts.items() if identity not in new]
    kept = await _remembered(db, hearing.consumer, {identity for identity, _, _ in repeats})
    reused = {id(one): _reused(one) for identity, one, mark in repeats if kept[identity] != mark}
    dropped = {id(one) for _, one, _ in repeats}
    return [reused.get(id(one), one) for one in read if id(one) not in dropped or id(one) in reused]


async def _remember(db: Db, consumer: str, firsts: dict[Identity, tuple[Read, bytes]]) -> set[Identity]:
    columns = list(zip(*firsts, strict=True)) or [(), (), ()]
    marks = [mark for _, mark in firsts.values()]
    rows = await db.fetch(REMEMBER, consumer, *(list(column) for column in columns), marks)
    return {(row["hub"], row["source"], row["event_id"]) for row in rows}


async def _remembered(db: Db, consumer: str, asked: set[Identity]) -> dict[Identity, bytes | None]:
    if not asked:
        return {}
    rows = await db.fetch(REMEMBERED, consumer, *(list(column) for column in zip(*asked, strict=True)))
    return {(row["hub"], row["source"], row["event_id"]): row["fingerprint"] for row in rows}


def _identity(one: Read) -> Identity | None:
    match one:
        case SetAside(hub=hub, source=str(source), event_id=str(event_id)):
            return hub, source, event_id
        case SetAside():
            return None
        case Heard(hub=hub, event=event) | Passing(hub=hub, event=event):
            return hub, event.source, event.id


def _fingerprint(one: Read) -> bytes:
    if isinstance(one, Heard) and not one.hub:
        return b""  # our own services never use an id twice
    if isinstance(one, SetAside):
        return hashlib.sha256(one.record.value or b"").digest()
    return one.event.fingerprint(one.hub)


def _reused(one: Read) -> Read:
    """An id that was used before for something else: whoever answers this type sets it aside."""
    if isinstance(one, Passing):
        return one
    identity = _identity(one)
    hub, source, event_id = identity or ("", None, None)
    silent = one.silent if isinstance(one, SetAside) else False
    words = "an event with this source and id was sent before with other content; give it an id of its own"
    return SetAside(one.record, "id-reused", words, "$.id", hub, event_id, source, silent)


def _record(raw: ConsumerRecord, prefix: str) -> Record:
    return Record(raw.topic.removeprefix(prefix), raw.partition, raw.offset, raw.key, raw.value, raw.headers)
