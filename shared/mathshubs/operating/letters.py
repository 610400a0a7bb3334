"""Dead letters of one service: found, shown, tried again or discarded, and who did so."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg

from mathshubs.deadletters import record_of
from mathshubs.envelope import decode
from mathshubs.hearing import Record
from mathshubs.operating import Misuse, Problem
from mathshubs.postgres import Db

State = Literal["dead", "retrying", "retried", "discarded"]
LOOK = 0.1  # seconds between two looks


class UnknownLetter(Problem):
    """No dead letter has this id; `hubs dlq list` shows those that there are."""


class LetterSettled(Misuse):
    """A letter that is no longer dead cannot be tried again or discarded."""


class LetterCut(Misuse):
    """A letter of which only the beginning is kept cannot be tried again; the hub must send less at once."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that could not be applied, with its reason and what an operator did about it last."""

    id: int
    consumer: str
    died_at: datetime
    hub: str | None
    source: str | None
    event_id: str | None
    code: str
    message: str
    path: str | None
    attempts: int
    state: State
    action_by: str | None
    action_at: datetime | None
    action_why: str | None
    whole_bytes: int | None
    """How long the value was, where it was too large to be kept whole."""
    whole_sha256: bytes | None
    record: Record

    @property
    def type(self) -> str | None:
        """Return the type of the event in it, as far as that can be read."""
        return decode(self.record.headers, self.record.value).type

    @property
    def place(self) -> str:
        """Return where it stands on Kafka: topic/partition/offset."""
        return f"{self.record.topic}/{self.record.part}/{self.record.offset}"


FIND = """
    SELECT id, consumer, died_at, hub, source, event_id, code, message, path, attempts, state,
           action_by, action_at, action_why, whole_bytes, whole_sha256,
           topic, part, "offset", record_key, headers, value
      FROM dead_letters
     WHERE ($1::text IS NULL OR state = $1)
     ORDER BY id DESC
     LIMIT $2
"""
COUNT = """
    SELECT count(*)
      FROM dead_letters
     WHERE ($1::text IS NULL OR state = $1)
"""


async def find(db: Db, state: State | None, most: int) -> tuple[list[Letter], int]:
    """Return the latest letters in `state`, or in any, `most` at most, and how many there are in all."""
    rows = await db.fetch(FIND, state, most)
    return [_letter(row) for row in rows], await db.fetchval(COUNT, state)


READ = """
    SELECT id, consumer, died_at, hub, source, event_id, code, message, path, attempts, state,
           action_by, action_at, action_why, whole_bytes, whole_sha256,
           topic, part, "offset", record_key, headers, value
      FROM dead_letters
     WHERE id = ANY($1::bigint[])
     ORDER BY id
       FOR UPDATE
"""


async def read(db: Db, ids: Sequence[int]) -> list[Letter]:
    """Return these letters, held until the caller's transaction ends.

    Raises:
        UnknownLetter: if one of them is not there.
    """
    letters = [_letter(row) for row in await db.fetch(READ, list(ids))]
    missing = sorted(set(ids) - {letter.id for letter in letters})
    if missing:
        raise UnknownLetter(f"There is no dead letter {missing[0]} here; `hubs dlq list` shows those that there are.")
    return letters


def _letter(row: asyncpg.Record) -> Letter:
    own = ("id", "consumer", "died_at", "hub", "source", "event_id", "code", "message", "path", "attempts", "state")
    acted = ("action_by", "action_at", "action_why", "whole_bytes", "whole_sha256")
    return Letter(**{name: row[name] for name in own + acted}, record=record_of(row))


HISTORY = """
    SELECT taken_at, taken_by, action, why
      FROM operator_actions
     WHERE (consumer, topic, part, "offset") = ($1, $2, $3, $4)
     ORDER BY seq
"""


async def history(db: Db, letter: Letter) -> list[dict[str, Any]]:
    """Return what operators did to a letter, oldest first; looking at it counts."""
    place = (letter.record.topic, letter.record.part, letter.record.offset)
    return [dict(row) for row in await db.fetch(HISTORY, letter.consumer, *place)]


NOTE = """
    INSERT INTO operator_actions (taken_by, action, why, consumer, topic, part, "offset")
    SELECT $2, $3, $4, consumer, topic, part, "offset"
      FROM dead_letters
     WHERE id = ANY($1::bigint[])
     ORDER BY id
"""
ACT = """
    UPDATE dead_letters
       SET state = $2,
           action_by = $3,
           action_at = clock_timestamp(),
           action_why = $4
     WHERE id = ANY($1::bigint[])
"""


