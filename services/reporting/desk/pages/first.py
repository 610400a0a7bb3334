"""The first page: what the network comes to, how fresh that is, and the last things that happened."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mathshubs import clock
from mathshubs.events.spoken import school_year_of
from mathshubs.web.words import duration, number, percentage
from reporting.desk.domain import freshness
from reporting.desk.pages.sources import Desk
from reporting.desk.views.happenings import last_happenings
from reporting.measures import domain, views
from reporting.measures.domain import MEASURES, Asked, Figure, Level, Measure, Survey, Unit, figures

HAPPENINGS: Final = 12
LEVELS: Final = {Level.HUB: "Hub", Level.REGION: "Region", Level.LOCAL_AUTHORITY: "Local authority"}
"""What the table may be broken down by, and the heading of its first column."""

HEADINGS: Final = {"M1": "Registered", "M2": "Engaged", "M3": "Completed", "M9": "Attendance"}
"""The measures that are shown, each under a heading that is short enough for a phone."""
SHOWN: Final = tuple(MEASURES[one] for one in HEADINGS)


def router(desk: Desk) -> APIRouter:
    """Return the address of the first page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def first(request: Request, year: str | None = None, level: str | None = None) -> HTMLResponse:
        return await _first(desk, request, year, level)

    return routes


async def _first(desk: Desk, request: Request, year: str | None, level: str | None) -> HTMLResponse:
    pool, now = desk.pool(), clock.now()
    current = school_year_of(clock.london_day(now))
    years = sorted({current, *await views.school_years(pool)}, reverse=True)
    problems = _problems(years, year, level)
    shown_year = year if year in years else current
    shown_level = Level(level) if level in tuple(LEVELS) else Level.HUB
    survey = await views.survey(pool, Asked(shown_year, now, now))
    state = domain.status(await views.final_from(pool, shown_year), now)
    behind = freshness(desk.behind())
    return desk.pages.render(
        request,
        "first.html",
        status=422 if problems else 200,
        problems=[{"text": text, "href": f"#{field}"} for field, text in problems.items()],
        year=shown_year,
        level=LEVELS[shown_level].lower(),
        selects=[
            _select("year", "School year", {one: one for one in years}, shown_year, problems),
            _select("level", "Broken down by", LEVELS, shown_level, problems),
        ],
        figures_url=_figures_url(shown_year, shown_level),
        now=now,
        state=state.capitalize(),
        national=[_national(measure, survey) for measure in SHOWN],
        columns=_columns(shown_level),
        rows=_rows(shown_level, survey),
        is_empty=not survey.seen,
        behind=behind,
        fresh_rows=[_fresh(service, seconds) for service, seconds in behind.items()],
        happenings=await last_happenings(pool, HAPPENINGS),
    )


def _problems(years: Sequence[str], year: str | None, level: str | None) -> dict[str, str]:
    """Return what was asked for that there is not, by the field that mends it."""
    found = {}
    if year is not None and year not in years:
        found["year"] = "Choose a school year from the list"
    if level is not None and level not in tuple(LEVELS):
        found["level"] = "Choose hub, region or local authority"
    return found


def _select(
    field: str, label: str, choices: Mapping[Any, str], chosen: str, problems: Mapping[str, str]
) -> dict[str, Any]:
    """Return a field of the form, with what was wrong with it where something was."""
    items = [{"value": str(value), "text": text, "selected": value == chosen} for value, text in choices.items()]
    wrong = {"errorMessage": {"text": problems[field]}} if field in problems else {}
    return {"id": field, "name": field, "label": {"text": label}, "items": items, **wrong}


def _figures_url(year: str, level: Level) -> str:
    return "/v1/figures?" + urlencode({"measure": "M1", "school_year": year, "level": str(level)}, safe="/")


def _fresh(service: str, seconds: float | None) -> dict[str, dict[str, str]]:
    """Return the row of the summary that says how far behind we are in hearing one service."""
    said = "Not heard from yet" if seconds is None else "Up to date"
    late = seconds is not None and seconds >= 1
    return {
        "key": {"text": service.capitalize()},
        "value": {"text": f"{duration(seconds or 0)} behind" if late else said},
    }


def _national(measure: Measure, survey: Survey) -> dict[str, str]:
    [figure] = figures(measure, Level.NATIONAL, survey)
    return {"name": measure.name, "definition": measure.definition, "said": _said(measure, figure), "of": _of(figure)}


def _columns(level: Level) -> list[dict[str, str | bool]]:
    numeric: list[dict[str, str | bool]] = [{"text": HEADINGS[one], "numeric": True} for one in HEADINGS]
    return [{"text": LEVELS[level]}, *numeric]


def _rows(level: Level, survey: Survey) -> list[list[str]]:
    """Return a row of texts for each place: its name, then each measure."""
    by_measure = [[(measure, one) for one in figures(measure, level, survey)] for measure in SHOWN]
    return [
        [row[0][1].place.name, *(_said(measure, figure) for measure, figure in row)]
        for row in zip(*by_measure, strict=True)
    ]


def _said(measure: Measure, figure: Figure) -> str:
    if figure.value is None:
        return "None held"
    return percentage(figure.value) if measure.unit is Unit.RATE else number(figure.value)


def _of(figure: Figure) -> str:
    """Return what a rate is made of, in words; nothing for a count."""
    if not figure.denominator:
        return ""
    apologies = f", {number(figure.apologies)} sent apologies" if figure.apologies else ""
    return f"{number(figure.numerator)} of {number(figure.denominator)} expected{apologies}"
