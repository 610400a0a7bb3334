"""The relay: what the outbox names is published in its order, and taken out once Kafka has it."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zlib import crc32

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, ProducerFenced, UnknownTopicOrPartitionError

from mathshubs import faults
from mathshubs.journal import Outgoing
from mathshubs.log import get_logger
from mathshubs.outbox import FactsLane
from mathshubs.postgres import Db, Pool, is_away
from mathshubs.sending import Answer, send
from mathshubs.stopping import heed_cancellation

__all__ = ["FactsLane", "Lane", "Relay"]

log = get_logger(__name__)
BATCH = 1_000
SWEEP_SECONDS = 0.5
HEARTBEAT_SECONDS = 5
RENEWED_SECONDS = 10
UNWELL_AFTER_SECONDS = 15


class Lane(Protocol):
    """One stream of records that leaves in its own order."""

    name: str

    async def due(self, db: Db, most: int) -> Sequence[Outgoing]:
        """Return what is to be published next, in order."""

    async def sent(self, db: Db, outgoing: Sequence[Outgoing]) -> None:
        """Take out what Kafka has acknowledged."""

    async def refused(self, db: Db, outgoing: Sequence[Outgoing], why: str) -> None:
        """Stop the keys of what Kafka refuses for good, and keep the reason."""


@dataclass
class Relay:
    """Publishes one lane of one service's outbox; run one in every process, only one works at a time.

    The lane's lock lives in the transaction around each batch: it is let go when a process dies, and
    when it is stopped for so long that Postgres ends its idle transaction. There is no cursor, so a
    transaction that commits late is never passed over; a crash publishes the batch again, in order.
    """

    pool: Pool
    lane: Lane
    make_producer: Callable[[], AIOKafkaProducer]
    transactional: bool = False
    prefix: str = ""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _stuck_since: float | None = None
    _producer: AIOKafkaProducer | None = None

    @property
    def stuck_seconds(self) -> float:
        """Return for how long what is due could not be published; 0 while it goes out."""
        return 0.0 if self._stuck_since is None else time.monotonic() - self._stuck_since

    @property
    def is_well(self) -> bool:
        """Say whether what is due goes out, or has not been held up for long."""
        return self.stuck_seconds < UNWELL_AFTER_SECONDS

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def run(self) -> None:
        """Publish for ever; whatever fails is tried again, after a pause that grows to 5 s."""
        pause = 0.1
        while True:
            heed_cancellation()
            try:
                published = await self.publish_once()
                self._stuck_since, pause = None, 0.1
                if not published:
                    await self._rest(SWEEP_SECONDS)
            except ProducerFenced:
                await self._drop_producer()
            except Exception as error:
                self._stuck_since = self._stuck_since or time.monotonic()
                if not (is_away(error) or isinstance(error, KafkaError)):
                    raise
                log.warning("relay waits", lane=self.lane.name, exc_info=error)
                if isinstance(error, KafkaError) and not error.retriable:
                    await self._drop_producer()
                await self._rest(pause)
                pause = min(pause * 2, 5)

    async def close(self) -> None:
        """Let the producer go."""
        await self._drop_producer()

    async def publish_once(self) -> bool:
        """Publish one batch and say whether there was one."""
        async with self.pool.acquire() as db, db.transaction():
            if not await db.fetchval("SELECT pg_try_advisory_xact_lock($1)", crc32(f"relay {self.lane.name}".encode())):
                return False
            if self.transactional:
                await self._started()  # before anything is read: whoever reads later is to have the younger producer
            outgoing = await self.lane.due(db, BATCH)
            if not outgoing:
                return False
            faults.point("after-commit-before-publish")
            if self.transactional:
                faults.point("relay-holds-a-person")
            accepted, refused = await self._publish(db, outgoing)
            faults.point("after-ack-before-outbox-delete")
            await self.lane.sent(db, accepted)
            for why, records in refused.items():
                log.error("kafka refuses records for good", lane=self.lane.name, why=why, count=len(records))
                await self.lane.refused(db, records, why)
        return bool(accepted or refused)

    async def _publish(self, db: Db, outgoing: Sequence[Outgoing]) -> tuple[list[Outgoing], dict[str, list[Outgoing]]]:
        producer = await self._started()
        if self.transactional:
            async with producer.transaction():
                for answer in await self._answered(db, producer, outgoing):
                    if answer.error is not None:
                        raise answer.error
            return list(outgoing), {}
        missing = await self._missing(producer, {self.prefix + record.topic for record in outgoing})
        lost = [record for record in outgoing if self.prefix + record.topic in missing]
        found = [record for record in outgoing if self.prefix + record.topic not in missing]
        answers = await self._answered(db, producer, found)
        taken, refused = await self._one_by_one(db, [record for answer in answers for record in answer.failed])
        if lost:
            refused[UnknownTopicOrPartitionError.__name__] = lost
        return [record for answer in answers for record in answer.accepted] + taken, refused

    async def _one_by_one(
        self, db: Db, doubtful: Sequence[Outgoing]
    ) -> tuple[list[Outgoing], dict[str, list[Outgoing]]]:
        """Send again, each alone, what Kafka would not have: it refuses a whole batch for one record in it.

        A producer that was refused has spent a number in its sequence, so a new one takes its place. What
        comes behind a refused record of its key is not sent, and stays in the outbox.
        """
        accepted: list[Outgoing] = []
        refused: dict[str, list[Outgoing]] = {}
        stopped: set[tuple[str, str]] = set()
        if doubtful:
            await self._drop_producer()
        for record in doubtful:
            if (record.topic, record.key) in stopped:
                continue
            [answer] = await self._answered(db, await self._started(), [record])
            accepted += answer.accepted
            if answer.error is not None:
                stopped.add((record.topic, record.key))
                refused.setdefault(type(answer.error).__name__, []).append(record)
                await self._drop_producer()
        return accepted, refused

    async def _missing(self, producer: AIOKafkaProducer, topics: set[str]) -> set[str]:
        """Return which topics do not exist: to send to one would hold up all the others for 40 s.

        Raises:
            KafkaConnectionError: if no broker answers, which says nothing about the topics.
        """
        for pause in (0.0, 0.3, 0.7):
            unknown = topics - set(producer.client.cluster.topics())
            if not unknown:
                return unknown
            await asyncio.sleep(pause)
            for topic in unknown:
                producer.client.add_topic(topic)
            if not await self._is_renewed(producer):
                raise KafkaConnectionError
        return topics - set(producer.client.cluster.topics())

    async def _is_renewed(self, producer: AIOKafkaProducer) -> bool:
        """Say whether the producer knows the cluster anew; one that does not in time is lost, and another is made."""
        try:
            async with asyncio.timeout(RENEWED_SECONDS):
                return bool(await producer.client.force_metadata_update())
        except TimeoutError:
            await self._drop_producer()
            return False

    async def _answered(self, db: Db, producer: AIOKafkaProducer, outgoing: Sequence[Outgoing]) -> list[Answer]:
        """Send all and wait for every answer; a word to Postgres now and then shows that we live.

        Raises:
            KafkaError: if Kafka gave no answer to some of it; what it has taken is sent once more, in order.
        """
        sending = asyncio.ensure_future(send(producer, self.prefix, outgoing))
        try:
            while not sending.done():
                await asyncio.wait({sending}, timeout=HEARTBEAT_SECONDS)
                if not sending.done():
                    self._stuck_since = self._stuck_since or time.monotonic()
                    await db.execute("SELECT 1")
        finally:
            sending.cancel()
        answers = sending.result()
        for answer in answers:
            if answer.error is not None and not answer.is_refusal:
                raise answer.error
        return answers

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self.make_producer()
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        if self._producer is not None:
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(5):
                    await self._producer.stop()
            self._producer = None

    async def _rest(self, seconds: float) -> None:
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
