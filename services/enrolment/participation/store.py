"""SQL that holds and writes Work Groups, the schools in them and their advocates."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg

from enrolment.participation.domain import (
    Advocate,
    Candidate,
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    Place,
    Policy,
    Register,
    Request,
    Standing,
    WorkGroup,
    awaited,
    candidates,
    evolve,
)
from mathshubs import journal
from mathshubs.answering import Hold
from mathshubs.events import Event
from mathshubs.hearing import NotHeardOf
from mathshubs.lineage import Lineages
from mathshubs.postgres import Db, write_rows

Trace = Callable[[Db, Collection[str]], Awaitable[tuple[Lineages, frozenset[str]]]]
"""Gives the lineages of the schools with these numbers, and every number that they have had or will have."""
Judge = Callable[
    [Db, Collection[str], Collection[Candidate]], Awaitable[tuple[frozenset[str], Mapping[Candidate, tuple[str, ...]]]]
]
"""Says which of these numbers the register has, and why each candidate may not take part."""


class Held:
    """The groups and places that a batch names, as they stand after each of its facts."""

    def __init__(self, standing: Standing) -> None:
        self._loaded = self._now = standing

    def state(self, ask: Request) -> Standing:
        """Return what is known.

        Raises:
            NotHeardOf: if the group of `ask`, or its school's place there, has not been reported yet.
        """
        if missing := awaited(self._now, ask):
            raise NotHeardOf(missing)
        return self._now

    def evolve(self, fact: Event) -> None:
        """Take up what was decided."""
        self._now = evolve(self._now, fact)

    async def keep(self, db: Db) -> None:
        """Write what is known now and was not when the batch began."""
        before, now = self._loaded, self._now
        await _put_groups(db, [(id_, now.groups[id_]) for id_ in now.groups.keys() - before.groups.keys()])
        await _put_places(db, [now.places[key] for key in now.places.keys() - before.places.keys()])
        await _put_advocates(db, before, now)
        await write_rows(db, TURN_AWAY, sorted(now.turned_away - before.turned_away))
        await write_rows(db, TAKE_IN, sorted(before.turned_away - now.turned_away))


def holding(trace: Trace, judge: Judge) -> Hold:
    """Return the hold of Work Groups; what the register says comes by `trace` and `judge`.

    Lineages are held beside the groups, since two groups may want the same school at the same time.
    """

    async def hold(db: Db, requests: Sequence[Request]) -> Held:
        urns = {ask.school_urn for ask in requests if not isinstance(ask, FormWorkGroup)}
        lineages, relatives = await trace(db, urns)
        groups = {ask.work_group_id for ask in requests}
        await journal.hold(db, {*map(str, groups), *(f"lineage:{urn}" for urn in relatives)})
        standing = await load(db, groups, relatives, _people(requests), lineages)
        known, reasons = await judge(db, urns, candidates(standing, requests))
        return Held(replace(standing, register=Register(known, lineages, reasons)))

    return hold


def _people(requests: Iterable[Request]) -> set[UUID]:
    named = (
        ask.person_id if isinstance(ask, NominateAdvocate) else ask.lead_id
        for ask in requests
        if not isinstance(ask, JoinWorkGroup)
    )
    return {person_id for person_id in named if person_id}


POLICIES = """
    SELECT name, programme, from_year, slots, names_from_month
      FROM policies
"""
GROUPS = """
    SELECT work_group_id, hub, name, programme, stage, school_year, policy, lead_id
      FROM work_groups
     WHERE work_group_id = ANY($1::uuid[])
"""
REPORTED = """
    SELECT person_id
      FROM people
     WHERE person_id = ANY($1::uuid[])
       AND erased_at IS NULL
"""
TURNED_AWAY = """
    SELECT work_group_id, school_urn
      FROM refused_joins
     WHERE work_group_id = ANY($1::uuid[])