async def shown(db: Db, letter_id: int, *, by: str) -> tuple[Letter, list[dict[str, Any]]]:
    """Return one letter and its history; that somebody looked at its bytes is written down.

    Raises:
        UnknownLetter: if there is none with this id.
    """
    async with db.transaction():
        [letter] = await read(db, [letter_id])
        before = await history(db, letter)
        await db.execute(NOTE, [letter_id], by, "show", None)
    return letter, before


async def discard(db: Db, ids: Sequence[int], *, by: str, why: str) -> list[Letter]:
    """Close these letters for good, all or none of them; return them as they were.

    Raises:
        UnknownLetter: if one of them is not there.
        LetterSettled: if one of them is closed, or being tried again.
    """
    return await _act(db, ids, "discard", by, why)


async def _act(db: Db, ids: Sequence[int], action: Literal["retry", "discard"], by: str, why: str) -> list[Letter]:
    async with db.transaction():
        letters = await read(db, ids)
        for letter in letters:
            if letter.state != "dead":
                raise LetterSettled(_settled(letter))
            if letter.whole_bytes and action == "retry":
                raise LetterCut(
                    f"Only the beginning of dead letter {letter.id} is kept, since it was too large. Nothing was done."
                )
        await db.execute(NOTE, list(ids), by, action, why)
        await db.execute(ACT, list(ids), {"retry": "retrying", "discard": "discarded"}[action], by, why)
    return letters


def _settled(letter: Letter) -> str:
    who = f" by {letter.action_by}" if letter.action_by else ""
    how = {"retrying": "is being tried again", "retried": "was tried again", "discarded": "was discarded"}
    return (
        f"Dead letter {letter.id} {how[letter.state]}{who}: {letter.action_why or 'no reason given'}. Nothing was done."
    )


@dataclass(frozen=True, slots=True)
class CameOf:
    """What came of trying a letter again: `outcome` is a receipt's word, else the letter's state."""

    letter: Letter
    outcome: str
    reasons: list[dict[str, str]]

    @property
    def is_settled(self) -> bool:
        """Say whether it took effect, was refused or waits for what it names, rather than failing again."""
        return self.outcome not in ("dead", "retrying")


LAST_LINE = "SELECT coalesce(max(seq), 0) FROM journal"


async def retry(db: Db, ids: Sequence[int], *, by: str, why: str, seconds: float = 15) -> list[CameOf]:
    """Have the service apply these letters past its inbox, and return what came of each.

    One that the service has not looked at within `seconds` comes back as `retrying`; it will.

    Raises:
        UnknownLetter: if one of them is not there.
        LetterSettled: if one of them is closed, or being tried again.
        LetterCut: if one of them is not kept whole.
    """
    before = await db.fetchval(LAST_LINE)
    letters = await _act(db, ids, "retry", by, why)
    deadline = time.monotonic() + seconds
    while True:
        now = {letter.id: letter for letter in await read(db, ids)}
        if time.monotonic() > deadline or all(letter.state != "retrying" for letter in now.values()):
            return [await _came_of(db, before, now[letter.id]) for letter in letters]
        await asyncio.sleep(LOOK)


RECEIPT = """
    SELECT data ->> 'outcome' AS outcome, data -> 'reasons' AS reasons
      FROM journal
     WHERE seq > $1
       AND key = $2
       AND type LIKE 'uk.mathshubs.%.EventAnswered.v1'
       AND data ->> 'source' IS NOT DISTINCT FROM $3
     ORDER BY seq DESC
     LIMIT 1
"""


WAITS = """
    SELECT reason
      FROM parked
     WHERE (consumer, topic, part, "offset") = ($1, $2, $3, $4)
"""


async def _came_of(db: Db, before: int, letter: Letter) -> CameOf:
    if letter.state in ("dead", "retrying"):
        return CameOf(letter, letter.state, [{"code": letter.code, "message": letter.message}])
    waits = await db.fetchval(WAITS, letter.consumer, letter.record.topic, letter.record.part, letter.record.offset)
    if waits:
        return CameOf(letter, "parked", [{"code": "waits", "message": waits}])
    receipt = await receipt_after(db, before, letter.event_id or letter.place, letter.source)
    return CameOf(letter, *(receipt or (letter.state, [])))


async def receipt_after(db: Db, before: int, key: str, source: str | None) -> tuple[str, list[dict[str, str]]] | None:
    """Return the outcome and the reasons of the last receipt for one event after journal line `before`, if any."""
    row = await db.fetchrow(RECEIPT, before, key, source)
    return (row["outcome"], json.loads(row["reasons"])) if row else None
