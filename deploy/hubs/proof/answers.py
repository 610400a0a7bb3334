"""What hubs sent, by Kafka and by HTTP, is held against what they were answered."""

import asyncio
import base64
import json
from collections import Counter
from typing import Any, Final

from asyncpg import Record

from hubs.proof.bus import Bus, Stored
from hubs.proof.quiet import HUB_REPORTS
from hubs.proof.receipts import Accounts, Astray, Decided, Place, Receipt, Reckoning, Sent, astray, reckon
from hubs.proof.system import SHOWN, Check, System, number, some

HUB_RECEIPTS: Final = r"hubs\.[^.]+\.receipts"
OWNERS: Final = ("enrolment", "scheduling")

ANSWERED = """
    SELECT seq, event_id::text AS event_id, topic, data
      FROM journal
     WHERE topic LIKE 'hubs.%.receipts'
"""
ARRIVALS = """
    SELECT hub, source, id
      FROM arrivals
"""
PARKED = """
    SELECT topic, part, "offset", headers, value
      FROM parked
     WHERE topic LIKE 'hubs.%.events'
"""
RETRIED = """
    SELECT topic, part, "offset", count(*) AS times
      FROM operator_actions
     WHERE action = 'retry'
     GROUP BY topic, part, "offset"
"""


async def accepted_equals_answered(system: System) -> Check:
    """Hold every record of every hub's topic, and every arrival by HTTP, against the receipts that Kafka has."""
    bus = system.bus
    records = await asyncio.to_thread(bus.read, HUB_REPORTS)
    receipts = await _receipts_astray(system, bus)
    accounts = await _accounts(system, bus, records)
    return _verdict(reckon(accounts), receipts)


async def _accounts(system: System, bus: Bus, records: list[Stored]) -> Accounts:
    receipts, parked, retries = [], [], Counter[Place]()
    for service in OWNERS:
        receipts += [_receipt(row) for row in await system.fetch(service, ANSWERED)]
        parked += [_parked(row) for row in await system.fetch(service, PARKED)]
        for row in await system.fetch(service, RETRIED):
            retries[(row["topic"], row["part"], row["offset"])] += row["times"]
    arrivals = {tuple(row.values()) for row in await system.fetch("enrolment", ARRIVALS)}
    topics = await asyncio.to_thread(bus.topics, HUB_REPORTS)
    bounds = await asyncio.to_thread(bus.bounds, [(topic, part) for topic, parts in topics.items() for part in parts])
    return Accounts(
        [Sent.of(record) for record in records],
        arrivals,
        receipts,
        {one.place for one in parked},
        {one.identity for one in parked if one.identity},
        retries,
        {topic[len("hubs.") : -len(".events")] for (topic, _), (first, _) in bounds.items() if first == 0},
    )


def _receipt(row: Record) -> Receipt:
    return Receipt.of(row["topic"][len("hubs.") : -len(".receipts")], json.loads(row["data"]))


def _parked(row: Record) -> Sent:
    headers = tuple((name, base64.b64decode(value)) for name, value in json.loads(row["headers"]))
    return Sent.of(Stored(row["topic"], row["part"], row["offset"], None, row["value"], headers))


async def _receipts_astray(system: System, bus: Bus) -> Astray:
    """Return the receipts that a journal has and Kafka has not, or the other way round, as far as Kafka keeps them."""
    decided = [
        Decided(row["topic"], row["event_id"], service, row["seq"])
        for service in OWNERS
        for row in await system.fetch(service, ANSWERED)
    ]
    records = await asyncio.to_thread(bus.read, HUB_RECEIPTS)
    told = [(one.topic, (dict(one.headers).get("ce_id") or b"").decode("utf-8", "replace")) for one in records]
    topics = await asyncio.to_thread(bus.topics, HUB_RECEIPTS)
    bounds = await asyncio.to_thread(bus.bounds, [(topic, part) for topic, parts in topics.items() for part in parts])
    cut = {topic for (topic, _), (first, _) in bounds.items() if first > 0}
    return astray(decided, told, cut)


