"""SQL that remembers which school took the place of which, so that a visit finds it under any of its numbers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from mathshubs.events import Event
from mathshubs.events.enrolment.schools import SchoolReplacedBy
from mathshubs.events.spoken import Urn
from mathshubs.postgres import Db, write_rows

NUMBERS = """
    WITH RECURSIVE earlier (asked, urn) AS (
        SELECT named.urn, named.urn
          FROM unnest($1::text[]) AS named (urn)
         UNION
        SELECT earlier.asked, link.predecessor
          FROM earlier
          JOIN successors AS link ON link.successor = earlier.urn
    ),
    later (asked, urn) AS (
        SELECT named.urn, named.urn
          FROM unnest($1::text[]) AS named (urn)
         UNION
        SELECT later.asked, link.successor
          FROM later
          JOIN successors AS link ON link.predecessor = later.urn
    )
    SELECT asked, urn
      FROM earlier
     UNION
    SELECT asked, urn
      FROM later
"""


async def numbers_of(db: Db, urns: Collection[Urn]) -> Mapping[Urn, frozenset[Urn]]:
    """Return, of each of `urns`, every number that the school had before or has since, that one included."""
    found: dict[Urn, set[Urn]] = defaultdict(set)
    for row in await db.fetch(NUMBERS, list(urns)):
        found[row["asked"]].add(row["urn"])
    return {asked: frozenset(numbers) for asked, numbers in found.items()}


KEEP_SUCCESSORS = """
    INSERT INTO successors (predecessor, successor)
    SELECT predecessor, successor
      FROM unnest($1::text[], $2::text[]) AS link (predecessor, successor)
     ORDER BY predecessor, successor
        ON CONFLICT (predecessor, successor) DO NOTHING
"""


async def hold(_db: Db, asked: Sequence[SchoolReplacedBy]) -> "Successors":
    """Take what enrolment says; nobody decides on it, so there is nothing to hold."""
    return Successors({(fact.predecessor_urn, fact.successor_urn) for fact in asked})


class Successors:
    """Which schools took the place of which, as a batch says."""

    def __init__(self, links: Collection[tuple[Urn, Urn]]) -> None:
        """Take the pairs of predecessor and successor."""
        self._links = links

    def state(self, _fact: SchoolReplacedBy) -> None:
        """Nothing is decided."""

    def evolve(self, fact: Event) -> None:
        """Nothing follows."""

    async def keep(self, db: Db) -> None:
        """Write the pairs that are new."""
        await write_rows(db, KEEP_SUCCESSORS, sorted(link for link in self._links if link[0] != link[1]))
