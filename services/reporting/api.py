"""The HTTP door for programs: figures, and the schools behind each. Schools are public, so nobody needs a key."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mathshubs import clock
from mathshubs.events.spoken import Stage
from mathshubs.http import Problem
from mathshubs.running import Running
from reporting.desk.domain import freshness
from reporting.measures import domain, views
from reporting.measures.domain import MEASURES, Asked, Level, Measure

When = date | datetime
_EARLIEST, _LATEST = 1900, 9000
_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT: Final = _DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"


def _measure(given: str) -> str:
    if given not in MEASURES:
        raise ValueError(f"there is no such measure; there are {', '.join(MEASURES)}")
    return given


def _school_year(given: str) -> str:
    spelled = re.fullmatch(r"(20[0-9]{2})/([0-9]{2})", given)
    if not spelled or int(spelled[2]) != (int(spelled[1]) + 1) % 100:
        raise ValueError("a school year is written as 2026/27")
    return given


def _when(given: object) -> When:
    """Read a day or an instant; an offset's plus sign that came unescaped, and so as a blank, is understood."""
    text = str(given).replace(" ", "+")
    try:
        found = _read_when(text)
    except ValueError:
        found = None
    if found is None or not _EARLIEST <= found.year <= _LATEST:
        raise ValueError("write a day as 2026-10-08, or an instant as 2026-10-08T13:00:00Z") from None
    return found


def _read_when(text: str) -> When | None:
    if re.fullmatch(_DAY, text):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if re.fullmatch(_INSTANT, text) else None


class Filters(BaseModel):
    """What figures are asked for."""

    model_config = ConfigDict(extra="forbid")

    measure: Annotated[
        str,
        AfterValidator(_measure),
        Field(description="Which figure.", json_schema_extra={"enum": list(MEASURES)}),
    ]
    school_year: Annotated[str, AfterValidator(_school_year), Field(examples=["2026/27"])]
    level: Annotated[Level, Field(description="What to break it down by; a hub is that of the Work Group.")]
    as_at: Annotated[
        Annotated[When, BeforeValidator(_when)] | None,
        Field(description="Count what was true by the end of this day, or by this instant. Now, if left out."),
    ] = None
    known_at: Annotated[
        Annotated[When, BeforeValidator(_when)] | None,
        Field(description="Count what had been recorded by then. Now, if left out."),
    ] = None
    stage: Annotated[Stage | None, Field(description="Only Work Groups of this stage.")] = None


class MemberFilters(Filters):
    """Which members are asked for, a page at a time."""

    code: Annotated[str | None, Field(description="Only those behind the row with this code.", max_length=100)] = None
    limit: Annotated[int, Field(ge=1, le=500, description="Members on a page.")] = 100
    cursor: Annotated[
        str | None, Field(description="`next` of the page before; leave the other filters as they are.", max_length=500)
    ] = None


class FigureRow(BaseModel):
    """One value: a count, or a rate of 0 to 1 with what it was made of (none where nobody was expected)."""

    level: Level
    code: str
    name: str
    value: float | int | None
    numerator: int
    denominator: int | None
    apologies: int | None = Field(None, description="Of a rate of attendance: advocates who had sent apologies.")


class SharedLineage(BaseModel):
    """A lineage that counts in more than one hub, and in which."""

    lineage: str
    name: str
    codes: list[str]


class Explained(BaseModel):
    """Why the hubs' counts add up to more than the national one."""

    sum_of_hubs: int
    national: int
    shared: list[SharedLineage]


class Answered(BaseModel):
    """What every answer repeats: what was asked, and how far it can be relied on."""

    measure: str
    name: str
    definition: str
    unit: domain.Unit
    school_year: str
    level: Level
    stage: Stage | None
    as_at: When
    known_at: When
    status: str = Field(description="`provisional` until the school year is completed and frozen, then `final`.")
    freshness: dict[str, float | None] = Field(
        description="Seconds that we are behind in hearing each service: 0 when caught up, null if nothing is known "
        "of it, since it was not heard from yet or cannot be reached."
    )


class FiguresAnswer(Answered):
    """Figures, a row for each place."""

    rows: list[FigureRow]
    reconciliation: Explained | None = Field(None, description="With level `hub`, of counts.")


class MemberRow(BaseModel):
    """One lineage behind a value, and where it counts. Numbers of advocates' places; never a person."""

    lineage: str
    name: str
    codes: list[str]
    meetings: int = Field(description="Held meetings at which its advocates were expected.")
    expected: int
    present: int
    apologies: int


