"""A proof always comes, in time and in words: whatever is away, silent, or not as it should be."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from confluent_kafka import KafkaException

from hubs.home import SERVICES
from hubs.parts.kafka import Login
from hubs.proof.bus import KafkaSilent
from hubs.proof.proving import CHECKS, LETTING_GO_SECONDS, bounded, prove
from hubs.proof.system import Check, System
from mathshubs.ids import References

SECONDS = 2.0


@pytest_asyncio.fixture
async def silence() -> AsyncIterator[int]:
    """A port that takes every connection and never says anything."""
    ends: list[asyncio.StreamWriter] = []

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in ends:
        writer.close()


def all_parts_at(port: int) -> System:
    """A system of which every part is behind one port."""
    urls = {service: f"postgresql://{service}@127.0.0.1:{port}/{service}" for service in SERVICES}
    doors = dict.fromkeys(SERVICES, f"http://127.0.0.1:{port}")
    login = Login(f"127.0.0.1:{port}", "admin", "secret")
    return System(urls, login, "", doors, f"http://127.0.0.1:{port}/inbox", References("secret"))


async def test_a_system_that_never_answers_is_proved_in_bounded_time(silence: int) -> None:
    """An operator's watch must hear of it, and not wait with it."""
    begun, told = time.monotonic(), list[Check]()

    checks = await prove(all_parts_at(silence), told.append, SECONDS)

    assert [check.name for check in checks] == ["quiet", *(name for name, _ in CHECKS)]
    assert [check.ok for check in checks] == [False] * (1 + len(CHECKS))
    assert told == checks
    assert time.monotonic() - begun < SECONDS + LETTING_GO_SECONDS + 3


async def test_a_kafka_that_never_answers_is_let_go_of(silence: int) -> None:
    """Its client waits in a thread, which nobody can stop: it must stop by itself."""
    bus = replace(all_parts_at(silence), deadline=time.monotonic() + 1).bus

    with pytest.raises((KafkaException, KafkaSilent)):
        await asyncio.to_thread(bus.read, "people")


async def test_a_check_that_breaks_fails_in_its_own_line() -> None:
    """What it read is not repeated: that may name people."""

    async def broken() -> Check:
        raise ZeroDivisionError("Amina Khan")

    made = await bounded("figures", broken(), SECONDS)

    assert (made.name, made.ok) == ("figures", False)
    assert made.said.startswith("figures: not checked, what was read does not fit its type (ZeroDivisionError in ")
    assert "Amina" not in made.said


async def test_a_check_that_will_not_let_go_is_left() -> None:
    """A database that is asked to stop, and does not answer that either."""
    held = asyncio.Event()

    async def stubborn() -> Check:
        try:
            await held.wait()
        except asyncio.CancelledError:
            await held.wait()
        raise TimeoutError

    begun = time.monotonic()
    made = await bounded("figures", stubborn(), 0.1)

    assert made == Check("figures", ok=False, said="figures: not checked, time was up")
    assert time.monotonic() - begun < 0.1 + LETTING_GO_SECONDS + 1
    held.set()


async def test_a_part_that_runs_out_of_time_is_told_in_words() -> None:
    """The error of a client that waited too long says nothing of itself: an operator would read empty brackets."""

    async def waited() -> Check:
        raise httpx.ReadTimeout("")

    made = await bounded("figures", waited(), SECONDS)

    assert made.said == "figures: not checked, a part does not answer (ReadTimeout)"
