"""The whole service as a process: from the two topics on a real Kafka to the mail, and its health and figures."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from calendar_story import AMINA, FAR, LENGTH, WEEK, calendars, invited, moved, person, record, scheduled, tombstone
from hubs.parts.kafka import Login
from hubs.ports import free_port
from mail_post import MailServer, Post
from mathshubs.bus import connection
from mathshubs.hearing import Record
from mathshubs.testing import until
from own_bus import OwnBus


@pytest.fixture
def bus(kafka: Login) -> Iterator[OwnBus]:
    """Topics and principals of this test's own."""
    own = OwnBus(kafka)
    own.make()
    yield own
    own.sweep()


@pytest_asyncio.fixture
async def service(bus: OwnBus, post: Post) -> AsyncIterator[str]:
    """Notification as it is started everywhere, with its own login; gives its address."""
    told, port = bus.settings_of("notification"), free_port()
    env = {
        "HUBS_SERVICE": "notification",
        "HUBS_POSTGRES": post.url,
        "HUBS_SMTP": post.smtp,
        "HUBS_SECRET": "s",
        "HUBS_KAFKA": told.kafka,
        "HUBS_KAFKA_USERNAME": told.kafka_username,
        "HUBS_KAFKA_PASSWORD": told.kafka_password.get_secret_value(),
        "HUBS_TOPIC_PREFIX": told.topic_prefix,
    }
    argv = ["-m", "uvicorn", "--factory", "notification.app:application", "--port", str(port), "--no-access-log"]
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, env=os.environ | env)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    assert await process.wait() in (0, -15)


async def say(bus: OwnBus, *records: Record) -> None:
    """Publish these, each as its speaker."""
    for speaker, topic in (("enrolment", "people.current"), ("scheduling", "scheduling.facts")):
        settings = bus.settings_of(speaker)
        async with AIOKafkaProducer(**connection(settings), acks="all") as producer:
            for one in records:
                if one.topic == topic:
                    headers = [(name, word) for name, word in one.headers if word is not None]
                    await producer.send_and_wait(bus.prefix + topic, one.value, key=one.key, headers=headers)


async def test_from_the_bus_to_the_calendar(bus: OwnBus, service: str, post: Post, mail_server: MailServer) -> None:
    """Invited, moved, told in person; health and figures say so; erased, and the answer is on its way."""

    async def is_ready() -> bool:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{service}/readyz")).is_success
            except httpx.TransportError:
                return False

    await until(is_ready, seconds=60)
    await say(bus, record(scheduled()), record(invited()), record(person()))
    await post.settled("sent")
    await say(bus, record(moved(FAR + WEEK)))
    await post.settled("sent", "sent")

    assert calendars(mail_server.taken).shows == {(FAR + WEEK, FAR + WEEK + LENGTH, "Elm Park, or online")}

    async def says_so() -> bool:
        async with httpx.AsyncClient() as client:
            figures = (await client.get(f"{service}/metrics")).text
            health = (await client.get(f"{service}/readyz")).json()["checks"]["mail server"]
        counted = 'mathshubs_deliveries{state="queued"} 0.0' in figures and "mathshubs_mail_server_ready 1.0" in figures
        return counted and health == {"ok": True}

    await until(says_so)
    await say(bus, tombstone(AMINA))

    async def has_answered() -> bool:
        left = await post.pool.fetchval("SELECT count(*) FROM outbox")
        said = await post.pool.fetchval("SELECT count(*) FROM journal WHERE type LIKE '%PersonForgotten%'")
        return bool(left == 0 and said == 1)

    await until(has_answered)
    assert await post.pool.fetchval("SELECT is_erased FROM people WHERE person_id = $1", AMINA)
