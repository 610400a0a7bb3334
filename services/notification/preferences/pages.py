"""The page on which a person says which mail they want: `/u/<token>`, from the foot of a reminder."""

from collections.abc import Callable
from email import message_from_bytes
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from mathshubs.http import Problem
from mathshubs.links import NotOurLink, read_preferences_token
from mathshubs.running import Running
from mathshubs.web import Pages
from notification.preferences import store

PRIVATE: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
MOST_BYTES: Final = 10_000
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program posts when its reader unsubscribes in one click (RFC 8058); some post nothing at all."""
_ANSWERS: Final = {"yes": True, "no": False}


def doors(running: Callable[[], Running], pages: Pages) -> APIRouter:
    """Return the door; `running` and `pages` are asked at each request. Only POST changes anything."""
    router = APIRouter()

    @router.api_route("/u/{token:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def show(request: Request, token: str) -> Response:
        """Show what the holder of the link wants."""
        return _private(await _shown(running(), pages, request, token))

    @router.post("/u/{token:path}", include_in_schema=False)
    async def take(request: Request, token: str) -> Response:
        """Take what they want from now on, from the page or from their mail program."""
        return _private(await _taken(running(), pages, request, token))

    return router


def _private(response: Response) -> Response:
    response.headers.update(PRIVATE)
    return response


def _person(running: Running, token: str) -> UUID | None:
    try:
        return read_preferences_token(running.settings.secret.get_secret_value(), token)
    except NotOurLink:
        return None


async def _shown(running: Running, pages: Pages, request: Request, token: str, *, missing: bool = False) -> Response:
    person = _person(running, token)
    if person is None:
        return pages.render(request, "unknown_preferences.html", status=404)
    async with running.pool.acquire() as db:
        wants = await store.wants_reminders(db, person)
    if wants is None:
        return pages.render(request, "closed_preferences.html", status=410)
    saved = "saved" in request.query_params and not missing
    status = 422 if missing else 200
    return pages.render(request, "preferences.html", status=status, wants=wants, saved=saved, missing=missing)


async def _taken(running: Running, pages: Pages, request: Request, token: str) -> Response:
    person, form = _person(running, token), await _form(request)
    one_click = not form or form.get(ONE_CLICK[0]) == ONE_CLICK[1]
    wanted = False if one_click else _ANSWERS.get(form.get("reminders", ""))
    if person is None or wanted is None:
        return await _shown(running, pages, request, token, missing=True)
    if not await store.change(running.pool, person, reminders=wanted):
        return pages.render(request, "closed_preferences.html", status=410)
    if one_click:
        return PlainTextResponse("You will get no more reminders.\n")
    return RedirectResponse(f"{request.url.path}?saved", 303)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; mail programs send it in either of the two encodings."""
    body = await _body(request)
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        named = [(part.get_param("name", header="content-disposition"), part.get_payload()) for part in whole.walk()]
        return {str(name): words.strip() for name, words in named if name and isinstance(words, str)}
    return {
        name: words[-1] for name, words in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()
    }


async def _body(request: Request) -> bytes:
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > MOST_BYTES:
            raise Problem(413, "too-large", f"A form may have {MOST_BYTES:,} bytes.")
    return bytes(read)