class MembersAnswer(Answered):
    """Lineages behind a value, in the order of their URNs."""

    members: list[MemberRow]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


Reading = Callable[[], Running]
PROVISIONAL: Final = "provisional"


def router(running: Reading) -> APIRouter:
    """Return the addresses below `/v1/figures`."""
    routes = APIRouter(tags=["figures"])

    @routes.get("/v1/figures")
    async def figures(filters: Annotated[Filters, Query()]) -> FiguresAnswer:
        """Figures of one measure in one school year, as they were at one instant and as known at another."""
        return await _figures(running(), filters)

    @routes.get("/v1/figures/members")
    async def members(filters: Annotated[MemberFilters, Query()]) -> MembersAnswer:
        """The schools behind a figure: each lineage once, by the URN that it has on the day asked about."""
        return await _members(running(), filters)

    return routes


async def _figures(running: Running, filters: Filters) -> FiguresAnswer:
    measure, as_at, known_at = MEASURES[filters.measure], *_instants(filters)
    survey = await views.survey(running.pool, _asked(filters, as_at, known_at))
    rows = [
        FigureRow(
            level=figure.level,
            code=figure.place.code,
            name=figure.place.name,
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            apologies=figure.apologies,
        )
        for figure in domain.figures(measure, filters.level, survey)
    ]
    explained = _explained(measure, survey) if filters.level is Level.HUB else None
    return FiguresAnswer(**_answered(running, filters, as_at, known_at), rows=rows, reconciliation=explained)


def _explained(measure: Measure, survey: domain.Survey) -> Explained | None:
    found = domain.reconciliation(measure, survey)
    if found is None:
        return None
    shared = [SharedLineage(lineage=one.lineage, name=one.name, codes=_codes(one)) for one in found.shared]
    return Explained(sum_of_hubs=found.sum_of_hubs, national=found.national, shared=shared)


async def _members(running: Running, filters: MemberFilters) -> MembersAnswer:
    after, as_at, known_at = _page(filters)
    survey = await views.survey(running.pool, _asked(filters, as_at, known_at))
    found = domain.members(MEASURES[filters.measure], filters.level, survey, filters.code)
    rest = [member for member in found if member.lineage > after]
    shown = rest[: filters.limit]
    more = _cursor(shown[-1].lineage, as_at, known_at) if len(rest) > len(shown) else None
    return MembersAnswer(
        **_answered(running, filters, as_at, known_at), members=[_member(one) for one in shown], next=more
    )


def _member(one: domain.Member) -> MemberRow:
    numbers = {"meetings": one.meetings, "expected": one.expected, "present": one.present, "apologies": one.apologies}
    return MemberRow(lineage=one.lineage, name=one.name, codes=_codes(one), **numbers)


def _codes(one: domain.Member) -> list[str]:
    return [place.code for place in one.places]


def _instants(filters: Filters) -> tuple[When, When]:
    now = clock.now()
    return filters.as_at or now, filters.known_at or now


def _asked(filters: Filters, as_at: When, known_at: When) -> Asked:
    return Asked(filters.school_year, domain.instant_of(as_at), domain.instant_of(known_at), filters.stage)


def _answered(running: Running, filters: Filters, as_at: When, known_at: When) -> Mapping[str, Any]:
    measure = MEASURES[filters.measure]
    return {
        "measure": measure.id,
        "name": measure.name,
        "definition": measure.definition,
        "unit": measure.unit,
        "school_year": filters.school_year,
        "level": filters.level,
        "stage": filters.stage,
        "as_at": as_at,
        "known_at": known_at,
        "status": PROVISIONAL,
        "freshness": freshness(behind(running)),
    }


def behind(running: Running) -> dict[str, float | None]:
    """Return how many seconds this process is behind, by the topics that it hears; None where that is not known."""
    found: dict[str, float | None] = {}
    for subscription in running.subscriptions:
        found |= subscription.behind_seconds()
    return found


def _cursor(after: str, as_at: When, known_at: When) -> str:
    """Return where the next page begins; it holds both instants, so that every page is of one moment."""
    return urlsafe_b64encode(json.dumps([after, as_at.isoformat(), known_at.isoformat()]).encode()).decode()


def _page(filters: MemberFilters) -> tuple[str, When, When]:
    if filters.cursor is None:
        return "", *_instants(filters)
    try:
        after, as_at, known_at = json.loads(urlsafe_b64decode(filters.cursor))
        return str(after), _when(as_at), _when(known_at)
    except (ValueError, TypeError):
        title = "The cursor is not one of ours."
        raise Problem(422, "bad-cursor", title, "Take `next` of the page before.", "query.cursor") from None
