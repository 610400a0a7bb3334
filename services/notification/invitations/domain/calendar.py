"""One calendar entry as iCalendar (RFC 5545), to be sent as iTIP (RFC 5546)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, Literal

from icalendar import Calendar, Event, vCalAddress, vText

from mathshubs.clock import LONDON

PRODUCT: Final = "-//Maths Hubs//Work Group meetings//EN"
ZONE_FROM: Final = date(2025, 1, 1)
ZONE_UNTIL: Final = date(2050, 1, 1)
Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Invitation:
    """One revision of one person's entry for one meeting; words and names hold no control characters."""

    uid: str
    sequence: int
    method: Method
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    where: str
    button: str
    """What the link is for, such as `Join the meeting`."""
    link: str
    organiser: tuple[str, str]
    """A name and an address."""
    attendee: tuple[str, str] = field(repr=False)
    """A name and an address."""


def ics(invitation: Invitation) -> str:
    """Return the calendar that puts the entry in, moves it or takes it out: CRLF, folded at 75 octets."""
    head, tail = _frame(invitation.method)
    event: bytes = _event(invitation).to_ical()
    return (head + event + tail).decode()


@lru_cache
def _frame(method: Method) -> tuple[bytes, bytes]:
    """Return what stands before and after the event; the time zone is worked out once."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    shown = Event()
    shown.add("dtstart", datetime(2026, 9, 1, 12, tzinfo=LONDON))
    calendar.add_component(shown)
    calendar.add_missing_timezones(ZONE_FROM, ZONE_UNTIL)
    calendar.subcomponents.remove(shown)
    head, end, tail = calendar.to_ical().rpartition(b"END:VCALENDAR")
    return head, end + tail


def _event(invitation: Invitation) -> Event:
    cancelled = invitation.method == "CANCEL"
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamped_at.astimezone(UTC))
    event.add("dtstart", invitation.starts_at.astimezone(LONDON))
    event.add("dtend", invitation.ends_at.astimezone(LONDON))
    event.add("summary", invitation.summary)
    event.add("location", invitation.where)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if not cancelled:
        event.add("description", f"{invitation.button}: {invitation.link}")
        event.add("url", invitation.link)
    event.add("organizer", _person(invitation.organiser), encode=False)
    event.add("attendee", _guest(invitation.attendee), encode=False)
    return event


def _person(named: tuple[str, str]) -> vCalAddress:
    name, address = named
    person = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = vText(name.replace('"', "'"))
    return person


def _guest(named: tuple[str, str]) -> vCalAddress:
    guest = _person(named)
    guest.params |= {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    return guest
