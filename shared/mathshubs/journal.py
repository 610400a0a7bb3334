"""Out: what was decided goes to the journal, and from there to Kafka by way of the outbox."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mathshubs import clock
from mathshubs.envelope import CloudEvent
from mathshubs.events import Event
from mathshubs.ids import new_id
from mathshubs.postgres import Db
from mathshubs.topics import PEOPLE

MOST_FACT_BYTES = 900_000
OUTBOX_CHANNEL = "outbox"


@dataclass(frozen=True, slots=True)
class Cause:
    """What a decision follows from, and who is behind it: the journal's audit columns."""

    actor: str
    """Who asked: `hub:<code>`, `operator:<name>`, `service:<name>`."""
    causation_id: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal, to be published on `topic` under `key`; without data, the relay renders it."""

    topic: str
    key: str
    type: str
    data: Mapping[str, Any] | None
    cause: Cause
    event_id: UUID
    versioned: bool = True

    @classmethod
    def of_fact(cls, service: str, fact: Event, cause: Cause) -> "Entry":
        """Return the line for a fact that `service` says."""
        return cls(f"{service}.facts", fact.about, fact.type, fact.model_dump(mode="json"), cause, new_id())

    @classmethod
    def of_person(cls, person_id: UUID, kind: str, cause: Cause) -> "Entry":
        """Return the line that has the person as they are at publishing, or a tombstone, put on `people.current`."""
        return cls(PEOPLE, str(person_id), kind, None, cause, new_id())


HOLD_AGGREGATES = """
    INSERT INTO aggregates (id, version)
    SELECT named.id, named.steps
      FROM unnest($1::text[], $2::bigint[]) AS named (id, steps)
     ORDER BY named.id
        ON CONFLICT (id) DO UPDATE
       SET version = aggregates.version + excluded.version
 RETURNING id, version
"""


async def hold(db: Db, keys: Collection[str]) -> dict[str, int]:
    """Hold these aggregates until the transaction ends and return their versions.

    All are locked in one sorted sweep, whether they exist yet or not; others who want one wait here.
    """
    return await _step(db, dict.fromkeys(keys, 0))


async def _step(db: Db, steps: Mapping[str, int]) -> dict[str, int]:
    rows = await db.fetch(HOLD_AGGREGATES, list(steps), list(steps.values()))
    return {row["id"]: row["version"] for row in rows}


RECORD = """
    WITH recorded AS (
        INSERT INTO journal (event_id, topic, key, version, type, data, recorded_at, actor, on_behalf_of, reason,
                             causation_id, correlation_id, traceparent)
        SELECT line.event_id, line.topic, line.key, line.version, line.type, line.data::jsonb, $7, line.actor,
               line.on_behalf_of, line.reason, line.causation_id, line.correlation_id, line.traceparent
          FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $8::text[], $9::text[],
                      $10::text[], $11::text[], $12::text[], $13::text[]) WITH ORDINALITY
               AS line (event_id, topic, key, version, type, data, actor, on_behalf_of, reason,
                        causation_id, correlation_id, traceparent, place)
         ORDER BY line.place
            ON CONFLICT (event_id) DO NOTHING
     RETURNING seq, topic
    )
    INSERT INTO outbox (seq, lane)
    SELECT recorded.seq, CASE recorded.topic WHEN 'people.current' THEN 'people' ELSE 'facts' END
      FROM recorded
"""


async def record(db: Db, entries: Sequence[Entry], *, at: datetime | None = None) -> None:
    """Write `entries` to the journal in their order and name them in the outbox, in the caller's transaction.

    Each aggregate is held before its lines draw their place, so that the order of the journal is the
    order of versions for each key. A line whose `event_id` stands there already is left alone.

    Raises:
        FactTooLarge: if Kafka would refuse one of them.
    """
    if not entries:
        return
    spelled = [
        None if e.data is None else json.dumps(e.data, separators=(",", ":"), ensure_ascii=False) for e in entries
    ]
    if any(text is not None and len(text.encode()) > MOST_FACT_BYTES for text in spelled):
        raise FactTooLarge
    versions = await _next_versions(db, entries)
    causes = [e.cause for e in entries]
    await db.execute(
        RECORD,
        [e.event_id for e in entries],
        [e.topic for e in entries],
        [e.key for e in entries],
        versions,
        [e.type for e in entries],
        spelled,
        at or clock.now(),
        [c.actor for c in causes],
        [c.on_behalf_of for c in causes],
        [c.reason for c in causes],
        [c.causation_id for c in causes],
        [c.correlation_id for c in causes],
        [c.traceparent for c in causes],
    )
    await db.execute("SELECT pg_notify($1, '')", OUTBOX_CHANNEL)


async def _next_versions(db: Db, entries: Sequence[Entry]) -> list[int]:
    steps: dict[str, int] = {}
    for entry in entries:
        if entry.versioned:
            steps[entry.key] = steps.get(entry.key, 0) + 1
    after = await _step(db, steps) if steps else {}
    versions = []
    for entry in reversed(entries):
        versions.append(after[entry.key] if entry.versioned else 1)
        if entry.versioned:
            after[entry.key] -= 1
    return versions[::-1]


class FactTooLarge(ValueError):
    """A fact is larger than Kafka takes; the rule that made it says too much at once."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record as the relay publishes it; a person's value is rendered at that moment."""

    seq: int
    topic: str
    key: str
    value: bytes | None
    headers: list[tuple[str, bytes]]


def attributes(service: str, line: Mapping[str, Any]) -> CloudEvent:
    """Return the event that a line of the journal stands for."""
    data = json.loads(line["data"]) if line["data"] is not None else {}
    extensions = {
        "partitionkey": line["key"],
        "sequence": str(line["version"]),
        "causationid": line["causation_id"],
        "correlationid": line["correlation_id"],
        "traceparent": line["traceparent"],
    }
    return CloudEvent(
        id=str(line["event_id"]),
        source=f"/{service}",
        type=line["type"],
        time=line["recorded_at"],
        data=data,
        extensions={name: word for name, word in extensions.items() if word},
    )
