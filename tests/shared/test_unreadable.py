"""A record whose header names are no text stops neither its own hub nor another."""

import tracemalloc
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import cramjam
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from pydantic import SecretStr

from hubs.parts.kafka import Login
from hubs.topics import Layout, connect, ensure_topics, hub_topics
from mathshubs import inflating
from mathshubs.bus import connection, consumer_broker
from mathshubs.envelope import Malformed, decode
from mathshubs.inbox import Inbox
from mathshubs.postgres import open_pool
from mathshubs.running import Running, at_work
from mathshubs.settings import Settings
from mathshubs.testing import until
from mathshubs.unreadable import Records
from scheduling.listen import hearings

TYPE = b"uk.mathshubs.hub.scheduling.NoSuchReport.v1"
Headers = Sequence[tuple[str, bytes]]


class NoText(str):
    """A header's name as a C client may write it: bytes that are not UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return b"\xff\xfe"


UNREADABLE: Headers = [(NoText("name"), b"1")]


def named(event_id: str) -> Headers:
    words = {"ce_specversion": b"1.0", "ce_id": event_id.encode(), "ce_source": b"/s", "ce_type": TYPE}
    return [*words.items(), ("ce_time", b"2026-09-14T15:04:05Z")]


def batch_of(all_headers: Iterable[Headers]) -> _DefaultRecordBatchBuilderPy:
    builder = _DefaultRecordBatchBuilderPy(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 16,
    )
    for offset, headers in enumerate(all_headers):
        builder.append(offset, timestamp=1, key=None, value=b"{}", headers=headers)
    return builder


def test_every_record_of_a_batch_is_read() -> None:
    """The one in the middle says what is wrong with it; its neighbours are as they were sent."""
    raw = bytes(batch_of([named("1"), UNREADABLE, named("3")]).build())

    records = list(Records(raw).next_batch())

    assert [record.offset for record in records] == [0, 1, 2]
    assert [record.headers for record in records[::2]] == [named("1"), named("3")]
    wrong = decode(records[1].headers, records[1].value)
    assert isinstance(wrong, Malformed)
    assert wrong.code == "header-not-utf-8"


def test_the_marker_that_ends_a_transaction_is_read() -> None:
    """The fetcher takes it with `next`; where it cannot, nobody's current name or address is ever heard."""
    raw = bytes(batch_of([named("marker")]).build())

    assert next(Records(raw).next_batch()).headers == named("marker")


PACKERS: Mapping[int, Callable[[bytes], bytes]] = {
    1: lambda value: bytes(cramjam.gzip.compress(value[: len(value) // 2])) * 2,  # as two members, one after another
    3: lambda value: bytes(cramjam.lz4.compress(value)),
    4: lambda value: bytes(cramjam.zstd.compress(value)),
}


def packed(codec: int, value: bytes) -> bytes:
    """Return a batch of two records that hold `value`, packed by a codec of Kafka's."""
    whole = batch_of([]).build()
    header = inflating._HEADER.unpack(whole[:61])
    records = PACKERS[codec](value)
    fields = (7, len(records) + 49, *header[2:5], codec, 1, *header[7:-1], 2)
    return inflating._HEADER.pack(*fields) + records


@pytest.mark.parametrize("codec", [1, 3, 4])
def test_a_batch_that_is_huge_once_it_is_read_is_not_read(codec: int) -> None:
    """A few kilobytes on Kafka, 100 MB in memory, for every hub's service at once."""
    raw = packed(codec, b" " * 100_000_000)
    assert len(raw) < 500_000

    tracemalloc.start()
    records = list(Records(raw).next_batch())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [record.offset for record in records] == [7, 8]
    wrong = decode(records[0].headers, records[0].value)
    assert isinstance(wrong, Malformed)
    assert wrong.code == "too-large"
    assert peak < 20_000_000


@pytest.mark.parametrize("codec", [1, 3, 4])
def test_what_packs_well_and_is_not_too_large_is_read(codec: int) -> None:
    """Reports are much alike, so a client's megabyte packs into little."""
    assert inflating.stand_ins(memoryview(packed(codec, b" " * 15_000_000))) is None


async def test_no_hub_loses_a_report_beside_an_unreadable_record(
    database: Callable[[str], Awaitable[str]], bus: Callable[..., Settings], kafka: Login
) -> None:
    """It is set aside with its reason, and all that comes before, beside and after it is answered."""
    url = await database("scheduling")
    settings = bus("scheduling").model_copy(update={"postgres": SecretStr(url)})
    ensure_topics(connect(kafka), hub_topics("oak-ridge", Layout(settings.topic_prefix)))
    pool, broker = await open_pool(url), consumer_broker(settings)
    inbox = Inbox(pool, settings)
    inbox.subscribe(broker, hearings("secret")[0], pattern=r"hubs\..+\.events")
    river_vale, oak_ridge = (f"{settings.topic_prefix}hubs.{hub}.events" for hub in ("river-vale", "oak-ridge"))

    async with at_work(Running(settings, pool, broker, inbox)), AIOKafkaProducer(**connection(settings)) as producer:
        for number in range(40):
            await producer.send_and_wait(oak_ridge, b"{}", headers=list(named(f"o{number}")))
            if number % 10 == 0:
                batch = producer.create_batch()
                batch._builder = batch_of([named(f"before-{number}"), UNREADABLE, named(f"after-{number}")])
                batch._relative_offset = 3
                await (await producer.send_batch(batch, river_vale, partition=0))

        async def all_answered() -> bool:
            return bool(await pool.fetchval("SELECT count(*) = 40 + 4 * 2 FROM inbox"))

        await until(all_answered, seconds=40)
        letters = await pool.fetchval("SELECT count(*) FROM dead_letters WHERE code = 'unknown-type'")
    await pool.close()
    assert letters == 48
