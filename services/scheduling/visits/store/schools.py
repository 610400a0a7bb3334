"""SQL that remembers of schools what visits ask for: their numbers, and which Work Groups did not take them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from mathshubs.events import Event
from mathshubs.events.enrolment.participation import SchoolJoinRefused
from mathshubs.events.enrolment.schools import SchoolReplacedBy
from mathshubs.events.spoken import Urn, WorkGroupId
from mathshubs.postgres import Db, write_rows
from scheduling.visits.domain import OfSchool

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


REFUSED = """
    SELECT refused.work_group_id, refused.school_urn
      FROM refused_joins AS refused
      JOIN work_groups AS formed ON formed.id = refused.work_group_id AND formed.hub = refused.hub
     WHERE refused.work_group_id = ANY($1::uuid[])
"""


async def refused_by(db: Db, groups: Collection[WorkGroupId]) -> Mapping[WorkGroupId, frozenset[Urn]]:
    """Return the schools that each of `groups` did not take, though its own hub reported that they joined."""
    found: dict[WorkGroupId, set[Urn]] = defaultdict(set)
    for row in await db.fetch(REFUSED, list(groups)):
        found[row["work_group_id"]].add(row["school_urn"])
    return {group: frozenset(schools) for group, schools in found.items()}


KEEP_REFUSED = """
    INSERT INTO refused_joins (work_group_id, hub, school_urn)
    SELECT work_group_id, hub, school_urn
      FROM unnest($1::uuid[], $2::text[], $3::text[]) AS refused (work_group_id, hub, school_urn)
     ORDER BY work_group_id, hub, school_urn
        ON CONFLICT (work_group_id, hub, school_urn) DO NOTHING
"""


async def hold(_db: Db, asked: Sequence[OfSchool]) -> "Schools":
    """Take what enrolment says; nobody decides on it, so there is nothing to hold."""
    return Schools(asked)


class Schools:
    """What a batch says of schools."""

    def __init__(self, said: Sequence[OfSchool]) -> None:
        """Take what enrolment says."""
        self._said = said

    def state(self, _fact: OfSchool) -> None:
        """Nothing is decided."""

    def evolve(self, fact: Event) -> None:
        """Nothing follows."""

    async def keep(self, db: Db) -> None:
        """Write what is new of it."""
        links = {(one.predecessor_urn, one.successor_urn) for one in self._said if isinstance(one, SchoolReplacedBy)}
        joins = [one for one in self._said if isinstance(one, SchoolJoinRefused) and one.hub]
        refused = {(one.work_group_id, str(one.hub), one.school_urn) for one in joins}
        await write_rows(db, KEEP_SUCCESSORS, sorted(link for link in links if link[0] != link[1]))
        await write_rows(db, KEEP_REFUSED, sorted(refused))
