"""`/live`: the year as it goes on, and a stream that says when it has gone on."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from mathshubs import clock
from mathshubs.events.spoken import school_year_of
from mathshubs.postgres import is_away
from mathshubs.web.words import duration
from reporting.desk.domain import freshness
from reporting.desk.domain.live import by_region, half_terms
from reporting.desk.pages.sources import Desk
from reporting.desk.views.happenings import last_happenings
from reporting.desk.views.live import hub_years, last_heard
from reporting.measures.views import school_years

HAPPENINGS: Final = 12
LOOK_SECONDS: Final = 1.0
"""Between two looks at whether anything has changed, one for all who watch."""
View = Literal["tiles", "table"]
Word = Annotated[str, Query(max_length=20)]


def router(desk: Desk) -> APIRouter:
    """Return the page's address and that of its stream."""
    routes = APIRouter(include_in_schema=False)
    pulse = Pulse(desk)

    @routes.get("/live")
    async def live(request: Request, view: Word = "tiles", year: Word = "") -> HTMLResponse:
        return await _live(desk, request, "table" if view == "table" else "tiles", year)

    @routes.get("/live/stream")
    async def stream() -> EventSourceResponse:
        return EventSourceResponse(_beats(pulse), headers={"cache-control": "no-store"})

    return routes


async def _live(desk: Desk, request: Request, view: View, asked: str) -> HTMLResponse:
    now = clock.now()
    today = clock.london_day(now)
    year = asked if asked in await school_years(desk.pool()) else school_year_of(today)
    hubs, held_on, begin = await hub_years(desk.pool(), year)
    page = desk.pages.render(
        request,
        "live.html",
        view=view,
        refresh=_address(view, asked),
        other=_address("tiles" if view == "table" else "table", asked),
        year=year,
        now=now,
        half_terms=half_terms(year, begin, today, held_on),
        hubs=hubs,
        regions=by_region(hubs),
        services=_services(desk),
        happenings=await last_happenings(desk.pool(), HAPPENINGS),
    )
    page.headers["cache-control"] = "no-store"
    return page


def _address(view: View, year: str) -> str:
    told = {"view": "table" if view == "table" else "", "year": year}
    query = urlencode({name: word for name, word in told.items() if word}, safe="/")
    return f"/live?{query}" if query else "/live"


def _services(desk: Desk) -> list[list[str]]:
    """Return a row of texts for each service: how far it is behind, and how far we are in hearing it."""
    own = desk.watch.by_service(time.monotonic())
    heard = freshness(desk.behind())
    return [[service.capitalize(), _lag(own.get(service)), _lag(heard[service])] for service in heard]


def _lag(seconds: float | None) -> str:
    if seconds is None:
        return "Not known yet"
    return f"{duration(seconds)} behind" if seconds >= 1 else "Up to date"


class Pulse:
    """Whether anything that the page shows has changed; looked up once for all who watch it."""

    def __init__(self, desk: Desk) -> None:
        """Look at nothing before somebody watches."""
        self._desk = desk
        self._seen: tuple[Any, ...] = ()
        self._seen_at = float("-inf")
        self._lock = asyncio.Lock()

    async def beat(self) -> tuple[Any, ...]:
        """Return what stands for all that the page shows: another value once it would read otherwise."""
        async with self._lock:
            if time.monotonic() - self._seen_at >= LOOK_SECONDS:
                today, services = clock.today(), _services(self._desk)
                self._seen = (await last_heard(self._desk.pool()), today, services)
                self._seen_at = time.monotonic()
            return self._seen


async def _beats(pulse: Pulse) -> AsyncIterator[ServerSentEvent]:
    """Say so whenever the page would read otherwise; while the database is away, nothing is said."""
    before: tuple[Any, ...] | None = None
    while True:
        try:
            now = await pulse.beat()
        except Exception as error:
            if not is_away(error):
                raise
        else:
            if now != before:
                before = now
                yield ServerSentEvent("", event="changed")
        await asyncio.sleep(LOOK_SECONDS)
