"""The HTTP door that every service has: problem details, health, metrics and the request's id."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from mathshubs import clock
from mathshubs.ids import new_id
from mathshubs.log import bound_contextvars, get_logger
from mathshubs.metrics import measure
from mathshubs.postgres import TRANSIENT, is_migrated
from mathshubs.running import Running

log = get_logger(__name__)
PROBLEM = "application/problem+json"
_READY_WITHIN_SECONDS = 2


@dataclass
class Problem(Exception):
    """What is wrong with a request, as RFC 9457 says it: raise it anywhere below a door.

    `code` names the page of documentation that says how to mend it.
    """

    status: int
    code: str
    title: str
    detail: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the problem as JSON, with the one error spelled out for programs."""
        error = {"code": self.code, "message": self.title, "path": self.path, "detail": self.detail}
        return problem_body(self.status, self.code, self.title, self.detail, [error])


def problem_body(
    status: int, code: str, title: str, detail: str, errors: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Return the body of a problem whose `type` is stable for `code`."""
    return {
        "type": f"urn:mathshubs:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": list(errors),
    }


def open_doors(app: FastAPI, running: Callable[[], Running]) -> None:
    """Give `app` its health, its metrics and its way of saying what is wrong."""
    app.add_api_route("/livez", _livez, include_in_schema=False)
    app.add_api_route("/readyz", _readyz(running), include_in_schema=False)
    app.add_api_route("/metrics", _metrics(running), include_in_schema=False)
    app.add_exception_handler(Problem, _say_problem)
    app.add_exception_handler(RequestValidationError, _say_invalid)
    app.add_exception_handler(HTTPException, _say_http)
    for away in TRANSIENT:
        app.add_exception_handler(away, _say_away)
    app.add_exception_handler(Exception, _say_fault)
    app.middleware("http")(_with_id)


async def _livez() -> dict[str, str]:
    """The event loop turns; where the clock is driven, this is where it stands."""
    return {"status": "alive", "clock": clock.now().isoformat()}


def _readyz(running: Callable[[], Running]) -> Callable[[], Awaitable[Response]]:
    async def readyz() -> Response:
        checks = await _checks(running())
        ready = all(check["ok"] for check in checks.values())
        return JSONResponse({"ready": ready, "checks": checks}, status_code=200 if ready else 503)

    return readyz


async def _checks(running: Running) -> dict[str, dict[str, Any]]:
    checks = {"postgres": await _postgres(running)}
    for subscription in running.subscriptions:
        heard = subscription.assigned is not None
        checks[f"hears {subscription.hearing.consumer}"] = {"ok": heard, "partitions": len(subscription.assigned or ())}
    for relay in running.relays:
        checks[f"relays {relay.lane.name}"] = {"ok": relay.is_well, "waiting_seconds": round(relay.stuck_seconds, 1)}
    return checks


async def _postgres(running: Running) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_READY_WITHIN_SECONDS), running.pool.acquire() as db:
            return {"ok": await is_migrated(db, running.settings.service), "schema": "this version"}
    except TRANSIENT as error:
        return {"ok": False, "why": type(error).__name__}


def _metrics(running: Callable[[], Running]) -> Callable[[], Awaitable[Response]]:
    async def metrics() -> Response:
        await measure(running())
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return metrics


async def _with_id(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Give the request an id, for its log lines and for whoever asks what became of it."""
    given = request.headers.get("x-request-id", "")[:64]
    request_id = given if given.isascii() and given.isprintable() and given else str(new_id())
    with bound_contextvars(request_id=request_id):
        response = await go_on(request)
    response.headers["x-request-id"] = request_id
    return response


def problem_response(problem: Problem) -> JSONResponse:
    """Return `problem` as it goes over the wire."""
    return JSONResponse(problem.body(), problem.status, dict(problem.headers), media_type=PROBLEM)


async def _say_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 -- Starlette hands each handler its own kind
    return problem_response(problem)


async def _say_invalid(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)  # noqa: S101
    errors = [
        {"code": e["type"], "message": e["msg"], "path": ".".join(str(part) for part in e["loc"]), "detail": ""}
        for e in wrong.errors()
    ]
    body = problem_body(422, "bad-request", "The request does not fit this address.", "", errors)
    return JSONResponse(body, 422, media_type=PROBLEM)


async def _say_http(_: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)  # noqa: S101
    code = {404: "not-found", 405: "method-not-allowed"}.get(wrong.status_code, "http-error")
    problem = Problem(wrong.status_code, code, str(wrong.detail), headers=wrong.headers or {})
    return problem_response(problem)


async def _say_away(_: Request, error: Exception) -> Response:
    log.warning("a request found Postgres away", error=type(error).__name__)
    words = "Nothing was recorded; send it again."
    return problem_response(
        Problem(503, "try-again", "The service cannot reach its database.", words, headers={"Retry-After": "2"})
    )


async def _say_fault(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return problem_response(Problem(500, "fault", "A fault of ours; it has been logged under the request's id."))
