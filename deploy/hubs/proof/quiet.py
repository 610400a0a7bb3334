"""Waits until nothing moves: only then can two parts be compared."""

import asyncio
import re
import time
from itertools import product
from typing import Any, Final

from hubs import clocks
from hubs.proof.bus import Bus, Partition
from hubs.proof.system import Check, System
from mathshubs.due import GRAIN
from mathshubs.topics import PEOPLE, TICK

HUB_REPORTS: Final = r"hubs\.[^.]+\.events"
HEARD: Final = {
    "enrolment.hubs": HUB_REPORTS,
    "scheduling.hubs": HUB_REPORTS,
    "scheduling.facts": r"enrolment\.facts",
    "notification.facts": r"scheduling\.facts|people\.current",
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


async def quiet(system: System, seconds: float) -> Check:
    """Wait until all that was said is heard, published and sent, twice in a row, for `seconds` at most."""
    begun, before = time.monotonic(), None
    while True:
        moving, marks = await look(system)
        waited = time.monotonic() - begun
        if not moving and marks == before:
            return Check("quiet", ok=True, said=f"Nothing moves (after {waited:.1f} s)", figures={"seconds": waited})
        if waited > seconds:
            what = ", ".join(f"{count:,} {words}" for words, count in moving.items()) or "facts still being said"
            said = f"Still moving after {waited:.0f} s: {what}"
            return Check("quiet", ok=False, said=said, figures={"seconds": waited, "moving": moving})
        before = marks
        await asyncio.sleep(LOOK)


async def look(system: System) -> tuple[dict[str, int], object]:
    """Return what moves, with how much of it, and marks that differ whenever anything was said since."""
    moving: dict[str, int] = {}
    marks: list[Any] = []
    heard: dict[tuple[str, str, int], int] = {}
    stands = await clocks.told(system.http)
    for service in system.postgres:
        async with system.database(service) as db:
            plumbing = await db.fetchrow(PLUMBING, stands[service] - LATE)
            heard |= {(row["consumer"], row["topic"], row["part"]): row["next"] for row in await db.fetch(OFFSETS)}
            if service in OWN:
                words, statement = OWN[service]
                moving[words] = await db.fetchval(statement)
        assert plumbing is not None  # noqa: S101 -- a row of counts always comes
        moving[f"lines in {service}'s outbox"] = plumbing["outbox"]
        moving[f"duties of {service} behind its clock"] = plumbing["duties"]
        moving[f"letters being tried again by {service}"] = plumbing["letters"]
        moving[f"parked keys due in {service}"] = plumbing["parked"]
        marks.append(plumbing["said"])
    behind = await asyncio.to_thread(_behind, system.bus, heard)
    marks += sorted(place for place in heard.items() if place[0][1] != system.bus.prefix + PEOPLE)
    return {words: count for words, count in (moving | behind).items() if count}, marks


def _behind(bus: Bus, heard: dict[tuple[str, str, int], int]) -> dict[str, int]:
    """Return how many records each consumer has still to hear."""
    topics = bus.topics("|".join(HEARD.values()))
    bounds = bus.bounds([(topic, part) for topic, parts in topics.items() for part in parts])
    late = dict.fromkeys((f"records not heard by {consumer}" for consumer in HEARD), 0)
    for ((topic, part), (first, end)), (consumer, pattern) in product(bounds.items(), HEARD.items()):
        if re.fullmatch(pattern, topic):
            next_one = max(first, heard.get((consumer, bus.prefix + topic, part), first))
            late[f"records not heard by {consumer}"] += _records(bus, (topic, part), next_one, end)
    return late


def _records(bus: Bus, where: Partition, begin: int, end: int) -> int:
    """Return how many records stand there that say something.

    What ends a transaction takes an offset and is none, and where the erasure window is short there is
    always another tick under way.
    """
    if not 0 < end - begin <= TAIL:
        return max(0, end - begin)
    return sum(not (record.key or b"").startswith(TICK) for record in bus.read_from({where: begin}))
