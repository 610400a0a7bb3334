"""Kafka as this system uses it: the broker for hearing and the producers for saying."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.security import SASLScram512

from mathshubs.settings import Settings

METADATA_MAX_AGE_MS = 3_000
ANSWER_SECONDS: Final = 5.0


def consumer_broker(settings: Settings) -> KafkaBroker:
    """Return the broker for this service's subscribers; it publishes nothing, the relay does.

    A new hub's topic is heard once the metadata is renewed, within 3 s.
    """
    return KafkaBroker(
        settings.kafka,
        security=_security(settings),
        client_id=f"{settings.service}-{settings.instance}",
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        allow_auto_create_topics=False,
        consumer_only=True,
        graceful_timeout=20,
        logger=None,
    )


def producer(settings: Settings, *, transactional_id: str | None = None, compressed: bool = True) -> AIOKafkaProducer:
    """Return an idempotent producer that waits for every replica and adds no delay of its own.

    With a `transactional_id` each start fences whoever used the id before.
    """
    return AIOKafkaProducer(
        client_id=f"{settings.service}-{settings.instance}",
        acks="all",
        enable_idempotence=True,
        transactional_id=transactional_id and settings.topic_prefix + transactional_id,
        linger_ms=0,
        max_batch_size=262_144,
        max_request_size=2_000_000,
        compression_type="lz4" if compressed else None,
        **connection(settings),
    )


async def answers(settings: Settings, partitions: Collection[TopicPartition]) -> bool:
    """Return whether Kafka tells a new client within 5 s where these partitions end."""
    consumer = AIOKafkaConsumer(client_id=f"{settings.service}-{settings.instance}-asks", **connection(settings))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await consumer.start()
            await consumer.end_offsets(partitions)
    except (KafkaError, OSError):  # a TimeoutError is an OSError
        return False
    finally:
        await consumer.stop()
    return True


@asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[tuple[AIOKafkaAdminClient, AIOKafkaConsumer]]:
    """Give clients that hear nothing and belong to no group: who asks where others stand, and where partitions end."""
    name = f"{settings.service}-{settings.instance}-asks"
    admin = AIOKafkaAdminClient(client_id=name, request_timeout_ms=5_000, **connection(settings))
    consumer = AIOKafkaConsumer(client_id=name, request_timeout_ms=5_000, **connection(settings))
    try:
        await admin.start()
        await consumer.start()
        yield admin, consumer
    finally:
        await consumer.stop()
        await admin.close()


def _security(settings: Settings) -> SASLScram512 | None:
    if not settings.kafka_username:
        return None
    return SASLScram512(
        settings.kafka_username,
        settings.kafka_password.get_secret_value(),
        use_ssl=settings.kafka_tls,
        ssl_context=_tls(settings),
    )


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """Return how the brokers must prove who they are, or None without TLS."""
    return ssl.create_default_context(cafile=settings.kafka_ca or None) if settings.kafka_tls else None


def connection(settings: Settings) -> dict[str, Any]:
    """Return how any aiokafka client of this process reaches the brokers and logs in.

    Without a user name it does not log in: a broker for tests, on loopback, may want none.
    """
    if not settings.kafka_username:
        return {"bootstrap_servers": settings.kafka}
    return {
        "bootstrap_servers": settings.kafka,
        "security_protocol": "SASL_SSL" if settings.kafka_tls else "SASL_PLAINTEXT",
        "ssl_context": _tls(settings),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password.get_secret_value(),
    }
