"""SQL that keeps the log: facts are added, then given their positions; nothing is ever changed or taken out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mathshubs.postgres import Db, write_rows
from reporting.log.domain import LoggedFact

APPEND = """
    INSERT INTO event_log (topic, part, "offset", source, event_id, type, key, version, hub, school_year,
                           effective_at, recorded_at, correlation, data)
    SELECT fact.topic, fact.part, fact.place, fact.source, fact.event_id, fact.type, fact.key, fact.version, fact.hub,
           fact.school_year, fact.effective_at, fact.recorded_at, fact.correlation, fact.data::jsonb
      FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                  $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[])
           WITH ORDINALITY
           AS fact (topic, part, place, source, event_id, type, key, version, hub, school_year, effective_at,
                    recorded_at, correlation, data, turn)
     ORDER BY fact.turn
        ON CONFLICT (source, event_id) DO NOTHING
"""


async def append(db: Db, facts: Sequence[LoggedFact]) -> None:
    """Add `facts` in their order; one that stands there already is left alone."""
    await write_rows(db, APPEND, [_row(fact) for fact in facts])


def _row(fact: LoggedFact) -> tuple[Any, ...]:
    return (
        fact.topic,
        fact.part,
        fact.offset,
        fact.source,
        fact.event_id,
        fact.type,
        fact.key,
        fact.version,
        fact.hub,
        fact.school_year,
        fact.effective_at,
        fact.recorded_at,
        fact.correlation,
        json.dumps(fact.data, separators=(",", ":"), ensure_ascii=False),
    )


ONE_POSITIONER = "SELECT pg_advisory_xact_lock(hashtextextended('event-log-positions', 0))"

GIVE_POSITIONS = """
    WITH waiting AS (
        SELECT arrived, row_number() OVER (ORDER BY arrived) AS turn
          FROM (SELECT arrived FROM event_log WHERE position IS NULL ORDER BY arrived LIMIT $1) AS first
    ), head AS (
        UPDATE event_log_head
           SET position = position + (SELECT count(*) FROM waiting)
     RETURNING position - (SELECT count(*) FROM waiting) AS before
    )
    UPDATE event_log AS logged
       SET position = head.before + waiting.turn
      FROM waiting, head
     WHERE logged.arrived = waiting.arrived
"""


async def give_positions(db: Db, most: int = 2_000) -> int:
    """Give the next positions to facts that have none, in the order of their arrival; return to how many.

    There is no gap, and what was given never changes: a transaction that commits late gets a later
    position than those that overtook it. One works at a time, the others wait here.
    """
    async with db.transaction():
        await db.execute(ONE_POSITIONER)
        given = await db.execute(GIVE_POSITIONS, most)
    return int(given.removeprefix("UPDATE "))


READ_ON = """
    SELECT position, topic, part, "offset", source, event_id, type, key, version, hub, school_year, effective_at,
           recorded_at, correlation, data
      FROM event_log
     WHERE position > $1
     ORDER BY position
     LIMIT $2
"""


async def read_on(db: Db, after: int, most: int) -> list[tuple[int, LoggedFact]]:
    """Return up to `most` facts that follow position `after`, each with its own."""
    return [_fact(dict(row)) for row in await db.fetch(READ_ON, after, most)]


def _fact(row: dict[str, Any]) -> tuple[int, LoggedFact]:
    return row.pop("position"), LoggedFact(**row | {"data": json.loads(row["data"])})


async def head(db: Db) -> int:
    """Return the last position given, 0 before the first."""
    return int(await db.fetchval("SELECT coalesce(max(position), 0) FROM event_log_head"))


@dataclass(frozen=True, slots=True)
class Damage:
    """What somebody has done to the log by hand, at one position."""

    position: int
    found: str
    """`missing` or `changed`."""


DAMAGE = """
    SELECT missing.position, 'missing' AS found
      FROM (SELECT generate_series(1, max(position)) AS position
              FROM (SELECT position FROM event_log_head UNION ALL SELECT position FROM event_log) AS given) AS missing
     WHERE NOT EXISTS (SELECT FROM event_log WHERE event_log.position = missing.position)
     UNION ALL
    SELECT coalesce(changed.position, 0), 'changed'
      FROM event_log AS changed
     WHERE changed.seal <> seal_of(changed)
     ORDER BY 1
     LIMIT $1
"""


async def damage(db: Db, most: int, seconds: float) -> list[Damage]:
    """Return where rows were taken out of the log or changed, `most` at most; none if it is whole."""
    return [Damage(**row) for row in await db.fetch(DAMAGE, most, timeout=seconds)]
