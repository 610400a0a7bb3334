"""Advocates, meetings and what is said of them, as scheduling and enrolment say it; mail as it is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from uuid import UUID, uuid5

from icalendar import Calendar

from mathshubs.envelope import CloudEvent, encode
from mathshubs.events import Event
from mathshubs.events.enrolment.people import Person
from mathshubs.events.scheduling.meetings import (
    MeetingCancelled,
    MeetingHeld,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.hearing import Record
from mathshubs.inbox import hear
from mathshubs.postgres import Pool
from notification.deliveries.domain.delivery import Delivery, InHand
from notification.listen import HEARING

_SPACE = UUID("1f7d6c0e-8a35-4d0c-9f0a-6f2f5f0f4c11")
_offsets = count()
Said = Event | Person | Record


def named(name: str) -> UUID:
    """Return the id that always stands for `name`."""
    return uuid5(_SPACE, name)


AMINA, BEN, CHLOE = named("amina"), named("ben"), named("chloe")
ADDRESSES = {
    AMINA: ("Amina Khan", "amina.khan@elmpark.example"),
    BEN: ("Ben Price", "ben.price@elmpark.example"),
    CHLOE: ("Chloé Mbeki", "chloe@oakpark.example"),
}
GROUP = named("group 3")
MEETING, OTHER_MEETING = named("meeting 1"), named("meeting 2")
MARCH = datetime(2027, 3, 4, 13, 30, tzinfo=UTC)
LENGTH = timedelta(hours=2, minutes=30)
WEEK = timedelta(days=7)
FAR = datetime(2099, 3, 5, 13, 30, tzinfo=UTC)
"""A time that no test's clock reaches: what sends mail stands on the machine's own."""


def scheduled(
    meeting: UUID = MEETING, at: datetime = FAR, *, mode: str = "hybrid", place: str | None = "Elm Park"
) -> MeetingScheduled:
    """A meeting is planned at `at`."""
    return MeetingScheduled.model_validate(
        {
            "effective_at": MARCH,
            "hub": "river-vale",
            "meeting_id": meeting,
            "work_group_id": GROUP,
            "work_group_name": "River Vale 3",
            "starts_at": at,
            "ends_at": at + LENGTH,
            "mode": mode,
            "place": place,
        }
    )


def moved(at: datetime, meeting: UUID = MEETING) -> MeetingRescheduled:
    """It has moved to `at`."""
    return MeetingRescheduled(
        effective_at=MARCH, meeting_id=meeting, work_group_id=GROUP, starts_at=at, ends_at=at + LENGTH
    )


def held(meeting: UUID = MEETING, at: datetime = FAR) -> MeetingHeld:
    """It took place."""
    return MeetingHeld(
        effective_at=at, meeting_id=meeting, work_group_id=GROUP, starts_at=at, ends_at=at + LENGTH, mode="online"
    )


def cancelled(meeting: UUID = MEETING, reason: str = "snow") -> MeetingCancelled:
    """It does not take place."""
    said = {"effective_at": MARCH, "meeting_id": meeting, "work_group_id": GROUP, "reason": reason}
    return MeetingCancelled.model_validate(said | {"starts_at": FAR, "ends_at": FAR + LENGTH})


def invited(person: UUID = AMINA, meeting: UUID = MEETING) -> PersonInvited:
    """They are to be told of it."""
    return PersonInvited(effective_at=MARCH, meeting_id=meeting, person_id=person, role="advocate")


def uninvited(person: UUID = AMINA, meeting: UUID = MEETING) -> PersonUninvited:
    """They no longer belong to it."""
    return PersonUninvited(effective_at=MARCH, meeting_id=meeting, person_id=person)


def person(who: UUID = AMINA, version: int = 1, *, email: str = "", name: str = "") -> Person:
    """They are known, by this name and address."""
    usual = ADDRESSES.get(who, (f"Teacher {who}", f"{who}@oakpark.example"))
    return Person(
        person_id=who,
        name=name or usual[0],
        email=email or usual[1],
        hub="river-vale",
        version=version,
        roles=("advocate",),
    )


def record(said: Event | Person) -> Record:
    """Return a fact, or a person, as Kafka gives it."""
    speaker = said.type.split(".")[2]
    topic, key = f"{speaker}.facts", "" if isinstance(said, Person) else said.about
    if isinstance(said, Person):
        topic, key = "people.current", str(said.person_id)
    offset, source = next(_offsets), f"/{speaker}"
    event = CloudEvent(f"e-{offset}", source, said.type, MARCH, said.model_dump(mode="json"), {"partitionkey": key})
    headers, value = encode(event)
    return Record(topic, 0, offset, key.encode(), value, headers)


def tombstone(who: UUID) -> Record:
    """Return the erasure of a person as Kafka gives it: a key alone."""
    return Record("people.current", 0, next(_offsets), str(who).encode(), None, [])


async def tell(pool: Pool, *said: Said) -> None:
    """Have notification hear these in one batch, by the path of every record."""
    async with pool.acquire() as db, db.transaction():
        records = [one if isinstance(one, Record) else record(one) for one in said]
        await hear(db, HEARING, records, firm=False)


def in_hand(**given: object) -> InHand:
    """Return a delivery as a sender reads it."""
    delivery = Delivery(
        MEETING, AMINA, "8a1f@mathshubs.example", "invitation", 0, MARCH, MARCH + LENGTH, "hybrid", "River Vale 3",
        "Elm Park", None, None, MARCH - 4 * WEEK,
    )  # fmt: skip
    state = {"status": "queued", "handings": 0, "doubts": 0, "deferrals": 0}
    usual = {"is_overtaken": False, "older_is_open": False, "name": "Amina Khan", "email": ADDRESSES[AMINA][1]}
    usual |= {"meeting_ends_at": MARCH + LENGTH, "meeting_was_held": False}
    return InHand(**({"delivery": delivery} | state | usual | given))  # type: ignore[arg-type]


async def long_ago(pool: Pool) -> None:
    """Have what was sent be sent days ago, as the sender's clock has it: nobody is reminded of what they just read."""
    await pool.execute("UPDATE deliveries SET taken_at = '2020-01-01' WHERE status = 'sent'")


