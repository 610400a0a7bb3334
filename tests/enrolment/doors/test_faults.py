"""What a caller is told of a fault of ours: that it happened, under which id, and nothing from inside."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from http_door import Door, listening
from mathshubs.http import Problem, open_doors


@pytest_asyncio.fixture
async def faulty() -> AsyncIterator[httpx.AsyncClient]:
    """A service each of whose addresses fails in its own way."""
    app = FastAPI(docs_url=None, redoc_url=None)
    open_doors(app, lambda: pytest.fail("none of these needs what runs"))
    faults = {
        "ours": RuntimeError("amina@oak.example"),
        "file": FileNotFoundError("/srv/templates/page.html"),
        "away": ConnectionRefusedError("127.0.0.1:5432"),
        "asked": Problem(409, "already-there", "It is there.", path="$.id"),
    }
    for name, fault in faults.items():
        app.add_api_route(f"/{name}", _raising(fault))
    async with listening(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


def _raising(fault: Exception) -> Callable[..., Awaitable[None]]:
    async def fail(number: int = 0) -> None:
        raise fault

    return fail


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/ours", 500, "fault"),
        ("/file", 500, "fault"),
        ("/away", 503, "try-again"),
        ("/asked", 409, "already-there"),
        ("/nowhere", 404, "not-found"),
        ("/docs", 404, "not-found"),
        ("/ours?number=many", 422, "int_parsing"),
    ],
)
async def test_every_failure_is_a_problem_under_the_requests_id(
    faulty: httpx.AsyncClient, address: str, status: int, code: str
) -> None:
    """A program can act on it, and our words about it can be found in the log by the id."""
    answer = await faulty.get(address, headers={"x-request-id": "run-7"})

    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["errors"][0]["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == "run-7"
    assert not any(word in answer.text for word in ("amina", "srv", "5432", "Error"))
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [("/ours", 500, "Something went wrong"), ("/away", 503, "This page is not available at the moment")],
)
async def test_a_person_reads_a_page_of_what_failed(
    faulty: httpx.AsyncClient, address: str, status: int, heading: str
) -> None:
    """In the layout of every page, and with nothing from inside either."""
    answer = await faulty.get(address, headers={"accept": "text/html,*/*;q=0.8", "x-request-id": "run-7"})

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f'<h1 class="govuk-heading-l">{heading}</h1>' in answer.text
    assert 'id="main-content"' in answer.text
    assert ("run-7" in answer.text) == (status == 500)
    assert not any(word in answer.text for word in ("amina", "5432", "Error"))
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_readiness_names_each_check(door: Door) -> None:
    """An operator sees which part is missing; a service that hears nothing yet is not ready."""
    answer = await door.client.get("/readyz")

    checks = {"postgres": {"ok": True}, "kafka takes all": {"ok": True}}
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "checks": checks})
    assert (await door.client.get("/livez")).json()["status"] == "alive"
    assert "mathshubs_dead_letters" in (await door.client.get("/metrics")).text
