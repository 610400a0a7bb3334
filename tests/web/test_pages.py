"""The layout that every page shares, its parts, and the files that it refers to."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from jinja2 import UndefinedError

from mathshubs.web import mount_assets, pages
from mathshubs.web.assets import FETCHED, Assets
from mathshubs.web.pages import NoTemplates, Pages

NOWHERE = Path("/nonexistent")

HOME = """{% extends "web/layout.html" %}
{% from "web/parts.html" import figures_table, empty_state, freshness_line, event_list %}
{% block title %}Figures{% endblock %}
{% block content %}
<h1 class="govuk-heading-l">{{ heading }}</h1>
{{ figures_table("Schools by hub", [{"text": "Hub"}, {"text": "Schools", "numeric": true}], rows) }}
{{ freshness_line({"enrolment": 0, "scheduling": 12}) }}
{{ event_list(events) }}
{% call empty_state("No Work Groups yet", "They appear when a hub reports one.") %}<a href="/read">How</a>{% endcall %}
{% endblock %}
"""

SHOWN = {"heading": "Figures", "rows": [["River Vale", "1,204"]], "events": []}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A service with one noun that has one page."""
    folder = tmp_path / "examples_of_pages" / "desk" / "templates"
    folder.mkdir(parents=True)
    (folder / "home.html").write_text(HOME)
    (tmp_path / "examples_of_pages" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return "examples_of_pages"


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door of an application, within this process."""

    app: FastAPI

    def get(self, path: str) -> httpx.Response:
        """Fetch one path."""
        return asyncio.run(self._get(path))

    async def _get(self, path: str) -> httpx.Response:
        door = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=door, base_url="http://hubs.example") as client:
            return await client.get(path)


def visit(made: Pages, served: Assets | None = None, **context: object) -> Visitor:
    """A visitor to an application with the one page."""
    app = FastAPI()
    mount_assets(app, served)

    @app.get("/")
    async def page(request: Request) -> Response:
        return made.render(request, "home.html", status=200, **(SHOWN | context))

    return Visitor(app)


def test_a_page_says_where_it_is_and_what_it_is_for(package: str) -> None:
    """Language, title, a way past the navigation, and the door one stands in, for a screen reader."""
    html = visit(pages(package, mailbox=True)).get("/").text

    assert '<html lang="en-GB"' in html
    assert "<title>Figures - Maths Hubs</title>" in html
    assert 'href="#main-content" class="govuk-skip-link"' in html
    assert re.search(r'href="/"\s+aria-current="page"', html)
    assert 'href="/inbox"' in html


def test_only_a_demo_says_that_people_are_invented(package: str) -> None:
    """The banner over true figures would be a lie, and so would its absence over invented ones."""
    said = "Invented people, schools and figures"

    assert said in visit(pages(package, invented=True)).get("/").text
    assert said not in visit(pages(package)).get("/").text


def test_the_mailbox_is_offered_only_where_there_is_one(package: str) -> None:
    """Outside the embedded system the link would lead nowhere."""
    assert "/inbox" not in visit(pages(package)).get("/").text


def test_nothing_of_govuk_s_own_brand_is_shown(package: str) -> None:
    """Maths Hubs are not part of GOV.UK: no crown, no copyright, no typeface licensed to it."""
    client = visit(pages(package))
    html = client.get("/").text

    assert not re.search(r"crown|GOV\.UK|GDS|crest", html, re.IGNORECASE)
    assert client.get("/assets/any/light-94a07e06a1-v2.woff2").status_code == 404


def test_what_others_wrote_is_escaped(package: str) -> None:
    """A school's name comes from outside; on a page it is text."""
    html = visit(pages(package), heading="<script>alert(1)</script>").get("/").text

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_a_page_that_forgets_a_figure_fails_loudly(package: str) -> None:
    """An empty cell would be read as nought."""
    with pytest.raises(UndefinedError, match="heading"):
        pages(package).environment.get_template("home.html").render(path="/", rows=[], events=[])


def test_figures_freshness_and_events_are_said_in_plain_english(package: str) -> None:
    """What an analyst sees first: a captioned table, how far to trust it, what happened last."""
    events = [
        {"at": datetime(2026, 9, 14, 14, 4, tzinfo=UTC), "said": "Elm Park joined Group 3", "href": "/v1/timelines/1"}
    ]

    html = visit(pages(package), events=events).get("/").text

    assert '<caption class="govuk-table__caption govuk-table__caption--m">Schools by hub</caption>' in html
    assert '<th scope="row" class="govuk-table__header">River Vale</th>' in html
    assert '<td class="govuk-table__cell govuk-table__cell--numeric">1,204</td>' in html
    assert "Scheduling is 12 seconds behind; the rest is up to date." in html
    assert "3.04pm, 14 September 2026</time>" in html
    assert 'href="/v1/timelines/1">Elm Park joined Group 3</a>' in html


def test_an_empty_page_says_what_would_fill_it(package: str) -> None:
    """On the first day there is nothing; the page says so, and how it changes."""
    html = visit(pages(package), rows=[]).get("/").text

    assert "There are no figures yet." in html
    assert "Nothing has happened yet." in html
    assert "They appear when a hub reports one." in html
    assert '<a href="/read">How</a>' in html


def test_a_page_lets_nothing_in_from_elsewhere(package: str) -> None:
    """No script but ours, no frame around us: what a mail or a name smuggles in stays dead."""
    policy = visit(pages(package)).get("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_stylesheets_are_kept_for_a_year_under_an_address_of_their_content(package: str) -> None:
    """A phone fetches them once; a new release has new addresses, and an old address is not kept."""
    client = visit(pages(package))
    address = re.search(r"/assets/\w+/hubs\.css", client.get("/").text)
    assert address

    current, other = client.get(address[0]), client.get("/assets/other/hubs.css")

    assert current.headers["content-type"] == "text/css; charset=utf-8"
    assert current.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "no-cache"
    assert current.content == other.content


def test_a_page_stays_readable_before_make_setup(package: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without the design system's files the page refers to none of them, and the log says the mend."""
    bare = Assets(fetched=NOWHERE)

    html = visit(pages(package, served=bare), served=bare).get("/").text

    assert "govuk-frontend.min" not in html
    assert "hubs.css" in html
    assert "River Vale" in html
    assert "Mend: make setup" in caplog.text


@pytest.mark.parametrize("name", ["govuk-frontend.min.css", "govuk-frontend.min.js"])
def test_the_design_system_s_own_files_are_served_once_fetched(name: str, package: str, tmp_path: Path) -> None:
    """From where npm leaves them, without the typeface that is GOV.UK's alone."""
    fetched = tmp_path / FETCHED.name
    fetched.mkdir()
    (fetched / name).write_text("@font-face{font-family:GDS Transport}p{font-family:GDS Transport,arial,sans-serif}")
    served = Assets(fetched=fetched)

    client = visit(pages(package, served=served), served=served)

    assert client.get(served.url(name)).text == "p{font-family:var(--hubs-font)}"
    assert served.url(name) in client.get("/").text or name.endswith(".js")


def test_a_package_without_templates_is_refused_by_name() -> None:
    """A mistyped package shows at start, not at the first visit."""
    with pytest.raises(NoTemplates, match=r"mathshubs\.clock"):
        pages("mathshubs.clock")
