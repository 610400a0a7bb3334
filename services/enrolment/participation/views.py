"""How Work Groups stand, as hubs and the nation look at them: ids, codes and days, and nobody's name."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from enrolment.participation.domain import Advocate, Place, Span, Standing, meets, vacancies
from mathshubs.events.enrolment.participation import State, Vacated, Withdrew
from mathshubs.events.spoken import HubCode, PersonId, Programme, SchoolYear, Stage, Urn, WorkGroupId
from mathshubs.postgres import Db


class Filters(NamedTuple):
    """Which Work Groups are asked for; None is all."""

    hub: str | None = None
    school_year: SchoolYear | None = None
    state: State | None = None
    at_risk: bool | None = None


PAGE = """
    SELECT work_group_id
      FROM work_groups
      LEFT JOIN work_group_standings AS said USING (work_group_id)
     WHERE ($1::text IS NULL OR hub = $1)
       AND ($2::text IS NULL OR school_year = $2)
       AND ($3::text IS NULL OR said.state = $3)
       AND ($4::boolean IS NULL OR said.at_risk = $4)
       AND ($5::uuid IS NULL OR work_group_id > $5)
     ORDER BY work_group_id
     LIMIT $6
"""


async def page(db: Db, filters: Filters, after: UUID | None, most: int) -> list[UUID]:
    """Return the next `most` Work Groups after one."""
    return [row["work_group_id"] for row in await db.fetch(PAGE, *filters, after, most)]


class LeadShown(BaseModel):
    """Who leads, from a day on to the last one; null while it lasts."""

    lead_id: PersonId
    from_on: date
    until_on: date | None


class AdvocateShown(BaseModel):
    """Who holds or held a slot, on which days, and why no longer."""

    person_id: PersonId
    slot: int
    from_on: date
    until_on: date | None
    reason: Vacated | None


class VacancyShown(BaseModel):
    """A slot that nobody holds today, nor was named for, and since when."""

    slot: int
    vacant_since: date


class SchoolShown(BaseModel):
    """A school that takes or took part, under the number by which it joined; one that came back stands there twice."""

    school_urn: Urn
    lineage: Urn = Field(description="The number that stood for the school's lineage on the day of joining.")
    from_on: date
    until_on: date | None
    reason: Withdrew | None
    has_completed: bool | None = Field(description="null as long as it was not said; false where it was questioned.")
    advocates: list[AdvocateShown]
    vacancies: list[VacancyShown]


class WorkGroupShown(BaseModel):
    """A Work Group as it stands today."""

    work_group_id: WorkGroupId
    hub: HubCode
    programme: Programme
    stage: Stage
    school_year: SchoolYear
    policy: str
    state: State
    at_risk: bool = Field(description="It runs with fewer schools than its policy wants.")
    since: date
    schools_active: int
    meetings_held: int
    leads: list[LeadShown] = Field(description="In order of their days, without a gap or an overlap.")
    schools: list[SchoolShown]


def shown(standing: Standing, work_group_id: UUID, today: date) -> WorkGroupShown:
    """Return a group as it stands `today`; what began and ended on the same day is left out."""
    group, life = standing.groups[work_group_id], standing.life(work_group_id)
    stand = life.on(today)
    return WorkGroupShown(
        work_group_id=work_group_id,
        hub=group.hub,
        programme=group.programme,
        stage=group.stage,
        school_year=group.school_year,
        policy=group.policy,
        state=stand.state,
        at_risk=stand.at_risk,
        since=life.since(today),
        schools_active=stand.schools,
        meetings_held=len(life.met_on),
        leads=[LeadShown(**_columns(one, LeadShown)) for one in _lasting(life.leads)],
        schools=[_school(standing, place, today) for place in _lasting(life.places)],
    )


def _school(standing: Standing, place: Place, today: date) -> SchoolShown:
    empty = vacancies(place, standing.policy_of(place.work_group_id), today)
    return SchoolShown(
        school_urn=place.school_urn,
        lineage=place.lineage,
        from_on=place.from_on,
        until_on=place.until_on,
        reason=place.reason,
        has_completed=standing.completed.get((place.work_group_id, place.school_urn)),
        advocates=[_advocate(one) for one in _lasting(place.advocates)],
        vacancies=[VacancyShown(slot=one.slot, vacant_since=one.since) for one in empty],
    )


def _advocate(one: Advocate) -> AdvocateShown:
    return AdvocateShown(**_columns(one, AdvocateShown))


def _columns(one: object, shape: type[BaseModel]) -> dict[str, object]:
    return {name: getattr(one, name) for name in shape.model_fields}


Spanned = TypeVar("Spanned", bound=Span)


def _lasting(spans: Iterable[Spanned]) -> list[Spanned]:
    """Leave out what held on no day."""
    return [span for span in spans if meets(span, date.min)]
