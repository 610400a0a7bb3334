"""What a producer says in transactions is heard when it is committed, all of it, and nothing of what was taken back."""

import json
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer

from mathshubs.bus import producer
from mathshubs.settings import Settings
from mathshubs.testing import until
from shared.test_inbox import TOPIC, Toy, toy

Database = Callable[[str], Awaitable[str]]


class TakenBack(Exception):
    """Ends a transaction without a commit."""


async def test_what_is_committed_is_heard_and_what_is_taken_back_is_not(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """A marker ends each transaction: it takes an offset, is no record, and may be all that stands at the end."""
    async with toy(database, bus) as made:
        async with producer(made.settings, transactional_id="relay", compressed=False) as sending:
            await _commit(made, sending, "one", "two")
            await _take_back(made, sending, "never")
            await _commit(made, sending, "three")
            await until(lambda: made.lists_are(a="one two three"))
            await _take_back(made, sending, "never", "ever")
            await _take_back(made, sending, "again")
            await _commit(made, sending, *(str(number) for number in range(70)))
            await _take_back(made, sending, "never")

        await until(lambda: made.lists_are(a=" ".join(["one two three", *map(str, range(70))])))
        await until(lambda: _caught_up(made))
        assert await made.pool.fetchval("SELECT count(*) FROM inbox") == 73
        assert await made.pool.fetchval("SELECT count(*) FROM dead_letters") == 0


async def _commit(made: Toy, sending: AIOKafkaProducer, *words: str) -> None:
    async with sending.transaction():
        await _say(made, sending, *words)


async def _take_back(made: Toy, sending: AIOKafkaProducer, *words: str) -> None:
    try:
        async with sending.transaction():
            await _say(made, sending, *words)
            raise TakenBack
    except TakenBack:
        return


async def _say(made: Toy, sending: AIOKafkaProducer, *words: str) -> None:
    for each in words:
        named = {
            "specversion": "1.0",
            "id": f"t-{each}",
            "source": "/test",
            "type": "t",
            "time": "2026-09-14T15:04:05Z",
        }
        value = json.dumps({"key": "a", "words": each}).encode()
        headers = [(f"ce_{name}", word.encode()) for name, word in named.items()]
        await sending.send_and_wait(made.settings.topic_prefix + TOPIC, value, key=b"a", headers=headers)


async def _caught_up(made: Toy) -> bool:
    return made.running.subscriptions[0].behind_seconds() == {TOPIC: 0}
