"""What every service runs beside its doors: pool, inbox, parking, relays and duties, opened and closed in order."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faststream.kafka import KafkaBroker

from mathshubs import bus, settling
from mathshubs.hearing import Hearing
from mathshubs.inbox import Inbox, Subscription
from mathshubs.journal import OUTBOX_CHANNEL
from mathshubs.log import configure, get_logger
from mathshubs.parking import DUE_AT_ONCE, due_keys
from mathshubs.postgres import Pool, is_away, is_migrated, listen, open_pool
from mathshubs.progress import LOOK_SECONDS
from mathshubs.relay import Relay
from mathshubs.settings import Settings
from mathshubs.stopping import heed_cancellation

log = get_logger(__name__)
PARKING_SWEEP_SECONDS = 0.5

Duty = Callable[[], Awaitable[None]]


@dataclass
class Running:
    """One process of one service while it runs."""

    settings: Settings
    pool: Pool
    broker: KafkaBroker
    inbox: Inbox
    relays: Sequence[Relay] = ()
    before_hearing: Callable[[], Awaitable[None]] | None = None
    """What the database needs once it is there and migrated, before anything is heard; safe to be done again."""
    checks: Mapping[str, Callable[[], dict[str, Any]]] = field(default_factory=dict)
    """What else `/readyz` shows, by name: each gives `ok`, and `why` where it is not. None of them closes the doors."""
    ends_within: float = 22
    """Seconds in which a batch or a mail that was begun may end, once the process is told to stop."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        """Return what this process hears."""
        return self.inbox.subscriptions

    def wake_relays(self) -> None:
        """Have every relay look at the outbox now."""
        for relay in self.relays:
            relay.wake()


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Pool, KafkaBroker, Inbox]]:
    """Open the pool, and make the broker and the inbox that listeners subscribe with.

    Postgres need not be there yet: the doors open and say so, and everything else waits for it.
    """
    configure(settings.service, settings.instance)
    pool = await open_pool(settings.postgres.get_secret_value(), least=0)
    try:
        yield pool, bus.consumer_broker(settings), Inbox(pool, settings)
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await pool.close()


@contextlib.asynccontextmanager
async def at_work(running: Running, duties: Sequence[Duty] = ()) -> AsyncIterator[None]:
    """Hear, relay and do the duties for the length of the block; then stop hearing first, relaying last.

    With what `opened` does after it that takes less than 30 s, when whoever stops a process kills it.
    """
    url = running.settings.postgres.get_secret_value()
    relaying = _begun(
        *(relay.run for relay in running.relays), lambda: listen(url, OUTBOX_CHANNEL, running.wake_relays)
    )
    beside = _begun(
        *(_parking(running.pool, subscription) for subscription in running.subscriptions),
        *(_watching(running, subscription) for subscription in running.subscriptions),
        *duties,
    )
    hearing = asyncio.create_task(_hear(running))
    running.tasks = [*relaying, *beside]
    try:
        yield
    finally:
        for task in (hearing, *beside):
            task.cancel()
        stopping = asyncio.create_task(running.broker.stop())
        await asyncio.wait({stopping, *beside}, timeout=running.ends_within)
        for task in relaying:
            task.cancel()
        await asyncio.wait(relaying, timeout=1)
        if running.relays:
            await asyncio.wait({asyncio.create_task(relay.close()) for relay in running.relays}, timeout=3)


def _begun(*duties: Duty) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(_for_ever(duty)) for duty in duties]


async def _hear(running: Running) -> None:
    """Begin to hear as soon as Kafka is there and the schema is ours; doors are open before, whatever is away.

    A start that fails half-way is stopped before the next: started twice, a subscriber would fight itself
    for its partitions.
    """
    pause = 0.1
    while True:
        try:
            await _schema_is_ours(running)
            if running.before_hearing is not None:
                await running.before_hearing()
            await running.broker.start()
        except Exception as error:
            heed_cancellation()
            log.warning("hearing waits", exc_info=error)
            with contextlib.suppress(Exception):
                await running.broker.stop()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2)
        else:
            return


async def _schema_is_ours(running: Running) -> None:
    """Wait until every migration that this code knows has been applied."""
    while True:
        async with running.pool.acquire() as db:
            if await is_migrated(db, running.settings.service):
                return
        log.warning("hearing waits for the migrations")
        await asyncio.sleep(1)


async def _for_ever(duty: Duty) -> None:
    """Keep a duty going: what is transient is tried again soon, anything else is said and tried again later."""
    while True:
        heed_cancellation()
        try:
            await duty()
        except Exception as error:  # noqa: BLE001 -- a duty outlives whatever befalls one round
            heed_cancellation()
            say = log.warning if is_away(error) else log.error
            say("duty waits", exc_info=error)
            await asyncio.sleep(0.5 if is_away(error) else 2)


def _watching(running: Running, subscription: Subscription) -> Duty:
    """Return the duty that holds what one consumer has heard against where its topics end.

    A consumer that Kafka answers no more, while it answers others for a minute, is lost for good (decision 0036):
    the process stops as if it were told to, and whoever keeps it going starts it anew.
    """
    progress = subscription.progress

    async def watch() -> None:
        await subscription.look()
        if progress.is_silent:
            progress.others_answered(answered=await bus.answers(running.settings, progress.partitions))
        if progress.is_lost:
            log.critical("a consumer is lost; the process ends", consumer=subscription.hearing.consumer)
            signal.raise_signal(signal.SIGTERM)
            await asyncio.Event().wait()  # until the process stops
        await asyncio.sleep(LOOK_SECONDS)

    return watch


def _parking(pool: Pool, subscription: Subscription) -> Duty:
    """Return the duty that lets parked keys of one consumer, and dead letters to be retried, go on."""
    hearing = subscription.hearing

    async def let_go_on() -> None:
        again = True
        while again:
            again = await _try_dead_letters(pool, hearing)
            keys = await _due(pool, hearing)
            again |= len(keys) == DUE_AT_ONCE
            for key in keys:
                async with pool.acquire() as db, db.transaction():
                    again |= await settling.look_again(db, hearing, key)
        subscription.wake_parking.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PARKING_SWEEP_SECONDS):
                await subscription.wake_parking.wait()

    return let_go_on


async def _try_dead_letters(pool: Pool, hearing: Hearing) -> bool:
    async with pool.acquire() as db, db.transaction():
        return await settling.try_dead_letters(db, hearing)


async def _due(pool: Pool, hearing: Hearing) -> list[str]:
    async with pool.acquire() as db:
        return await due_keys(db, hearing.consumer)
