"""What becomes of records: applied, waiting, behind, failing or set aside, all in one transaction."""

from collections.abc import Sequence
from typing import Final, TypeGuard

import asyncpg

from mathshubs import deadletters, parking, telling
from mathshubs.events.reasons import words
from mathshubs.hearing import (
    Applied,
    Behind,
    Blocked,
    Failing,
    Heard,
    Hearing,
    Outcome,
    Record,
    SetAside,
    Waiting,
    is_blocked,
)
from mathshubs.log import bound_contextvars, get_logger
from mathshubs.postgres import Db, is_away

log = get_logger(__name__)

RACES: Final = (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)
"""Two transactions met at a constraint: the one that tries again sees the other's row and decides by it."""
OUR_FAULT: Final = (
    OSError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
)
"""No record is to blame for a table that is not there yet or a disk that is full: the whole batch waits."""
CONTRADICTIONS: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


async def settle(db: Db, hearing: Hearing, heard: Sequence[Heard], *, firm: bool) -> list[Outcome]:
    """Apply `heard` in order and say what became of each; only what is at fault is held back.

    Args:
        firm: a broken uniqueness is the record's own fault, since trying again did not mend it.

    Raises:
        Exception: of the kinds in `TRANSIENT`, and `RACES` unless `firm`; nothing was written, try again.
    """
    blocked = await parking.blocked(db, hearing.consumer, {h.key for h in heard})
    return await _bisect(db, hearing, heard, blocked, firm=firm)


async def _bisect(db: Db, hearing: Hearing, heard: Sequence[Heard], blocked: Blocked, *, firm: bool) -> list[Outcome]:
    with bound_contextvars(**telling.ids(heard)):
        try:
            async with db.transaction():
                return await hearing.taker.take(db, heard, dict(blocked))
        except Exception as error:
            if is_away(error) or isinstance(error, OUR_FAULT) or (isinstance(error, RACES) and not firm):
                raise
            if len(heard) == 1:
                return [_at_fault(heard[0], error, blocked)]
    middle = len(heard) // 2
    first = await _bisect(db, hearing, heard[:middle], blocked, firm=firm)
    rest = await _bisect(db, hearing, heard[middle:], blocked | _newly_blocked(first), firm=firm)
    return first + rest


def _at_fault(heard: Heard, error: Exception, blocked: Blocked) -> Outcome:
    if is_blocked(heard, blocked):
        return Behind(heard)
    if isinstance(error, CONTRADICTIONS):
        return _dead(heard, "breaks-a-constraint")
    log.error("a record cannot be applied", type=heard.event.type, exc_info=error)
    return Failing(heard, type(error).__qualname__)


def _dead(heard: Heard, code: str) -> SetAside:
    return SetAside(heard.record, code, words(code), "", heard.hub, heard.event.id, heard.event.source)


def _newly_blocked(outcomes: Sequence[Outcome]) -> Blocked:
    found: Blocked = {}
    for outcome in outcomes:
        match outcome:
            case Waiting(heard=heard, waits_for=awaited):
                found.setdefault(heard.key, awaited)
            case Failing(heard=heard):
                found.setdefault(heard.key, None)
    return found


async def keep(db: Db, hearing: Hearing, outcomes: Sequence[Outcome]) -> bool:
    """Park, set aside and answer what came of new records; say whether something parked may now go on."""
    await parking.park(db, hearing.consumer, [o for o in outcomes if isinstance(o, Waiting | Behind | Failing)])
    await deadletters.set_aside(db, hearing, [o for o in outcomes if isinstance(o, SetAside) and not o.silent])
    await hearing.reader.answer(db, outcomes)
    return await parking.arrived(db, made(outcomes))


def made(outcomes: Sequence[Outcome]) -> set[str]:
    """Return what these brought that others may be waiting for; a refusal settles the wait too."""
    return {o.heard.makes for o in outcomes if isinstance(o, Applied) and o.heard.makes}


