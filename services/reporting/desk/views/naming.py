"""SQL that finds the public names of what facts name by id."""

from collections.abc import Iterable
from uuid import UUID

from mathshubs.events import Event
from mathshubs.postgres import Db
from reporting.desk.domain import Names, schools_of

SCHOOLS = """
    SELECT DISTINCT ON (urn) urn, name
      FROM report.schools
     WHERE urn = ANY($1::text[])
     ORDER BY urn, version DESC
"""

GROUPS = """
    SELECT DISTINCT ON (work_group_id) work_group_id, name
      FROM report.work_groups
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY work_group_id, version DESC
"""

HUBS = """
    SELECT DISTINCT ON (code) code, name
      FROM report.hubs
     ORDER BY code, version DESC
"""


async def names_of(db: Db, facts: Iterable[Event]) -> Names:
    """Return the names of the schools, Work Groups and hubs that these facts name."""
    told = list(facts)
    urns = {urn for fact in told for urn in schools_of(fact)}
    return await names(db, urns, {group for fact in told if (group := getattr(fact, "work_group_id", None))})


async def names(db: Db, urns: Iterable[str], groups: Iterable[UUID]) -> Names:
    """Return the names of these schools and Work Groups, and of every hub."""
    return Names(
        {row["urn"]: row["name"] for row in await db.fetch(SCHOOLS, list(urns))},
        {str(row["work_group_id"]): row["name"] for row in await db.fetch(GROUPS, list(groups))},
        {row["code"]: row["name"] for row in await db.fetch(HUBS)},
    )
