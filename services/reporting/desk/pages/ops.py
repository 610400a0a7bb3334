"""`/ops`: how far every consumer group is, and the way to each service's own page of operations."""

import time
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mathshubs.web.words import duration, number
from reporting.desk.domain import freshness
from reporting.desk.pages.sources import Desk

SERVICES: Final = {
    "enrolment": "Who takes part: schools, people, Work Groups",
    "scheduling": "When Work Groups meet, and who was there",
    "notification": "Who is told, and what became of each mail",
    "reporting": "What it comes to",
}


def router(desk: Desk) -> APIRouter:
    """Return the page's address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/ops")
    async def ops(request: Request) -> HTMLResponse:
        page = desk.pages.render(
            request,
            "overview.html",
            services=SERVICES,
            groups=_groups(desk),
            behind=freshness(desk.behind()),
            answers=desk.watch.answers(time.monotonic()),
        )
        page.headers["cache-control"] = "no-store"
        return page

    return routes


def _groups(desk: Desk) -> list[list[str]]:
    """Return a row of texts for each consumer group: for how long it has left something unheard, and how much."""
    return [
        [lag.group, duration(lag.seconds) if lag.records else "Up to date", number(lag.records)]
        for lag in desk.watch.lags(time.monotonic())
    ]
