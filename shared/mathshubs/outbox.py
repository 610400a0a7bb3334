"""The outbox: which lines of the journal Kafka does not have, and which it will not have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg
from aiokafka.errors import InvalidTopicError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError

from mathshubs.envelope import encode
from mathshubs.journal import Outgoing, attributes
from mathshubs.postgres import Db

LONGEST_PAUSE_SECONDS: Final = 600
"""Between two tries of what Kafka refuses; the first is after 2 s, and each pause is twice the one before."""
PROBES: Final = 10
_WHOLE_TOPICS: Final = frozenset(
    error.__name__ for error in (InvalidTopicError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError)
)
"""What Kafka says of a topic, whatever the record."""

DUE: Final = """
    SELECT o.seq, j.event_id, j.topic, j.key, j.version, j.type, j.data, j.recorded_at,
           j.causation_id, j.correlation_id, j.traceparent,
           (SELECT min(r.why)
              FROM refusals AS r
             WHERE r.topic = j.topic
               AND r.key IN (j.key, '')) AS refused
      FROM outbox AS o
      JOIN journal AS j ON j.seq = o.seq
     WHERE o.lane = 'facts'
       AND o.refused_at IS NULL
     ORDER BY o.seq
     LIMIT $1
"""

# Of a topic or a key that is refused the first line is tried again, for all the others.
PROBED: Final = """
    SELECT DISTINCT ON (line.seq) line.seq, line.event_id, line.topic, line.key, line.version, line.type, line.data,
           line.recorded_at, line.causation_id, line.correlation_id, line.traceparent
      FROM (SELECT topic, key
              FROM refusals
             WHERE try_at <= clock_timestamp()
             ORDER BY try_at
             LIMIT $1) AS r
     CROSS JOIN LATERAL (
           SELECT o.seq, j.event_id, j.topic, j.key, j.version, j.type, j.data, j.recorded_at,
                  j.causation_id, j.correlation_id, j.traceparent
             FROM outbox AS o
             JOIN journal AS j ON j.seq = o.seq
            WHERE o.lane = 'facts'
              AND o.refused_at IS NOT NULL
              AND j.topic = r.topic
              AND r.key IN (j.key, '')
            ORDER BY o.seq
            LIMIT 1) AS line
     ORDER BY line.seq
"""


class FactsLane:
    """Facts and receipts, out of the journal."""

    def __init__(self, service: str) -> None:
        self.name = "facts"
        self._service = service

    async def due(self, db: Db, most: int) -> Sequence[Outgoing]:
        """Return the next lines of the journal that Kafka does not have.

        What stands behind a refused line of its key, or is for a topic that is refused, is put aside, so that
        it is not looked at again before that line has gone.
        """
        due = [self._outgoing(row) for row in await db.fetch(PROBED, PROBES)]
        full = True
        while full and not due:
            rows = await db.fetch(DUE, most)
            await _put_aside(db, [(row["seq"], row["refused"]) for row in rows if row["refused"]])
            due = [self._outgoing(row) for row in rows if not row["refused"]]
            full = len(rows) == most
        return due

    def _outgoing(self, row: asyncpg.Record) -> Outgoing:
        headers, value = encode(attributes(self._service, dict(row)))
        return Outgoing(row["seq"], row["topic"], row["key"], value, headers)

    async def sent(self, db: Db, outgoing: Sequence[Outgoing]) -> None:
        """Take these lines out of the outbox, and let go what was put aside behind them."""
        await take_out(db, outgoing)
        await let_go(db, {(o.topic, key) for o in outgoing for key in (o.key, "")})

    async def refused(self, db: Db, outgoing: Sequence[Outgoing], why: str) -> None:
        """Stop the keys of these lines, or their topics; they are tried again after a pause that grows."""
        await _put_aside(db, [(o.seq, why) for o in outgoing])
        whole = why in _WHOLE_TOPICS
        if not whole:
            await let_go(db, {(o.topic, "") for o in outgoing})  # a topic that judges a record is there
        await refuse(db, {(o.topic, "" if whole else o.key) for o in outgoing}, why)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a lane has that Kafka has not: how much, how much of it Kafka refuses, and the age of the oldest."""

    records: int = 0
    refused: int = 0
    seconds: float = 0.0


async def take_out(db: Db, outgoing: Sequence[Outgoing]) -> None:
    """Take what is published out of the outbox."""
    await db.execute("DELETE FROM outbox WHERE seq = ANY($1::bigint[])", [o.seq for o in outgoing])


REFUSE: Final = """
    INSERT INTO refusals AS known (topic, key, why, try_at)
    SELECT place.topic, place.key, $3, clock_timestamp() + interval '2 seconds'
      FROM unnest($1::text[], $2::text[]) AS place (topic, key)
        ON CONFLICT (topic, key) DO UPDATE
       SET why = excluded.why,
           tries = known.tries + 1,
           try_at = clock_timestamp() + make_interval(secs => least(power(2, least(known.tries + 1, 20)), $4))
"""

PUT_ASIDE: Final = """
    UPDATE outbox AS o
       SET refused_at = clock_timestamp(),
           refused_why = aside.why
      FROM unnest($1::bigint[], $2::text[]) AS aside (seq, why)
     WHERE o.seq = aside.seq
"""

LET_GO: Final = """
    WITH gone AS (
        DELETE FROM refusals AS r
         USING unnest($1::text[], $2::text[]) AS place (topic, key)
         WHERE r.topic = place.topic
           AND r.key = place.key
     RETURNING r.topic, r.key
    )
    UPDATE outbox AS o
       SET refused_at = NULL,
           refused_why = NULL
      FROM gone
      JOIN journal AS j ON j.topic = gone.topic AND gone.key IN (j.key, '')
     WHERE o.seq = j.seq
       AND o.refused_at IS NOT NULL
"""


async def _put_aside(db: Db, lines: Sequence[tuple[int, str]]) -> None:
    if lines:
        await db.execute(PUT_ASIDE, [seq for seq, _ in lines], [why for _, why in lines])


async def refuse(db: Db, places: set[tuple[str, str]], why: str) -> None:
    """Note that Kafka refuses these topics and keys, no key for a whole topic, and when each is to be tried again."""
    await db.execute(REFUSE, *_columns(sorted(places)), why, LONGEST_PAUSE_SECONDS)


async def let_go(db: Db, places: set[tuple[str, str]]) -> None:
    """Note that Kafka takes these topics and keys, and look again at what was put aside behind them."""
    if places and await db.fetchval("SELECT EXISTS (SELECT FROM refusals)"):
        await db.execute(LET_GO, *_columns(sorted(places)))


def _columns(places: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [topic for topic, _ in places], [key for _, key in places]


STANDING: Final = """
    SELECT topic, why, count(*) AS keys, bool_or(key = '') AS whole,
           extract(epoch FROM clock_timestamp() - min(since))::float AS seconds
      FROM refusals
     GROUP BY topic, why
     ORDER BY min(since)
     LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The refusal that has stood longest, with the others of its topic and reason."""

    words: str
    seconds: float


async def longest_refused(db: Db) -> Refusal | None:
    """Return what Kafka has refused longest, in words for an operator; None if it refuses nothing."""
    row = await db.fetchrow(STANDING)
    if row is None:
        return None
    what = row["topic"] if row["whole"] else f"{row['keys']} keys of {row['topic']}"
    return Refusal(f"Kafka has refused {what} for {row['seconds']:.0f} s: {row['why']}", row["seconds"])
