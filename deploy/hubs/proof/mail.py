"""Mail as it arrived in the mailbox, and the calendars that it makes: read by the `icalendar` library alone."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from typing import Any

import httpx
from icalendar import Calendar

from hubs.parts.http import trust
from hubs.proof.system import System

AT_ONCE = 16  # mails fetched at the same time


class UnreadableMail(ValueError):
    """A mail in the mailbox cannot be read as an invitation, so a calendar program could not read it either."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that says something of one calendar entry."""

    to: str
    """Address in lower case."""
    message_id: str
    uid: str
    sequence: int
    method: str
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar holds of one UID after all mails: nothing if the last took it out."""

    to: str
    span: tuple[datetime, datetime] | None


def replay(mails: Iterable[Mail]) -> dict[str, Entry]:
    """Return the calendar entries by UID once all mails were opened, in whatever order they came (RFC 5546).

    The highest SEQUENCE counts, and among equals the latest DTSTAMP.
    """
    entries = {}
    for mail in sorted(mails, key=lambda mail: (mail.sequence, mail.stamped_at)):
        entries[mail.uid] = Entry(mail.to, None if mail.method == "CANCEL" else (mail.starts_at, mail.ends_at))
    return entries


def told_twice(mails: Iterable[Mail]) -> list[str]:
    """Return the entries of which somebody was told the same revision in two different mails."""
    told: defaultdict[tuple[str, str, int, str], set[str]] = defaultdict(set)
    for mail in mails:
        told[mail.to, mail.uid, mail.sequence, mail.method].add(mail.message_id)
    return sorted({uid for (_, uid, _, _), messages in told.items() if len(messages) > 1})


def copies(mails: Iterable[Mail]) -> int:
    """Return how many mails came again with the same Message-ID, as after a crash between DATA and its record."""
    return sum(count - 1 for count in Counter(mail.message_id for mail in mails).values())


async def fetch(inbox: str) -> tuple[list[dict[str, Any]], list[Mail]]:
    """Return the mailbox's list, and every mail in it that carries a calendar.

    Raises:
        UnreadableMail: if one that carries a calendar cannot be read.
    """
    patience = httpx.Timeout(30, pool=None)  # a mail waits its turn behind all others, however many there are
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(verify=trust(), timeout=patience, limits=limits) as client:
        listed = await messages(client, inbox)
        fetched = await asyncio.gather(*(_raw(client, inbox, one["id"]) for one in listed))
    return listed, await asyncio.to_thread(_read_all, listed, fetched)


async def messages(client: httpx.AsyncClient, inbox: str) -> list[dict[str, Any]]:
    """Return the mailbox's list of mails, oldest first."""
    answer = await client.get(f"{inbox}/messages", headers={"Accept": "application/json"})
    listed: list[dict[str, Any]] = answer.raise_for_status().json()
    return listed


THEIRS = """
    SELECT delivery_id::text AS delivery_id, person_id::text AS person_id
      FROM deliveries
     WHERE person_id::text = ANY($1::text[])
"""


async def mails_of(system: System, people: Collection[str]) -> list[dict[str, Any]]:
    """Return the mails in the mailbox that went to these people, as notification's ledger knows them by Message-ID.

    Each has the id of its person as `person_id`.
    """
    if system.inbox is None or not people:
        return []
    whose = {row["delivery_id"]: row["person_id"] for row in await system.fetch("notification", THEIRS, list(people))}
    async with httpx.AsyncClient(verify=trust(), timeout=30) as client:
        listed = await messages(client, system.inbox)
    named = ((one["message_id"].strip("<>").partition("@")[0], one) for one in listed)
    return [{**one, "person_id": whose[delivery]} for delivery, one in named if delivery in whose]


async def _raw(client: httpx.AsyncClient, inbox: str, number: int) -> bytes:
    return (await client.get(f"{inbox}/messages/{number}/raw")).raise_for_status().content


def _read_all(listed: Sequence[Mapping[str, Any]], fetched: Sequence[bytes]) -> list[Mail]:
    return [mail for about, raw in zip(listed, fetched, strict=True) for mail in _read(about, raw)]


def _read(about: Mapping[str, Any], raw: bytes) -> list[Mail]:
    parts = [part for part in message_from_bytes(raw).walk() if part.get_content_type() == "text/calendar"]
    try:
        return [
            _mail(about, event, calendar)
            for part in parts
            for calendar in [_calendar(part)]
            for event in calendar.events
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise UnreadableMail(
            f"mail {about['id']} holds a calendar that cannot be read: {type(wrong).__name__}"
        ) from wrong


def _calendar(part: Any) -> Calendar:  # noqa: ANN401 -- the standard library's Message
    return Calendar.from_ical(part.get_payload(decode=True).decode())


def _mail(about: Mapping[str, Any], event: Any, calendar: Calendar) -> Mail:  # noqa: ANN401 -- icalendar's component
    return Mail(
        about["to"].casefold(),
        about["message_id"],
        str(event["UID"]),
        int(event["SEQUENCE"]),
        str(calendar["METHOD"]).upper(),
        event.decoded("DTSTAMP"),
        event.decoded("DTSTART"),
        event.decoded("DTEND"),
    )
