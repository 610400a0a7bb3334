"""Writes down what became of a mail, for as long as Postgres is away, and says it."""

import asyncio
from typing import Final

from mathshubs import clock
from mathshubs.log import get_logger
from mathshubs.postgres import TRANSIENT, Db, Pool
from notification.deliveries.domain.delivery import InHand
from notification.deliveries.domain.judging import Answer, Verdict, verdict
from notification.deliveries.store import handed
from notification.people.store import reach

log = get_logger(__name__)
IN_THE_COURSE_OF_THINGS: Final = ("superseded", "dropped", "suppressed", "unsubscribed")


async def settle(db: Db, one: InHand, status: str, why: str | None, secret: str) -> None:
    """Write down that a mail does not go out; an operator should look at what is not in the course of things."""
    say = log.info if status in IN_THE_COURSE_OF_THINGS else log.warning
    say("a mail does not go out", delivery=str(one.delivery.id), status=status, why=why)
    async with db.transaction():
        if status in ("failed", "suppressed") and one.email:
            await _lose(db, one, "not-an-address", secret)
        await handed.settle(db, one, status, why)


async def record(pool: Pool, db: Db, one: InHand, answer: Answer, secret: str) -> None:
    """Write down what became of a mail and let its entry go; until that is done nobody may take the mail up again.

    Raises:
        Exception: of the kinds in `TRANSIENT`, once it is written down elsewhere: this connection is lost.
    """
    what = verdict(answer, one.doubts, one.deferrals, once=one.occasion is not None)
    if what.status != "sent":
        log.warning("a mail was not taken", delivery=str(one.delivery.id), answer=answer.words, status=what.status)
    try:
        await _write(db, one, answer.words, what, secret)
        await handed.unlock(db, one.delivery.uid)
    except TRANSIENT:
        await _write_elsewhere(pool, one, answer.words, what, secret)
        raise


async def _write(db: Db, one: InHand, said: str, what: Verdict, secret: str) -> None:
    async with db.transaction():
        if what.blames_address:
            await _lose(db, one, "mail-server", secret)
        await handed.record(db, one.delivery, said, what, clock.now())


async def _lose(db: Db, one: InHand, by: str, secret: str) -> None:
    """Give up the address that this mail was for."""
    await reach.give_up(db, secret, one.delivery.person_id, one.email or "", by=by, cause=one.delivery.cause)


async def _write_elsewhere(pool: Pool, one: InHand, said: str, what: Verdict, secret: str) -> None:
    while True:
        try:
            async with pool.acquire() as db:
                return await _write(db, one, said, what, secret)
        except TRANSIENT:
            await asyncio.sleep(0.1)
