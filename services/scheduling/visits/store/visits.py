"""Holds the visits to schools of the Work Groups that a batch names, and keeps those that are new."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.scheduling.visits import SupportVisitCompleted
from mathshubs.events.spoken import SchoolYear, Urn, VisitId, WorkGroupId
from mathshubs.hearing import NotHeardOf
from mathshubs.postgres import Db, write_rows
from scheduling.visits.domain import CompleteVisit, Notes, Place, Standing, Visit, joined_as, of_school
from scheduling.visits.store.schools import numbers_of, refused_by


@dataclass(frozen=True, slots=True)
class Group:
    """What a visit must know of its Work Group."""

    hub: str
    school_year: SchoolYear
    entitled_hours: float | None
    places: tuple[Place, ...]
    refused: frozenset[Urn]
    """The schools that it did not take."""


async def hold(db: Db, asked: Sequence[CompleteVisit]) -> "Visits":
    """Hold the visits of the Work Groups that `asked` is about until the transaction ends.

    Two visits to one school wait for each other, so that each counts the other's hours or is counted by it.
    """
    groups, ids = {ask.work_group_id for ask in asked}, {ask.visit_id for ask in asked}
    await journal.hold(db, {*(f"visits:{group}" for group in groups), *(f"visit:{id_}" for id_ in ids)})
    numbers = await numbers_of(db, {ask.school_urn for ask in asked})
    return Visits(await _groups(db, groups), numbers, await _visits(db, groups, ids))


LOAD_GROUPS = """
    SELECT formed.id, formed.hub, formed.school_year, policy.entitled_days * policy.hours_per_day AS entitled_hours
      FROM work_groups AS formed
      LEFT JOIN LATERAL (
               SELECT dated.entitled_days, dated.hours_per_day
                 FROM visit_policies AS dated
                WHERE dated.programme = formed.programme
                  AND dated.stage = formed.stage
                  AND dated.from_year <= formed.school_year
                ORDER BY dated.from_year DESC
                LIMIT 1
           ) AS policy ON true
     WHERE formed.id = ANY($1::uuid[])
"""
LOAD_PLACES = """
    SELECT work_group_id, school_urn, from_on, until_on
      FROM members
     WHERE work_group_id = ANY($1::uuid[])
     ORDER BY from_on, school_urn
"""


async def _groups(db: Db, groups: Collection[WorkGroupId]) -> dict[WorkGroupId, Group]:
    places: dict[WorkGroupId, list[Place]] = defaultdict(list)
    for group, *columns in await db.fetch(LOAD_PLACES, list(groups)):
        places[group].append(Place(*columns))
    refused = await refused_by(db, groups)
    return {
        id_: Group(hub, year, hours, tuple(places[id_]), refused.get(id_, frozenset()))
        for id_, hub, year, hours in await db.fetch(LOAD_GROUPS, list(groups))
    }


LOAD_VISITS = """
    SELECT id, work_group_id, school_urn, held_on, hours, mode, focus, actions, redacted
      FROM visits
     WHERE work_group_id = ANY($1::uuid[])
        OR id = ANY($2::uuid[])
"""


async def _visits(db: Db, groups: Collection[WorkGroupId], ids: Collection[VisitId]) -> dict[VisitId, Visit]:
    return {row["id"]: _visit(row) for row in await db.fetch(LOAD_VISITS, list(groups), list(ids))}


def _visit(row: asyncpg.Record) -> Visit:
    columns = dict(row)
    notes = Notes(columns.pop("focus"), columns.pop("actions"), columns.pop("redacted"))
    return Visit(**columns, notes=notes)


KEEP_VISITS = """
    INSERT INTO visits (id, work_group_id, school_urn, held_on, hours, mode, focus, actions)
    SELECT id, work_group_id, school_urn, held_on, hours, mode, focus, actions
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::double precision[], $6::text[], $7::text[],
                  $8::text[])
        AS visit (id, work_group_id, school_urn, held_on, hours, mode, focus, actions)
"""


class Visits:
    """The visits that a batch is decided on, as it goes on."""

    def __init__(
        self,
        groups: Mapping[WorkGroupId, Group],
        numbers: Mapping[Urn, frozenset[Urn]],
        visits: Mapping[VisitId, Visit],
    ) -> None:
        """Take the groups, every number of each school that is named, and the visits as they are loaded."""
        self._groups, self._numbers = groups, numbers
        self._before, self._visits = visits, dict(visits)
        self._asked: CompleteVisit | None = None

    def state(self, ask: CompleteVisit) -> Standing:
        """Return what the rule must know.

        Raises:
            NotHeardOf: if there is no such Work Group yet, or the school never had a place in it.
        """
        self._asked = ask
        group = self._groups.get(ask.work_group_id)
        if group is None:
            raise NotHeardOf(f"work_group:{ask.work_group_id}")
        numbers = self._numbers[ask.school_urn]
        places = of_school(group.places, ask.school_urn, numbers)
        if not places and group.hub == ask.hub and group.refused.isdisjoint(numbers):
            raise NotHeardOf(f"place:{ask.work_group_id}")
        visits = self._to(ask.work_group_id, joined_as(places)) if places else ()
        known = self._visits.get(ask.visit_id)
        return Standing(group.hub, group.school_year, places, known, visits, group.entitled_hours)

    def evolve(self, fact: Event) -> None:
        """Take up a visit, with its notes, which no fact carries."""
        if isinstance(fact, SupportVisitCompleted) and self._asked:
            self._visits[fact.visit_id] = Visit(
                fact.visit_id,
                fact.work_group_id,
                fact.school_urn,
                fact.held_on,
                fact.hours,
                fact.mode,
                self._asked.notes,
            )

    async def keep(self, db: Db) -> None:
        """Write the visits that are new."""
        new = [visit for visit in self._visits.values() if visit.id not in self._before]
        await write_rows(db, KEEP_VISITS, [_columns(visit) for visit in new])

    def _to(self, group: WorkGroupId, school: Urn) -> tuple[Visit, ...]:
        return tuple(one for one in self._visits.values() if (one.work_group_id, one.school_urn) == (group, school))


def _columns(visit: Visit) -> tuple[object, ...]:
    said = (visit.school_urn, visit.held_on, visit.hours, visit.mode)
    return visit.id, visit.work_group_id, *said, visit.notes.focus, visit.notes.actions
