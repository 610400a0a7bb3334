"""`POST /v1/events`, where hubs report what Kafka would take as well, and its trial."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response, Security
from fastapi.responses import JSONResponse

from enrolment.api.keys import ANSWER_SECONDS, KEY, hub_of
from enrolment.hubs import store
from enrolment.hubs.domain import BATCH, MOST_EVENTS, Verdict, judge, read_batch, read_one
from mathshubs.envelope import MOST_BYTES, STRUCTURED, CloudEvent, Malformed
from mathshubs.http import PROBLEM, Problem, problem_response, within
from mathshubs.running import Running

BODY_SECONDS: Final = 30.0
_STATUS: Final = {
    "too-large": 413,
    "too-many-events": 413,
    "hub-mismatch": 403,
    "id-reused": 409,
    "data-not-json": 415,
    "bad-data": 422,
    "unknown-type": 422,
    "unknown-owner": 422,
}
_MALFORMED: Final = 400


def reports(running: Callable[[], Running]) -> APIRouter:
    """Return the routes by which hubs report."""
    routes = APIRouter(tags=["reports"])
    door = _EventsDoor(running)
    for path, answer, status in (("/v1/events", door.post, 202), ("/v1/events/validate", door.validate, 200)):
        documented = _documented(answer.__doc__ or "", status)
        routes.add_api_route(
            path, answer, methods=["POST"], status_code=status, response_class=JSONResponse, **documented
        )
    return routes


class _EventsDoor:
    def __init__(self, running: Callable[[], Running]) -> None:
        self._running = running

    async def post(self, request: Request) -> Response:
        """Record one event or a batch; what becomes of each is said on the hub's receipts topic."""
        return await self._answer(request, 202)

    async def validate(self, request: Request) -> Response:
        """Judge one event or a batch just as it would be judged to be recorded, and record nothing."""
        return await self._answer(request, 200, trial=True)

    async def _answer(self, request: Request, status: int, *, trial: bool = False) -> Response:
        began = time.monotonic()
        hub = await within(ANSWER_SECONDS, hub_of(self._running(), request))
        left = ANSWER_SECONDS - (time.monotonic() - began)
        body = await _body(request)
        is_batch = _media_type(request) == BATCH
        read = _read_batch(body) if is_batch else [_read_one(request, body)]
        judged = [judge(hub, one) for one in read]
        verdicts = await within(left, store.take_in(self._running().pool, hub, judged, trial=trial))
        if not is_batch and verdicts[0].wrong is not None:
            return problem_response(_problem(verdicts[0].wrong))
        return JSONResponse({"receipts": [_receipt(verdict) for verdict in verdicts]}, status)


def _media_type(request: Request) -> str:
    given = request.headers.getlist("content-type")
    if len(given) > 1:
        raise Problem(400, "duplicate-header", "The header Content-Type stands there more than once.")
    return "".join(given).split(";")[0].strip().lower()


async def _body(request: Request) -> bytes:
    """Read the body, never more of it than may be sent.

    Raises:
        Problem: 413 as soon as it is known to be too large, 408 if it does not come, 415 if it is compressed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "compressed", "Send the body as it is, without a Content-Encoding.")
    if int(request.headers.get("content-length", 0)) > MOST_BYTES:
        raise _too_large()
    read = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                read += piece
                if len(read) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise Problem(408, "body-timeout", f"The body did not come within {BODY_SECONDS:.0f} s.") from None
    return bytes(read)


def _too_large() -> Problem:
    return Problem(413, "too-large", f"A request may have {MOST_BYTES:,} bytes; send large batches in parts.")


def _read_one(request: Request, body: bytes) -> CloudEvent | Malformed:
    media = _media_type(request)
    if media != STRUCTURED and (media.startswith("application/cloudevents") or not _has_attributes(request)):
        raise Problem(
            415,
            "not-a-cloudevent",
            "This is no CloudEvent in a form that is taken here.",
            f"Send {STRUCTURED}, {BATCH}, or binary mode: ce-id, ce-source, ce-type, ce-time and ce-specversion "
            "as headers and application/json as the body.",
        )
    return read_one(request.headers.raw, body)


def _has_attributes(request: Request) -> bool:
    return any(name.startswith("ce-") for name in request.headers)


def _read_batch(body: bytes) -> list[CloudEvent | Malformed]:
    found = read_batch(body)
    if isinstance(found, Malformed):
        raise _problem(found)
    return found


def _problem(wrong: Malformed) -> Problem:
    return Problem(_STATUS.get(wrong.code, _MALFORMED), wrong.code, wrong.message, path=wrong.path)


def _receipt(verdict: Verdict) -> dict[str, Any]:
    said = {"id": verdict.id, "source": verdict.source, "outcome": verdict.outcome}
    return said if verdict.wrong is None else {**said, "problem": _problem(verdict.wrong).body()}


_EXAMPLE: Final = {
    "specversion": "1.0",
    "id": "0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e",
    "source": "https://mis.river-vale.example",
    "type": "uk.mathshubs.hub.enrolment.SchoolJoinedWorkGroup.v1",
    "time": "2026-09-14T15:04:05Z",
    "data": {"work_group": "WG-7", "school_urn": "136771", "effective_on": "2026-09-14"},
}
_RECEIPTS: Final = {
    "type": "object",
    "required": ["receipts"],
    "properties": {
        "receipts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "source", "outcome"],
                "properties": {
                    "id": {"type": ["string", "null"]},
                    "source": {"type": ["string", "null"]},
                    "outcome": {"enum": ["recorded", "duplicate", "rejected"]},
                    "problem": {"type": "object", "description": "RFC 9457, where the outcome is `rejected`"},
                },
            },
        }
    },
}
_SAYS: Final = {
    400: "Malformed",
    401: "No key, an unknown or a revoked one",
    403: "The key is no hub's, or the event names another hub",
    409: "The id was used before for another event",
    413: f"More than {MOST_BYTES:,} bytes, or than {MOST_EVENTS} events",
    415: "Another form than those named",
    422: "The type is unknown, or the data does not fit it",
    503: "Nothing can be recorded; send it again after `Retry-After` seconds",
}
_BODY: Final = {
    "required": True,
    "description": "One CloudEvent 1.0, structured or binary (`ce-` headers), or a batch.",
    "content": {
        STRUCTURED: {"schema": {"type": "object"}, "example": _EXAMPLE},
        BATCH: {"schema": {"type": "array", "maxItems": MOST_EVENTS}, "example": [_EXAMPLE]},
        "application/json": {"schema": {"type": "object"}, "example": _EXAMPLE["data"]},
    },
}


def _documented(summary: str, status: int) -> dict[str, Any]:
    answered = {
        "description": "A receipt for each event, in order",
        "content": {"application/json": {"schema": _RECEIPTS}},
    }
    refused = {status: {"description": said, "content": {PROBLEM: {}}} for status, said in _SAYS.items()}
    return {
        "summary": summary,
        "responses": {status: answered, **refused},
        "dependencies": [Security(KEY)],
        "openapi_extra": {"requestBody": _BODY},
    }
