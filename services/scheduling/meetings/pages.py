"""The door by which people join a meeting: `/j/<token>`, as it stands in their mail and their calendar."""

from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from mathshubs import clock
from mathshubs.links import NotOurLink, read_join_token
from mathshubs.running import Running
from mathshubs.web import Pages
from scheduling.meetings.views import Invited, seen_by

OPENS = timedelta(minutes=30)
"""How long before its start a meeting's link leads straight into it, and how long after its end still."""
PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}


def doors(running: Callable[[], Running], pages: Pages) -> APIRouter:
    """Return the door; `running` and `pages` are asked at each request."""
    router = APIRouter()

    @router.api_route("/j/{token:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def join(request: Request, token: str) -> Response:
        """Lead whoever holds the link into the meeting, or say what it is, when, and where."""
        response = await _answer(running(), pages, request, token)
        response.headers.update(PRIVATE)
        return response

    return router


async def _answer(running: Running, pages: Pages, request: Request, token: str) -> Response:
    try:
        meeting_id, person_id = read_join_token(running.settings.secret.get_secret_value(), token)
    except NotOurLink:
        return pages.render(request, "unknown_link.html", status=404)
    meeting = await seen_by(running.pool, meeting_id, person_id)
    if meeting is None:
        return pages.render(request, "link_is_closed.html", status=410)
    now = clock.now()
    if meeting.join_url and _is_open(meeting, now):
        return RedirectResponse(meeting.join_url, 303)
    return pages.render(request, "meeting.html", meeting=meeting, opens_at=meeting.starts_at - OPENS, now=now)


def _is_open(meeting: Invited, now: datetime) -> bool:
    return meeting.starts_at - OPENS <= now <= meeting.ends_at + OPENS
