"""Enrolment's HTTP door for programs: `POST /v1/events`, where hubs report as by Kafka, and what they read."""

import asyncio
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from enrolment.hubs import store
from enrolment.hubs.domain import BATCH, MOST_EVENTS, Verdict, judge, read_batch, read_one
from enrolment.specialists import views
from enrolment.specialists.store import load as load_specialists
from enrolment.specialists.store import policies_of
from mathshubs import clock
from mathshubs.envelope import MOST_BYTES, STRUCTURED, CloudEvent, Malformed
from mathshubs.http import PROBLEM, Problem, problem_response, within
from mathshubs.keys import Claim, Keys
from mathshubs.running import Running

ANSWER_SECONDS: Final = 1.8
"""What the database may take of one request; then the answer is 503."""
BODY_SECONDS: Final = 30.0
MOST_ROWS: Final = 200
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


def router(running: Callable[[], Running]) -> APIRouter:
    """Return the routes of this door."""
    routes = APIRouter()
    door = _EventsDoor(running)
    for path, answer, status in (("/v1/events", door.post, 202), ("/v1/events/validate", door.validate, 200)):
        documented = _documented(answer.__doc__ or "", status)
        routes.add_api_route(
            path, answer, methods=["POST"], status_code=status, response_class=JSONResponse, **documented
        )
    for path, read in (("/v1/specialists", door.specialists), ("/v1/specialists/{person_id}", door.specialist)):
        routes.add_api_route(path, read, dependencies=[Security(_KEY)], responses=_READING)
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

    async def specialists(
        self, request: Request, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50
    ) -> dict[str, Any]:
        """List specialists and leads: a hub's own by its key, all by a national one; `next` is the next page's cursor.

        Each has where they stand in the programme and in accreditation, the days on which they may lead, and the
        Work Groups that they lead this school year, with `warnings` as codes.
        """
        claim = await self._claim(request)
        after = _after(cursor) if cursor else None
        rows = await self._caseloads(claim, after=after, most=limit + 1)
        more = urlsafe_b64encode(rows[limit - 1]["person_id"].bytes).decode() if len(rows) > limit else None
        return {"specialists": rows[:limit], "next": more}

    async def specialist(self, request: Request, person_id: UUID) -> dict[str, Any]:
        """Show one specialist or lead, as the list does."""
        rows = await self._caseloads(await self._claim(request), only=person_id)
        if not rows:
            raise Problem(404, "no-such-specialist", "Your hub has no specialist or lead with this id.")
        return rows[0]

    async def _caseloads(self, claim: Claim, **which: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- as `page` takes them
        today = clock.today()
        async with self._running().pool.acquire(timeout=ANSWER_SECONDS) as db:
            hubs = await views.page(db, claim.hub, today, **which)
            known = await load_specialists(db, list(hubs))
            groups = await views.groups_led(db, list(hubs), today)
            policies = await policies_of(db)
        return [
            {"person_id": id_, "hub": hub, **views.shown(known.get(id_), groups[id_], policies, today)}
            for id_, hub in hubs.items()
        ]

    async def _answer(self, request: Request, status: int, *, trial: bool = False) -> Response:
        began = time.monotonic()
        hub = await within(ANSWER_SECONDS, self._hub(request))
        left = ANSWER_SECONDS - (time.monotonic() - began)
        body = await _body(request)
        is_batch = _media_type(request) == BATCH
        read = _read_batch(body) if is_batch else [_read_one(request, body)]
        judged = [judge(hub, one) for one in read]
        verdicts = await within(left, store.take_in(self._running().pool, hub, judged, trial=trial))
        if not is_batch and verdicts[0].wrong is not None:
            return problem_response(_problem(verdicts[0].wrong))
        return JSONResponse({"receipts": [_receipt(verdict) for verdict in verdicts]}, status)

    async def _hub(self, request: Request) -> str:
        """Return the hub that the request's key speaks for."""
        claim = await self._claim(request)
        if claim.hub is None:
            raise Problem(403, "key-of-no-hub", "A national key reads; only a hub's own key may report.")
        return claim.hub

    async def _claim(self, request: Request) -> Claim:
        """Return what the request's key says of itself."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise _unauthorised("key-missing", "Send your API key: `Authorization: Bearer <key>`.")
        running = self._running()
        claim = Keys(running.settings.secret.get_secret_value()).read(key.strip())
        revoked = None
        if claim is not None:
            async with running.pool.acquire(timeout=ANSWER_SECONDS) as db:
                revoked = await store.is_revoked(db, claim)
        if claim is None or revoked is None:
            raise _unauthorised("key-unknown", "No such API key was issued here; check that it is whole.")
        if revoked:
            raise _unauthorised("key-revoked", "This API key was revoked; ask for a new one.")
        return claim


def _after(cursor: str) -> UUID:
    """Return whom the page before ended with."""
    try:
        return UUID(bytes=urlsafe_b64decode(cursor))
    except ValueError:
        title = "The cursor is not one of ours."
        raise Problem(422, "bad-cursor", title, "Take `next` of the page before.", "query.cursor") from None


def _unauthorised(code: str, title: str) -> Problem:
    return Problem(401, code, title, headers={"WWW-Authenticate": 'Bearer realm="mathshubs"'})


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

_READING: Final[dict[int | str, dict[str, Any]]] = {
    401: {"description": "No key, an unknown or a revoked one", "content": {PROBLEM: {}}}
}
_KEY: Final = HTTPBearer(
    scheme_name="key", description="The hub's API key, as `hubs hub add` issues it", auto_error=False
)
"""As it is described; what becomes of a request without one, the door says itself."""


def _documented(summary: str, status: int) -> dict[str, Any]:
    answered = {
        "description": "A receipt for each event, in order",
        "content": {"application/json": {"schema": _RECEIPTS}},
    }
    refused = {status: {"description": said, "content": {PROBLEM: {}}} for status, said in _SAYS.items()}
    return {
        "summary": summary,
        "responses": {status: answered, **refused},
        "dependencies": [Security(_KEY)],
        "openapi_extra": {"requestBody": _BODY},
    }
