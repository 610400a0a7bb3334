"""Whoever was erased is nowhere: in no table by name, in no record, in no mail, and on Kafka as a tombstone."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from typing import Any, Final
from uuid import UUID

from hubs.proof.bus import Bus
from hubs.proof.mail import mails_of
from hubs.proof.system import Check, System, number, some
from mathshubs import stones
from mathshubs.deadletters import record_of
from mathshubs.hearing import Record

PEOPLE = r"people\.current"
ERASED = """
    SELECT DISTINCT key
      FROM journal
     WHERE topic = 'enrolment.facts'
       AND type = 'uk.mathshubs.enrolment.PersonErased.v1'
"""
STILL_NAMED = """
    SELECT person_id::text AS person_id
      FROM people
     WHERE person_id::text = ANY($1::text[])
       AND num_nonnulls(name, email) > 0
"""
FORGOTTEN_BY = """
    SELECT DISTINCT key
      FROM journal
     WHERE topic = $1
       AND type = $2
       AND key = ANY($3::text[])
"""
ADDRESSED = """
    SELECT person_id::text AS person_id
      FROM deliveries
     WHERE person_id::text = ANY($1::text[])
       AND address IS NOT NULL
"""
DEAD = """
    SELECT topic, part, "offset", record_key, headers, value
      FROM dead_letters
     WHERE topic LIKE 'hubs.%.events'
       AND (value IS NOT NULL OR record_key IS NOT NULL OR headers <> '[]')
"""
PARKED = """
    SELECT topic, part, "offset", record_key, headers, value
      FROM parked
     WHERE topic LIKE 'hubs.%.events'
"""
ARRIVED = """
    SELECT 'hubs.' || hub || '.events' AS topic, 0 AS part, seq AS "offset", NULL::bytea AS record_key, headers,
           bytes AS value
      FROM arrivals
     WHERE bytes IS NOT NULL
"""
KEPT: Final = (
    ("enrolment", "arrivals", ARRIVED),
    ("enrolment", "parked", PARKED),
    ("enrolment", "dead_letters", DEAD),
    ("scheduling", "parked", PARKED),
    ("scheduling", "dead_letters", DEAD),
)
"""Where what hubs sent is kept for a while."""


async def the_forgotten_are_nowhere(system: System) -> Check:
    """Look for everybody who was erased in every place that may have named them."""
    people = {row["key"] for row in await system.fetch("enrolment", ERASED)}
    wrong = {
        **{f"named by {service}": await _named(system, service, people) for service in ("enrolment", "notification")},
        **{
            f"not forgotten by {service}": people - await _forgotten(system, service, people)
            for service in system.postgres
        },
        "addressed": {row["person_id"] for row in await system.fetch("notification", ADDRESSED, people)},
        "with mail": {mail["person_id"] for mail in await mails_of(system, people)},
        "not shown to be gone (hubs forget)": set(system.unfinished),
        **{f"in {service}'s {table}": who for (service, table), who in (await in_records(system, people)).items()},
        "on people.current": people & await asyncio.to_thread(on_people_current, system.bus),
    }
    found = {name: some(who) for name, who in wrong.items() if who}
    figures: dict[str, Any] = {"erased": len(people), **found}
    if found:
        words = ", ".join(f"{len(wrong[name]):,} {name}" for name in found)
        said = f"Of {number(len(people), 'person', 'people')} erased: {words}"
        return Check("forgotten", ok=False, said=said, figures=figures)
    said = f"{number(len(people), 'person', 'people')} erased, found nowhere" if people else "Nobody was erased"
    return Check("forgotten", ok=True, said=said, figures=figures)


async def _named(system: System, service: str, people: Collection[str]) -> set[str]:
    return {row["person_id"] for row in await system.fetch(service, STILL_NAMED, people)}


async def _forgotten(system: System, service: str, people: Collection[str]) -> set[str]:
    kind = f"uk.mathshubs.{service}.PersonForgotten.v1"
    return {row["key"] for row in await system.fetch(service, FORGOTTEN_BY, f"{service}.facts", kind, people)}


async def naming(system: System, people: Collection[UUID]) -> AsyncIterator[tuple[str, str, Record, frozenset[UUID]]]:
    """Yield what hubs sent that is kept and names any of these people, with the service and the table that keep it."""
    if not people:
        return
    for service, table, statement in KEPT:
        async with system.database(service) as db:
            async for row in db.cursor(statement):
                record = record_of(row)
                named = stones.people_named(record, system.references) & set(people)
                if named:
                    yield service, table, record, named


async def in_records(system: System, people: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """Return of whom records tell more than may be kept, by the service and the table that keep those records."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    async for service, table, record, named in naming(system, [UUID(one) for one in people]):
        if not stones.is_clear(record) if table == "dead_letters" else stones.details_in(record):
            found[service, table] |= {str(one) for one in named}
    return found


def on_people_current(bus: Bus) -> set[str]:
    """Return the people whose last record on `people.current` holds them.

    Whoever was erased has a tombstone there, or nothing any more: Kafka takes tombstones out in time.
    """
    last = {record.key: record.value for record in bus.read(PEOPLE)}
    return {(key or b"").decode("utf-8", "replace") for key, value in last.items() if value is not None}
