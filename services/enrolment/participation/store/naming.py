"""Finds the Work Groups in which people hold a slot, held one, or lead."""

from collections.abc import Collection
from uuid import UUID

from mathshubs.postgres import Db

NAMED_IN = """
    SELECT DISTINCT work_group_id, school_urn, person_id
      FROM advocate_slots
     WHERE person_id = ANY($1::uuid[])
     UNION
    SELECT work_group_id, NULL, lead_id
      FROM work_group_leads
     WHERE lead_id = ANY($1::uuid[])
"""


async def named_in(db: Db, people: Collection[UUID]) -> list[tuple[UUID, str | None, UUID]]:
    """Return each Work Group that one of `people` is named in, with the school of their slot; none for its lead."""
    rows = await db.fetch(NAMED_IN, list(people))
    return [(row["work_group_id"], row["school_urn"], row["person_id"]) for row in rows]
