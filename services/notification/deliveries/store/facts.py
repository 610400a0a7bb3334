"""What is said of a mail, by its row: it follows from what had the mail queued."""

from collections.abc import Iterable
from datetime import datetime

from asyncpg import Record

from mathshubs import clock
from mathshubs.events.notification.deliveries import MessageNotSent, MessageQueued, MessageSettled
from mathshubs.journal import Cause, Entry, record
from mathshubs.postgres import Db
from notification.deliveries.domain.fates import FATES, SPARED


async def say(db: Db, rows: Iterable[Record]) -> None:
    """Say of each of these mails what its state means, in the caller's transaction."""
    now = clock.now()
    await record(db, [line for row in rows for line in _line(row, now)])


def _line(row: Record, now: datetime) -> list[Entry]:
    about = {name: row[name] for name in ("delivery_id", "person_id", "meeting_id", "kind")} | {"effective_at": now}
    status = row["status"]
    fact: MessageQueued | MessageSettled | MessageNotSent
    if status == "queued":
        fact = MessageQueued(**about)
    elif status in FATES:
        fate, queued_at, taken_at = FATES[status], row["stamped_at"], row["taken_at"]
        fact = MessageSettled(**about, status=fate, queued_at=queued_at, handed_at=taken_at)
    elif status in SPARED:
        fact = MessageNotSent(**about, reason=SPARED[status])
    else:
        return []
    return [Entry.of_fact("notification", fact, cause_of(row))]


def cause_of(row: Record) -> Cause:
    """Return what had a mail queued, as the cause of what is said of it."""
    return Cause("service:notification", row["causation_id"], row["correlation_id"], row["traceparent"])
