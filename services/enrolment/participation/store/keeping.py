"""Writes what has become of Work Groups, set-wise: what has ended first, since what begins may take its place."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from enrolment.participation.domain import Advocate, Lead, Place, Standing, WorkGroup
from mathshubs.postgres import Db, write_rows


async def keep(db: Db, before: Standing, now: Standing) -> None:
    """Write what is known `now` and was not `before`."""
    await _put_groups(db, [(id_, now.groups[id_]) for id_ in now.groups.keys() - before.groups.keys()])
    await _keep_leads(db, before, now)
    await _keep_places(db, before, now)
    await _keep_advocates(db, before, now)
    await write_rows(db, TURN_AWAY, sorted(now.turned_away - before.turned_away))
    await write_rows(db, TAKE_IN, sorted(before.turned_away - now.turned_away))


PUT_GROUPS = """
    INSERT INTO work_groups (work_group_id, hub, name, programme, stage, school_year, policy, lead_id)
    SELECT work_group_id, hub, name, programme, stage, school_year, policy, lead_id
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])
        AS formed (work_group_id, hub, name, programme, stage, school_year, policy, lead_id)
"""


async def _put_groups(db: Db, groups: Iterable[tuple[UUID, WorkGroup]]) -> None:
    rows = [(i, g.hub, g.name, g.programme, g.stage, g.school_year, g.policy, g.lead_id) for i, g in groups]
    await write_rows(db, PUT_GROUPS, rows)


END_LEADS = """
    UPDATE work_group_leads
       SET until_on = ended.until_on
      FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[]) AS ended (work_group_id, lead_id, from_on, until_on)
     WHERE work_group_leads.work_group_id = ended.work_group_id
       AND work_group_leads.lead_id = ended.lead_id
       AND work_group_leads.from_on = ended.from_on
"""
PUT_LEADS = """
    INSERT INTO work_group_leads (work_group_id, lead_id, from_on, until_on)
    SELECT work_group_id, lead_id, from_on, until_on
      FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[])
        AS assigned (work_group_id, lead_id, from_on, until_on)
"""


async def _keep_leads(db: Db, before: Standing, now: Standing) -> None:
    known, led = _leads(before), _leads(now)
    ended = [(*key, one.until_on) for key, one in led.items() if key in known and known[key] != one]
    await write_rows(db, END_LEADS, ended)
    await write_rows(db, PUT_LEADS, [(*key, one.until_on) for key, one in led.items() if key not in known])


def _leads(standing: Standing) -> dict[tuple[UUID, UUID, date], Lead]:
    return {(id_, one.lead_id, one.from_on): one for id_, history in standing.leads.items() for one in history}


END_PLACES = """
    UPDATE participations
       SET until_on = ended.until_on,
           reason = ended.reason
      FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[], $5::text[])
        AS ended (work_group_id, school_urn, from_on, until_on, reason)
     WHERE participations.work_group_id = ended.work_group_id
       AND participations.school_urn = ended.school_urn
       AND participations.from_on = ended.from_on
"""
PUT_PLACES = """
    INSERT INTO participations (work_group_id, school_urn, from_on, lineage, programme, school_year,
                                headteacher_agreed_on, until_on, reason)
    SELECT work_group_id, school_urn, from_on, lineage, programme, school_year, headteacher_agreed_on, until_on, reason
      FROM unnest($1::uuid[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
                  $9::text[])
        AS joined (work_group_id, school_urn, from_on, lineage, programme, school_year, headteacher_agreed_on,
                   until_on, reason)
"""


async def _keep_places(db: Db, before: Standing, now: Standing) -> None:
    known = before.places
    ended = [
        (*key, p.until_on, p.reason)
        for key, p in now.places.items()
        if key in known and known[key].until_on != p.until_on
    ]
    joined = [
        (*key, p.lineage, p.programme, p.school_year, p.headteacher_agreed_on, p.until_on, p.reason)
        for key, p in now.places.items()
        if key not in known
    ]
    await write_rows(db, END_PLACES, ended)
    await write_rows(db, PUT_PLACES, joined)


END_ADVOCATES = """
    UPDATE advocate_slots
       SET until_on = ended.until_on,
           reason = ended.reason
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::date[], $5::date[], $6::text[])
        AS ended (work_group_id, school_urn, person_id, from_on, until_on, reason)
     WHERE advocate_slots.work_group_id = ended.work_group_id
       AND advocate_slots.school_urn = ended.school_urn
       AND advocate_slots.person_id = ended.person_id
       AND advocate_slots.from_on = ended.from_on
"""
PUT_ADVOCATES = """
    INSERT INTO advocate_slots (work_group_id, school_urn, person_id, from_on, joined_on, programme, school_year,
                                slot, slots, until_on, reason)
    SELECT work_group_id, school_urn, person_id, from_on, joined_on, programme, school_year, slot, slots, until_on,
           reason
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::date[], $5::date[], $6::text[], $7::text[], $8::smallint[],
                  $9::smallint[], $10::date[], $11::text[])
        AS filled (work_group_id, school_urn, person_id, from_on, joined_on, programme, school_year, slot, slots,
                   until_on, reason)
"""


async def _keep_advocates(db: Db, before: Standing, now: Standing) -> None:
    known = {(p.work_group_id, p.school_urn, one.person_id, one.from_on): one for p, one in _advocates(before)}
    ended, filled = [], []
    for place, one in _advocates(now):
        key = (place.work_group_id, place.school_urn, one.person_id, one.from_on)
        if key not in known:
            slots = now.policy_of(place.work_group_id).slots
            where = (place.from_on, place.programme, place.school_year, one.slot, slots)
            filled.append((*key, *where, one.until_on, one.reason))
        elif known[key] != one:
            ended.append((*key, one.until_on, one.reason))
    await write_rows(db, END_ADVOCATES, ended)
    await write_rows(db, PUT_ADVOCATES, filled)


def _advocates(standing: Standing) -> Iterator[tuple[Place, Advocate]]:
    yield from ((place, one) for place in standing.places.values() for one in place.advocates)


TURN_AWAY = """
    INSERT INTO refused_joins (work_group_id, school_urn)
    SELECT work_group_id, school_urn
      FROM unnest($1::uuid[], $2::text[]) AS refused (work_group_id, school_urn)
"""
TAKE_IN = """
    DELETE FROM refused_joins
     USING unnest($1::uuid[], $2::text[]) AS joined (work_group_id, school_urn)
     WHERE refused_joins.work_group_id = joined.work_group_id
       AND refused_joins.school_urn = joined.school_urn
"""
