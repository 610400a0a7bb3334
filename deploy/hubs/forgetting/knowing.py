"""What is known of a person who is to be forgotten: what they are called, and which hubs named them."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from enrolment.answers import traces
from hubs.problems import Problem
from hubs.proof.forgotten import naming
from hubs.proof.mail import mails_of
from hubs.proof.system import System
from mathshubs.ids import References
from mathshubs.postgres import open_pool
from mathshubs.stones import SHORTEST
from mathshubs.topics import hub_of


class NobodyOfThatName(Problem):
    """Nobody was reported under this id or reference."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person who is to be forgotten, as everything that is kept knows them."""

    person_id: UUID
    hubs: frozenset[str]
    """Those that named the person, accepted or not."""
    same: frozenset[UUID]
    """The ids under which the person is known: several where records were merged."""
    words: frozenset[str] = field(repr=False)
    """What the person is called, in whatever record."""

    def in_words(self, text: str) -> bool:
        """Say whether a text names the person, by the first name or the last alone too."""
        folded, names = text.casefold(), {word.casefold() for word in self.words}
        parts = {part for name in names for part in name.split() if len(part) >= SHORTEST}
        return any(name in folded for name in names) or not parts.isdisjoint(re.findall(r"[\w'-]+", folded))


NAMED = """
    SELECT name AS word
      FROM people
     WHERE person_id = ANY($1::uuid[])
       AND name IS NOT NULL
     UNION
    SELECT email
      FROM people
     WHERE person_id = ANY($1::uuid[])
       AND email IS NOT NULL
     UNION
    SELECT address
      FROM deliveries
     WHERE person_id = ANY($1::uuid[])
       AND address IS NOT NULL
"""


def resolve(who: str, references: References) -> UUID:
    """Return the id of the person that `who` names: an id, or `HUB:REFERENCE` as the hub reported them.

    Raises:
        NobodyOfThatName: if it is neither.
    """
    try:
        return UUID(who)
    except ValueError:
        hub, colon, reference = who.partition(":")
    if not (hub and colon and reference):
        raise NobodyOfThatName(f"{who!r} is no person's id; write it as HUB:REFERENCE, such as river-vale:T-204")
    return references.resolve(hub, "person", reference)


async def look_up(system: System, person_id: UUID, remembered: Collection[str]) -> Known:
    """Find a person in every table, and in every record that waits or died; `remembered` is what was known before.

    Raises:
        NobodyOfThatName: if no hub ever named them in what is kept.
    """
    pool = await open_pool(system.postgres["enrolment"], size=2)
    try:
        here = await traces(pool, person_id, system.references)
    finally:
        await pool.close()
    told = {row["word"] for row in await system.fetch("notification", NAMED, list(here.same))}
    told |= {mail["to"] for mail in await mails_of(system, [str(id_) for id_ in here.same])}
    hubs = here.hubs | {hub_of(record.topic) async for _, _, record, _ in naming(system, here.same)}
    if not hubs:
        raise NobodyOfThatName("No hub ever reported anybody under that id or reference; is it as the hub spells it?")
    return Known(person_id, frozenset(hubs), here.same, here.words | told | frozenset(remembered))