def parsed(content: bytes) -> EmailMessage:
    """Return a mail as a mail program reads it."""
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def part(mail: EmailMessage, kind: str) -> str:
    """Return the words of the one part of this kind; a calendar with its line ends as they came."""
    [found] = [p for p in mail.walk() if p.get_content_type() == kind]
    words = str(found.get_content())
    return words if kind == "text/calendar" else words.replace("\r\n", "\n")


@dataclass
class ModelCalendar:
    """A calendar program: by UID, the highest SEQUENCE counts, and CANCEL takes an entry out."""

    entries: dict[str, tuple[int, str, tuple[datetime, datetime, str]]] = field(default_factory=dict)

    def read(self, calendar: str) -> None:
        """Take in one calendar part."""
        whole = Calendar.from_ical(calendar)
        [event] = whole.walk("VEVENT")
        uid, sequence = str(event["UID"]), int(str(event["SEQUENCE"]))
        if uid not in self.entries or sequence > self.entries[uid][0]:
            shown = (
                event.decoded("DTSTART").astimezone(UTC),
                event.decoded("DTEND").astimezone(UTC),
                str(event["LOCATION"]),
            )
            self.entries[uid] = (sequence, str(whole["METHOD"]), shown)

    @property
    def shows(self) -> set[tuple[datetime, datetime, str]]:
        """Return the meetings that it shows."""
        return {shown for _, method, shown in self.entries.values() if method == "REQUEST"}


def calendars(mails: Iterable[EmailMessage]) -> ModelCalendar:
    """Return the calendar of somebody who reads these mails in this order."""
    calendar = ModelCalendar()
    for mail in mails:
        calendar.read(part(mail, "text/calendar"))
    return calendar


def subjects(mails: Sequence[EmailMessage]) -> list[str]:
    """Return the subjects, in order."""
    return [str(mail["Subject"]) for mail in mails]
