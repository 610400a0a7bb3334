"""What is recorded reaches Kafka: all of it, in order per key, however transactions overlap."""

import asyncio
import re
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource
from fastapi import FastAPI

from enrolment.people.store.publishing import DUE_PEOPLE
from hubs.parts.kafka import Login
from hubs.topics import Layout, connect, ensure_topics, hub_topics
from mathshubs.bus import connection, consumer_broker, producer
from mathshubs.http import open_doors
from mathshubs.ids import new_id
from mathshubs.inbox import Inbox
from mathshubs.journal import MOST_FACT_BYTES, Cause, Entry, FactTooLarge, hold, record
from mathshubs.outbox import DUE
from mathshubs.postgres import Pool
from mathshubs.relay import FactsLane, Relay
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.testing import until
from mathshubs.topics import receipts_topic

PoolOf = Callable[[str], Awaitable[Pool]]
NOW = datetime(2026, 9, 14, 15, tzinfo=UTC)
HUB = Cause(actor="hub:river-vale")


def line(key: str, *, event_id: UUID | None = None, words: str = "") -> Entry:
    return Entry("scheduling.facts", key, "uk.mathshubs.test.Said.v1", {"words": words}, HUB, event_id or new_id())


@asynccontextmanager
async def relaying(pool: Pool, settings: Settings) -> AsyncIterator[Relay]:
    relay = Relay(pool, FactsLane("scheduling"), lambda: producer(settings), prefix=settings.topic_prefix)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await relay.close()


async def heard(settings: Settings, count: int, topic: str = "scheduling.facts") -> dict[str, list[int]]:
    """Return, by key, the versions on a topic in the order of the topic, once `count` are there."""
    found: dict[str, list[int]] = defaultdict(list)
    seen: set[bytes] = set()
    async with AIOKafkaConsumer(
        settings.topic_prefix + topic, auto_offset_reset="earliest", **connection(settings)
    ) as consumer:

        async def enough() -> bool:
            batches = await consumer.getmany(timeout_ms=200)
            for message in (m for batch in batches.values() for m in batch):
                headers = dict(message.headers)
                if headers["ce_id"] not in seen:
                    seen.add(headers["ce_id"])
                    found[message.key.decode()].append(int(headers["ce_sequence"]))
            return len(seen) >= count

        await until(enough, seconds=30)
    return found


async def test_sixteen_writers_and_a_transaction_held_open_lose_nothing(
    pool_of: PoolOf, bus: Callable[..., Settings]
) -> None:
    """A place in the journal is drawn before the commit: a relay with a cursor passes the late ones over."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    keys = [f"key-{n}" for n in range(8)]
    go, lowest_is_drawn = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with pool.acquire() as db, db.transaction():
            await record(db, [line("slow"), line("slow")])
            lowest_is_drawn.set()
            await go.wait()

    async def writer(number: int) -> None:
        await lowest_is_drawn.wait()
        for turn in range(12):
            async with pool.acquire() as db, db.transaction():
                await record(db, [line(keys[(number + turn) % 8]), line(keys[(number * 3 + turn) % 8])])

    async with relaying(pool, settings):
        holding = asyncio.create_task(slow())
        await asyncio.gather(*(writer(n) for n in range(16)))
        await until(lambda: _outbox_is(pool, 0), what="all that was committed is published")
        go.set()
        await holding
        await until(lambda: _outbox_is(pool, 0))

    found = await heard(settings, 16 * 12 * 2 + 2)
    assert {key: versions == list(range(1, len(versions) + 1)) for key, versions in found.items()} == dict.fromkeys(
        [*keys, "slow"], True
    )
    assert sum(map(len, found.values())) == 16 * 12 * 2 + 2


async def _outbox_is(pool: Pool, size: int) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = $1 FROM outbox", size))


async def test_two_relays_keep_the_order_of_each_key(pool_of: PoolOf, bus: Callable[..., Settings]) -> None:
    """Two instances of a service both relay; one works at a time."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")

    async with relaying(pool, settings), relaying(pool, settings):
        for _ in range(30):
            async with pool.acquire() as db, db.transaction():
                await record(db, [line("a"), line("b"), line("a")])
        await until(lambda: _outbox_is(pool, 0))

    assert await heard(settings, 90) == {"a": list(range(1, 61)), "b": list(range(1, 31))}


