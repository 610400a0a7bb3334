"""The HTTP door for programs: figures, and what is behind each. Schools are public, so nobody needs a key.

People are in no answer, not even by their ids.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from mathshubs import clock
from mathshubs.running import Running
from reporting.api import asking
from reporting.api.asking import Filters, MemberFilters, When, YearFilters
from reporting.api.models import (
    AllFiguresAnswer,
    ExceptionRow,
    Explained,
    FigureRow,
    FiguresAnswer,
    MeasureRow,
    MeasuresAnswer,
    MemberRow,
    MembersAnswer,
    OneOfAll,
    PartRow,
    SharedLineage,
)
from reporting.desk.domain import freshness
from reporting.measures import domain, views
from reporting.measures.domain import MEASURES, Asked, Level, Measure, Part

Reading = Callable[[], Running]
PERSON: Final = "person"


def router(running: Reading) -> APIRouter:
    """Return the addresses below `/v1/figures`."""
    routes = APIRouter(tags=["figures"])

    @routes.get("/v1/figures/measures")
    async def measures() -> MeasuresAnswer:
        """Every measure that there is, with its definition and its parts."""
        return MeasuresAnswer(measures=[_measure(one) for one in MEASURES.values()])

    @routes.get("/v1/figures")
    async def figures(filters: Annotated[Filters, Query()]) -> FiguresAnswer:
        """Figures of one measure in one school year, as they were at one instant and as known at another."""
        return await _figures(running(), filters)

    @routes.get("/v1/figures/all")
    async def every_figure(filters: Annotated[YearFilters, Query()]) -> AllFiguresAnswer:
        """Every measure of one school year at every level, out of one snapshot: they are all of one moment."""
        return await _all(running(), filters)

    @routes.get("/v1/figures/members")
    async def members(filters: Annotated[MemberFilters, Query()]) -> MembersAnswer:
        """What is behind a figure: each lineage once, by the URN that it has on the day asked about."""
        return await _members(running(), filters)

    return routes


def _measure(measure: Measure) -> MeasureRow:
    return MeasureRow(
        id=measure.id,
        name=measure.name,
        definition=measure.definition,
        unit=measure.unit,
        levels=list(measure.levels),
        by_stage=measure.by_stage,
        parts=[PartRow(code=part.code, name=part.name, unit=part.unit) for part in measure.parts],
    )


async def _figures(running: Running, filters: Filters) -> FiguresAnswer:
    measure, (as_at, known_at) = MEASURES[filters.measure], asking.instants(filters)
    survey = await views.survey(running.pool, asking.asked(filters, as_at, known_at), measure)
    rows = _rows(measure, filters.level, survey)
    explained = _explained(measure, survey) if filters.level is Level.HUB else None
    answered = await _answered(running, filters, as_at, known_at)
    return FiguresAnswer(**answered, rows=rows, reconciliation=explained, exceptions=_exceptions(measure, survey))


async def _all(running: Running, filters: YearFilters) -> AllFiguresAnswer:
    as_at, known_at = asking.instants(filters)
    asked = Asked(filters.school_year, domain.instant_of(as_at), domain.instant_of(known_at))
    found = await views.surveys(running.pool, asked, MEASURES.values())
    measures = [_one_of_all(MEASURES[measure], survey) for measure, survey in found.items()]
    return AllFiguresAnswer(**await _answered_of_year(running, filters, as_at, known_at), measures=measures)


def _one_of_all(measure: Measure, survey: domain.Survey) -> OneOfAll:
    return OneOfAll(
        measure=measure.id,
        name=measure.name,
        definition=measure.definition,
        unit=measure.unit,
        rows=[row for level in measure.levels for row in _rows(measure, level, survey)],
        reconciliation=_explained(measure, survey),
        exceptions=_exceptions(measure, survey),
    )


def _rows(measure: Measure, level: Level, survey: domain.Survey) -> list[FigureRow]:
    return [
        FigureRow(
            level=figure.level,
            code=figure.place.code,
            name=figure.place.name,
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            apologies=figure.apologies,
            **_part(figure.part),
        )
        for figure in domain.figures(measure, level, survey)
    ]


def _part(part: Part | None) -> Mapping[str, Any]:
    return {"part": part.code, "part_name": part.name, "unit": part.unit} if part else {}


def _explained(measure: Measure, survey: domain.Survey) -> Explained | None:
    found = domain.reconciliation(measure, survey)
    if found is None:
        return None
    shared = [SharedLineage(lineage=one.lineage, name=one.name, codes=_codes(one)) for one in found.shared]
    return Explained(sum_of_hubs=found.sum_of_hubs, national=found.national, shared=shared)


def _exceptions(measure: Measure, survey: domain.Survey) -> list[ExceptionRow] | None:
    if measure.id != "M3":
        return None
    return [
        ExceptionRow(lineage=one.lineage, name=one.name, hub=one.places[Level.HUB].code)
        for one in domain.exceptions(survey.seen)
    ]


async def _members(running: Running, filters: MemberFilters) -> MembersAnswer:
    after, as_at, known_at = asking.page(filters)
    measure = MEASURES[filters.measure]
    survey = await views.survey(running.pool, asking.asked(filters, as_at, known_at), measure)
    found = domain.members(measure, filters.level, survey, filters.code, filters.part)
    rest = [member for member in found if member.kind != PERSON and member.order > after]
    shown = rest[: filters.limit]
    more = asking.cursor(shown[-1].order, as_at, known_at) if len(rest) > len(shown) else None
    answered = await _answered(running, filters, as_at, known_at)
    return MembersAnswer(**answered, members=[_member(one) for one in shown], total=len(found), next=more)


def _member(one: domain.Member) -> MemberRow:
    numbers = {"meetings": one.meetings, "expected": one.expected, "present": one.present, "apologies": one.apologies}
    lineage = one.lineage if one.kind == "school" else None
    return MemberRow(kind=one.kind, id=one.id, lineage=lineage, name=one.name, codes=_codes(one), **numbers)


def _codes(one: domain.Member) -> list[str]:
    return [place.code for place in one.places]


async def _answered(running: Running, filters: Filters, as_at: When, known_at: When) -> Mapping[str, Any]:
    measure = MEASURES[filters.measure]
    return {
        "measure": measure.id,
        "name": measure.name,
        "definition": measure.definition,
        "unit": measure.unit,
        "level": filters.level,
        "stage": filters.stage,
        **await _answered_of_year(running, filters, as_at, known_at),
    }


async def _answered_of_year(running: Running, filters: YearFilters, as_at: When, known_at: When) -> Mapping[str, Any]:
    moments = (domain.instant_of(as_at), domain.instant_of(known_at), clock.now())
    return {
        "school_year": filters.school_year,
        "as_at": as_at,
        "known_at": known_at,
        "status": domain.status(await views.final_from(running.pool, filters.school_year), *moments),
        "freshness": freshness(behind(running)),
    }


def behind(running: Running) -> dict[str, float | None]:
    """Return how many seconds this process is behind, by the topics that it hears; None where that is not known."""
    found: dict[str, float | None] = {}
    for subscription in running.subscriptions:
        found |= subscription.behind_seconds()
    return found
