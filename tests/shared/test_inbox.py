"""What is heard takes effect once and in order, whatever fails meanwhile: a toy service on real parts."""

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from hubs.parts.kafka import Login
from hubs.topics import Layout, connect, ensure_topics, hub_topics
from mathshubs import settling
from mathshubs.bus import connection, consumer_broker
from mathshubs.envelope import CloudEvent, Malformed, decode
from mathshubs.hearing import Applied, Behind, Blocked, Heard, Hearing, Outcome, Record, SetAside, Waiting, is_blocked
from mathshubs.inbox import FIRM_AFTER, Inbox
from mathshubs.journal import Cause
from mathshubs.postgres import Db, Pool, open_pool
from mathshubs.running import Running, at_work
from mathshubs.settings import Settings
from mathshubs.testing import until

Database = Callable[[str], Awaitable[str]]
PoolOf = Callable[[str], Awaitable[Pool]]
TOPIC = "enrolment.facts"
HUBS = r"hubs\..+\.events"


@dataclass(frozen=True, slots=True)
class Note:
    """A toy request: put `words` on the list of `key`, perhaps once `needs` is there, and bring `makes`."""

    key: str
    words: str
    makes: str | None = None
    needs: str | None = None


class Notes:
    """Reads notes, and keeps what it answered."""

    def __init__(self) -> None:
        self.answered: list[Outcome] = []
        self.died: list[int] = []
        """How often what was answered had died before, as each answer was told."""

    def read(self, record: Record) -> Heard | SetAside | None:
        event = decode(record.headers, record.value)
        if isinstance(event, Malformed):
            return SetAside(record, event.code, event.message, event.path, "", event.event_id, event.source)
        note = Note(**event.data)
        return Heard(record, "", event, note, note.key, note.makes, Cause(actor="test"))

    async def answer(self, db: Db, outcomes: Sequence[Outcome], *, died: int = 0) -> None:
        self.answered += outcomes
        self.died.append(died)


@dataclass
class Lists:
    """Writes notes down in the schema `toy`; fails as it is told."""

    poison: set[str] = field(default_factory=set)
    fails: list[Exception] = field(default_factory=list)

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for one in heard:
            note: Note = one.request
            if is_blocked(one, blocked):
                outcomes.append(Behind(one))
            elif note.needs and not await db.fetchval("SELECT count(*) FROM toy.made WHERE name = $1", note.needs):
                blocked.setdefault(one.key, note.needs)
                outcomes.append(Waiting(one, note.needs))
            else:
                await self._write(db, note)
                outcomes.append(Applied(one))
        if self.fails:
            raise self.fails.pop()
        return outcomes

    async def _write(self, db: Db, note: Note) -> None:
        if note.words in self.poison:
            raise ZeroDivisionError
        await db.execute("INSERT INTO toy.lists (key, words) VALUES ($1, $2)", note.key, note.words)
        if note.makes:
            await db.execute("INSERT INTO toy.made (name) VALUES ($1)", note.makes)


@dataclass
class Toy:
    """A service that keeps lists, while it runs."""

    pool: Pool
    settings: Settings
    notes: Notes
    lists: Lists
    hearing: Hearing
    running: Running

    async def lists_are(self, **expected: str) -> bool:
        rows = await self.pool.fetch(
            "SELECT key, string_agg(words, ' ' ORDER BY id) AS words FROM toy.lists GROUP BY key"
        )
        return {row["key"]: row["words"] for row in rows} == expected

    async def say(self, *notes: Note, twice: bool = False) -> None:
        producer = AIOKafkaProducer(**connection(self.settings))
        await producer.start()
        try:
            for note in notes:
                event_id = secrets.token_hex(6)
                for _ in range(1 + twice):
                    await producer.send_and_wait(
                        self.settings.topic_prefix + TOPIC,
                        json.dumps(
                            {"key": note.key, "words": note.words, "makes": note.makes, "needs": note.needs}
                        ).encode(),
                        key=note.key.encode(),
                        headers=[
                            ("ce_specversion", b"1.0"),
                            ("ce_id", event_id.encode()),
                            ("ce_source", b"/test"),
                            ("ce_type", b"uk.mathshubs.test.Note.v1"),
                            ("ce_time", b"2026-09-14T15:04:05Z"),
                        ],
                    )
        finally:
            await producer.stop()


