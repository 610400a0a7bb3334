"""`/live`: what somebody sees who watches the year go on."""

import re
import time
from datetime import date

import httpx

from mathshubs.postgres import Pool
from reading_pages import happenings_of, words_of
from reporting.desk.domain.groups import Standings, Watch
from reporting.desk.domain.live import HubYear, by_region, half_terms
from reporting.measures.domain import NOT_KNOWN, Place, region
from reporting_story import YEAR, deliver, october
from stack import Stack

BEGIN = [date(2026, 9, 1), date(2026, 11, 1), date(2027, 1, 1), date(2027, 2, 20), date(2027, 4, 10), date(2027, 6, 1)]
THIS_YEAR = {"year": YEAR}
A_WHILE = 15.0  # seconds; a stream that held up the process would hold it for 20


def hub_of(code: str, where: Place, held: int) -> HubYear:
    """A hub with so many meetings held."""
    return HubYear(code, f"{code.title()} Maths Hub", where, groups=4, schools=16, held=held)


def test_hubs_stand_region_by_region() -> None:
    """From north to south; the deepest colour where most meetings were held, none where there was none."""
    london, north = region("London"), region("North East")

    found = by_region(
        [hub_of("b", london, 10), hub_of("a", london, 1), hub_of("c", north, 0), hub_of("d", NOT_KNOWN, 5)]
    )

    assert [(one.name, [(tile.hub.code, tile.shade) for tile in one.tiles]) for one in found] == [
        ("North East", [("c", 0)]),
        ("London", [("a", 1), ("b", 4)]),
        ("Region not known", [("d", 2)]),
    ]


def test_before_any_meeting_no_hub_is_coloured() -> None:
    """A colour would say that something has happened."""
    [found] = by_region([hub_of("a", region("London"), 0)])

    assert [tile.shade for tile in found.tiles] == [0]


def test_where_the_year_stands() -> None:
    """What is past is full, what is to come is empty, and meetings count where they were held."""
    held = [date(2026, 10, 8), date(2026, 11, 12), date(2026, 11, 30)]

    found = half_terms(YEAR, BEGIN, date(2026, 12, 1), held)

    assert [(term.name, term.passed, term.held) for term in found] == [
        ("Autumn 1", 100, 1),
        ("Autumn 2", 49, 2),
        ("Spring 1", 0, 0),
        ("Spring 2", 0, 0),
        ("Summer 1", 0, 0),
        ("Summer 2", 0, 0),
    ]
    assert [term.name for term in found if term.is_now] == ["Autumn 2"]


async def test_a_tile_to_each_hub(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Colour and number say the same; the hub's name leads to its page."""
    await deliver(pool, october().said)

    page = await visitor.get("/live", params=THIS_YEAR)

    assert "North East High Fells 0 meetings held 0 groups, 0 schools River Vale 1 meeting held 1 group, 2 schools" in (
        words_of(page.text)
    )
    assert re.search(r'hubs-tile--4">\s*<a class="hubs-tile__link" href="/hub/river-vale">', page.text)
    assert happenings_of(page.text)[0] == "River Vale Work Group 3 met on Thursday 8 October"


async def test_the_same_as_a_table(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """For whoever reads numbers, or with a screen reader; the year stays chosen."""
    await deliver(pool, october().said)

    page = await visitor.get("/live", params=THIS_YEAR | {"view": "table"})

    assert "High Fells 0 0 0 North East River Vale 1 1 2 North East" in words_of(page.text)
    assert f'href="/live?year={YEAR}">Show tiles' in page.text


async def test_how_far_each_service_is(visitor: httpx.AsyncClient, watch: Watch) -> None:
    """By what its group has committed, and by what we have heard of it; what nobody knows is not called up to date."""
    place, now = ("scheduling.facts", 0), time.monotonic()
    watch.saw(Standings({"notification.facts": {place: 3}}, {place: 5}), now - 40)
    watch.saw(Standings({"notification.facts": {place: 3}, "scheduling.facts": {place: 5}}, {place: 5}), now)

    said = words_of((await visitor.get("/live")).text)

    assert "Enrolment Not known yet Up to date Scheduling Up to date 12 seconds behind" in said
    assert "Notification 40 seconds behind Not known yet" in said


async def test_before_anything_has_happened(visitor: httpx.AsyncClient) -> None:
    """It says what will fill the page."""
    page = await visitor.get("/live")

    assert page.status_code == 200
    assert "No hub takes part yet" in words_of(page.text)


async def test_whoever_watches_is_told_and_keeps_no_process_from_stopping(stack: Stack) -> None:
    """A browser keeps its stream open for hours; a process that is told to stop ends it at once."""
    await stack.start("reporting")
    async with (
        httpx.AsyncClient(base_url=stack.url("reporting"), timeout=30) as client,
        client.stream("GET", "/live/stream") as stream,
    ):
        lines = stream.aiter_lines()
        assert (stream.headers["content-type"], await anext(lines)) == (
            "text/event-stream; charset=utf-8",
            "event: changed",
        )
        began = time.monotonic()
        await stack.stop("reporting")

    assert time.monotonic() - began < A_WHILE
