"""`GET /v1/work-groups`: how Work Groups stand, who takes part in them and who leads them, by ids and codes alone."""

from collections.abc import Callable, Collection
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Security
from pydantic import BaseModel, Field

from enrolment.api.keys import ANSWER_SECONDS, KEY, READING, claim_of
from enrolment.api.paging import Cursor, Limit, after, cursor_after
from enrolment.participation import views
from enrolment.participation.store import look_up
from enrolment.participation.views import Filters, WorkGroupShown
from mathshubs import clock
from mathshubs.events.enrolment.participation import State
from mathshubs.events.spoken import SchoolYear
from mathshubs.http import PROBLEM, Problem
from mathshubs.postgres import Db
from mathshubs.running import Running

_UNKNOWN: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "Your hub has no such Work Group", "content": {PROBLEM: {}}}
}


class WorkGroups(BaseModel):
    """A page of Work Groups, in the order of their ids."""

    work_groups: list[WorkGroupShown]
    next: str | None = Field(description="Cursor of the next page; null on the last.")


def work_groups(running: Callable[[], Running]) -> APIRouter:
    """Return the addresses below `/v1/work-groups`."""
    routes = APIRouter(tags=["work groups"], dependencies=[Security(KEY)], responses=READING)

    @routes.get("/v1/work-groups")
    async def listed(
        request: Request,
        *,
        school_year: Annotated[SchoolYear | None, Query(examples=["2026/27"])] = None,
        state: State | None = None,
        at_risk: bool | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> WorkGroups:
        """List Work Groups: a hub's own by its key, all by a national one."""
        claim = await claim_of(running(), request)
        filters = Filters(claim.hub, school_year, state, at_risk)
        async with running().pool.acquire(timeout=ANSWER_SECONDS) as db:
            found = await views.page(db, filters, after(cursor) if cursor else None, limit + 1)
            rows = await _shown(db, found[:limit])
        more = cursor_after(found[limit - 1]) if len(found) > limit else None
        return WorkGroups(work_groups=rows, next=more)

    @routes.get("/v1/work-groups/{work_group_id}", responses=_UNKNOWN)
    async def one(request: Request, work_group_id: UUID) -> WorkGroupShown:
        """Show one Work Group, as the list does."""
        claim = await claim_of(running(), request)
        async with running().pool.acquire(timeout=ANSWER_SECONDS) as db:
            rows = await _shown(db, [work_group_id])
        if not rows or claim.hub not in {None, rows[0].hub}:
            raise Problem(404, "no-such-work-group", "Your hub has no Work Group with this id.")
        return rows[0]

    return routes


async def _shown(db: Db, ids: Collection[UUID]) -> list[WorkGroupShown]:
    standing = await look_up(db, ids)
    return [views.shown(standing, id_, clock.today()) for id_ in ids if id_ in standing.groups]
