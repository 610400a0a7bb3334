"""Dead letters: what could not be applied, kept with its reason until an operator decides."""

import base64
import json
from collections.abc import Sequence

import asyncpg

from mathshubs.envelope import Headers
from mathshubs.hearing import Record, SetAside
from mathshubs.postgres import Db

SET_ASIDE = """
    INSERT INTO dead_letters (consumer, topic, part, "offset", record_key, headers, value,
                              hub, source, event_id, code, message, path)
    SELECT $1, letter.topic, letter.part, letter.place, letter.record_key, letter.headers::jsonb, letter.value,
           letter.hub, letter.source, letter.event_id, letter.code, letter.message, letter.path
      FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::text[], $7::bytea[], $8::text[], $9::text[],
                  $10::text[], $11::text[], $12::text[], $13::text[])
           AS letter (topic, part, place, record_key, headers, value, hub, source, event_id, code, message, path)
        ON CONFLICT (consumer, topic, part, "offset") DO UPDATE
       SET attempts = dead_letters.attempts + 1,
           state = 'dead',
           code = excluded.code,
           message = excluded.message,
           path = excluded.path
"""


async def set_aside(db: Db, consumer: str, letters: Sequence[SetAside]) -> None:
    """Keep these records, bytes untouched; one that died before counts another attempt."""
    if not letters:
        return
    records = [letter.record for letter in letters]
    await db.execute(
        SET_ASIDE,
        consumer,
        [r.topic for r in records],
        [r.part for r in records],
        [r.offset for r in records],
        [r.key for r in records],
        [pack(r.headers) for r in records],
        [r.value for r in records],
        [letter.hub for letter in letters],
        [letter.source for letter in letters],
        [letter.event_id for letter in letters],
        [letter.code for letter in letters],
        [letter.message for letter in letters],
        [letter.path for letter in letters],
    )


def pack(headers: Headers) -> str:
    """Return headers, whose bytes may be anything, as JSON that Postgres can keep."""
    return json.dumps([[_name(name), base64.b64encode(value or b"").decode()] for name, value in headers])


def unpack(packed: str) -> Headers:
    """Return the headers that `pack` packed."""
    return [(name, base64.b64decode(value)) for name, value in json.loads(packed)]


def _name(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


DIED_BEFORE = """
    SELECT letter.topic, letter.part, letter."offset"
      FROM unnest($2::text[], $3::int[], $4::bigint[]) AS asked (topic, part, place)
      JOIN dead_letters AS letter
        ON letter.consumer = $1
       AND letter.topic = asked.topic
       AND letter.part = asked.part
       AND letter."offset" = asked.place
"""


async def died_before(db: Db, consumer: str, places: Sequence[tuple[str, int, int]]) -> set[tuple[str, int, int]]:
    """Return those of these records, by topic, partition and offset, that were set aside at some time."""
    if not places:
        return set()
    columns = (list(column) for column in zip(*places, strict=True))
    return {(row["topic"], row["part"], row["offset"]) for row in await db.fetch(DIED_BEFORE, consumer, *columns)}


RETRYING = """
    SELECT id, topic, part, "offset", record_key, headers, value
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
    """Return the record that a row of dead letters or of parked records holds."""
    return Record(row["topic"], row["part"], row["offset"], row["record_key"], row["value"], unpack(row["headers"]))


RETRIED = """
    UPDATE dead_letters
       SET state = 'retried'
     WHERE id = ANY($1::bigint[])
"""


async def retried(db: Db, ids: Sequence[int]) -> None:
    """Close the letters that took effect, were refused or are parked after being tried again."""
    await db.execute(RETRIED, ids)
