"""What is promised at the HTTP door while Postgres or Kafka is away, and what becomes of it afterwards."""

import asyncio
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil

from hub_system import HubSystem, header
from hubs.parts.postgres import EmbeddedPostgres
from mathshubs.postgres import Pool
from mathshubs.testing import until
from sent import a_group
from stack import Stack


async def test_while_postgres_is_away_nothing_is_promised(own_stack: Stack) -> None:
    """Dead, hanging, or not yet there when enrolment starts: 503 within two seconds; then it goes on by itself."""
    postgres = own_stack.postgres
    assert postgres is not None
    await own_stack.start("enrolment")
    river_vale = await own_stack.hub("river-vale")
    assert (await river_vale.post(a_group(id="before"))).status_code == 202

    await asyncio.to_thread(postgres.kill)
    await until(lambda: _is_refused(river_vale))  # a backend that has not noticed may record one more
    await _is_refused_in_time(river_vale, times=3)
    await asyncio.to_thread(postgres.start)
    await _is_accepted(river_vale, "after-a-crash")

    with _hanging(postgres):
        await _is_refused_in_time(river_vale, times=15)
        readiness = await _timed(own_stack.url("enrolment") + "/readyz")
        assert readiness["checks"]["postgres"] == {"ok": False, "why": "TimeoutError"}
    await _is_accepted(river_vale, "after-it-hung")

    await own_stack.stop("enrolment")
    await asyncio.to_thread(postgres.stop)
    await own_stack.launch("enrolment")
    await until(lambda: _livez(own_stack.url("enrolment")))
    await _is_refused_in_time(river_vale, times=2)
    await asyncio.to_thread(postgres.start)
    await _is_accepted(river_vale, "after-a-late-start")
    await own_stack.ready("enrolment")


async def test_while_kafka_is_away_what_was_recorded_is_kept(own_stack: Stack) -> None:
    """A 202 holds through an outage of Kafka and a crash of enrolment, and the order with it."""
    kafka = own_stack.kafka
    assert kafka is not None
    await own_stack.start("enrolment")
    river_vale = await own_stack.hub("river-vale")
    await river_vale.post(a_group("WG-0", id="0"))
    await until(lambda: _published(own_stack, 1))

    await asyncio.to_thread(kafka.kill)
    answers = [await river_vale.post(a_group(f"WG-{n}", id=f"{n}")) for n in range(1, 21)]
    await own_stack.kill("enrolment")
    await own_stack.launch("enrolment")
    await until(lambda: _livez(own_stack.url("enrolment")))
    answers += [await river_vale.post(a_group(f"WG-{n}", id=f"{n}")) for n in range(21, 31)]
    await asyncio.to_thread(kafka.start)

    assert {answer.status_code for answer in answers} == {202}
    first_seen = dict.fromkeys(await until(lambda: _published(own_stack, 31), seconds=40))
    assert list(first_seen) == [f"{n}" for n in range(31)]
    pool = await own_stack.pool("enrolment")
    await until(lambda: _nothing_is_kept(pool))


async def _is_refused_in_time(hub: HubSystem, times: int) -> None:
    """Send at once as many as would fill the pool and more; each is told in time to come again."""
    answers = await asyncio.gather(*(hub.post(a_group()) for _ in range(times)))

    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert answers[0].json()["errors"][0]["code"] == "try-again"
    assert max(answer.elapsed.total_seconds() for answer in answers) < 2.5, "two, and some for a busy machine"


async def _is_refused(hub: HubSystem) -> bool:
    return (await hub.post(a_group())).status_code == 503


async def _is_accepted(hub: HubSystem, event_id: str) -> None:
    async def accepted() -> bool:
        return (await hub.post(a_group(id=event_id))).status_code == 202

    await until(accepted)


async def _published(stack: Stack, count: int) -> list[str]:
    """Return the ids that stand on River Vale's topic, once there are `count` of them."""
    ids = [header(record, "ce_id") for record in await stack.records("hubs.river-vale.events")]
    return ids if len(set(ids)) >= count else []


async def _livez(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/livez")).status_code == 200
        except httpx.TransportError:
            return False


async def _timed(url: str) -> dict[str, dict[str, object]]:
    async with httpx.AsyncClient(timeout=2.5) as client:
        found: dict[str, dict[str, object]] = json.loads((await client.get(url)).text)
        return found


async def _nothing_is_kept(pool: Pool) -> bool:
    left: int = await pool.fetchval("SELECT count(*) FROM arrivals WHERE bytes IS NOT NULL OR headers IS NOT NULL")
    return left == 0


@contextmanager
def _hanging(postgres: EmbeddedPostgres) -> Iterator[None]:
    """Stop the server and its backends where they are; connections stay open and nobody answers."""
    assert postgres.running is not None
    server = psutil.Process(postgres.running.pid)
    all_of_it = [server, *server.children(recursive=True)]
    for one in all_of_it:
        one.send_signal(signal.SIGSTOP)
    yield
    for one in all_of_it:
        one.send_signal(signal.SIGCONT)