@asynccontextmanager
async def toy(database: Database, bus: Callable[..., Settings], lists: Lists | None = None) -> AsyncIterator[Toy]:
    url = await database("scheduling")
    settings = bus("scheduling").model_copy(update={"postgres": SecretStr(url)})
    pool = await open_pool(url)
    await pool.execute(
        "CREATE SCHEMA toy "
        "CREATE TABLE lists (id serial PRIMARY KEY, key text, words text) CREATE TABLE made (name text)"
    )
    notes, taker = Notes(), lists or Lists()
    hearing = Hearing("scheduling.toy", notes, taker)
    running = subscribed(pool, settings, hearing)
    async with at_work(running):
        yield Toy(pool, settings, notes, taker, hearing, running)
    await pool.close()


def subscribed(pool: Pool, settings: Settings, hearing: Hearing, pattern: str | None = None) -> Running:
    broker, inbox = consumer_broker(settings), Inbox(pool, settings)
    inbox.subscribe(broker, hearing, topics=[] if pattern else [TOPIC], pattern=pattern)
    return Running(settings, pool, broker, inbox)


async def test_a_record_sent_twice_takes_effect_once(database: Database, bus: Callable[..., Settings]) -> None:
    """Producers send again when they are not sure, and so does our own relay."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "one"), Note("b", "one"), Note("a", "two"), twice=True)

        await until(lambda: made.lists_are(a="one two", b="one"))


async def test_a_restart_goes_on_where_postgres_says(database: Database, bus: Callable[..., Settings]) -> None:
    """What Kafka remembers of offsets is for lag tools alone."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "one"))
        await until(lambda: made.lists_are(a="one"))
        async with at_work(subscribed(made.pool, made.settings, made.hearing)):
            await made.say(Note("a", "two"))

            await until(lambda: made.lists_are(a="one two"))
        assert await made.pool.fetchval("SELECT count(*) FROM inbox") == 2


async def test_a_hub_let_in_while_a_service_was_away_is_heard_once_it_is_back(
    database: Database, bus: Callable[..., Settings], kafka: Login
) -> None:
    """To a member that comes back Kafka gives what it had before, without a word on what is nobody's."""
    url = await database("scheduling")
    settings = bus("scheduling").model_copy(update={"postgres": SecretStr(url)})
    pool, hearing = await open_pool(url), Hearing("scheduling.toy", Notes(), Lists())
    before = subscribed(pool, settings, hearing, HUBS)
    async with at_work(before):
        await until(lambda: _hears(before, 1))
    ensure_topics(connect(kafka), hub_topics("oak-ridge", Layout(settings.topic_prefix)))

    after = subscribed(pool, settings, hearing, HUBS)
    async with at_work(after):
        await until(lambda: _hears(after, 2))
    await pool.close()


async def _hears(running: Running, partitions: int) -> bool:
    return bool(running.subscriptions[0].check()["partitions"] == partitions)