"""


async def load(
    db: Db, groups: Collection[UUID], urns: Collection[str], people: Collection[UUID], lineages: Lineages
) -> Standing:
    """Return what is known of these groups, schools and teachers, each school being judged by nobody yet."""
    policies = [Policy(**row) for row in await db.fetch(POLICIES)]
    found = {id_: WorkGroup(**columns) for id_, columns in map(_keyed, await db.fetch(GROUPS, groups))}
    reported = [row["person_id"] for row in await db.fetch(REPORTED, people)]
    turned_away = [(row["work_group_id"], row["school_urn"]) for row in await db.fetch(TURNED_AWAY, groups)]
    return Standing(
        policies=tuple(policies),
        register=Register(frozenset(), lineages, {}),
        people=frozenset(reported),
        groups=found,
        places=await _places(db, groups, urns, people),
        turned_away=frozenset(turned_away),
    )


def _keyed(row: asyncpg.Record) -> tuple[UUID, dict[str, Any]]:
    columns = dict(row)
    return columns.pop("work_group_id"), columns


# Of a teacher the places are wanted in which they hold a slot, whosever group that is.
PLACES = """
    WITH wanted AS (
        SELECT work_group_id, school_urn FROM participations WHERE work_group_id = ANY($1::uuid[])
         UNION
        SELECT work_group_id, school_urn FROM participations WHERE school_urn = ANY($2::text[])
         UNION
        SELECT work_group_id, school_urn FROM advocate_slots WHERE person_id = ANY($3::uuid[])
    )
    SELECT work_group_id, school_urn, place.lineage, place.programme, place.school_year, place.from_on,
           place.headteacher_agreed_on, filled.person_id, filled.slot, filled.from_on AS filled_on
      FROM wanted
      JOIN participations AS place USING (work_group_id, school_urn)
      LEFT JOIN advocate_slots AS filled USING (work_group_id, school_urn)
     ORDER BY work_group_id, school_urn, filled.slot
"""


async def _places(
    db: Db, groups: Collection[UUID], urns: Collection[str], people: Collection[UUID]
) -> dict[tuple[UUID, str], Place]:
    rows = await db.fetch(PLACES, groups, urns, people)
    found = {}
    for key, lines in groupby(rows, key=lambda row: (row["work_group_id"], row["school_urn"])):
        same = list(lines)
        columns = {name: same[0][name] for name in _PLACE}
        advocates = tuple(Advocate(r["person_id"], r["slot"], r["filled_on"]) for r in same if r["person_id"])
        found[key] = Place(**columns, advocates=advocates)
    return found


_PLACE = ("work_group_id", "school_urn", "lineage", "programme", "school_year", "from_on", "headteacher_agreed_on")

PUT_GROUPS = """
    INSERT INTO work_groups (work_group_id, hub, name, programme, stage, school_year, policy, lead_id)
    SELECT work_group_id, hub, name, programme, stage, school_year, policy, lead_id
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])
        AS formed (work_group_id, hub, name, programme, stage, school_year, policy, lead_id)
"""


async def _put_groups(db: Db, groups: Iterable[tuple[UUID, WorkGroup]]) -> None:
    rows = [(i, g.hub, g.name, g.programme, g.stage, g.school_year, g.policy, g.lead_id) for i, g in groups]
    await write_rows(db, PUT_GROUPS, rows)


PUT_PLACES = """
    INSERT INTO participations (work_group_id, school_urn, lineage, programme, school_year, from_on,
                                headteacher_agreed_on)
    SELECT work_group_id, school_urn, lineage, programme, school_year, from_on, headteacher_agreed_on
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])
        AS joined (work_group_id, school_urn, lineage, programme, school_year, from_on, headteacher_agreed_on)
"""


async def _put_places(db: Db, places: Iterable[Place]) -> None:
    await write_rows(db, PUT_PLACES, [tuple(getattr(place, name) for name in _PLACE) for place in places])


PUT_ADVOCATES = """
    INSERT INTO advocate_slots (work_group_id, school_urn, programme, school_year, slot, slots, person_id, from_on)
    SELECT work_group_id, school_urn, programme, school_year, slot, slots, person_id, from_on
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::smallint[], $7::uuid[],
                  $8::date[])
        AS filled (work_group_id, school_urn, programme, school_year, slot, slots, person_id, from_on)
"""


async def _put_advocates(db: Db, before: Standing, now: Standing) -> None:
    rows = []
    for key, place in now.places.items():
        known = before.places[key].advocates if key in before.places else ()
        where = (place.work_group_id, place.school_urn, place.programme, place.school_year)
        for new in place.advocates[len(known) :]:
            slots = now.policy_of(place.work_group_id).slots
            rows.append((*where, new.slot, slots, new.person_id, new.from_on))
    await write_rows(db, PUT_ADVOCATES, rows)


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
