"""What stands on Kafka, read by librdkafka: another client than the services use."""

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from hubs.parts.kafka import Login

SECONDS = 10.0  # for one answer of the broker
Partition = tuple[str, int]


class KafkaSilent(RuntimeError):
    """Kafka gives no records though it has some; see that it runs."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One record as it stands on Kafka; its topic without the system's prefix."""

    topic: str
    part: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Bus:
    """Kafka, seen by an admin; topics are named without their prefix."""

    login: Login
    prefix: str
    deadline: float = math.inf
    """When whoever asks has no more patience, by the monotonic clock: however slow Kafka is, nobody waits longer."""

    def topics(self, pattern: str) -> dict[str, list[int]]:
        """Return the topics whose whole name matches, with their partitions."""
        found = _admin(self.login).list_topics(timeout=self._patience()).topics
        named = {name.removeprefix(self.prefix): about for name, about in found.items() if name.startswith(self.prefix)}
        return {name: sorted(about.partitions) for name, about in named.items() if re.fullmatch(pattern, name)}

    def bounds(self, partitions: list[Partition]) -> dict[Partition, tuple[int, int]]:
        """Return the offset of the first record that stands in each partition, and the one after its last."""
        admin, places = _admin(self.login), [TopicPartition(self.prefix + t, p) for t, p in partitions]
        asked = [
            admin.list_offsets(dict.fromkeys(places, spec))
            for spec in (OffsetSpec.earliest(), OffsetSpec.latest())  # type: ignore[no-untyped-call]
        ]
        first, end = (
            {(tp.topic, tp.partition): found.result(self._patience()).offset for tp, found in one.items()}
            for one in asked
        )
        return {(t, p): (first[self.prefix + t, p], end[self.prefix + t, p]) for t, p in partitions}

    def read(self, pattern: str) -> list[Stored]:
        """Return every committed record of the topics that match, in the order of each partition."""
        places = [(topic, part) for topic, parts in self.topics(pattern).items() for part in parts]
        return self.read_from(dict.fromkeys(places, OFFSET_BEGINNING))

    def read_from(self, places: Mapping[Partition, int]) -> list[Stored]:
        """Return the committed records that stand from these offsets on."""
        if not places:
            return []
        consumer = Consumer(
            {
                **self.login.conf(),
                "group.id": f"{self.prefix}hubs-check",  # librdkafka asks for one; it is never joined
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,  # at the end of a topic there is nothing to wait for
            }
        )
        try:
            consumer.list_topics(
                timeout=self._patience()
            )  # who knows the leaders reads at once, others after half a second
            consumer.assign([TopicPartition(self.prefix + topic, part, at) for (topic, part), at in places.items()])
            return self._to_the_end(consumer, len(places))
        finally:
            consumer.close()

    def _patience(self) -> float:
        """Return for how long Kafka may take for one answer.

        Raises:
            KafkaSilent: if there is no time left.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise KafkaSilent("Kafka answers too slowly to be read in time; see what it is busy with")
        return min(SECONDS, left)

    def _to_the_end(self, consumer: Consumer, reading: int) -> list[Stored]:
        found: list[Stored] = []
        while reading:
            message = consumer.poll(self._patience())
            if message is None:
                raise KafkaSilent("Kafka gives no records though it has some; see that it runs")
            error = message.error()
            if error is None:
                found.append(self._stored(message))
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 -- the library's own name for it
                reading -= 1
            else:
                raise KafkaException(error)
        return found

    def _stored(self, message: Message) -> Stored:
        return Stored(
            (message.topic() or "").removeprefix(self.prefix),
            message.partition() or 0,
            message.offset() or 0,
            _bytes(message.key()),
            _bytes(message.value()),
            tuple((str(name), _bytes(value)) for name, value in list(message.headers() or ())),
        )


@lru_cache(maxsize=4)
def _admin(login: Login) -> AdminClient:
    """Return one client to a login: whoever looks again and again need not log in each time."""
    return AdminClient(login.conf())


def _bytes(given: str | bytes | None) -> bytes | None:
    return given.encode() if isinstance(given, str) else given
