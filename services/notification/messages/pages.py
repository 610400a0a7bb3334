"""Sets a mail: templates for text and HTML, the calendar entry, and the headers around them.

What somebody typed goes through `email`'s modern policy, which folds, encodes and refuses what would
break a header. The rest of the frame is fixed, so it is laid out here: composing each part with `email`
took 10 ms a mail, and this takes less than one.
"""

from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from notification.messages.domain import Letter, Words, one_line

UNFOLDED: Final = policy.SMTP.clone(max_line_length=900)
"""Headers in ASCII stay on one line: folded, a long subject would begin with a blank in some mail programs."""


class Unreachable(ValueError):
    """No mail can be addressed so; what was reported for this person is no address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is handed to the server; its envelope is built apart from its headers."""

    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mail comes from: the constant ORGANIZER of every entry."""

    name: str
    address: str

    @classmethod
    def of(cls, mail_from: str) -> "Sender":
        """Read `Maths Hubs <invitations@mathshubs.example>`."""
        return cls(*parseaddr(mail_from))

    @property
    def domain(self) -> str:
        """Return the domain that bounces come back to and Message-IDs are made in."""
        return self.address.rpartition("@")[2]

    @property
    def bounces(self) -> str:
        """Return the envelope's sender of no mail in particular."""
        return f"bounces@{self.domain}"

    def bounces_of(self, token: str) -> str:
        """Return the envelope's sender of the mail that `token` names."""
        return f"bounces+{token}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is the same in every copy of one mail."""

    mail_id: str
    """Names the delivery in the Message-ID."""
    bounce_token: str
    """Names it in the address that a bounce comes back to, by a signature."""
    dated_at: datetime
    sender: Sender


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar part: an iCalendar and what it does, REQUEST or CANCEL."""

    method: str
    entry: str = field(repr=False)


def set_mail(letter: Letter, said: Words, calendar: Calendar | None, stamp: Stamp, recipient: str) -> Mail:
    """Return the mail in text, HTML and, with a calendar, `text/calendar`; set again, it is the same to the byte.

    Args:
        recipient: an address as `reachable` gives it.
    """
    named = {"said": said, "link": letter.link, "preferences": letter.preferences}
    parts = [
        (b'text/plain; charset="utf-8"', _template("mail.txt").render(named)),
        (b'text/html; charset="utf-8"', _template("mail.html").render(named)),
    ]
    if calendar:
        parts.append((b'text/calendar; charset="utf-8"; method=' + calendar.method.encode(), calendar.entry))
    head = _typed(letter.person, recipient, said.subject) + _one_click(letter.preferences) + _fixed(stamp)
    return Mail(
        stamp.sender.bounces_of(stamp.bounce_token), recipient, head + _alternatives(stamp.mail_id.encode(), parts)
    )


def reachable(email: str) -> str:
    """Return the address for the envelope, in ASCII where it can be.

    Raises:
        Unreachable: if it is no address.
    """
    try:
        found = validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Unreachable from None
    return found.ascii_email or found.normalized


def _typed(person: str, recipient: str, subject: str) -> bytes:
    """Return the headers with what people typed, as the library sets them."""
    is_plain = (person + subject).isascii()
    folding = UNFOLDED if is_plain else policy.SMTP
    headers = EmailMessage(policy=folding if recipient.isascii() else policy.SMTPUTF8)
    headers["To"] = _addressed(person, recipient)
    headers["Subject"] = subject
    return headers.as_bytes().removesuffix(b"\r\n")


def _addressed(person: str, recipient: str) -> Address:
    local, _, domain = recipient.rpartition("@")
    return Address(one_line(person), username=local, domain=domain)


def _one_click(preferences: str) -> bytes:
    """Return the headers by which a mail program offers to unsubscribe in one click (RFC 8058)."""
    if not preferences:
        return b""
    lines = (f"List-Unsubscribe: <{preferences}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return "".join(f"{line}\r\n" for line in lines).encode()


def _fixed(stamp: Stamp) -> bytes:
    """Return the headers that nobody outside has a hand in."""
    lines = (
        _from(stamp.sender),
        f"Date: {format_datetime(stamp.dated_at)}",
        f"Message-ID: <{stamp.mail_id}@{stamp.sender.domain}>",
        "Auto-Submitted: auto-generated",
        "Content-Language: en-GB",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="=_{stamp.mail_id}"',
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


@lru_cache
def _from(sender: Sender) -> str:
    headers = EmailMessage(policy=policy.SMTP)
    headers["From"] = Address(sender.name, addr_spec=sender.address)
    return headers.as_string().strip()


def _alternatives(mark: bytes, parts: Sequence[tuple[bytes, str]]) -> bytes:
    """Return the parts between their boundaries, the calendar in base64 so that no server wraps its lines."""
    laid = []
    for kind, words in parts:
        is_calendar = kind.startswith(b"text/calendar")
        encoding = b"base64" if is_calendar else b"quoted-printable"
        content = encodebytes(words.encode()) if is_calendar else b2a_qp(words.encode(), istext=True)
        lines = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        laid.append(
            b"\r\n--=_%b\r\nContent-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (mark, kind, encoding, lines)
        )
    return b"".join(laid) + b"\r\n--=_" + mark + b"--\r\n"


@lru_cache
def _environment() -> Environment:
    """Templates escape HTML in `.html` alone; a name that they lack is a fault, not an empty place."""
    return Environment(
        loader=PackageLoader("notification.messages"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache
def _template(name: str) -> Template:
    return _environment().get_template(name)
