"""A service starts while Kafka comes and goes: it hears as one, however often it had to begin again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from mathshubs.bus import consumer_broker
from mathshubs.inbox import Inbox
from mathshubs.running import Running, at_work
from mathshubs.settings import Settings
from mathshubs.testing import until
from shared.test_inbox import TOPIC, Note, Toy, toy
from shared.test_progress import HeldUp

Database = Callable[[str], Awaitable[str]]


@dataclass
class Front:
    """A door to Kafka that lets the first in, turns the second away, and lets in all who come later."""

    host: str
    port: int
    came: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        if self.came == 2:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await source.read(65_536):
            target.write(some)
            await target.drain()
    target.close()


async def test_a_start_that_broke_off_leaves_nobody_behind(database: Database, bus: Callable[..., Settings]) -> None:
    """A consumer left over from it would be of the same group under the same name, and take the partitions back."""
    async with toy(database, bus) as made, _through_a_front(made) as (front, running), at_work(running):
        await until(lambda: _all_assigned(running))
        await made.say(Note("a", "one"), Note("b", "two"))
        await until(lambda: _heard_by_all(made, 2))
        readers = [len(getattr(subscriber, "tasks", ())) for subscriber in running.broker.subscribers]
    assert readers == [1, 1]
    assert front.came >= 4


@asynccontextmanager
async def _through_a_front(made: Toy) -> AsyncIterator[tuple[Front, Running]]:
    host, _, port = made.settings.kafka.partition(":")
    front = Front(host, int(port))
    async with await asyncio.start_server(front, "127.0.0.1") as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings = made.settings.model_copy(update={"kafka": address})
        broker, inbox = consumer_broker(settings), Inbox(made.pool, settings)
        for name in ("scheduling.first", "scheduling.second"):
            inbox.subscribe(broker, replace(made.hearing, consumer=name), topics=[TOPIC])
        yield front, Running(settings, made.pool, broker, inbox)


async def _all_assigned(running: Running) -> bool:
    return all(subscription.assigned for subscription in running.subscriptions)


async def _heard_by_all(made: Toy, times: int) -> bool:
    return bool(await made.pool.fetchval("SELECT count(*) = 3 * $1 FROM toy.lists", times))


async def test_a_batch_that_does_not_end_keeps_nobody_from_stopping(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """Killed instead of stopped, a service would leave whatever else it was about half done."""
    lists = HeldUp()
    async with asyncio.timeout(15):
        async with toy(database, bus, lists) as made:
            made.running.ends_within = 0.5
            await made.say(Note("a", "one"))
            await until(lambda: _is_begun(made))
            ending = asyncio.create_task(_let_go_once_stopped(made, lists))
        await ending
    await made.running.broker.stop()


async def _let_go_once_stopped(made: Toy, lists: HeldUp) -> None:
    async def stopped() -> bool:
        return all(task.done() for task in made.running.tasks)

    await until(stopped)
    lists.may.set()


async def _is_begun(made: Toy) -> bool:
    return bool(await made.pool.fetchval("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"))
