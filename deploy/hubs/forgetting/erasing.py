"""Has a person erased, waits until every service has forgotten them, and clears the local mailbox."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from enrolment.answers import erase
from hubs.forgetting.knowing import Known
from hubs.parts.http import trust
from hubs.problems import Problem
from hubs.proof.forgotten import FORGOTTEN_BY
from hubs.proof.mail import mails_of
from hubs.proof.system import System
from mathshubs.postgres import open_pool
from scheduling.answers import scrub

LOOK = 0.2  # seconds between two looks
PATIENCE = 60.0  # seconds for all services to answer


class NotForgottenYet(Problem):
    """A service has not answered in time; it forgets as soon as it hears of it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased: the words to search for, and what was done."""

    person_id: UUID
    same: frozenset[UUID]
    """The ids under which they were known: several where records were merged."""
    words: frozenset[str] = field(repr=False)
    """Those that nobody else goes by: what a namesake is called stands where it should."""
    shared: int
    """How many words somebody else goes by as well."""
    scrubbed: dict[str, int]
    links: int
    """How many links to meetings were withheld, since they held such a word."""
    visits: int
    """How many visits lost such a word in their notes."""
    mails: int


async def forget(system: System, known: Known, *, by: str, why: str) -> Erased:
    """Erase a person; return when every service has answered and the mailbox is clear of them.

    Done again after a crash, it finishes what was begun.

    Raises:
        NotForgottenYet: if a service does not answer within a minute.
    """
    pool = await open_pool(system.postgres["enrolment"], size=2)
    try:
        named_by, references = min(known.hubs), system.references
        scrubbed = await erase(
            pool, known.person_id, by=by, why=why, references=references, named_by=named_by, known=known.words
        )
    finally:
        await pool.close()
    for id_ in known.same:
        await _answered(system, id_)
    removed = await _clear(system, known.same)
    others = await _borne_by_others(system, known.words)
    words = known.words - others
    taken = await _withhold(system, words)
    return Erased(known.person_id, known.same, words, len(others), scrubbed, taken["links"], taken["visits"], removed)


async def _withhold(system: System, words: Collection[str]) -> dict[str, int]:
    """Take the words out of what hubs wrote in scheduling for few to read; return of how many, by store."""
    pool = await open_pool(system.postgres["scheduling"], size=2)
    try:
        return await scrub(pool, words)
    finally:
        await pool.close()


BORNE = """
    SELECT DISTINCT word
      FROM unnest($1::text[]) AS word
      JOIN people ON lower(word) IN (lower(people.name), lower(people.email), people.trn)
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


async def _clear(system: System, same: Collection[UUID]) -> int:
    """Remove the person's mails from the local mailbox, those too that arrive meanwhile; return how many there were.

    The ledger knows which are theirs: an address may be somebody else's as well.
    """
    removed = 0
    async with httpx.AsyncClient(verify=trust(), timeout=30) as client:
        while theirs := await mails_of(system, [str(id_) for id_ in same]):
            for mail in theirs:
                answer = await client.delete(f"{system.inbox}/messages/{mail['id']}")
                removed += answer.status_code == httpx.codes.NO_CONTENT
    return removed
