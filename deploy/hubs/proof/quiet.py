"""Waits until nothing moves: only then can two parts be compared."""

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Final

from hubs import clocks
from hubs.proof.bus import Bus, Partition
from hubs.proof.system import Check, System
from mathshubs.due import GRAIN
from mathshubs.topics import PEOPLE, TICK

HUB_REPORTS: Final = r"hubs\.[^.]+\.events"
HEARD: Final = {
    "enrolment.hubs": HUB_REPORTS,
    "enrolment.facts": r"scheduling\.facts",
    "scheduling.hubs": HUB_REPORTS,
    "scheduling.facts": r"enrolment\.facts",
    "notification.facts": r"(enrolment|scheduling)\.facts|people\.current",
    "reporting.log": r"(enrolment|scheduling|notification|reporting)\.facts",
}
"""What each consumer must have heard to its end."""
LOOK: Final = 0.3  # seconds between two looks
LATE: Final = 2 * GRAIN
"""How far a duty may be behind a clock that runs; one that is driven stands still until its duties have caught up."""
TAIL: Final = 100
"""Offsets behind the end that are worth reading: they may be markers of transactions, which are no records."""

PLUMBING = """
    SELECT (SELECT count(*) FROM outbox) AS outbox,
           (SELECT count(*) FROM dead_letters WHERE state = 'retrying') AS letters,
           (SELECT count(*)
              FROM (SELECT DISTINCT ON (consumer, key) state, due_at
                      FROM parked
                     ORDER BY consumer, key, seq) AS head
             WHERE head.state IN ('failing', 'behind')
                OR (head.state = 'waiting' AND head.due_at <= clock_timestamp())) AS parked,
           (SELECT count(*) FROM duties WHERE stood_at <= $1) AS duties,
           (SELECT coalesce(max(seq), 0) FROM journal) AS said
"""
ARRIVALS = "SELECT count(*) FROM arrivals WHERE published_at IS NULL"
MAIL = """
    SELECT count(*)
      FROM deliveries
     WHERE status = 'sending'
        OR (status = 'queued' AND next_attempt_at <= clock_timestamp() + interval '6 seconds')
"""
POSITIONS = "SELECT count(*) FROM event_log WHERE position IS NULL"
OWN: Final = {
    "enrolment": ("reports by HTTP not published", ARRIVALS),
    "notification": ("mails due", MAIL),
    "reporting": ("facts without position", POSITIONS),
}
OFFSETS = """
    SELECT consumer, topic, part, next
      FROM consumer_offsets
"""


Heard = tuple[str, str, int]
"""A consumer, a topic with the system's prefix, and a partition."""
Tail = tuple[Partition, int, int]
"""A partition, the first offset that was not heard, and the one after its last."""


@dataclass(frozen=True, slots=True)
class Tails:
    """How many records stand in tails that were read before: what stands on Kafka does not change."""

    counted: dict[Tail, int] = field(default_factory=dict)

    def count(self, bus: Bus, tails: Iterable[Tail]) -> Mapping[Tail, int]:
        """Return how many records that say something stand in each tail.

        What ends a transaction takes an offset and is none, and where the erasure window is short there is
        always another tick under way.
        """
        wanted = set(tails)
        new = [tail for tail in wanted - self.counted.keys() if 0 < tail[2] - tail[1] <= TAIL]
        begins = {where: min(begin for place, begin, _ in new if place == where) for where, _, _ in new}
        read = bus.read_from(begins)
        for where, begin, end in new:
            theirs = (one for one in read if (one.topic, one.part) == where and begin <= one.offset < end)
            self.counted[where, begin, end] = sum(not (one.key or b"").startswith(TICK) for one in theirs)
        return {tail: self.counted.get(tail, max(0, tail[2] - tail[1])) for tail in wanted}


async def quiet(system: System, seconds: float, tails: Tails | None = None) -> Check:
    """Wait until all that was said is heard, published and sent, twice in a row, for `seconds` at most.

    Args:
        system: where.
        seconds: the most to wait.
        tails: what was read before, of whoever waits again and again.
    """
    begun, before, known = time.monotonic(), None, tails or Tails()
    while True:
        moving, marks = await look(system, known)
        waited = time.monotonic() - begun
        if not moving and marks == before:
            return Check("quiet", ok=True, said=f"Nothing moves (after {waited:.1f} s)", figures={"seconds": waited})
        if waited > seconds:
            what = ", ".join(f"{count:,} {words}" for words, count in moving.items()) or "facts still being said"
            said = f"Still moving after {waited:.0f} s: {what}"
            return Check("quiet", ok=False, said=said, figures={"seconds": waited, "moving": moving})
        before = marks
        await asyncio.sleep(LOOK)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one service's database shows of what moves there, of what it has said and of how far it has heard."""

    moving: Mapping[str, int]
    said: int
    heard: Mapping[Heard, int]


async def look(system: System, tails: Tails | None = None) -> tuple[dict[str, int], object]:
    """Return what moves, with how much of it, and marks that differ whenever anything was said since."""
    stands = await clocks.told(system.http)
    seen = await asyncio.gather(*(_look_into(system, service, stands[service]) for service in system.postgres))
    heard = {place: following for one in seen for place, following in one.heard.items()}
    behind = await asyncio.to_thread(_behind, system.bus, heard, tails or Tails())
    moving = {words: count for one in seen for words, count in one.moving.items()} | behind
    places = sorted(place for place in heard.items() if place[0][1] != system.bus.prefix + PEOPLE)
    return {words: count for words, count in moving.items() if count}, ([one.said for one in seen], places)


async def _look_into(system: System, service: str, stands: datetime) -> Seen:
    async with system.database(service) as db:
        plumbing = await db.fetchrow(PLUMBING, stands - LATE)
        heard = {(row["consumer"], row["topic"], row["part"]): row["next"] for row in await db.fetch(OFFSETS)}
        words, statement = OWN.get(service, ("", ""))
        own = {words: await db.fetchval(statement)} if words else {}
    assert plumbing is not None  # noqa: S101 -- a row of counts always comes
    moving = {
        **own,
        f"lines in {service}'s outbox": plumbing["outbox"],
        f"duties of {service} behind its clock": plumbing["duties"],
        f"letters being tried again by {service}": plumbing["letters"],
        f"parked keys due in {service}": plumbing["parked"],
    }
    return Seen(moving, plumbing["said"], heard)


def _behind(bus: Bus, heard: Mapping[Heard, int], tails: Tails) -> dict[str, int]:
    """Return how many records each consumer has still to hear."""
    topics = bus.topics("|".join(HEARD.values()))
    bounds = bus.bounds([(topic, part) for topic, parts in topics.items() for part in parts])
    unheard: list[tuple[str, Tail]] = []
    for ((topic, part), (first, end)), (consumer, pattern) in product(bounds.items(), HEARD.items()):
        if re.fullmatch(pattern, topic):
            following = max(first, heard.get((consumer, bus.prefix + topic, part), first))
            unheard.append((consumer, ((topic, part), following, end)))
    counted = tails.count(bus, (tail for _, tail in unheard))
    late = dict.fromkeys((f"records not heard by {consumer}" for consumer in HEARD), 0)
    for consumer, tail in unheard:
        late[f"records not heard by {consumer}"] += counted[tail]
    return late
