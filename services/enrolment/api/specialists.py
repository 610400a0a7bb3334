"""`GET /v1/specialists`: where specialists and leads stand, and who leads how much."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Security

from enrolment.api.keys import ANSWER_SECONDS, KEY, READING, claim_of
from enrolment.api.paging import Cursor, Limit, after, cursor_after
from enrolment.specialists import views
from enrolment.specialists.store import load, policies_of
from mathshubs import clock
from mathshubs.http import Problem
from mathshubs.keys import Claim
from mathshubs.running import Running


def specialists(running: Callable[[], Running]) -> APIRouter:
    """Return the addresses below `/v1/specialists`."""
    routes = APIRouter(tags=["specialists"], dependencies=[Security(KEY)], responses=READING)

    @routes.get("/v1/specialists")
    async def listed(request: Request, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """List specialists and leads: a hub's own by its key, all by a national one; `next` is the next page's cursor.

        Each has where they stand in the programme and in accreditation, the days on which they may lead, and the
        Work Groups that they lead this school year, with `warnings` as codes.
        """
        claim = await claim_of(running(), request)
        rows = await _caseloads(running(), claim, after=after(cursor) if cursor else None, most=limit + 1)
        more = cursor_after(rows[limit - 1]["person_id"]) if len(rows) > limit else None
        return {"specialists": rows[:limit], "next": more}

    @routes.get("/v1/specialists/{person_id}")
    async def one(request: Request, person_id: UUID) -> dict[str, Any]:
        """Show one specialist or lead, as the list does."""
        rows = await _caseloads(running(), await claim_of(running(), request), only=person_id)
        if not rows:
            raise Problem(404, "no-such-specialist", "Your hub has no specialist or lead with this id.")
        return rows[0]

    return routes


async def _caseloads(running: Running, claim: Claim, **which: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- as `page` takes them
    today = clock.today()
    async with running.pool.acquire(timeout=ANSWER_SECONDS) as db:
        hubs = await views.page(db, claim.hub, today, **which)
        known = await load(db, list(hubs))
        groups = await views.groups_led(db, list(hubs), today)
        policies = await policies_of(db)
    return [
        {"person_id": id_, "hub": hub, **views.shown(known.get(id_), groups[id_], policies, today)}
        for id_, hub in hubs.items()
    ]