def _verdict(found: Reckoning, receipts: Astray) -> Check:
    outcomes = {word: found.outcomes.get(word, 0) for word in ("applied", "flagged", "refused", "dead")}
    figures: dict[str, Any] = {"reports": found.reports, "repeats": found.repeats, **outcomes, "parked": found.parked}
    figures |= {"dead letters": found.dead[:SHOWN], "refusals": found.refused[:SHOWN]}
    figures |= {"lost": found.lost[:SHOWN], "twice": found.twice[:SHOWN], "unasked": found.unasked[:SHOWN]}
    figures |= {"receipts astray": some(receipts.names), "receipts expired": receipts.expired}
    ok = found.adds_up and not receipts.names
    parts = [f"{count:,} {word}" for word, count in outcomes.items() if count] or ["none yet"]
    parts += [f"{found.parked:,} waiting"] if found.parked else []
    said = f"{number(found.reports, 'report')} accepted = {', '.join(parts)}; {number(found.repeats, 'repeat')} ignored"
    if earlier := sum(found.outcomes.values()) + found.parked - found.reports:
        said = (
            f"{number(found.reports, 'report')} that Kafka still has, each answered; {', '.join(parts)} in all, "
            f"{earlier:,} of them to reports that expired there or were tried again"
        )
    if receipts.expired:
        said += f"; {number(receipts.expired, 'receipt')} had expired on Kafka, so only our own record shows them"
    if not ok:
        said = (
            f"Of {number(found.reports, 'report')} accepted {len(found.lost):,} were not answered, "
            f"{len(found.twice):,} were answered twice; {len(found.unasked):,} answered that nobody sent, "
            f"{number(len(receipts.names), 'receipt')} astray"
        )
    return Check("accepted = answered", ok=ok, said=said, figures=figures)


# A key whose hour is over is looked at again within a minute or so, and then set aside.
STUCK = """
    SELECT consumer, key, state, reason,
           state = 'waiting' AND expires_at < clock_timestamp() - interval '2 minutes' AS late
      FROM (SELECT DISTINCT ON (consumer, key) consumer, key, state, reason, expires_at
              FROM parked
             ORDER BY consumer, key, seq) AS head
     ORDER BY consumer, key
"""
FACTS_SET_ASIDE = """
    SELECT id, consumer, code
      FROM dead_letters
     WHERE state = 'dead'
       AND topic NOT LIKE 'hubs.%.events'
     ORDER BY id
"""


async def nothing_is_stuck(system: System) -> Check:
    """Look for keys that are poisoned or overdue, and for facts that one service could not take from another."""
    waiting: list[dict[str, Any]] = []
    stuck: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    for service in system.postgres:
        for row in await system.fetch(service, STUCK):
            listed = {"service": service, "key": row["key"], "state": row["state"], "reason": row["reason"]}
            (stuck if row["late"] or row["state"] == "poisoned" else waiting).append(listed)
        found = await system.fetch(service, FACTS_SET_ASIDE)
        facts += [{"service": service, "letter": row["id"], "code": row["code"]} for row in found]
    figures = {"waiting": waiting[:SHOWN], "stuck": stuck[:SHOWN], "facts set aside": facts[:SHOWN]}
    if stuck or facts:
        said = (
            f"{number(len(stuck), 'parked key')} poisoned or overdue (hubs parked list), "
            f"{number(len(facts), 'fact')} set aside (hubs dlq list)"
        )
        return Check("nothing is stuck", ok=False, said=said, figures=figures)
    waits = f"; {number(len(waiting), 'key')} within the hour that it may wait" if waiting else ""
    return Check("nothing is stuck", ok=True, said=f"No key is poisoned or overdue{waits}", figures=figures)
