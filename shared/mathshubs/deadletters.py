"""Dead letters: what could not be applied, kept with its reason until an operator decides."""

import base64
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import asyncpg

from mathshubs import stones
from mathshubs.envelope import MOST_BYTES, Headers
from mathshubs.hearing import Hearing, Record, SetAside
from mathshubs.ids import References
from mathshubs.postgres import Db

KEPT_DAYS: Final = 90
"""For which the bytes of a letter are kept, from its death or from what an operator did about it last."""
MOST_KEPT: Final = 4_096
"""Bytes of a value that is too large for an event: enough to see what it was."""
ERASED: Final = "somebody whom it names was erased"

SET_ASIDE = """
    INSERT INTO dead_letters (consumer, topic, part, "offset", record_key, headers, value, whole_bytes, whole_sha256,
                              hub, source, event_id, code, message, path, state, action_by, action_at, action_why,
                              cluster)
    SELECT $1, letter.topic, letter.part, letter.place, letter.record_key, letter.headers::jsonb, letter.value,
           letter.whole_bytes, letter.whole_sha256, letter.hub, letter.source, letter.event_id, letter.code,
           letter.message, letter.path, letter.state,
           CASE letter.state WHEN 'discarded' THEN 'service:' || split_part($1, '.', 1) END,
           CASE letter.state WHEN 'discarded' THEN clock_timestamp() END,
           CASE letter.state WHEN 'discarded' THEN $17 END,
           letter.cluster
      FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::text[], $7::bytea[], $8::bigint[], $9::bytea[],
                  $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
                  $18::text[])
           AS letter (topic, part, place, record_key, headers, value, whole_bytes, whole_sha256,
                      hub, source, event_id, code, message, path, state, cluster)
        ON CONFLICT (consumer, cluster, topic, part, "offset") DO UPDATE
       SET attempts = dead_letters.attempts + 1,
           state = excluded.state,
           record_key = excluded.record_key,
           headers = excluded.headers,
           value = excluded.value,
           code = excluded.code,
           message = excluded.message,
           path = excluded.path,
           action_by = coalesce(excluded.action_by, dead_letters.action_by),
           action_at = coalesce(excluded.action_at, dead_letters.action_at),
           action_why = coalesce(excluded.action_why, dead_letters.action_why)
"""


async def set_aside(db: Db, hearing: Hearing, letters: Sequence[SetAside]) -> None:
    """Keep these records, bytes untouched; one that died before counts another attempt.

    Of one that is too large only the beginning is kept. Of one that names somebody who was erased nothing is that
    could name them again; where that is nothing at all, the letter says why it died and is closed.
    """
    if not letters:
        return
    erased = await stones.standing(db)
    wholes = [letter.record for letter in letters]
    kept = [_kept(_beginning(whole), erased, hearing.references) for whole in wholes]
    cut = [whole.value if is_cut(whole) else None for whole in wholes]
    await db.execute(
        SET_ASIDE,
        hearing.consumer,
        [r.topic for r in wholes],
        [r.part for r in wholes],
        [r.offset for r in wholes],
        [r and r.key for r in kept],
        [pack(r.headers if r else ()) for r in kept],
        [r and r.value for r in kept],
        [None if value is None else len(value) for value in cut],
        [None if value is None else hashlib.sha256(value).digest() for value in cut],
        [letter.hub for letter in letters],
        [letter.source for letter in letters],
        [letter.event_id for letter in letters],
        [letter.code for letter in letters],
        [letter.message for letter in letters],
        [letter.path for letter in letters],
        ["dead" if r else "discarded" for r in kept],
        ERASED,
        [r.cluster for r in wholes],
    )


def is_cut(record: Record) -> bool:
    """Say whether a record is too large for a letter to keep it whole."""
    return record.value is not None and len(record.value) > MOST_BYTES


def _kept(record: Record, erased: Collection[UUID], references: References | None) -> Record | None:
    return stones.without_details(record) if stones.of_erased(record, erased, references) else record


def _beginning(record: Record) -> Record:
    return replace(record, value=(record.value or b"")[:MOST_KEPT]) if is_cut(record) else record


def pack(headers: Headers) -> str:
    """Return headers, whose bytes may be anything, as JSON that Postgres can keep."""
    return json.dumps([[_name(name), base64.b64encode(value or b"").decode()] for name, value in headers])


