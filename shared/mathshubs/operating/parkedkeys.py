"""Parked keys of one service: which there are, and letting one go on."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

from mathshubs.deadletters import record_of
from mathshubs.envelope import CloudEvent, decode
from mathshubs.operating import Problem
from mathshubs.operating.letters import LAST_LINE, receipt_after
from mathshubs.postgres import Db

LOOK = 0.1  # seconds between two looks


class UnknownKey(Problem):
    """Nothing is parked under this key; `hubs parked list` shows what is."""


@dataclass(frozen=True, slots=True)
class ParkedKey:
    """One key that waits whole, as its first record stands."""

    consumer: str
    key: str
    state: Literal["waiting", "failing", "poisoned", "behind"]
    records: int
    reason: str
    """What it waits for, or the class of the error."""
    attempts: int
    hub_topic: str
    place: str
    parked_at: datetime
    due_at: datetime
    expires_at: datetime
    overdue: bool
    """It has waited for more than its hour."""
    released_by: str | None


FIND = """
    SELECT head.consumer, head.key, head.state, counted.records, head.reason, head.attempts, head.topic AS hub_topic,
           format('%s/%s/%s', head.topic, head.part, head."offset") AS place, head.parked_at, head.due_at,
           head.expires_at, head.state = 'waiting' AND head.expires_at < clock_timestamp() AS overdue, head.released_by
      FROM (SELECT DISTINCT ON (consumer, key) consumer, key, seq, state, reason, attempts, topic, part, "offset",
                   parked_at, due_at, expires_at, released_by
              FROM parked
             ORDER BY consumer, key, seq) AS head
      JOIN (SELECT consumer, key, count(*) AS records
              FROM parked
             GROUP BY consumer, key) AS counted USING (consumer, key)
     ORDER BY head.seq
"""


async def find(db: Db) -> list[ParkedKey]:
    """Return every parked key, longest parked first."""
    return [ParkedKey(**row) for row in await db.fetch(FIND)]


HEADS = """
    SELECT DISTINCT ON (consumer) consumer, key, seq, state, reason, attempts, topic, part, "offset", record_key,
           headers, value
      FROM parked
     WHERE key = $1
     ORDER BY consumer, seq
"""
RELEASE = """
    UPDATE parked
       SET state = CASE state WHEN 'waiting' THEN state ELSE 'failing' END,
           due_at = clock_timestamp(),
           attempts = 0,
           released_by = $2
     WHERE seq = ANY($1::bigint[])
 RETURNING consumer, topic, part, "offset"
"""
NOTE = """
    INSERT INTO operator_actions (taken_by, action, why, consumer, topic, part, "offset")
    VALUES ($1, 'release', $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Released:
    """What came of letting the key of one consumer go on."""

    consumer: str
    outcome: str
    """The receipt's word for the first record, else `applied` or `dead`; as it stands if it is still parked."""
    reason: str
    left: int
    """Records of the key that are still parked."""

    @property
    def is_settled(self) -> bool:
        """Say whether the first record was dealt with."""
        return self.outcome not in ("waiting", "poisoned", "failing", "behind")


async def release(db: Db, key: str, *, by: str, why: str, seconds: float = 20) -> list[Released]:
    """Have the first record of a key tried again, and what is behind it after it, in order; say what came of it.

    A poisoned one gets its five tries anew; one that waits is looked at now.

    Raises:
        UnknownKey: if nothing is parked under this key.
    """
    before = await db.fetchval(LAST_LINE)
    async with db.transaction():
        heads = await db.fetch(HEADS, key)
        if not heads:
            raise UnknownKey(f"Nothing is parked under {key} here; `hubs parked list` shows what is.")
        for row in await db.fetch(RELEASE, [head["seq"] for head in heads], by):
            await db.execute(NOTE, by, why, *row.values())
    deadline = time.monotonic() + seconds
    return [await _came_of(db, before, head, deadline) for head in heads]


NOW = """
    SELECT state, reason, attempts
      FROM parked
     WHERE seq = $1
"""
LEFT = """
    SELECT count(*)
      FROM parked
     WHERE consumer = $1
       AND key = $2
"""


async def _came_of(db: Db, before: int, head: asyncpg.Record, deadline: float) -> Released:
    """Wait until the first record has gone, has failed for good again, or still waits after a look."""
    now = await db.fetchrow(NOW, head["seq"])
    while now and not _has_settled(now) and time.monotonic() < deadline:
        await asyncio.sleep(LOOK)
        now = await db.fetchrow(NOW, head["seq"])
    outcome, reason = (now["state"], now["reason"]) if now else await _answered(db, before, head)
    return Released(head["consumer"], outcome, reason, await db.fetchval(LEFT, head["consumer"], head["key"]))


def _has_settled(now: asyncpg.Record) -> bool:
    return now["state"] == "poisoned" or bool(now["state"] == "waiting" and now["attempts"])


DIED = """
    SELECT code
      FROM dead_letters
     WHERE (consumer, topic, part, "offset") = ($1, $2, $3, $4)
       AND state = 'dead'
"""


async def _answered(db: Db, before: int, head: asyncpg.Record) -> tuple[str, str]:
    """Say what the service answered once the record had left, by its receipt where a hub sent it."""
    record = record_of(head)
    code = await db.fetchval(DIED, head["consumer"], record.topic, record.part, record.offset)
    if code:
        return "dead", code
    event = decode(record.headers, record.value)
    receipt = await receipt_after(db, before, event.id, event.source) if isinstance(event, CloudEvent) else None
    if receipt is None:
        return "applied", ""
    return receipt[0], ", ".join(reason["code"] for reason in receipt[1])
