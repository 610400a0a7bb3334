"""A hub's own system, as a stranger's: it reports by either door and reads its receipts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from aiokafka import AIOKafkaProducer
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from hubs.parts.kafka import Login
from hubs.topics import principal as hub_principal
from mathshubs.bus import connection
from mathshubs.envelope import STRUCTURED
from mathshubs.settings import Settings

if TYPE_CHECKING:
    from stack import Stack

Event = Mapping[str, Any]
NEW = httpx.Limits(max_keepalive_connections=0)  # a kept connection would not outlive the process behind it


@dataclass
class HubSystem:
    """A hub's own system: it reports by either door and reads its receipts."""

    stack: "Stack"
    code: str
    api_key: str
    _producer: AIOKafkaProducer | None = None
    _client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=20, verify=False, limits=NEW))  # noqa: S501 -- no TLS on loopback

    @property
    def principal(self) -> Settings:
        """Return how this hub logs in to Kafka; `mathshubs.bus.connection` makes client settings of it."""
        return self.stack.bus.settings_of(hub_principal(self.code))

    async def post(self, events: Event | Sequence[Event], *, instance: int = 1) -> httpx.Response:
        """Send one event in structured mode, or several as a batch, to enrolment's HTTP door."""
        form = STRUCTURED if isinstance(events, Mapping) else "application/cloudevents-batch+json"
        return await self.post_bytes(json.dumps(events).encode(), {"content-type": form}, instance=instance)

    async def post_bytes(self, body: bytes, headers: Mapping[str, str], *, instance: int = 1) -> httpx.Response:
        """Send any body with any headers, under this hub's key."""
        url = f"{self.stack.url('enrolment', instance)}/v1/events"
        return await self._client.post(
            url, content=body, headers={"authorization": f"Bearer {self.api_key}", **headers}
        )

    async def send(self, event: Event, *, structured: bool = False, key: str | None = None) -> None:
        """Publish one event to this hub's topic, in binary mode or structured."""
        if structured:
            await self.send_bytes(json.dumps(event).encode(), [("content-type", STRUCTURED.encode())], key=key)
        else:
            words = {f"ce_{name}": str(word).encode() for name, word in event.items() if name != "data"}
            headers = [*words.items(), ("content-type", b"application/json")]
            await self.send_bytes(json.dumps(event["data"]).encode(), headers, key=key)

    async def send_bytes(
        self, value: bytes | None, headers: Sequence[tuple[str, bytes]] = (), *, key: str | None = None
    ) -> int:
        """Publish any record to this hub's topic, as its own principal, and return its offset."""
        if self._producer is None:
            self._producer = AIOKafkaProducer(max_request_size=2_000_000, **connection(self.principal))
            await self._producer.start()
        topic = f"{self.stack.bus.prefix}hubs.{self.code}.events"
        sent = await self._producer.send_and_wait(topic, value, key=key and key.encode(), headers=list(headers))
        return int(sent.offset)

    async def receipts(self) -> list[dict[str, Any]]:
        """Return the receipts that stand on this hub's topic now, in order."""
        found = await self.stack.records(f"hubs.{self.code}.receipts", hub_principal(self.code))
        return [json.loads(record.value() or b"") for record in found]

    async def close(self) -> None:
        """Let its clients go."""
        await self._client.aclose()
        if self._producer is not None:
            await self._producer.stop()


def read_all(login: Login, prefix: str, topic: str) -> list[Message]:
    """Read a topic to its end, as a stranger: by librdkafka, in no group."""
    group = f"{prefix}{topic.rpartition('.')[0]}.reader"  # named, since librdkafka asks for one; never joined
    consumer = Consumer(
        {
            **login.conf(),
            "group.id": group,
            "enable.partition.eof": True,
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
        }
    )
    parts = consumer.list_topics(prefix + topic, timeout=10).topics[prefix + topic].partitions
    consumer.assign([TopicPartition(prefix + topic, part, OFFSET_BEGINNING) for part in parts])
    found: dict[int, list[Message]] = {part: [] for part in sorted(parts)}
    reading = set(parts)
    while reading:
        message = consumer.poll(10)
        assert message is not None, f"{topic} cannot be read to its end"
        error = message.error()
        if error is None:
            found[message.partition() or 0].append(message)
        elif error.code() == KafkaError._PARTITION_EOF:
            reading.discard(message.partition())
    consumer.close()
    return [message for part in found.values() for message in part]


def header(record: Message, name: str) -> str:
    """Return a header of a record that was read, as text; empty if it has none of this name."""
    found = dict(record.headers() or []).get(name)
    return found.decode() if isinstance(found, bytes) else ""
