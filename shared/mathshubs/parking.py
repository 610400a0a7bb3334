"""Parking: a key whose next record waits for something, or fails, waits whole; other keys go on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zlib import crc32

from mathshubs.deadletters import pack, record_of
from mathshubs.hearing import Behind, Blocked, Failing, Record, Waiting
from mathshubs.postgres import Db

TRIES = 5
WAITS_SECONDS = 3600

BLOCKED = """
    SELECT DISTINCT ON (key) key, waits_for
      FROM parked
     WHERE consumer = $1
       AND key = ANY($2::text[])
     ORDER BY key, seq
"""


async def blocked(db: Db, consumer: str, keys: Collection[str]) -> Blocked:
    """Return which of `keys` have something parked, and what the first of each waits for."""
    rows = await db.fetch(BLOCKED, consumer, list(keys))
    return {row["key"]: row["waits_for"] for row in rows}


PARK = """
    INSERT INTO parked (consumer, topic, part, "offset", record_key, headers, value, key, makes, waits_for,
                        state, attempts, reason, expires_at, due_at, cluster)
    SELECT $1, r.topic, r.part, r.place, r.record_key, r.headers::jsonb, r.value, r.key, r.makes, r.waits_for,
           r.state, 1, r.reason, clock_timestamp() + make_interval(secs => $13),
           clock_timestamp() + interval '1 second', r.cluster
      FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::text[], $7::bytea[], $8::text[], $9::text[],
                  $10::text[], $11::text[], $12::text[], $14::text[]) WITH ORDINALITY
           AS r (topic, part, place, record_key, headers, value, key, makes, waits_for, state, reason, cluster, turn)
     ORDER BY r.turn
        ON CONFLICT (consumer, cluster, topic, part, "offset") DO NOTHING
"""


async def park(db: Db, consumer: str, outcomes: Sequence[Waiting | Behind | Failing]) -> None:
    """Keep these in their order; what waits is looked at again after 1 s and dies after an hour."""
    if not outcomes:
        return
    records = [o.heard.record for o in outcomes]
    await db.execute(
        PARK,
        consumer,
        [r.topic for r in records],
        [r.part for r in records],
        [r.offset for r in records],
        [r.key for r in records],
        [pack(r.headers) for r in records],
        [r.value for r in records],
        [o.heard.key for o in outcomes],
        [o.heard.makes for o in outcomes],
        [o.waits_for if isinstance(o, Waiting) else None for o in outcomes],
        [_state(o) for o in outcomes],
        [reason(o) for o in outcomes],
        WAITS_SECONDS,
        [r.cluster for r in records],
    )


def _state(outcome: Waiting | Behind | Failing) -> str:
    match outcome:
        case Waiting():
            return "waiting"
        case Behind():
            return "behind"
        case Failing():
            return "failing"


def reason(outcome: Waiting | Behind | Failing) -> str:
    """Return why it is parked, for the operator: what it waits for, or the class of the error."""
    match outcome:
        case Waiting(waits_for=awaited):
            return f"waits for {awaited}"
        case Behind(heard=heard):
            return f"behind an earlier one of {heard.key}"
        case Failing(error=error):
            return error


# The first of each key is what is looked at, also where a later one waits. Who is at a key at this moment looks
# again anyway: to wait here for it could be a deadlock.
ARRIVED = """
    UPDATE parked
       SET due_at = clock_timestamp()
     WHERE seq IN (SELECT free.seq
                     FROM parked AS free
                    WHERE free.seq IN (SELECT min(one.seq)
                                         FROM parked AS one
                                        WHERE (one.consumer, one.key) IN (SELECT waiting.consumer, waiting.key
                                                                            FROM parked AS waiting
                                                                           WHERE waiting.waits_for = ANY($1::text[]))
                                        GROUP BY one.consumer, one.key)
                      FOR UPDATE SKIP LOCKED)
"""


async def arrived(db: Db, made: Collection[str]) -> bool:
    """Have what waits for any of `made` looked at now, whichever consumer parked it; say whether anything was."""
    return bool(made) and await db.execute(ARRIVED, list(made)) != "UPDATE 0"


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked record."""

    seq: int
    record: Record
    state: str
    attempts: int
    expired: bool


DUE_AT_ONCE = 100
DUE_KEYS = """
    SELECT head.key
      FROM parked AS head
     WHERE head.consumer = $1
       AND head.state <> 'poisoned'
       AND head.due_at <= clock_timestamp()
       AND NOT EXISTS (SELECT
                         FROM parked AS earlier
                        WHERE earlier.consumer = head.consumer
                          AND earlier.key = head.key
                          AND earlier.seq < head.seq)
     ORDER BY head.due_at, head.seq
     LIMIT $2
"""


async def due_keys(db: Db, consumer: str) -> list[str]:
    """Return the keys whose first parked record should be tried now, at most `DUE_AT_ONCE`, longest due first."""
    return [row["key"] for row in await db.fetch(DUE_KEYS, consumer, DUE_AT_ONCE)]


TAKE_KEY = """
    SELECT seq, cluster, topic, part, "offset", record_key, headers, value, state, attempts,
           expires_at < clock_timestamp() AS expired
      FROM parked
     WHERE consumer = $1
       AND key = $2
     ORDER BY seq
     LIMIT 50
       FOR UPDATE
"""


async def take_key(db: Db, consumer: str, key: str) -> list[Parked]:
    """Hold the first records of a parked key, in order; none if somebody else is at it."""
    if not await db.fetchval(
        "SELECT pg_try_advisory_xact_lock($1, $2)", crc32(consumer.encode()) >> 1, crc32(key.encode()) >> 1
    ):
        return []
    rows = await db.fetch(TAKE_KEY, consumer, key)
    return [Parked(row["seq"], record_of(row), row["state"], row["attempts"], row["expired"]) for row in rows]


async def leave(db: Db, seqs: Sequence[int]) -> None:
    """Take out what is settled."""
    await db.execute("DELETE FROM parked WHERE seq = ANY($1::bigint[])", seqs)


STAY = """
    UPDATE parked
       SET state = $2,
           waits_for = $3,
           attempts = $7,
           reason = $5,
           expires_at = CASE WHEN $2 = 'waiting' AND state <> 'waiting'
                             THEN clock_timestamp() + make_interval(secs => $6)
                             ELSE expires_at END,
           due_at = clock_timestamp() + least(power(2, $4::int), 60)
                                    * CASE $2 WHEN 'failing' THEN interval '200 ms' ELSE interval '1 second' END
     WHERE seq = $1
"""


async def stay(db: Db, parked: Parked, outcome: Waiting | Failing) -> None:
    """Leave the first of a key where it is, to be tried later; after five failures, when an operator says so.

    Its hour begins when it begins to wait, however long it was here before.
    """
    state = _state(outcome)
    tries = parked.attempts + 1 if parked.state == state else 1  # to wait is not to fail
    if isinstance(outcome, Failing) and tries >= TRIES:
        state = "poisoned"
    awaited = outcome.waits_for if isinstance(outcome, Waiting) else None
    await db.execute(STAY, parked.seq, state, awaited, min(tries - 1, 6), reason(outcome), WAITS_SECONDS, tries)