async def look_again(db: Db, hearing: Hearing, key: str) -> bool:
    """Try the parked records of `key` in order; say whether something else may now go on."""
    parked = await parking.take_key(db, hearing.consumer, key)
    if not parked or parked[0].state == "poisoned":
        return False
    read = [_read_again(hearing, one.record) for one in parked]
    outcomes = await _settle_past_races(db, hearing, [r for r in read if isinstance(r, Heard)], {})
    outcomes += [r for r in read if isinstance(r, SetAside)]
    head, come = parked[0], made(outcomes)
    outcomes = [_too_late(o) if _waits_in_vain(o, head, come) else o for o in outcomes]
    settled = [o for o in outcomes if isinstance(o, Applied | SetAside)]
    place = {_place(p.record): p for p in parked}
    await _stay(db, outcomes, place)
    await parking.leave(db, [place[_where(o)].seq for o in settled])
    await _answer(db, hearing, settled)
    return await parking.arrived(db, come) or any(isinstance(o, SetAside) for o in settled)


def _read_again(hearing: Hearing, record: Record) -> Heard | SetAside:
    """Read what was parked; a type that a later version hears no more must not stay for ever."""
    read = hearing.reader.read(record)
    if isinstance(read, Heard | SetAside):
        return read
    unheard = "this version of the service does not hear events of this type"
    if read is None:
        return SetAside(record, "unknown-type", unheard, "$.type")
    return SetAside(record, "unknown-type", unheard, "$.type", read.hub, read.event.id, read.event.source)


def _waits_in_vain(outcome: Outcome, head: parking.Parked, come: set[str]) -> TypeGuard[Waiting]:
    """Say whether this is the first of its key, still waits after its hour, and nothing just came for it."""
    return (
        isinstance(outcome, Waiting)
        and outcome.heard.record == head.record
        and head.expired
        and head.state == "waiting"
        and outcome.waits_for not in come
    )


def _too_late(waiting: Waiting) -> SetAside:
    return _dead(waiting.heard, "waited-too-long")


async def _answer(db: Db, hearing: Hearing, settled: Sequence[Outcome]) -> None:
    """Set aside and answer what was parked; what an operator had tried again is answered once more, since it died."""
    died = await deadletters.died_before(db, hearing.consumer, [_where(o) for o in settled])
    await deadletters.set_aside(db, hearing, [o for o in settled if isinstance(o, SetAside)])
    for times in sorted({died.get(_where(o), 0) for o in settled}):
        await hearing.reader.answer(db, [o for o in settled if died.get(_where(o), 0) == times], died=times)


async def _settle_past_races(db: Db, hearing: Hearing, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
    """Apply what no batch of Kafka brings again: a race that was lost is run once more, now that its winner is seen."""
    try:
        async with db.transaction():
            return await _bisect(db, hearing, heard, blocked, firm=False)
    except RACES:
        return await _bisect(db, hearing, heard, blocked, firm=True)


async def _stay(db: Db, outcomes: Sequence[Outcome], place: dict[deadletters.Place, parking.Parked]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Waiting | Failing):
            await parking.stay(db, place[_where(outcome)], outcome)


def _where(outcome: Outcome) -> deadletters.Place:
    return _place(outcome.record if isinstance(outcome, SetAside) else outcome.heard.record)


def _place(record: Record) -> deadletters.Place:
    return record.cluster, record.topic, record.part, record.offset


async def try_dead_letters(db: Db, hearing: Hearing) -> bool:
    """Apply, past the inbox, the dead letters that an operator wants tried again; empty those that are past keeping."""
    await deadletters.expire(db, hearing.consumer)
    letters = await deadletters.retrying(db, hearing.consumer)
    if not letters:
        return False
    died = await deadletters.died_before(db, hearing.consumer, [_place(record) for record in letters.values()])
    for letter, record in letters.items():
        read = hearing.reader.read(record)
        outcomes: list[Outcome] = [read] if isinstance(read, SetAside) else []
        if isinstance(read, Heard):
            blocked = await parking.blocked(db, hearing.consumer, {read.key})
            outcomes = await _settle_past_races(db, hearing, [read], blocked)
        await parking.park(db, hearing.consumer, [o for o in outcomes if isinstance(o, Waiting | Behind | Failing)])
        await deadletters.set_aside(db, hearing, [o for o in outcomes if isinstance(o, SetAside)])
        if not any(isinstance(o, SetAside) for o in outcomes):
            await deadletters.retried(db, [letter])
        await hearing.reader.answer(db, outcomes, died=died[_place(record)])
        await parking.arrived(db, made(outcomes))
    return True
