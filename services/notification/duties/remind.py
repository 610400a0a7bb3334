"""Reminds people of what is to come: finds what is due by the clock and has it sent."""

from datetime import datetime
from typing import Final

from asyncpg import Record

from mathshubs.postgres import Db
from notification.deliveries.domain.delivery import Delivery
from notification.deliveries.store import facts
from notification.deliveries.store import queued as deliveries
from notification.reminders import store as reminders
from notification.reminders.domain import due, longest

NAME: Final = "reminders"


async def remind(db: Db, now: datetime) -> None:
    """Queue the reminders whose hours these are, in the caller's transaction; each once."""
    policies = await reminders.policies(db)
    starts = await reminders.ahead(db, now, now + longest(policies))
    if found := due(starts, policies, now):
        rows = await reminders.to_remind(db, found, now)
        await deliveries.queue(db, [_delivery(row, now) for row in rows])


def _delivery(row: Record, now: datetime) -> Delivery:
    columns = ("meeting_id", "person_id", "uid", "starts_at", "ends_at", "mode", "name", "place")
    return Delivery(
        **{column: row[column] for column in columns},
        kind="reminder",
        revision=None,
        was_starts_at=None,
        was_ends_at=None,
        stamped_at=now,
        days_before=row["days_before"],
        due_by=row["due_by"],
        cause=facts.cause_of(row),
    )
