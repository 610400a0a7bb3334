"""The HTTP door that every service has: problem details, health, metrics and the request's id."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mathshubs import clock
from mathshubs.ids import new_id
from mathshubs.log import bound_contextvars, get_logger, trace_of
from mathshubs.metrics import measure
from mathshubs.outbox import longest_refused
from mathshubs.postgres import is_away, is_migrated
from mathshubs.running import Running
from mathshubs.settings import settings
from mathshubs.web import Pages, pages

log = get_logger(__name__)
PROBLEM = "application/problem+json"
READY_WITHIN_SECONDS = 1.8
REFUSED_TOO_LONG_SECONDS = 300
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CODES = {404: "not-found", 405: "method-not-allowed"}
T = TypeVar("T")


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


def problem_response(problem: Problem) -> JSONResponse:
    """Return `problem` as it goes over the wire."""
    return JSONResponse(problem.body(), problem.status, dict(problem.headers), media_type=PROBLEM)


def open_doors(app: FastAPI, running: Callable[[], Running]) -> None:
    """Give `app` its health, its metrics and its way of saying what is wrong."""
    app.add_api_route("/livez", _livez, include_in_schema=False)
    app.add_api_route("/readyz", _readyz(running), include_in_schema=False)
    app.add_api_route("/metrics", _metrics(running), include_in_schema=False)
    app.add_exception_handler(Problem, _say_problem)
    app.add_exception_handler(RequestValidationError, _say_invalid)
    app.add_exception_handler(HTTPException, _say_http)
    app.add_middleware(_Porch)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` gives, or give it up after `seconds`, whatever it is stuck in.

    What is given up is cancelled and tidies up by itself: a database that hangs would hold up a caller
    who waited for that too.

    Raises:
        TimeoutError: if it took longer.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if done:
        return task.result()
    _given_up.add(task)
    task.add_done_callback(_tidied)
    task.cancel()
    raise TimeoutError


_given_up: set[asyncio.Future[Any]] = set()


def _tidied(task: "asyncio.Future[Any]") -> None:
    _given_up.discard(task)
    if not task.cancelled():
        task.exception()  # nobody else will ask for it


async def _livez() -> dict[str, str]:
    """The event loop turns; where the clock is driven, this is where it stands."""
    return {"status": "alive", "clock": clock.now().isoformat()}


def _readyz(running: Callable[[], Running]) -> Callable[[], Awaitable[Response]]:
    async def readyz() -> Response:
        checks = await checks_of(running())
        ready = all(check["ok"] for check in checks.values())
        checks |= {name: check() for name, check in running().checks.items()}
        return JSONResponse({"ready": ready, "checks": checks}, status_code=200 if ready else 503)

    return readyz


async def checks_of(running: Running) -> dict[str, dict[str, Any]]:
    """Return each check by name; Postgres alone takes time, and that is bounded."""
    checks = await _bounded(_database(running))
    for subscription in running.subscriptions:
        checks[f"hears {subscription.hearing.consumer}"] = subscription.check()
    for relay in running.relays:
        checks[f"relays {relay.lane.name}"] = {"ok": relay.is_well, "waiting_seconds": round(relay.stuck_seconds, 1)}
    return checks


async def _bounded(checks: Coroutine[Any, Any, dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    try:
        return await within(READY_WITHIN_SECONDS, checks)
    except Exception as error:  # noqa: BLE001 -- whatever befell it, the answer is: not ready
        return {"postgres": {"ok": False, "why": type(error).__name__}}


async def _database(running: Running) -> dict[str, dict[str, Any]]:
    async with running.pool.acquire(timeout=READY_WITHIN_SECONDS) as db:
        if not await is_migrated(db, running.settings.service):
            return {"postgres": {"ok": False, "why": "the schema is older than this version"}}
        refusal = await longest_refused(db)
    old = refusal is not None and refusal.seconds > REFUSED_TOO_LONG_SECONDS
    refused = {"ok": False, "why": refusal.words} if refusal and old else {"ok": True}
    return {"postgres": {"ok": True}, "kafka takes all": refused}


def _metrics(running: Callable[[], Running]) -> Callable[[], Awaitable[Response]]:
    async def metrics() -> Response:
        with contextlib.suppress(TimeoutError):  # the gauges stay as they were
            await within(READY_WITHIN_SECONDS, measure(running()))
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return metrics


class _Porch:
    """Around every request: its id and its trace in the log, its id in the answer; a fault becomes a problem or a page.

    What is raised below never gets past this: whoever logs it outside would quote the words of the error,
    and with them, perhaps, somebody's name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id, begun = _request_id(Headers(scope=scope)), False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        trace = trace_of(Headers(scope=scope).get("traceparent"))
        with bound_contextvars(request_id=request_id, **({"trace_id": trace} if trace else {})):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:  # noqa: BLE001 -- every fault of ours is answered as a problem document
                problem = _fault(error)
                if begun:
                    raise AnswerBrokeOff from None
                await _told(problem, Request(scope), request_id)(scope, receive, answer)
        return None


class AnswerBrokeOff(RuntimeError):
    """A request failed when its answer had begun; the connection is closed, and the log line before says why."""


def _request_id(headers: Headers) -> str:
    """Return the id that the caller gave the request, if it can be no address and no name in full, else a fresh one."""
    given = headers.get("x-request-id", "")
    return given if _PLAIN_ID.fullmatch(given) else str(new_id())


def _fault(error: Exception) -> Problem:
    if is_away(error):
        log.warning("a request found Postgres away", error=type(error).__name__)
        words = "Nothing was recorded, or nobody can say whether it was; send it again."
        title = "The service cannot reach its database."
        return Problem(503, "try-again", title, words, headers={"Retry-After": "2"})
    log.error("a request failed", exc_info=error)
    return Problem(500, "fault", "A fault of ours; it has been logged under the request's id.")


def _told(problem: Problem, request: Request, request_id: str) -> Response:
    """Return a page for a person, who reads no JSON, and the problem for a program."""
    if "text/html" not in request.headers.get("accept", ""):
        return problem_response(problem)
    page = _pages().render(
        request,
        "fault.html",
        status=problem.status,
        is_away=problem.status == HTTPStatus.SERVICE_UNAVAILABLE,
        request_id=request_id,
    )
    page.headers.update(problem.headers)
    return page


@lru_cache
def _pages() -> Pages:
    told = settings()
    return pages("mathshubs.web", invented=told.demo, mailbox=told.mailbox)


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
    code = _CODES.get(wrong.status_code, "http-error")
    return problem_response(Problem(wrong.status_code, code, str(wrong.detail), headers=wrong.headers or {}))
