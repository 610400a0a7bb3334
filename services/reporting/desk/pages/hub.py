"""`/hub/<code>`: what a hub has to do, then its Work Groups; the tasks for programs beside it."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator, Field

from mathshubs import clock
from mathshubs.http import Problem
from mathshubs.web.words import number
from reporting.desk.domain import freshness
from reporting.desk.domain.tasks import GroupLine, Task, group_lines, tasks
from reporting.desk.pages.sources import Desk
from reporting.desk.views.tasks import hub_record
from reporting.measures.domain import instant_of

Code = Annotated[str, Path(max_length=40, description="The hub's code.")]


def _when(given: object) -> date | datetime:
    text = str(given).replace(" ", "+")
    try:
        return date.fromisoformat(text) if "T" not in text else datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise ValueError("write a day as 2026-10-08, or an instant as 2026-10-08T13:00:00Z") from None


AsAt = Annotated[
    Annotated[date | datetime, BeforeValidator(_when)] | None,
    Query(description="As it was at the end of this day, or at this instant. Now, if left out."),
]


class TasksAnswer(BaseModel):
    """What a hub has to do, what has waited longest first."""

    hub: str
    name: str
    as_at: datetime
    tasks: list[Task]
    freshness: dict[str, float | None] = Field(description="Seconds that reporting is behind in hearing each service.")


def router(desk: Desk) -> APIRouter:
    """Return the page's address, and that of its tasks as JSON."""
    routes = APIRouter()

    @routes.get("/hub/{code}/tasks.json", tags=["tasks"])
    async def as_json(code: Code, as_at: AsAt = None) -> TasksAnswer:
        """What a hub has to do: each task with since when, what to do, and where what called for it is told."""
        return (await _found(desk, code, as_at))[0]

    @routes.get("/hub/{code}", include_in_schema=False)
    async def page(request: Request, code: Code, as_at: AsAt = None) -> HTMLResponse:
        try:
            answer, lines = await _found(desk, code, as_at)
        except Problem as problem:
            return desk.pages.render(request, "no_timeline.html", status=problem.status, problem=problem)
        json_url = f"/hub/{code}/tasks.json" + (f"?{request.url.query}" if request.url.query else "")
        return desk.pages.render(
            request, "hub.html", hub=answer, json_url=json_url, rows=[_row(line) for line in lines]
        )

    return routes


async def _found(desk: Desk, code: str, as_at: date | datetime | None) -> tuple[TasksAnswer, list[GroupLine]]:
    at = instant_of(as_at) if as_at else clock.now()
    record, names, register_days = await hub_record(desk.pool(), code, at)
    if code not in names.hubs:
        raise Problem(404, "hub-unknown", "There is no hub with this code.", "Choose one from /live.", "path.code")
    answer = TasksAnswer(
        hub=code,
        name=names.hub(code),
        as_at=at,
        tasks=tasks(record, names, at, code, register_days),
        freshness=freshness(desk.behind()),
    )
    return answer, group_lines(record, at)


def _row(line: GroupLine) -> list[str]:
    state = f"{line.state.capitalize()}, at risk" if line.at_risk else line.state.capitalize()
    return [line.name, state, number(line.schools), number(line.held), number(line.ahead)]
