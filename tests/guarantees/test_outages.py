"""Kafka and Postgres go away while hubs report: what was taken is kept, what cannot be is refused in time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from guarantees.half_term import SERVICES, HalfTerm
from hubs.ports import free_port
from mathshubs.testing import until
from sent import reported
from stack import Stack


@pytest.mark.timeout(300)
async def test_kafka_and_postgres_go_away_and_come_back(own_stack: Stack, tmp_path: Path) -> None:
    """From the reports to the mails everything is there afterwards, once; no service is started again for it."""
    assert own_stack.kafka is not None
    assert own_stack.postgres is not None
    term = await HalfTerm.furnished(own_stack, tmp_path)
    pids = {service: own_stack.pid(service) for service in SERVICES}
    await term.report(0.3)

    await asyncio.to_thread(own_stack.kafka.kill)
    reporting = asyncio.create_task(term.report(0.5))
    await _taken_without_kafka(own_stack, term)
    await asyncio.to_thread(own_stack.kafka.start)
    await reporting

    await asyncio.to_thread(own_stack.postgres.kill)
    reporting = asyncio.create_task(term.report(0.7))
    await _refused_without_postgres(own_stack, term)
    await asyncio.to_thread(own_stack.postgres.start)
    await reporting
    await term.report(1)

    await term.assert_all_took_effect_once(others=1)
    assert {service: own_stack.pid(service) for service in SERVICES} == pids
    assert not any(own_stack.has_died(service) for service in SERVICES)


async def test_each_service_starts_while_postgres_is_away(stack: Stack) -> None:
    """It lives, and says that it is not ready; when Postgres comes it goes on by itself, without a second start."""
    straight, port = stack.database, free_port()

    async def by_way_of(service: str) -> str:
        url = urlsplit(await straight(service))
        real.append((url.hostname or "", url.port or 0))
        return urlunsplit(url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{port}"))

    real: list[tuple[str, int]] = []
    stack.database = by_way_of
    for service in SERVICES:
        await stack.launch(service)
    for service in SERVICES:
        await until(_is(stack, "/livez", 200, service))
        await until(_is(stack, "/readyz", 503, service))

    async with await asyncio.start_server(_led_to(*real[0]), "127.0.0.1", port):
        for service in SERVICES:
            await stack.ready(service)
            assert not stack.has_died(service)
        for service in SERVICES:
            await stack.stop(service)


def _led_to(host: str, port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return what takes a connection on to a server elsewhere."""

    async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while some := await source.read(65_536):
                target.write(some)
                await target.drain()
        target.close()

    async def led(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(pour(reader, far_writer), pour(far_reader, writer))

    return led


async def _taken_without_kafka(stack: Stack, term: HalfTerm) -> None:
    """See that HTTP takes reports while no broker answers, and keeps them."""
    code = term.hubs[0].code
    event = reported("enrolment.PersonReported", {"person": "P-away", "name": "Zed Away", "email": "zed@x.example"})
    answer = await (await stack.hub(code)).post(event)
    assert (answer.status_code, answer.json()["receipts"][0]["outcome"]) == (202, "recorded")
    term.ledger.accepted(code, event, "http")
    pool = await stack.pool("enrolment")
    assert await pool.fetchval("SELECT count(*) FROM arrivals WHERE id = $1 AND bytes IS NOT NULL", event["id"]) == 1


async def _refused_without_postgres(stack: Stack, term: HalfTerm) -> None:
    """See that HTTP says within two seconds that it can record nothing, and that Kafka takes reports all the same."""
    hub = await stack.hub(term.hubs[0].code)
    before = len(term.ledger.events())
    event = reported("enrolment.PersonReported", {"person": "P-never", "name": "Zed Never", "email": "zed@x.example"})

    answers = await asyncio.gather(*(hub.post(event) for _ in range(12)))

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"2"}
    assert max(answer.elapsed.total_seconds() for answer in answers) < 2.5, "two, and some for a busy machine"
    assert await until(_is(stack, "/livez", 200))
    assert await until(_is(stack, "/readyz", 503))
    await until(_more(term, before), what="Kafka takes a report")


def _more(term: HalfTerm, before: int) -> Callable[[], Awaitable[bool]]:
    async def more() -> bool:
        return len(term.ledger.events()) > before

    return more


def _is(stack: Stack, path: str, status: int, service: str = "enrolment") -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        async with httpx.AsyncClient(timeout=5) as client:
            try:
                return (await client.get(stack.url(service) + path)).status_code == status
            except httpx.ConnectError:
                return False

    return said