def unpack(packed: str) -> Headers:
    """Return the headers that `pack` packed."""
    return [(name, base64.b64decode(value)) for name, value in json.loads(packed)]


def _name(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


DIED_BEFORE = """
    SELECT letter.cluster, letter.topic, letter.part, letter."offset", letter.attempts
      FROM unnest($2::text[], $3::text[], $4::int[], $5::bigint[]) AS asked (cluster, topic, part, place)
      JOIN dead_letters AS letter
        ON letter.consumer = $1
       AND letter.cluster = asked.cluster
       AND letter.topic = asked.topic
       AND letter.part = asked.part
       AND letter."offset" = asked.place
"""


Place = tuple[str, str, int, int]
"""Cluster, topic, partition and offset."""


async def died_before(db: Db, consumer: str, places: Sequence[Place]) -> dict[Place, int]:
    """Return those of these records that were set aside at some time, and how often."""
    if not places:
        return {}
    columns = (list(column) for column in zip(*places, strict=True))
    rows = await db.fetch(DIED_BEFORE, consumer, *columns)
    return {(row["cluster"], row["topic"], row["part"], row["offset"]): row["attempts"] for row in rows}


RETRYING = """
    SELECT id, cluster, topic, part, "offset", record_key, headers, value
      FROM dead_letters
     WHERE consumer = $1
       AND state = 'retrying'
     ORDER BY id
     LIMIT 50
       FOR UPDATE SKIP LOCKED
"""


async def retrying(db: Db, consumer: str) -> dict[int, Record]:
    """Hold the letters that an operator wants tried again, by their ids, oldest first."""
    rows = await db.fetch(RETRYING, consumer)
    return {row["id"]: record_of(row) for row in rows}


def record_of(row: asyncpg.Record) -> Record:
    """Return the record that a row of dead letters or of parked records holds; who only looks needs no cluster."""
    headers, cluster = unpack(row["headers"]), row.get("cluster", "")
    return Record(row["topic"], row["part"], row["offset"], row["record_key"], row["value"], headers, cluster)


RETRIED = """
    UPDATE dead_letters
       SET state = 'retried'
     WHERE id = ANY($1::bigint[])
"""


async def retried(db: Db, ids: Sequence[int]) -> None:
    """Close the letters that took effect, were refused or are parked after being tried again."""
    await db.execute(RETRIED, ids)


EMPTY = """
    UPDATE dead_letters
       SET record_key = NULL,
           headers = '[]',
           value = NULL,
           state = CASE WHEN state IN ('dead', 'retrying') THEN 'discarded' ELSE state END,
           action_by = CASE WHEN state IN ('dead', 'retrying') THEN $2 ELSE action_by END,
           action_at = CASE WHEN state IN ('dead', 'retrying') THEN clock_timestamp() ELSE action_at END,
           action_why = CASE WHEN state IN ('dead', 'retrying') THEN $3 ELSE action_why END
     WHERE id = ANY($1::bigint[])
"""


async def empty(db: Db, ids: Sequence[int], *, by: str, why: str = ERASED) -> None:
    """Take the bytes out of these letters; why and where they died stays, and those that were open are closed."""
    await db.execute(EMPTY, ids, by, why)


# In the words of the index that finds them, so that a look every half second costs nothing.
PAST_KEEPING = """
    SELECT id
      FROM dead_letters
     WHERE consumer = $1
       AND (value IS NOT NULL OR record_key IS NOT NULL OR headers <> '[]')
       AND greatest(died_at, action_at) < clock_timestamp() - make_interval(days => $2)
     ORDER BY greatest(died_at, action_at)
     LIMIT 500
       FOR UPDATE SKIP LOCKED
"""


async def expire(db: Db, consumer: str) -> None:
    """Empty the letters whose bytes were kept for `KEPT_DAYS`."""
    ids = [row["id"] for row in await db.fetch(PAST_KEEPING, consumer, KEPT_DAYS)]
    if ids:
        why = f"its bytes are kept for {KEPT_DAYS} days, and nobody dealt with it"
        await empty(db, ids, by=f"service:{consumer.partition('.')[0]}", why=why)
