"""Addresses that force an outcome, so that tests and a demonstration see what a mail server may do.

The local part begins with one of these, whatever the domain:

| address | what becomes of mail to it |
|---|---|
| `permanent-failure` | refused at RCPT with 550 5.1.1, as where nobody is called so |
| `temporary-failure` | put off at RCPT with 451 4.2.1 the first two times, then taken |
| `bounce` | taken, then reported back as undeliverable (5.1.1) to the envelope's sender |
"""

import asyncio
import smtplib
from collections import Counter
from email import policy
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import make_msgid
from typing import Final

REFUSED: Final = "550 5.1.1 Nobody here is called so"
PUT_OFF: Final = "451 4.2.1 Not now; try again"
TIMES_PUT_OFF: Final = 2
TRIES: Final = 30
PAUSE_SECONDS: Final = 1.0


class Forced:
    """What this mailbox does with mail to such addresses while it runs."""

    def __init__(self, bounces: str | None) -> None:
        """Take host:port of the door that bounces go to; None where there is none, and none are sent."""
        self._bounces = bounces
        self._asked: Counter[str] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()

    def at_rcpt(self, address: str) -> str | None:
        """Return the reply that refuses this recipient or puts mail to them off; None where it is taken."""
        local = _local(address)
        if local.startswith("permanent-failure"):
            return REFUSED
        if local.startswith("temporary-failure"):
            self._asked[address.casefold()] += 1
            return PUT_OFF if self._asked[address.casefold()] <= TIMES_PUT_OFF else None
        return None

    def after(self, bounces_to: str, recipients: list[str], mail: bytes) -> None:
        """Report mail that was taken as undeliverable, where the address asks for it; a bounce is never bounced."""
        for one in recipients:
            if self._bounces and bounces_to and _local(one).startswith("bounce"):
                report = undeliverable(bounces_to, one, mail)
                task = asyncio.create_task(_send(report, bounces_to, self._bounces))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)


def _local(address: str) -> str:
    return address.partition("@")[0].casefold()


def undeliverable(bounces_to: str, recipient: str, mail: bytes) -> MIMEMultipart:
    """Return the report that a mail did not arrive (RFC 3464), with the headers of the mail."""
    words = MIMEText("Your mail could not be delivered: nobody here is called so.\n")
    headers = Message()
    headers["Content-Type"] = "text/rfc822-headers"
    headers.set_payload(mail.partition(b"\r\n\r\n")[0].decode("ascii", "replace"))
    parts = [words, _status(recipient), headers]
    report = MIMEMultipart("report", _subparts=parts, policy=policy.SMTP, report_type="delivery-status")
    report["From"] = "Mail delivery <mailer-daemon@mailbox.mathshubs.example>"
    report["To"] = bounces_to
    report["Subject"] = "Undeliverable mail"
    report["Message-ID"] = make_msgid(domain="mailbox.mathshubs.example")
    report["Auto-Submitted"] = "auto-replied"
    return report


def _status(recipient: str) -> Message:
    """Return the part that programs read: of the mail, and of its one recipient."""
    of_mail, of_recipient, status = Message(), Message(), Message()
    of_mail["Reporting-MTA"] = "dns; mailbox.mathshubs.example"
    of_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    of_recipient["Action"] = "failed"
    of_recipient["Status"] = "5.1.1"
    of_recipient["Diagnostic-Code"] = f"smtp; {REFUSED}"
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([of_mail, of_recipient])
    return status


async def _send(report: MIMEMultipart, to: str, door: str) -> None:
    """Bring a report to the door, which may only just be opening; its own envelope has no sender (RFC 5321, 4.5.5)."""
    for _ in range(TRIES):
        try:
            return await asyncio.to_thread(_bring, report.as_bytes(), to, door)
        except smtplib.SMTPRecipientsRefused:
            return None  # the mail was none of those whose bounces the door takes
        except (OSError, smtplib.SMTPException):
            await asyncio.sleep(PAUSE_SECONDS)
    return None


def _bring(report: bytes, to: str, door: str) -> None:
    """Hand it over by the standard library: aiosmtplib has no envelope without a sender."""
    host, _, port = door.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as smtp:
        smtp.sendmail("", [to], report)
