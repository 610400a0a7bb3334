"""Sends what is due, several mails at once, so that none is lost and none is sent twice.

A sender holds the entry's advisory lock on its own connection while it sends: Postgres frees it at once
when the process dies, and a process that is merely stopped keeps it. It reads the row again under the
lock and commits that it hands over before the server hears of the mail.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from prometheus_client import Gauge

from mathshubs import clock, faults
from mathshubs.log import get_logger
from mathshubs.postgres import TRANSIENT, Db, Pool, listen, open_pool
from mathshubs.settings import Settings
from mathshubs.stopping import heed_cancellation
from notification.deliveries.domain.delivery import InHand
from notification.deliveries.domain.judging import Post, bar, now_told
from notification.deliveries.store import handed, queued
from notification.duties.send import recording
from notification.duties.send.line import Away, Line, Server, TurnedAway
from notification.duties.send.writing import Writer
from notification.messages.pages import Mail, Unreachable
from notification.people import store as people
from notification.people.domain import mark_of
from notification.people.store import reach

log = get_logger(__name__)
SENDERS: Final = 8
CLAIMED_AT_ONCE: Final = 64
SWEEP_SECONDS: Final = 1.0
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_REFUSED_SECONDS: Final = 60.0
"""A server that refuses us is asked seldom: some lock an account out, or a client, that keeps on trying."""
TO_THE_END_SECONDS: Final = 15.0
TAKES_MAIL: Final = Gauge("mathshubs_mail_server_ready", "1 while the mail server takes mail from us, else 0")


@dataclass
class Sending:
    """The senders of one process; any number of processes may send from one database."""

    settings: Settings
    senders: int = SENDERS
    patience_seconds: float = 30
    _trouble: str = ""
    _lines: list[Line] = field(default_factory=list)
    _claimed: deque[tuple[UUID, str]] = field(default_factory=deque)
    _in_hand: set[UUID] = field(default_factory=set)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Read from the settings where mail goes and who it comes from."""
        allowed = frozenset(address.casefold() for address in self.settings.mail_allowed)
        self._post = Post(self.settings.live_mail, allowed)
        self._writer = Writer.of(self.settings)
        self._secret = self.settings.secret.get_secret_value()
        self._server = Server.of(
            self.settings,
            self._writer.sender,
            must_be_mailbox=self._post.needs_mailbox,
            patience_seconds=self.patience_seconds,
        )

    def check(self) -> dict[str, object]:
        """Say for `/readyz` whether the mail server takes mail from us, and if not, why."""
        return {"ok": not self._trouble} | ({"why": self._trouble} if self._trouble else {})

    async def send(self) -> None:
        """Send for ever, with connections to Postgres of the senders' own; the duty."""
        url = self.settings.postgres.get_secret_value()
        self._claimed.clear()
        self._lines = [Line(self._server) for _ in range(self.senders)]
        pool = await open_pool(url, size=2 * self.senders)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(url))
                for line in self._lines:
                    group.create_task(self._sender(pool, line))
        finally:
            pool.terminate()

    async def _listen(self, url: str) -> None:
        """Be woken by what is queued; a lost connection is made again, and then there may be something."""
        while True:
            with contextlib.suppress(*TRANSIENT):
                await listen(url, queued.CHANNEL, self._wake.set)
            heed_cancellation()
            await asyncio.sleep(FIRST_PAUSE_SECONDS)

    async def _sender(self, pool: Pool, line: Line) -> None:
        """Send one mail after another; a lost connection to Postgres or to the mail server is made again."""
        pause = FIRST_PAUSE_SECONDS
        try:
            while True:
                try:
                    async with pool.acquire() as db:
                        while True:
                            await line.open()
                            heed_cancellation()
                            self._is_well()
                            pause = FIRST_PAUSE_SECONDS
                            await self._send_next(pool, db, line)
                except (Away, *TRANSIENT) as error:
                    heed_cancellation()
                    self._waits(error)
                    await asyncio.sleep(pause)
                    is_refused = isinstance(error, TurnedAway)
                    pause = min(pause * 2, LONGEST_PAUSE_REFUSED_SECONDS if is_refused else LONGEST_PAUSE_SECONDS)
        finally:
            line.close()

    def _is_well(self) -> None:
        if self._trouble:
            log.info("the mail server takes mail again")
        self._trouble = ""
        TAKES_MAIL.set(1)

    def _waits(self, error: Exception) -> None:
        """Say once what is wrong; a server that has room for fewer of us than there are is well."""
        is_refused = isinstance(error, TurnedAway)
        if not isinstance(error, Away):
            log.warning("a sender waits", error=type(error).__name__)
        elif str(error) != self._trouble and (is_refused or not any(line.is_open for line in self._lines)):
            self._trouble = str(error)
            TAKES_MAIL.set(0)
            say = log.error if is_refused else log.warning
            say("the mail server takes no mail from us: mail waits", server=self.settings.smtp, why=str(error))

    async def _send_next(self, pool: Pool, db: Db, line: Line) -> None:
        delivery_id, uid = await self._next(db)
        try:
            await _to_the_end(self._send_one(pool, db, line, delivery_id, uid))
        finally:
            self._in_hand.discard(delivery_id)

    async def _next(self, db: Db) -> tuple[UUID, str]:
        """Return the next delivery to look at; one sender looks for them all."""
        async with self._turn:
            while not self._claimed:
                self._wake.clear()
                await queued.expire(db, clock.now())
                self._claimed.extend(await handed.claim(db, CLAIMED_AT_ONCE, self._in_hand))
                if not self._claimed:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(SWEEP_SECONDS):
                            await self._wake.wait()
            found = self._claimed.popleft()
            self._in_hand.add(found[0])
            return found

    async def _send_one(self, pool: Pool, db: Db, line: Line, delivery_id: UUID, uid: str) -> None:
        """Send one delivery if nobody else does and it still may go out."""
        await line.open()
        row = await handed.lock_and_read(db, delivery_id, uid)
        if row is None:
            return
        one = await self._read(db, row)
        if written := await self._written(db, one, line):
            one, mail = written
            if await handed.hand_over(db, one):
                await self._hand(pool, db, line, one, mail)
                return
        await handed.unlock(db, uid)

    async def _read(self, db: Db, row: Record) -> InHand:
        """Return a delivery with whom it is for and whether their address takes mail."""
        who = (await people.load(db, [row["person_id"]])).get(row["person_id"])
        if who is None or who.is_erased:
            return handed.in_hand(row, None, None)
        is_suppressed = await reach.is_suppressed(db, mark_of(self._secret, who.email))
        return handed.in_hand(row, who.name, who.email, is_suppressed=is_suppressed)

    async def _hand(self, pool: Pool, db: Db, line: Line, one: InHand, mail: Mail) -> None:
        answer = await line.hand(mail)
        if answer.phase == "accepted":
            faults.point("after-smtp-data-before-record")
        await recording.record(pool, db, one, answer, self._secret)
        if answer.phase == "turned away":
            raise Away(answer.words)  # the line is closed, and whether the server takes it up again is seen at once

    async def _written(self, db: Db, one: InHand, line: Line) -> tuple[InHand, Mail] | None:
        """Return what a delivery says now and its mail, or None, with the reason written down, if it may not go out."""
        barred, why = bar(one, self._post, clock.now(), by_mailbox=line.is_mailbox), None
        if barred is None and (said := now_told(one)):
            one = replace(one, delivery=said)
            try:
                return one, self._writer.write(one)
            except Unreachable:
                barred, why = "failed", "no address that mail could go to"
            except Exception as error:
                log.error("a mail cannot be written", delivery=str(one.delivery.id), exc_info=error)
                barred, why = "faulted", "a fault of ours"
        if barred != "queued":
            await recording.settle(db, one, barred or "superseded", why, self._secret)
        return None


async def _to_the_end(sending: Coroutine[Any, Any, None]) -> None:
    """Finish what was begun though the process is told to stop: a mail half sent would be sent again."""
    task = asyncio.ensure_future(sending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=TO_THE_END_SECONDS)
        raise
