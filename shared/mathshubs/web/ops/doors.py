"""`/ops/<service>`: the page, each dead letter's own, and the forms that retry, discard and release."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from mathshubs.http import Problem
from mathshubs.operating import Problem as CannotBeDone
from mathshubs.operating import letters, parkedkeys
from mathshubs.operating.letters import UnknownLetter
from mathshubs.operating.parkedkeys import UnknownKey
from mathshubs.operating.reading import text_of
from mathshubs.running import Running
from mathshubs.settings import Settings
from mathshubs.web.ops.guard import IsRevoked, must_be_ours, operator_of
from mathshubs.web.ops.mends import mend_of
from mathshubs.web.ops.standing import standing
from mathshubs.web.pages import Pages, pages

MOST_FORM_BYTES: Final = 20_000
SECONDS: Final = 8.0
"""For which somebody who retries or releases waits to be told what came of it."""
PRIVATE: Final = {"cache-control": "no-store", "x-robots-tag": "noindex"}


def router(
    service: str, told: Settings, running: Callable[[], Running], is_revoked: IsRevoked | None = None
) -> APIRouter:
    """Return the doors of a service's page of operations.

    Args:
        service: the service whose page it is.
        told: its settings; in a demo anybody may look.
        running: the service as it runs, asked at each request.
        is_revoked: whether a national key was revoked, where the service knows.
    """
    page = _Page(service, pages("mathshubs.web.ops", invented=told.demo, mailbox=told.mailbox), running, is_revoked)
    routes = APIRouter(prefix=f"/ops/{service}", include_in_schema=False)
    routes.add_api_route("", page.overview, methods=["GET"])
    routes.add_api_route("/letters/{letter_id}", page.letter, methods=["GET"])
    routes.add_api_route("/letters/{letter_id}", page.deal, methods=["POST"])
    routes.add_api_route("/parked", page.release, methods=["POST"])
    return routes


class _Page:
    def __init__(self, service: str, made: Pages, running: Callable[[], Running], is_revoked: IsRevoked | None) -> None:
        self._service, self._pages, self._running, self._is_revoked = service, made, running, is_revoked

    async def overview(self, request: Request) -> HTMLResponse:
        """Show how the service stands."""
        if refused := await self._refused(request):
            return refused
        return self._render(request, "ops.html", standing=await standing(self._running()))

    async def letter(self, request: Request, letter_id: int) -> HTMLResponse:
        """Show one dead letter with what it holds; that somebody looked is written down."""
        if refused := await self._refused(request):
            return refused
        by = await self._operator(request)
        try:
            async with self._running().pool.acquire(timeout=5) as db:
                letter, history = await letters.shown(db, letter_id, by=by)
        except UnknownLetter as unknown:
            return self._outcome(request, "There is no such dead letter", str(unknown), status=404)
        headers = [(name, text_of(value)) for name, value in letter.record.headers]
        return self._render(
            request,
            "letter.html",
            letter=letter,
            history=[done for done in history if done["action"] != "show"],
            headers=headers,
            value=text_of(letter.record.value),
            mend=mend_of(letter.code, letter.message),
        )

    async def deal(self, request: Request, letter_id: int) -> HTMLResponse:
        """Retry or discard one dead letter, with the operator's reason."""
        if refused := await self._refused(request, is_form=True):
            return refused
        by, form = await self._operator(request), await _form(request)
        if not form.get("why"):
            return self._outcome(request, "Say why", "Whoever reads the record will want to know.", status=422)
        try:
            async with self._running().pool.acquire(timeout=5) as db:
                if form.get("do") == "discard":
                    await letters.discard(db, [letter_id], by=by, why=form["why"])
                    return self._outcome(request, "Discarded", f"Dead letter {letter_id} is closed for good.")
                [came] = await letters.retry(db, [letter_id], by=by, why=form["why"], seconds=SECONDS)
        except CannotBeDone as wrong:
            return self._outcome(request, "Nothing was done", str(wrong), status=_status(wrong))
        return self._outcome(request, *_came(came.outcome, [reason["message"] for reason in came.reasons]))

    async def release(self, request: Request) -> HTMLResponse:
        """Let a parked key go on, with the operator's reason."""
        if refused := await self._refused(request, is_form=True):
            return refused
        by, form = await self._operator(request), await _form(request)
        if not form.get("why") or not form.get("key"):
            return self._outcome(request, "Say why", "Whoever reads the record will want to know.", status=422)
        try:
            async with self._running().pool.acquire(timeout=5) as db:
                came = await parkedkeys.release(db, form["key"], by=by, why=form["why"], seconds=SECONDS)
        except UnknownKey as unknown:
            return self._outcome(request, "Nothing was done", str(unknown), status=404)
        left = sum(one.left for one in came)
        reasons = [one.reason for one in came if one.reason] + ([f"{left} of its records wait still."] if left else [])
        return self._outcome(request, *_came(came[0].outcome, reasons))

    async def _operator(self, request: Request) -> str:
        return await operator_of(request, self._running(), self._is_revoked)

    async def _refused(self, request: Request, *, is_form: bool = False) -> HTMLResponse | None:
        """Return the page for whom this is not, or whose form came from elsewhere; None for an operator."""
        try:
            await self._operator(request)
            if is_form:
                must_be_ours(request)
        except Problem as problem:
            page = self._outcome(request, problem.title, problem.detail, status=problem.status)
            page.headers.update(problem.headers)
            return page
        return None

    def _outcome(self, request: Request, title: str, said: str, *, status: int = 200) -> HTMLResponse:
        return self._render(request, "outcome.html", status=status, title=title, said=said)

    def _render(self, request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401 -- what the template names
        page = self._pages.render(request, template, status=status, service=self._service, **context)
        page.headers.update(PRIVATE)
        return page


def _status(wrong: CannotBeDone) -> int:
    return 404 if isinstance(wrong, UnknownLetter) else 409


_OUTCOMES: Final = {
    "dead": "It failed again",
    "retrying": "It is still to be tried",
    "retried": "It was tried again",
    "failing": "It is still being tried",
    "poisoned": "It failed again",
    "waiting": "It waits still",
    "behind": "It waits behind another",
    "parked": "It waits",
    "refused": "It was refused",
    "flagged": "It took effect, with something to look at",
    "applied": "It took effect",
}


def _came(outcome: str, reasons: list[str]) -> tuple[str, str]:
    """Return in words what came of trying something again, and why."""
    return _OUTCOMES.get(outcome, outcome.capitalize()), " ".join(reasons)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form as a browser sends it.

    Raises:
        Problem: 413 if it is longer than any form of ours.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_FORM_BYTES:
            raise Problem(413, "too-large", "The form is longer than any of ours.")
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[-1].strip() for name, values in fields.items()}
