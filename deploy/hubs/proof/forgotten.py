"""Whoever was erased is nowhere: in no table by name, in no mail, and on Kafka as a tombstone."""

import asyncio
from collections.abc import Collection
from typing import Any

import httpx

from hubs.proof.bus import Bus
from hubs.proof.mail import messages
from hubs.proof.system import Check, System, number, some

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
    SELECT delivery_id::text AS delivery_id, person_id::text AS person_id, address IS NOT NULL AS has_address
      FROM deliveries
     WHERE person_id::text = ANY($1::text[])
"""


async def the_forgotten_are_nowhere(system: System) -> Check:
    """Look for everybody who was erased in every place that may have named them."""
    people = {row["key"] for row in await system.fetch("enrolment", ERASED)}
    wrong = {
        **{f"named by {service}": await _named(system, service, people) for service in ("enrolment", "notification")},
        **{
            f"not forgotten by {service}": people - await _forgotten(system, service, people)
            for service in system.postgres
        },
        "addressed": {
            row["person_id"] for row in await system.fetch("notification", ADDRESSED, people) if row["has_address"]
        },
        "with mail": await with_mail(system, people),
        "on people.current": people & await asyncio.to_thread(on_people_current, Bus(system.kafka, system.prefix)),
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


async def with_mail(system: System, people: Collection[str]) -> set[str]:
    """Return those of these people who still have a mail in the mailbox, known by its Message-ID."""
    if system.inbox is None or not people:
        return set()
    whose = {row["delivery_id"]: row["person_id"] for row in await system.fetch("notification", ADDRESSED, people)}
    async with httpx.AsyncClient(timeout=30) as client:
        listed = await messages(client, system.inbox)
    named = {one["message_id"].strip("<>").partition("@")[0] for one in listed}
    return {whose[delivery] for delivery in named if delivery in whose}


def on_people_current(bus: Bus) -> set[str]:
    """Return the people whose last record on `people.current` holds them.

    Whoever was erased has a tombstone there, or nothing any more: Kafka takes tombstones out in time.
    """
    last = {record.key: record.value for record in bus.read(PEOPLE)}
    return {(key or b"").decode("utf-8", "replace") for key, value in last.items() if value is not None}
