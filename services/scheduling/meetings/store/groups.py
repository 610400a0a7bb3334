"""SQL that loads and writes the copies of Work Groups, set-wise."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from mathshubs.events.spoken import PersonId, WorkGroupId
from mathshubs.postgres import Db, write_rows
from scheduling.meetings.domain import Member, Slot, WorkGroup

LOAD_GROUPS = """
    SELECT id, hub, name, school_year, programme, stage
      FROM work_groups
     WHERE id = ANY($1::uuid[])
"""
LOAD_LEADS = """
    SELECT work_group_id, from_on, person_id
      FROM leads
     WHERE work_group_id = ANY($1::uuid[])
"""
LOAD_SLOTS = """
    SELECT work_group_id, person_id, school_urn, from_on, until_on
      FROM slots
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY from_on, person_id
"""
LOAD_MEMBERS = """
    SELECT work_group_id, school_urn, from_on, until_on, local_authority_code
      FROM members
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY from_on, school_urn
"""


async def load_groups(db: Db, groups: Collection[WorkGroupId]) -> dict[WorkGroupId, WorkGroup]:
    """Return those of `groups` that are known, with who leads them, their advocates and their schools."""
    named = list(groups)
    leads: dict[WorkGroupId, dict[date, PersonId]] = defaultdict(dict)
    for row in await db.fetch(LOAD_LEADS, named):
        leads[row["work_group_id"]][row["from_on"]] = row["person_id"]
    slots: dict[WorkGroupId, list[Slot]] = defaultdict(list)
    for group, *columns in await db.fetch(LOAD_SLOTS, named):
        slots[group].append(Slot(*columns))
    members: dict[WorkGroupId, list[Member]] = defaultdict(list)
    for group, *columns in await db.fetch(LOAD_MEMBERS, named):
        members[group].append(Member(*columns))
    return {
        row["id"]: WorkGroup(
            **row, leads=leads[row["id"]], slots=tuple(slots[row["id"]]), members=tuple(members[row["id"]])
        )
        for row in await db.fetch(LOAD_GROUPS, named)
    }


PUT_GROUPS = """
    INSERT INTO work_groups (id, hub, name, school_year, programme, stage)
    SELECT id, hub, name, school_year, programme, stage
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        AS formed (id, hub, name, school_year, programme, stage)
        ON CONFLICT (id) DO UPDATE
       SET hub = excluded.hub,
           name = excluded.name,
           school_year = excluded.school_year,
           programme = excluded.programme,
           stage = excluded.stage
"""
CLEAR_LEADS = "DELETE FROM leads WHERE work_group_id = ANY($1::uuid[])"
CLEAR_SLOTS = "DELETE FROM slots WHERE work_group_id = ANY($1::uuid[])"
CLEAR_MEMBERS = "DELETE FROM members WHERE work_group_id = ANY($1::uuid[])"
PUT_LEADS = """
    INSERT INTO leads (work_group_id, from_on, person_id)
    SELECT work_group_id, from_on, person_id
      FROM unnest($1::uuid[], $2::date[], $3::uuid[]) AS lead (work_group_id, from_on, person_id)
"""
PUT_SLOTS = """
    INSERT INTO slots (work_group_id, person_id, school_urn, from_on, until_on)
    SELECT work_group_id, person_id, school_urn, from_on, until_on
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[])
        AS slot (work_group_id, person_id, school_urn, from_on, until_on)
"""
PUT_MEMBERS = """
    INSERT INTO members (work_group_id, school_urn, from_on, until_on, local_authority_code)
    SELECT work_group_id, school_urn, from_on, until_on, local_authority_code
      FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[], $5::text[])
        AS member (work_group_id, school_urn, from_on, until_on, local_authority_code)
"""


async def keep_groups(db: Db, groups: Sequence[WorkGroup]) -> None:
    """Write these Work Groups, new or changed, in place of what was written of them before."""
    if not groups:
        return
    named = [group.id for group in groups]
    for statement in (CLEAR_LEADS, CLEAR_SLOTS, CLEAR_MEMBERS):
        await db.execute(statement, named)
    formed = [(g.id, g.hub, g.name, g.school_year, g.programme, g.stage) for g in groups]
    slots = [(g.id, s.person_id, s.school_urn, s.from_on, s.until_on) for g in groups for s in g.slots]
    members = [(g.id, m.school_urn, m.from_on, m.until_on, m.local_authority_code) for g in groups for m in g.members]
    await write_rows(db, PUT_GROUPS, formed)
    await write_rows(db, PUT_LEADS, [(g.id, *lead) for g in groups for lead in g.leads.items()])
    await write_rows(db, PUT_SLOTS, slots)
    await write_rows(db, PUT_MEMBERS, members)
