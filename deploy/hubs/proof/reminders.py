"""Every reminder in the mailbox came on its day, before the meeting, once, and to somebody who wanted it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import httpx
from asyncpg import Record
from holidays import country_holidays

from hubs.parts.http import trust
from hubs.proof.mail import messages
from hubs.proof.system import Check, System, cause, number, some
from mathshubs.clock import LONDON

NAME: Final = "reminders"
FROM: Final = time(8)
UNTIL: Final = time(18, 1)
"""A minute after six: the mailbox notes when it has taken a mail, and its sender looks before it hands it over."""
IN_FLIGHT: Final = timedelta(seconds=5)
"""What was being handed over when somebody unsubscribed may still arrive."""
SATURDAY: Final = 5

REMINDERS = """
    SELECT delivery_id::text AS delivery_id, meeting_id, person_id, starts_at, days_before
      FROM deliveries
     WHERE kind = 'reminder'
"""
CHANGES = """
    SELECT key AS person_id, (data ->> 'reminders')::boolean AS wants, recorded_at
      FROM journal
     WHERE topic = 'notification.facts'
       AND type = 'uk.mathshubs.notification.PreferencesChanged.v1'
     ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Reminded:
    """One reminder as it lies in the mailbox, and what it reminds of."""

    message_id: str
    received_at: datetime
    meeting_id: UUID
    person_id: UUID
    starts_at: datetime
    days_before: int


Declined = Mapping[UUID, Sequence[tuple[datetime, bool]]]
"""When each person changed whether they want reminders, in order."""


async def reminders_in_time(system: System) -> Check:
    """Look at the day and hour at which each came; the mailbox alone says when."""
    if system.inbox is None:
        return Check(NAME, ok=True, said="Mail leaves by another server than ours, so no reminder was looked at")
    rows = {row["delivery_id"]: row for row in await system.fetch("notification", REMINDERS)}
    declined = _declined(await system.fetch("notification", CHANGES))
    try:
        async with httpx.AsyncClient(verify=trust(), timeout=30) as client:
            listed = await messages(client, system.inbox)
    except httpx.HTTPError as wrong:
        return Check(NAME, ok=False, said=f"The mailbox cannot be read: {cause(wrong)}")
    return verdict([one for about in listed if (one := _reminded(about, rows))], declined)


def _reminded(about: Mapping[str, Any], rows: Mapping[str, Record]) -> Reminded | None:
    row = rows.get(about["message_id"].strip("<>").partition("@")[0])
    if row is None:
        return None
    of = (row["meeting_id"], row["person_id"], row["starts_at"], row["days_before"])
    return Reminded(about["message_id"], datetime.fromisoformat(about["received_at"]), *of)


def _declined(rows: Iterable[Record]) -> Declined:
    found: defaultdict[UUID, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in rows:
        found[UUID(row["person_id"])].append((row["recorded_at"], row["wants"]))
    return found


def verdict(reminders: Sequence[Reminded], declined: Declined) -> Check:
    """Return what these reminders come to; a copy under the same Message-ID is the same mail."""
    of: defaultdict[tuple[UUID, UUID, datetime, int], set[str]] = defaultdict(set)
    for one in reminders:
        of[one.meeting_id, one.person_id, one.starts_at, one.days_before].add(one.message_id)
    wrong = {
        "after the meeting began": [one for one in reminders if one.received_at >= one.starts_at],
        "not in their hours": [one for one in reminders if not _is_in_its_hours(one)],
        "twice": [
            one for one in reminders if len(of[one.meeting_id, one.person_id, one.starts_at, one.days_before]) > 1
        ],
        "after unsubscribing": [one for one in reminders if _is_unwanted(one, declined)],
    }
    figures: dict[str, Any] = {"reminders": len(reminders), "declined": len(declined)}
    figures |= {name: some({one.message_id for one in found}) for name, found in wrong.items() if found}
    if any(wrong.values()):
        words = ", ".join(f"{len(found):,} {name}" for name, found in wrong.items() if found)
        return Check(NAME, ok=False, said=f"Of {number(len(reminders), 'reminder')}: {words}", figures=figures)
    said = f"{number(len(reminders), 'reminder')}, each once, in time, on a working day, and to whoever wants it"
    return Check(NAME, ok=True, said=said, figures=figures)


def _is_in_its_hours(one: Reminded) -> bool:
    came = one.received_at.astimezone(LONDON)
    day = one.starts_at.astimezone(LONDON).date() - timedelta(days=one.days_before)
    while day.weekday() >= SATURDAY or day in _days_off(day.year):
        day -= timedelta(days=1)
    return came.date() == day and FROM <= came.time() < UNTIL


@lru_cache
def _days_off(year: int) -> frozenset[date]:
    return frozenset(country_holidays("GB", subdiv="ENG", years=year))


def _is_unwanted(one: Reminded, declined: Declined) -> bool:
    """Say whether the last that the person had said, when it came, was that they want none."""
    said = [(at, wants) for at, wants in declined.get(one.person_id, ()) if at + IN_FLIGHT < one.received_at]
    return bool(said) and not said[-1][1]
