"""The HTTP door: the page at `/inbox`, and under it the mails as JSON and as bytes."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.middleware.base import RequestResponseEndpoint

from hubs.mailbox.reading import opened
from hubs.mailbox.store import Mail, Store, UnknownMail
from hubs.mailbox.views import Show, inbox
from mathshubs.web import mount_assets, pages

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_SEALED: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""A mail's HTML runs no script, loads nothing, and has no origin; its links open a page of their own."""

_READING: Final = ("GET", "HEAD", "OPTIONS")
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_STYLE: Final = Path(__file__).parent / "static" / "mailbox.css"
_NEW_PAGE: Final = b'<base target="_blank">'


def mailbox(store: Store, lifespan: Lifespan | None = None, *, invented: bool = False) -> FastAPI:
    """Return the application that shows one store; where people are `invented`, its page says so."""
    app = FastAPI(title="Maths Hubs mailbox", lifespan=lifespan, docs_url=None, redoc_url=None)
    mount_assets(app)
    _add_page(app, store, invented=invented)
    _add_mails(app, store)
    _add_erasure(app, store)

    @app.middleware("http")
    async def ours_alone(request: Request, answer: RequestResponseEndpoint) -> Response:
        if request.method in _READING or _is_from_here(request):
            return await answer(request)
        return _problem(403, "foreign-origin", "Only programs and pages of this machine may remove mail.")

    @app.exception_handler(UnknownMail)
    async def unknown(_request: Request, fault: UnknownMail) -> Response:
        return _problem(
            404, "mail-unknown", f"There is no mail {fault}; it was never received, or its reader was erased."
        )

    @app.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _is_from_here(request: Request) -> bool:
    """Say whether no foreign page asks: a browser says in Origin whose page does, and in Host whom it takes us for."""
    host = request.headers.get("host", "")
    return request.url.hostname in _LOOPBACK and request.headers.get("origin") in (None, f"http://{host}")


def _add_page(app: FastAPI, store: Store, *, invented: bool) -> None:
    """Serve the page on which people read."""
    rendered = pages("hubs.mailbox", invented=invented, mailbox=True)

    @app.get("/inbox", include_in_schema=False)
    def page(
        request: Request,
        to: str | None = None,
        message: int | None = None,
        show: Show = Show.EMAIL,
        find: str = "",
    ) -> Response:
        seen = inbox(store, to=to, message=message, show=show, find=find)
        return rendered.render(request, "inbox.html", status=404 if seen.unknown else 200, inbox=seen)

    @app.get("/inbox/mailbox.css", include_in_schema=False)
    def style() -> Response:
        return FileResponse(_STYLE, media_type="text/css; charset=utf-8", headers={"cache-control": "no-cache"})


def _add_mails(app: FastAPI, store: Store) -> None:
    """Serve the mails to programs."""

    @app.get("/inbox/messages")
    def mails(to: Annotated[str | None, Query(description="only mail to this address")] = None) -> list[dict[str, Any]]:
        return [_listed(mail) for mail in store.mails(to)]

    @app.get("/inbox/messages/{number}/raw")
    def raw(number: int) -> Response:
        return Response(store.raw(number), media_type="message/rfc822", headers={"x-content-type-options": "nosniff"})

    @app.get("/inbox/messages/{number}/html", include_in_schema=False)
    def html(number: int) -> Response:
        content = (opened(store.raw(number)).html or "").encode()
        return Response(_NEW_PAGE + content, media_type="text/html; charset=utf-8", headers=_SEALED)


def _add_erasure(app: FastAPI, store: Store) -> None:
    """Let erasure reach what the mailbox holds."""

    @app.delete("/inbox/messages/{number}", status_code=204)
    def remove(number: int) -> None:
        store.erase(number)


def _listed(mail: Mail) -> dict[str, Any]:
    """Return a mail as the list shows it."""
    return {
        "id": mail.id,
        "to": ", ".join(mail.recipients),
        "from": mail.sender,
        "subject": mail.subject,
        "received_at": mail.received_at,
        "message_id": mail.message_id,
        "bounces_to": mail.bounces_to,
    }


def _problem(status: int, code: str, message: str) -> Response:
    """Return an error as RFC 9457 describes it."""
    errors = [{"code": code, "message": message, "path": "", "detail": ""}]
    spelled = f"urn:mathshubs:problem:{code}"  # as the services spell theirs
    body = {"type": spelled, "title": message, "status": status, "detail": "", "errors": errors}
    return JSONResponse(body, status, media_type="application/problem+json")
