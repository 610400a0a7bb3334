"""Sending to Kafka in order: nothing of a partition leaves before Kafka has said what it makes of the batch before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from mathshubs.journal import Outgoing

_partition = DefaultPartitioner()
"""The one that every client of Kafka has: a key's records stay in its partition, whoever sends them."""


@dataclass(slots=True)
class Answer:
    """What Kafka made of the records for one partition; what stands behind a batch that failed was not sent."""

    accepted: list[Outgoing] = field(default_factory=list)
    failed: list[Outgoing] = field(default_factory=list)
    error: Exception | None = None
    """Why the batch of `failed` was not taken."""

    @property
    def is_refusal(self) -> bool:
        """Say whether Kafka answered that it will not have them, as against giving no answer."""
        return isinstance(self.error, KafkaError) and not self.error.retriable


async def send(producer: AIOKafkaProducer, prefix: str, outgoing: Sequence[Outgoing]) -> list[Answer]:
    """Send records, in order within each partition, and return one answer for each partition.

    aiokafka has one batch of a partition under way at a time in any case, so to wait for it costs nothing;
    left alone, it would send on past a batch that was refused, and later facts of a key would pass an earlier one.
    """
    lines: dict[TopicPartition, list[Outgoing]] = {}
    for record in outgoing:
        partitions = sorted(await producer.partitions_for(prefix + record.topic))
        partition = _partition(record.key.encode(), partitions, partitions)
        lines.setdefault(TopicPartition(prefix + record.topic, partition), []).append(record)
    return await asyncio.gather(*(_send_line(producer, where, line) for where, line in lines.items()))


async def _send_line(producer: AIOKafkaProducer, where: TopicPartition, line: Sequence[Outgoing]) -> Answer:
    answer = Answer()
    while len(answer.accepted) < len(line):
        batch, held = _filled(producer.create_batch(), line[len(answer.accepted) :])
        try:
            await (await producer.send_batch(batch, where.topic, partition=where.partition))
        except Exception as error:  # noqa: BLE001 -- the caller is told how far it came, and why no further
            answer.failed, answer.error = held, error
            break
        answer.accepted += held
    return answer


def _filled(batch: BatchBuilder, line: Sequence[Outgoing]) -> tuple[BatchBuilder, list[Outgoing]]:
    """Return `batch` with as many as it holds, at least one; and which those are."""
    held = []
    for record in line:
        added = batch.append(timestamp=None, key=record.key.encode(), value=record.value, headers=record.headers)
        if added is None:
            break
        held.append(record)
    return batch, held
