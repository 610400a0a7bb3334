"""Has a person erased, waits until every service has forgotten them, and clears the local mailbox."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

import httpx

from enrolment.answers import erase
from enrolment.people.domain import UnknownPerson
from hubs.problems import Problem
from hubs.proof.forgotten import ADDRESSED, FORGOTTEN_BY
from hubs.proof.mail import messages
from hubs.proof.system import System
from mathshubs.ids import References
from mathshubs.postgres import open_pool

LOOK = 0.2  # seconds between two looks
PATIENCE = 60.0  # seconds for all services to answer


class NobodyOfThatName(Problem):
    """Nobody was reported under this id or reference."""


class NotForgottenYet(Problem):
    """A service has not answered in time; it forgets as soon as it hears of it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased: the words to search for live in this process alone."""

    person_id: UUID
    words: frozenset[str] = field(repr=False)
    """Those that nobody else goes by: what a namesake is called stands where it should."""
    shared: int
    """How many words somebody else goes by as well."""
    scrubbed: dict[str, int]
    mails: int


NAMED = """
    SELECT name, email
      FROM people
     WHERE person_id = $1
       AND name IS NOT NULL
"""
WRITTEN_TO = """
    SELECT DISTINCT address
      FROM deliveries
     WHERE person_id = $1
       AND address IS NOT NULL
"""


def resolve(who: str, secret: str) -> UUID:
    """Return the id of the person that `who` names: an id, or `HUB:REFERENCE` as the hub reported them."""
    try:
        return UUID(who)
    except ValueError:
        hub, colon, reference = who.partition(":")
    if not (hub and colon and reference):
        raise NobodyOfThatName(f"{who!r} is no person's id; write it as HUB:REFERENCE, such as river-vale:T-204")
    return References(secret).resolve(hub, "person", reference)


async def known_words(system: System, person_id: UUID) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that name a person in the tables of people, and the addresses that mail went to."""
    rows = [row for service in ("enrolment", "notification") for row in await system.fetch(service, NAMED, person_id)]
    written = await system.fetch("notification", WRITTEN_TO, person_id)
    addresses = {row["email"] for row in rows} | {row["address"] for row in written}
    addresses |= set(await _addressees(system, person_id))
    return frozenset({row["name"] for row in rows} | addresses), frozenset(addresses)


async def _addressees(system: System, person_id: UUID) -> Collection[str]:
    """Return the addresses of this person's mails in the mailbox, known by their Message-IDs."""
    if system.inbox is None:
        return ()
    rows = await system.fetch("notification", ADDRESSED, [str(person_id)])
    theirs = {row["delivery_id"] for row in rows}
    async with httpx.AsyncClient(timeout=30) as client:
        listed = await messages(client, system.inbox)
    return {one["to"] for one in listed if one["message_id"].strip("<>").partition("@")[0] in theirs}


async def forget(system: System, person_id: UUID, *, by: str, why: str, secret: str) -> Erased:
    """Erase a person; return when every service has answered and the mailbox is clear of them.

    Done again after a crash, it finishes what was begun.

    Raises:
        NobodyOfThatName: if nobody was reported under this id.
        NotForgottenYet: if a service does not answer within a minute.
    """
    words, addresses = await known_words(system, person_id)
    pool = await open_pool(system.postgres["enrolment"], size=2)
    try:
        scrubbed = await erase(pool, person_id, by=by, why=why, references=References(secret))
    except UnknownPerson as unknown:
        raise NobodyOfThatName(
            f"Nobody was reported as {person_id}; is the reference as the hub spells it?"
        ) from unknown
    finally:
        await pool.close()
    await _answered(system, person_id)
    others = await _borne_by_others(system, words)
    removed = await _clear(system, addresses - others)
    return Erased(person_id, words - others, len(others), scrubbed, removed)


BORNE = """
    SELECT DISTINCT word
      FROM unnest($1::text[]) AS word
      JOIN people ON lower(word) IN (lower(people.name), lower(people.email))
"""


async def _borne_by_others(system: System, words: Collection[str]) -> frozenset[str]:
    """Return those words that somebody who is not erased goes by: a namesake, or who shares an address."""
    return frozenset(row["word"] for row in await system.fetch("enrolment", BORNE, list(words)))


async def _answered(system: System, person_id: UUID) -> None:
    """Wait until every service has said that it has forgotten."""
    deadline, waiting = time.monotonic() + PATIENCE, set(system.postgres)
    while waiting := {service for service in waiting if not await _has_forgotten(system, service, person_id)}:
        if time.monotonic() > deadline:
            named = " and ".join(sorted(waiting))
            raise NotForgottenYet(
                f"The person is erased; {named} did not answer within a minute. Run this again later."
            )
        await asyncio.sleep(LOOK)


async def _has_forgotten(system: System, service: str, person_id: UUID) -> bool:
    kind = f"uk.mathshubs.{service}.PersonForgotten.v1"
    return bool(await system.fetch(service, FORGOTTEN_BY, f"{service}.facts", kind, [str(person_id)]))


async def _clear(system: System, addresses: Collection[str]) -> int:
    """Remove the mails to these addresses from the local mailbox and return how many there were."""
    if system.inbox is None:
        return 0
    removed = 0
    async with httpx.AsyncClient(timeout=30) as client:
        for address in addresses:
            answer = await client.delete(f"{system.inbox}/people/{quote(address, safe='')}")
            removed += int(answer.raise_for_status().json()["removed"])
    return removed
