"""What a service's log says, as it stands on disk: which trace, which report, and nobody's name."""

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from mathshubs.http import open_doors
from mathshubs.ids import References, new_id
from mathshubs.testing import until
from sent import reported
from stack import Stack

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
AMINA = {"person": "P-1", "name": "Amina Khan", "email": "amina@oak.example"}


def lines(stack: Stack) -> list[dict[str, Any]]:
    """Return enrolment's log."""
    return [json.loads(line) for line in stack.log("enrolment").splitlines() if line.startswith("{")]


async def test_a_report_can_be_followed_by_its_ids(stack: Stack) -> None:
    """An id with a person in it stands there as a UUID that says nothing."""
    await stack.start("enrolment")
    hub = await stack.hub("river-vale")
    report = reported("enrolment.PersonReported", AMINA)
    correlation = str(new_id())
    await hub.send({**report, "traceparent": TRACEPARENT, "correlationid": correlation}, structured=True)
    await hub.send({**report, "id": "Amina-Khan", "correlationid": "Amina-Khan"}, structured=True)
    await hub.send({**report, "id": "Amina Khan <amina@oak.example>"}, structured=True)

    async def heard() -> list[dict[str, Any]]:
        found = [line for line in lines(stack) if line["event"] == "heard"]
        return sorted(found, key=lambda line: line["place"]) if len(found) == 3 else []

    plain, named, dead = await until(heard)

    same = {"event": "heard", "service": "enrolment", "level": "info", "consumer": "enrolment.hubs"}
    theirs = {"event_id": report["id"], "correlation_id": correlation, "trace_id": TRACE, "outcome": "applied"}
    unnamed = References(stack.secret).unnamed("river-vale", "Amina-Khan")
    assert (same | theirs).items() <= plain.items()
    assert (same | {"event_id": unnamed, "correlation_id": unnamed}).items() <= named.items()
    assert (dead["place"], dead["outcome"]) == ("hubs.river-vale.events/0/2", "attribute-not-plain")
    assert not any(word in stack.log("enrolment") for word in ("Amina", "amina", "oak.example"))


async def test_a_request_that_fails_is_logged_under_its_trace() -> None:
    """What a caller's own tracing knows it by; what is no trace is not repeated."""
    app = FastAPI()
    open_doors(app, lambda: pytest.fail("none of these needs what runs"))
    app.add_api_route("/fails", _fail)

    with capture_logs(processors=[merge_contextvars]) as logged:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://enrolment") as client:
            await client.get("/fails", headers={"traceparent": TRACEPARENT, "x-request-id": "run-7"})
            await client.get("/fails", headers={"traceparent": "amina@oak.example", "x-request-id": "Amina Khan"})

    assert (logged[0]["trace_id"], logged[0]["request_id"]) == (TRACE, "run-7")
    assert "trace_id" not in logged[1]
    assert not any(word in repr(logged) for word in ("amina", "Amina"))


async def _fail() -> None:
    raise ZeroDivisionError