async def test_a_line_that_stands_in_the_journal_is_not_said_again(pool_of: PoolOf) -> None:
    """A receipt has the same id however often its report is answered."""
    pool, event_id = await pool_of("scheduling"), new_id()

    for _ in range(2):
        async with pool.acquire() as db, db.transaction():
            await record(db, [line("a", event_id=event_id)])

    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_a_fact_that_kafka_would_refuse_is_never_recorded(pool_of: PoolOf) -> None:
    """It would stop its key for ever; the transaction that made it fails instead."""
    pool = await pool_of("scheduling")

    with pytest.raises(FactTooLarge):
        async with pool.acquire() as db, db.transaction():
            await record(db, [line("a", words="x" * MOST_FACT_BYTES)])

    assert await pool.fetchval("SELECT count(*) FROM journal") == 0


async def test_nobody_can_change_the_journal(pool_of: PoolOf) -> None:
    """It is the audit trail: the role that services work with may add to it and read it."""
    pool = await pool_of("scheduling")
    await record_one(pool)

    for forbidden in ("UPDATE journal SET actor = 'x'", "DELETE FROM journal", "TRUNCATE journal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(forbidden)


async def record_one(pool: Pool) -> None:
    async with pool.acquire() as db, db.transaction():
        await record(db, [line("a")], at=NOW)


async def test_a_topic_that_is_missing_holds_up_nothing_else(
    pool_of: PoolOf, bus: Callable[..., Settings], kafka: Login
) -> None:
    """Thousands of receipts wait for it, out of the way of every other fact, and go in their order once it is there."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    hub = f"late-{secrets.token_hex(3)}"
    lost = receipts_topic(hub)
    receipts = [Entry(lost, f"r{n % 50}", "uk.mathshubs.test.Said.v1", {}, HUB, new_id()) for n in range(2_500)]
    async with pool.acquire() as db, db.transaction():
        await record(db, [*receipts, line("a")])

    async with relaying(pool, settings):
        assert await heard(settings, 1) == {"a": [1]}
        refused = [tuple(row) for row in await pool.fetch("SELECT topic, key, why FROM refusals")]
        async with pool.acquire() as db, db.transaction():
            await record(db, [line("a")])
        assert await heard(settings, 2) == {"a": [1, 2]}
        await until(lambda: _outbox_is(pool, len(receipts)))

        ensure_topics(connect(kafka), hub_topics(hub, Layout(settings.topic_prefix)))
        await pool.execute("UPDATE refusals SET try_at = now()")
        found = await heard(settings, len(receipts), lost)
        await until(lambda: _outbox_is(pool, 0))

    assert refused == [(lost, "", "UnknownTopicOrPartitionError")]
    assert found == {f"r{n}": list(range(1, 51)) for n in range(50)}
    assert await pool.fetchval("SELECT count(*) FROM refusals") == 0


def limit(kafka: Login, settings: Settings, most: int) -> None:
    """Have Kafka refuse batches for the facts topic that are larger."""
    size = ConfigEntry("max.message.bytes", str(most), incremental_operation=AlterConfigOpType.SET)
    topic = f"{settings.topic_prefix}scheduling.facts"
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[size])
    admin = connect(kafka)
    admin.incremental_alter_configs([resource])[resource].result(10)


LARGE = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(4_000))


async def test_a_producer_that_is_lost_is_replaced(pool_of: PoolOf, bus: Callable[..., Settings], kafka: Login) -> None:
    """As when aiokafka's own task died: whoever waits for a newer picture of Kafka would wait for ever."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    hub = f"new-{secrets.token_hex(3)}"
    receipts = receipts_topic(hub)
    async with relaying(pool, settings) as relay:
        async with pool.acquire() as db, db.transaction():
            await record(db, [line("a")])
        assert await heard(settings, 1) == {"a": [1]}
        assert relay._producer is not None
        relay._producer.client._sync_task.cancel()
        relay._producer.client.force_metadata_update()
        ensure_topics(connect(kafka), hub_topics(hub, Layout(settings.topic_prefix)))

        async with pool.acquire() as db, db.transaction():
            await record(db, [Entry(receipts, "r", "uk.mathshubs.test.Said.v1", {}, HUB, new_id())])

        assert await heard(settings, 1, receipts) == {"r": [1]}


async def test_a_refused_record_stops_no_other_key(pool_of: PoolOf, bus: Callable[..., Settings], kafka: Login) -> None:
    """Kafka refuses a whole batch for one record in it, and then whatever the same producer sends behind it."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    limit(kafka, settings, 2_000)
    lines = [line(f"key-{n}") for n in range(12)]
    async with pool.acquire() as db, db.transaction():
        await record(db, [*lines[:6], line("large", words=LARGE), *lines[6:]])

    async with relaying(pool, settings):
        await heard(settings, 12)
        async with pool.acquire() as db, db.transaction():
            await record(db, [line(f"key-{n}") for n in range(12)])
        found = await heard(settings, 24)

    assert found == {f"key-{n}": [1, 2] for n in range(12)}
    assert await pool.fetchval("SELECT refused_why FROM outbox") == "MessageSizeTooLargeError"


async def test_nothing_of_a_key_passes_what_kafka_refused_of_it(
    pool_of: PoolOf, bus: Callable[..., Settings], kafka: Login
) -> None:
    """Not in the same batch, nor in a later one; when Kafka takes the first after all, they follow in their order."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    limit(kafka, settings, 150_000)
    more_than_a_batch_holds = [line("a", words=secrets.token_hex(each)) for each in (125_000, *[10_000] * 12)]
    async with pool.acquire() as db, db.transaction():
        await record(db, [*more_than_a_batch_holds, line("b")])

    async with relaying(pool, settings):
        await heard(settings, 1)
        async with pool.acquire() as db, db.transaction():
            await record(db, [line("a"), line("b")])
        before = await heard(settings, 2)
        limit(kafka, settings, 1_000_000)
        await pool.execute("UPDATE refusals SET try_at = now()")
        after = await heard(settings, 16)

    assert before == {"b": [1, 2]}
    assert after == {"a": list(range(1, 15)), "b": [1, 2]}


async def test_what_is_refused_is_tried_less_and_less_often(pool_of: PoolOf, bus: Callable[..., Settings]) -> None:
    """Each try of a missing topic takes a second in which nothing else goes out."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    lost = Entry("hubs.nowhere.receipts", "r", "uk.mathshubs.test.Said.v1", {}, HUB, new_id())
    async with pool.acquire() as db, db.transaction():
        await record(db, [lost])

    async with relaying(pool, settings):
        for tries in range(1, 6):
            await until(partial(pool.fetchval, "SELECT tries = $1 FROM refusals", tries))
            pause = await pool.fetchval("SELECT extract(epoch FROM try_at - clock_timestamp())::float FROM refusals")
            assert 2**tries - 2 < pause <= 2**tries
            await pool.execute("UPDATE refusals SET try_at = now()")


async def test_a_refusal_that_lasts_is_said_by_readiness(pool_of: PoolOf, bus: Callable[..., Settings]) -> None:
    """What nobody is told of is mended by nobody; a topic that is a moment late is no news."""
    pool, settings = await pool_of("scheduling"), bus("scheduling")
    running = Running(settings, pool, consumer_broker(settings), Inbox(pool, settings))
    app = FastAPI()
    open_doors(app, lambda: running)
    lost = Entry("hubs.nowhere.receipts", "r", "uk.mathshubs.test.Said.v1", {}, HUB, new_id())
    async with pool.acquire() as db, db.transaction():
        await record(db, [lost])
    async with relaying(pool, settings), httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        await until(lambda: pool.fetchval("SELECT count(*) FROM refusals"))
        young = await client.get("http://scheduling/readyz")
        await pool.execute("UPDATE refusals SET since = since - interval '400 seconds'")
        old = await client.get("http://scheduling/readyz")

    assert (young.status_code, young.json()["checks"]["kafka takes all"]) == (200, {"ok": True})
    assert old.status_code == 503
    assert re.fullmatch(
        r"Kafka has refused hubs\.nowhere\.receipts for 40\d s: UnknownTopicOrPartitionError",
        old.json()["checks"]["kafka takes all"]["why"],
    )


@pytest.mark.parametrize("due", [DUE, DUE_PEOPLE], ids=["facts", "people"])
async def test_a_lane_finds_what_is_due_by_its_index(pool_of: PoolOf, due: str) -> None:
    """It looks twice a second, and in an outage a million lines of the other lane may wait."""
    pool = await pool_of("enrolment")

    async with pool.acquire() as db:
        await db.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {due.replace('$1', '1000')}"))

    assert "outbox_due" in plan


async def test_holding_an_aggregate_makes_others_wait(pool_of: PoolOf) -> None:
    """Ten at once for one Work Group decide one after the other, each on what the last one left."""
    pool, inside, most = await pool_of("scheduling"), 0, 0

    async def decide() -> None:
        nonlocal inside, most
        async with pool.acquire() as db, db.transaction():
            await hold(db, {"work_group:1", "work_group:2"})
            inside += 1
            most = max(most, inside)
            await record(db, [line("work_group:1")])
            inside -= 1

    await asyncio.gather(*(decide() for _ in range(10)))

    assert most == 1
    assert await pool.fetchval("SELECT version FROM aggregates WHERE id = 'work_group:1'") == 10
