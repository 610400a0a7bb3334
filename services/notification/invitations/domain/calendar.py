"""One calendar entry as iCalendar (RFC 5545), to be sent as iTIP (RFC 5546)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from icalendar import Event, vCalAddress, vText

from mathshubs.clock import LONDON

PRODUCT: Final = "-//Maths Hubs//Work Group meetings//EN"
# By rules, not by a list of dates: Outlook reads nothing but RRULE in a time zone, and other programs take only the
# first of a list. The clocks change at 01:00 UTC on the last Sundays of March and October (EU rule since 1996).
ZONE: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/London",
    "BEGIN:DAYLIGHT",
    "DTSTART:19960331T010000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZNAME:BST",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0100",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZNAME:GMT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)
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


def _frame(method: Method) -> tuple[bytes, bytes]:
    """Return what stands before and after the event."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", f"METHOD:{method}", *ZONE)
    return "".join(f"{line}\r\n" for line in head).encode(), b"END:VCALENDAR\r\n"


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
