"""What the page shows: people, one person's mails, the mail that is open, and their calendar now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from enum import StrEnum
from urllib.parse import urlencode

from hubs.mailbox.calendars import Entry, Notice, UnreadableCalendar, calendar_now, notices
from hubs.mailbox.reading import Opened, opened
from hubs.mailbox.store import Mail, Store, UnknownMail


class Show(StrEnum):
    """The sides from which a mail can be read."""

    EMAIL = "email"
    TEXT = "text"
    CALENDAR = "calendar"
    HEADERS = "headers"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has mail."""

    address: str
    name: str
    """As mails call them; their address where none does."""
    mails: int


@dataclass(frozen=True, slots=True)
class OpenMail:
    """The mail that is open."""

    mail: Mail
    parts: Opened
    raw: str
    notices: tuple[Notice, ...]
    """What its calendar part says; empty where it has none or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """All that the page shows."""

    people: tuple[Person, ...]
    person: Person | None
    mails: tuple[Mail, ...]
    """The person's mails, newest first."""
    open: OpenMail | None
    calendar: tuple[Entry, ...]
    show: Show
    find: str
    unknown: str
    """What was asked for and is not there; empty where all is well."""

    @property
    def sides(self) -> tuple[Show, ...]:
        """Every side from which the open mail can be read."""
        return tuple(Show)

    def link(self, *, to: str = "", message: int | None = None, show: Show | None = None) -> str:
        """Return the address of this page turned to somebody, a mail, or another side of it."""
        asked = {"to": to, "message": message, "show": show, "find": self.find}
        return "/inbox?" + urlencode({name: value for name, value in asked.items() if value})


def inbox(store: Store, *, to: str | None, message: int | None, show: Show, find: str) -> Inbox:
    """Return the page for what was asked; by itself it opens the newest mail."""
    mails = store.mails()
    people = _people(mails)
    try:
        chosen = _chosen(store, mails, to, message)
        address = to or (chosen.recipients[0] if chosen else "")
        theirs = [mail for mail in mails if mail.is_for(address)]
        opened_mail = _open(store, chosen) if chosen else None
        calendar = calendar_now(_heard(store, theirs))
        unknown = f"There is no mail to {to}." if to and not theirs else ""
    except UnknownMail as absent:
        address, theirs, opened_mail, calendar = "", [], None, []
        unknown = f"There is no mail {absent}."
    return Inbox(
        people=tuple(person for person in people if find.casefold() in f"{person.name} {person.address}".casefold()),
        person=next((person for person in people if person.address == address.casefold()), None),
        mails=tuple(reversed(theirs)),
        open=opened_mail,
        calendar=tuple(calendar),
        show=show,
        find=find,
        unknown=unknown,
    )


def _chosen(store: Store, mails: Sequence[Mail], to: str | None, message: int | None) -> Mail | None:
    """Return the mail to open: the one named, else the newest to that person, else the newest of all."""
    if message is not None:
        return store.mail(message)
    return next((mail for mail in reversed(mails) if to is None or mail.is_for(to)), None)


def _people(mails: Sequence[Mail]) -> list[Person]:
    """Return everybody who has mail, by name; the latest mail says how they are called."""
    names: dict[str, str] = {}
    for mail in mails:
        names |= {address.casefold(): name for name, address in getaddresses([mail.addressed_to]) if name}
    counts = Counter(recipient.casefold() for mail in mails for recipient in mail.recipients)
    people = [Person(address, names.get(address, address), count) for address, count in counts.items()]
    return sorted(people, key=lambda person: (person.name.casefold(), person.address))


def _open(store: Store, mail: Mail) -> OpenMail:
    raw = store.raw(mail.id)
    parts = opened(raw)
    return OpenMail(mail, parts, raw.decode("utf-8", errors="replace"), tuple(_read(parts.calendar)))


def _heard(store: Store, mails: Sequence[Mail]) -> Iterator[Notice]:
    """Yield what these mails say of meetings."""
    for mail in mails:
        yield from _read(opened(store.raw(mail.id)).calendar)


def _read(ics: str | None) -> list[Notice]:
    """Return the notices of a calendar part; none where a calendar program would drop it."""
    try:
        return notices(ics) if ics else []
    except UnreadableCalendar:
        return []