async def test_a_batch_that_fails_is_applied_whole_at_the_next_try(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """Left alone, the subscriber would read on past what failed and write nothing of it."""
    lists = Lists(
        fails=[asyncpg.DeadlockDetectedError("again"), ConnectionResetError(), asyncpg.SerializationError("again")]
    )
    async with toy(database, bus, lists) as made:
        await made.say(*(Note("a", str(n)) for n in range(20)))

        await until(lambda: made.lists_are(a=" ".join(map(str, range(20)))))
    assert lists.fails == []


async def test_two_transactions_that_meet_at_a_constraint_try_again(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """The one that comes second must see the other's row and decide by it, and no report is lost by the race."""
    lists = Lists(fails=[asyncpg.UniqueViolationError("met"), asyncpg.ExclusionViolationError("met")])
    async with toy(database, bus, lists) as made:
        await made.say(Note("a", "one"))

        await until(lambda: made.lists_are(a="one"))
        assert await made.pool.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_an_outage_does_not_use_up_the_tries_of_a_race(database: Database, bus: Callable[..., Settings]) -> None:
    """A report that loses its first race after Postgres was away is tried again, and does not die of it."""
    away = [ConnectionResetError() for _ in range(FIRM_AFTER)]
    async with toy(database, bus, Lists(fails=[asyncpg.UniqueViolationError("met"), *away])) as made:
        await made.say(Note("a", "one"))

        await until(lambda: made.lists_are(a="one"))
        assert await made.pool.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_a_poisoned_key_is_parked_after_five_tries_and_released_in_order(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """An exception that nobody expected holds up its own key alone, until an operator lets it go."""
    async with toy(database, bus, Lists(poison={"bad"})) as made:
        await made.say(Note("a", "one"), Note("a", "bad"), Note("a", "three"), Note("b", "one"), Note("a", "four"))

        await until(lambda: made.lists_are(a="one", b="one"))
        await until(lambda: _poisoned(made.pool), seconds=60)
        tries = await made.pool.fetchval("SELECT attempts FROM parked WHERE state = 'poisoned'")
        await made.say(Note("a", "five"), Note("b", "two"))
        await until(lambda: made.lists_are(a="one", b="one two"))
        made.lists.poison.clear()
        await made.pool.execute("UPDATE parked SET state = 'failing', due_at = now() WHERE state = 'poisoned'")

        await until(lambda: made.lists_are(a="one bad three four five", b="one two"))
        assert (tries, await made.pool.fetchval("SELECT count(*) FROM parked")) == (5, 0)


async def _poisoned(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT count(*) FROM parked WHERE state = 'poisoned'"))


async def test_what_comes_too_early_waits_and_is_applied_in_order(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """There is no order between topics, so a report may come before what it names."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "early", needs="group"), Note("a", "later"), Note("b", "free"))
        await until(lambda: made.lists_are(b="free"))
        await made.say(Note("c", "formed", makes="group"))

        await until(lambda: made.lists_are(a="early later", b="free", c="formed"))


async def test_what_a_key_waits_for_may_pass_it(database: Database, bus: Callable[..., Settings]) -> None:
    """A meeting's move that came before its scheduling must not keep the scheduling out."""
    async with toy(database, bus) as made:
        await made.say(Note("m", "moved", needs="meeting"), Note("m", "held", needs="group"))
        await until(lambda: _parked(made.pool, 2))
        await made.say(Note("m", "scheduled", makes="meeting"))
        await until(lambda: made.lists_are(m="scheduled moved"))
        await made.say(Note("g", "formed", makes="group"))

        await until(lambda: made.lists_are(m="scheduled moved held", g="formed"))


async def _parked(pool: Pool, count: int) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = $1 FROM parked", count))


async def test_what_waited_for_has_come_is_not_too_late(database: Database, bus: Callable[..., Settings]) -> None:
    """A service that was down for an hour applies what could wait no longer, if it need not wait any more."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "early", needs="group"))
        await until(lambda: _parked(made.pool, 1))
        await made.pool.execute("INSERT INTO toy.made (name) VALUES ('group')")
        await made.pool.execute("UPDATE parked SET expires_at = now(), due_at = now()")

        await until(lambda: made.lists_are(a="early"))
        assert await made.pool.fetchval("SELECT count(*) FROM dead_letters") == 0


async def test_to_wait_is_not_to_fail(database: Database, bus: Callable[..., Settings]) -> None:
    """However often something was looked at while it waited, a fault gets its five tries."""
    async with toy(database, bus, Lists(poison={"early"})) as made:
        await made.say(Note("a", "early", needs="group"))
        await until(lambda: _parked(made.pool, 1))
        await made.pool.execute("UPDATE parked SET attempts = 40")
        await made.pool.execute("INSERT INTO toy.made (name) VALUES ('group')")
        await made.pool.execute("UPDATE parked SET due_at = now()")
        await until(lambda: made.pool.fetchval("SELECT count(*) FROM parked WHERE state = 'failing'"))
        made.lists.poison.clear()

        await until(lambda: made.lists_are(a="early"))


async def test_the_first_of_a_key_is_called_when_a_later_one_may_go_on(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """A move waits for its meeting, the meeting for its Work Group: the group's coming must reach both at once."""
    async with toy(database, bus) as made:
        await made.say(Note("m", "moved", needs="meeting"), Note("m", "scheduled", makes="meeting", needs="group"))
        await until(lambda: _parked(made.pool, 2))
        await made.pool.execute("UPDATE parked SET due_at = now() + interval '1 hour'")
        await made.say(Note("g", "formed", makes="group"))

        await until(lambda: made.lists_are(m="scheduled moved", g="formed"))


async def test_after_an_hour_what_waits_dies_and_its_followers_are_judged_afresh(
    database: Database, bus: Callable[..., Settings]
) -> None:
    """What never comes must not hold a Work Group up for ever."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "early", needs="never"), Note("a", "later"))
        await until(lambda: _parked(made.pool, 2))
        await made.pool.execute("UPDATE parked SET expires_at = now(), due_at = now()")

        await until(lambda: made.lists_are(a="later"))
        assert await made.pool.fetchval("SELECT string_agg(code, ' ') FROM dead_letters") == "waited-too-long"


async def test_a_dead_letter_is_tried_again_past_the_inbox(database: Database, bus: Callable[..., Settings]) -> None:
    """An operator who has mended the cause has the letter applied once more, and just once."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "early", needs="group"))
        await until(lambda: _parked(made.pool, 1))
        await made.pool.execute("UPDATE parked SET expires_at = now(), due_at = now()")
        await until(lambda: made.pool.fetchval("SELECT count(*) FROM dead_letters"))
        await made.pool.execute("INSERT INTO toy.made (name) VALUES ('group')")
        await made.pool.execute("UPDATE dead_letters SET state = 'retrying'")

        await until(lambda: made.lists_are(a="early"))
        assert await made.pool.fetchval("SELECT state FROM dead_letters") == "retried"


async def test_a_process_that_was_replaced_writes_nothing(database: Database, bus: Callable[..., Settings]) -> None:
    """The offsets in Postgres have moved under it: its batch is dropped, and it goes on where they stand."""
    async with toy(database, bus) as made:
        await made.say(Note("a", "one"))
        await until(lambda: made.lists_are(a="one"))
        await made.pool.execute("UPDATE consumer_offsets SET next = next + 1")
        await made.say(Note("a", "taken by another"), Note("a", "two"))

        await until(lambda: made.lists_are(a="one two"))


async def test_settling_leaves_out_only_what_is_at_fault(pool_of: PoolOf) -> None:
    """One record of fifty that breaks a constraint is set aside; forty-nine take effect in the same batch."""
    pool = await pool_of("scheduling")
    await pool.execute(
        "CREATE SCHEMA toy "
        "CREATE TABLE lists (id serial, key text, words text CHECK (words <> 'bad')) CREATE TABLE made (name text)"
    )
    hearing = Hearing("scheduling.toy", Notes(), Lists())
    heard = [
        Heard(
            Record("t", 0, n, None, b"", ()),
            "",
            _event(n),
            Note("a", "bad" if n == 30 else str(n)),
            "a",
            None,
            Cause("x"),
        )
        for n in range(50)
    ]

    async with pool.acquire() as db, db.transaction():
        outcomes = await settling.settle(db, hearing, heard, firm=False)

    assert [n for n, o in enumerate(outcomes) if isinstance(o, SetAside)] == [30]
    assert await pool.fetchval("SELECT count(*) FROM toy.lists") == 49


def _event(number: int) -> CloudEvent:
    headers = [("ce_specversion", b"1.0"), ("ce_id", str(number).encode()), ("ce_source", b"/t"), ("ce_type", b"t")]
    event = decode([*headers, ("ce_time", b"2026-09-14T15:04:05Z")], b"{}")
    assert isinstance(event, CloudEvent)
    return event
