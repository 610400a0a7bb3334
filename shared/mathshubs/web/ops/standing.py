"""How one service stands: its checks, what it has not heard or said yet, what it set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mathshubs.http import checks_of
from mathshubs.metrics import OUTBOX, KeepsItsOwn
from mathshubs.operating import letters, parkedkeys
from mathshubs.operating.letters import Letter
from mathshubs.operating.parkedkeys import ParkedKey
from mathshubs.outbox import Waiting
from mathshubs.postgres import Db
from mathshubs.running import Running

MOST_LETTERS = 50


@dataclass(frozen=True, slots=True)
class Check:
    """One named check of readiness."""

    name: str
    ok: bool
    why: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What waits to be said by one lane: how many lines, the age of the oldest, and how many Kafka refuses."""

    name: str
    lines: int
    seconds: float
    refused: int


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the page shows."""

    checks: Sequence[Check]
    behind: Sequence[tuple[str, str, float | None]]
    """Consumer, topic and seconds behind."""
    lanes: Sequence[Lane]
    letters: Sequence[Letter]
    letters_in_all: int
    parked: Sequence[ParkedKey]


async def standing(running: Running) -> Standing:
    """Return how a service stands now."""
    found = await checks_of(running)
    found |= {name: check() for name, check in running.checks.items()}
    async with running.pool.acquire(timeout=5) as db:
        dead, in_all = await letters.find(db, "dead", MOST_LETTERS)
        parked, lanes = await parkedkeys.find(db), await _lanes(db, running)
    return Standing(
        [Check(name, bool(check["ok"]), _why(check)) for name, check in found.items()],
        [
            (subscription.hearing.consumer, topic, seconds)
            for subscription in running.subscriptions
            for topic, seconds in sorted(subscription.behind_seconds().items())
        ],
        lanes,
        dead,
        in_all,
        parked,
    )


def _why(check: dict[str, Any]) -> str:
    return str(check.get("why", ""))


async def _lanes(db: Db, running: Running) -> list[Lane]:
    waiting = {
        row["lane"]: Lane(row["lane"], row["lines"], row["age"], row["refused"]) for row in await db.fetch(OUTBOX)
    }
    for relay in running.relays:
        if isinstance(relay.lane, KeepsItsOwn):
            waiting[relay.lane.name] = _own(relay.lane.name, await relay.lane.waiting(db))
        waiting.setdefault(relay.lane.name, Lane(relay.lane.name, 0, 0.0, 0))
    return list(waiting.values())


def _own(name: str, waiting: Waiting) -> Lane:
    return Lane(name, waiting.records, waiting.seconds, waiting.refused)
