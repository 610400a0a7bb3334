"""Everybody's calendar, made of nothing but the mail they got, is held against the schedule."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from asyncpg import Record
from email_validator import EmailNotValidError, validate_email

from hubs.proof.mail import Entry, Mail, UnreadableMail, copies, fetch, replay, told_twice
from hubs.proof.system import Check, System, cause, number, some

NAME = "mail = schedule"
Invited = tuple[UUID, UUID]
"""A meeting and a person."""
Span = tuple[datetime, datetime]

AHEAD = """
    SELECT id AS meeting_id, starts_at, ends_at
      FROM meetings
     WHERE NOT held
       AND ends_at > $1
"""
INVITED = """
    SELECT meeting_id, person_id
      FROM invitations
"""
ADDRESSES = """
    SELECT person_id, email
      FROM people
     WHERE email IS NOT NULL
"""
UIDS = """
    SELECT uid, meeting_id, person_id
      FROM invitations
"""
UNREACHABLE = """
    SELECT person_id
      FROM unreachable_people
"""
DELIVERIES = """
    SELECT delivery_id::text AS delivery_id, status = 'sent' AND NOT coalesce(person.is_erased, false) AS must_be_there
      FROM deliveries
      LEFT JOIN people AS person USING (person_id)
"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What scheduling has ahead, and what is needed to hold mail against it."""

    spans: Mapping[UUID, Span]
    """Meetings that have not ended and were not reported as held."""
    invited: Collection[Invited]
    addresses: Mapping[UUID, str]
    uids: Mapping[str, Invited]
    unreachable: Collection[UUID] = ()
    """Whose only address takes no mail: what they hold was told before it failed, and may be anything."""

    def expected(self) -> dict[Invited, Entry]:
        """Return what each calendar should show of meetings ahead: of people whom mail can reach."""
        return {
            (meeting, person): Entry(self.addresses[person], self.spans[meeting])
            for meeting, person in self.invited
            if meeting in self.spans and person in self.addresses and person not in self.unreachable
        }

    def shown(self, entries: Mapping[str, Entry]) -> dict[Invited, Entry]:
        """Return what calendars do show of meetings ahead."""
        named = {self.uids[uid]: entry for uid, entry in entries.items() if uid in self.uids and entry.span}
        return {of: entry for of, entry in named.items() if of[0] in self.spans and of[1] not in self.unreachable}


async def mail_equals_schedule(system: System) -> Check:
    """Replay all mail that the mailbox holds, and compare; no revision of an entry was told in two mails."""
    if system.inbox is None:
        return Check(NAME, ok=True, said="Mail leaves by another server than ours, so none was compared")
    try:
        listed, mails = await fetch(system.inbox)
    except (httpx.HTTPError, UnreadableMail) as wrong:
        return Check(NAME, ok=False, said=f"The mailbox cannot be read: {cause(wrong)}")
    schedule = await _schedule(system)
    deliveries = await system.fetch("notification", DELIVERIES)
    return _verdict(schedule, mails, _delivered(listed, deliveries))


async def _schedule(system: System) -> Schedule:
    now = datetime.fromisoformat(await system.clock())
    ahead = await system.fetch("scheduling", AHEAD, now)
    return Schedule(
        {row["meeting_id"]: (row["starts_at"], row["ends_at"]) for row in ahead},
        {(row["meeting_id"], row["person_id"]) for row in await system.fetch("scheduling", INVITED)},
        {row["person_id"]: _reached(row["email"]) for row in await system.fetch("enrolment", ADDRESSES)},
        {row["uid"]: (row["meeting_id"], row["person_id"]) for row in await system.fetch("notification", UIDS)},
        {row["person_id"] for row in await system.fetch("notification", UNREACHABLE)},
    )


def _reached(email: str) -> str:
    """Return the address as an envelope bears it."""
    try:
        found = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return email.casefold()
    return (found.ascii_email or found.normalized).casefold()


def _delivered(listed: Sequence[Mapping[str, Any]], deliveries: Sequence[Record]) -> dict[str, set[str]]:
    """Return the mails that were sent and are not there, and those of ours that are there and were never due."""
    there = {found[1] for one in listed if (found := re.match(r"<([0-9a-f-]{36})@", one["message_id"]))}
    known = {row["delivery_id"] for row in deliveries}
    gone = {row["delivery_id"] for row in deliveries if row["must_be_there"]} - there
    return {"gone": gone, "stray": there - known}


def _verdict(schedule: Schedule, mails: Sequence[Mail], delivered: Mapping[str, set[str]]) -> Check:
    entries = replay(mails)
    expected, shown, twice = schedule.expected(), schedule.shown(entries), told_twice(mails)
    wrong = {
        "missing": _spelled(expected.keys() - shown.keys()),
        "too many": _spelled(shown.keys() - expected.keys()),
        "different": _spelled(of for of in expected.keys() & shown.keys() if expected[of] != shown[of]),
        "told twice": set(twice),
        "unknown": entries.keys() - schedule.uids.keys(),
        **delivered,
    }
    people = len({person for _, person in expected})
    figures: dict[str, Any] = {"mails": len(mails), "entries": len(entries), "ahead": len(expected), "people": people}
    figures |= {"copies": copies(mails), "unreachable": len(schedule.unreachable)}
    figures |= {name: some(found) for name, found in wrong.items() if found}
    if not any(wrong.values()):
        said = f"Each calendar made of {number(len(mails), 'mail')} alone equals the schedule ({_people(people)})"
        return Check(NAME, ok=True, said=said, figures=figures)
    differs = ", ".join(f"{len(found):,} {name}" for name, found in wrong.items() if found)
    return Check(
        NAME, ok=False, said=f"Calendars made of the mail differ from the schedule: {differs}", figures=figures
    )


def _people(people: int) -> str:
    return f"{number(people, 'person', 'people')} with meetings ahead, 0 differences"


def _spelled(pairs: Any) -> set[str]:  # noqa: ANN401 -- any collection of meetings and people
    return {f"meeting {meeting} of person {person}" for meeting, person in pairs}
