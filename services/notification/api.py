"""Notification's door for programs: `GET /v1/deliveries`, by a national key."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Depends, Query, Request, Security
from fastapi.security import HTTPBearer
from pydantic import AwareDatetime, BaseModel, Field

from mathshubs.events.notification.deliveries import Kind
from mathshubs.http import Problem
from mathshubs.keys import Keys
from mathshubs.running import Running
from notification.deliveries.domain.fates import SHOWN, STATES_OF, Shown
from notification.deliveries.store import listed
from notification.keys import store as keys

_BEGINNING: Final = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
_DECLARED: Final = HTTPBearer(auto_error=False, description="A national API key")
_NOT_GIVEN: Final[Mapping[int | str, dict[str, Any]]] = {401: {"description": "No key, or none that is good"}}


class DeliveryRow(BaseModel):
    """One mail: what it was about, and what became of it; never where it went."""

    id: UUID
    person_id: UUID
    meeting_id: UUID
    kind: Kind
    status: Shown
    queued_at: AwareDatetime
    handed_at: AwareDatetime | None = Field(description="When the mail server took it.")


class DeliveriesAnswer(BaseModel):
    """A page of mails, oldest first."""

    deliveries: list[DeliveryRow]
    next: str | None = Field(description="`cursor` of the next page; none on the last.")


class Filters(BaseModel):
    """Which mails are asked for, a page at a time."""

    status: Annotated[Shown | None, Field(description="Only these.")] = None
    limit: Annotated[int, Field(ge=1, le=500, description="Mails on a page.")] = 100
    cursor: Annotated[str | None, Field(description="`next` of the page before.", max_length=500)] = None


def router(running: Callable[[], Running]) -> APIRouter:
    """Return the routes of this door."""

    async def national(request: Request) -> None:
        await _admit(running(), request)

    routes = APIRouter(
        dependencies=[Security(_DECLARED), Depends(national)], tags=["deliveries"], responses={**_NOT_GIVEN}
    )

    @routes.get("/v1/deliveries")
    async def deliveries(asked: Annotated[Filters, Query()]) -> DeliveriesAnswer:
        """List mails, oldest first, by what became of them."""
        return await _listed(running(), asked)

    @routes.get("/v1/deliveries/{delivery_id}")
    async def delivery(delivery_id: UUID) -> DeliveryRow:
        """Show one mail; its id is in the facts that tell of it."""
        async with running().pool.acquire() as db:
            row = await listed.show(db, delivery_id)
        if row is None:
            raise Problem(404, "delivery-unknown", "There is no mail with this id.")
        return _row(row)

    return routes


async def _admit(running: Running, request: Request) -> None:
    """Let in whoever holds a national key; a hub's own key does not read of other hubs' people.

    Raises:
        Problem: 401 without a key that is good, 403 with a hub's.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise _unauthorised("key-missing", "Send your API key: `Authorization: Bearer <key>`.")
    claim = Keys(running.settings.secret.get_secret_value()).read(key.strip())
    if claim is None:
        raise _unauthorised("key-unknown", "No such API key was issued here; check that it is whole.")
    async with running.pool.acquire() as db:
        if await keys.is_revoked(db, claim.key_id):
            raise _unauthorised("key-revoked", "This API key was revoked; ask for a new one.")
    if claim.hub is not None:
        raise Problem(403, "key-of-a-hub", "Mails are listed for the whole network: ask with a national key.")


def _unauthorised(code: str, title: str) -> Problem:
    return Problem(401, code, title, headers={"WWW-Authenticate": 'Bearer realm="mathshubs"'})


async def _listed(running: Running, asked: Filters) -> DeliveriesAnswer:
    states = STATES_OF[asked.status] if asked.status else list(SHOWN)
    async with running.pool.acquire() as db:
        rows = await listed.page(db, states, _place(asked.cursor), asked.limit + 1)
    shown = rows[: asked.limit]
    more = _cursor(shown[-1]) if len(rows) > len(shown) else None
    return DeliveriesAnswer(deliveries=[_row(row) for row in shown], next=more)


def _row(row: Record) -> DeliveryRow:
    return DeliveryRow(
        id=row["delivery_id"],
        person_id=row["person_id"],
        meeting_id=row["meeting_id"],
        kind=row["kind"],
        status=SHOWN[row["status"]],
        queued_at=row["stamped_at"],
        handed_at=row["taken_at"],
    )


def _cursor(last: Record) -> str:
    """Return where the next page begins."""
    return urlsafe_b64encode(json.dumps([last["queued_at"].isoformat(), str(last["delivery_id"])]).encode()).decode()


def _place(cursor: str | None) -> tuple[datetime, UUID]:
    if cursor is None:
        return _BEGINNING
    try:
        at, last = json.loads(urlsafe_b64decode(cursor))
        return datetime.fromisoformat(at).astimezone(UTC), UUID(last)
    except (ValueError, TypeError, AttributeError, OverflowError):
        title = "The cursor is not one of ours."
        raise Problem(422, "bad-cursor", title, "Take `next` of the page before.", "query.cursor") from None
