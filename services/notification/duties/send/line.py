"""One sender's line to the mail server, kept open from mail to mail."""

import contextlib
import re
from dataclasses import dataclass, field
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from mathshubs.settings import Settings
from notification.deliveries.domain.judging import Answer
from notification.messages.pages import Mail, Sender

MAILBOX: Final = "mathshubs mailbox"
"""What the local mailbox says of itself in its greeting, and no other server does."""
FOR_GOOD: Final = 500
"""Replies from this code on refuse for good; lower ones put off (RFC 5321, 4.2.1)."""
LOG_IN_FIRST: Final = 530
"""The reply to any command of somebody who should have logged in (RFC 4954, 6)."""
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_POLICY: Final = re.compile(r"\d{3} 5\.7\.|554$")
"""A refusal by policy, such as `relaying denied` (RFC 3463, 3.8), or by a server that only says `no`."""
_BROKEN: Final = (SMTPServerDisconnected, SMTPTimeoutError, SMTPConnectError, OSError)
_AT: Final = {
    SMTPConnectResponseError: "when we connected",
    SMTPHeloError: "at EHLO",
    SMTPAuthenticationError: "at AUTH",
    SMTPSenderRefused: "at MAIL FROM",
}


class Away(ConnectionError):
    """The mail server does not answer, or not now; nothing was handed over, try again."""


class TurnedAway(Away):
    """The server will not have us, or is none that we may send to: no mail is at fault, an operator must look."""


@dataclass(frozen=True, slots=True)
class Server:
    """The mail server of the settings, and how we come to it."""

    host: str
    port: int
    sender: Sender
    username: str
    password: str = field(repr=False)
    tls: str
    """`offered`, `required`, `implicit` or `never`, as `Settings.smtp_tls` explains."""
    must_be_mailbox: bool
    """Nothing may go out but to the local mailbox."""
    patience_seconds: float = 30
    """How long each answer of it may take."""

    @classmethod
    def of(cls, settings: Settings, sender: Sender, *, must_be_mailbox: bool, patience_seconds: float) -> "Server":
        """Read the settings; whoever logs in does so over TLS, unless `never` is asked for."""
        host, _, port = settings.smtp.rpartition(":")
        user, password = settings.smtp_username, settings.smtp_password.get_secret_value()
        tls = "required" if user and settings.smtp_tls == "offered" else settings.smtp_tls
        return cls(host.strip("[]"), int(port), sender, user, password, tls, must_be_mailbox, patience_seconds)

    def connection(self) -> SMTP:
        """Return a connection that is not open yet."""
        return SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.sender.domain,
            timeout=self.patience_seconds,
            use_tls=self.tls == "implicit",
            start_tls={"offered": None, "required": True}.get(self.tls, False),
        )


@dataclass
class Line:
    """A connection to one mail server."""

    server: Server
    is_mailbox: bool = field(default=False, init=False)
    """The server that answered last is the local mailbox."""
    _smtp: SMTP | None = field(default=None, init=False)

    async def open(self) -> None:
        """Be connected to a server that takes mail from us.

        Raises:
            TurnedAway: if it refuses us for good, by its greeting or at EHLO, AUTH or MAIL FROM, or if it is not
                the local mailbox and nothing may go elsewhere.
            Away: if the server cannot be reached, or puts us off.
        """
        if self.is_open:
            return
        self.close()
        smtp = self.server.connection()
        try:
            await self._introduce(smtp)
        except SMTPResponseException as refused:
            smtp.close()
            raise (TurnedAway if refused.code >= FOR_GOOD else Away)(_refusal(refused)) from None
        except TurnedAway:
            smtp.close()
            raise
        except (SMTPException, OSError) as error:
            smtp.close()
            if type(error) is SMTPException:  # in the library's own words: the server lacks STARTTLS or AUTH
                raise TurnedAway(str(error)) from None
            raise Away(type(error.__cause__ or error).__name__) from None
        self._smtp = smtp

    async def _introduce(self, smtp: SMTP) -> None:
        """Greet the server, log in, and begin a mail and leave it: not before is it sure that we may send."""
        greeting = await smtp.connect()
        self.is_mailbox = MAILBOX in greeting.message
        if self.server.must_be_mailbox and not self.is_mailbox:
            raise TurnedAway("it is not the local mailbox, and HUBS_LIVE_MAIL is off")
        if self.server.username:
            await smtp.login(self.server.username, self.server.password)
        await smtp.mail(self.server.sender.bounces)
        await smtp.rset()

    @property
    def is_open(self) -> bool:
        """Say whether the connection stands, as far as this end knows."""
        return self._smtp is not None and self._smtp.is_connected

    def close(self) -> None:
        """Let the connection go."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    async def hand(self, mail: Mail) -> Answer:
        """Hand one mail to the server and return how it took it.

        A connection that broke before DATA has left nothing behind, and one that had grown stale is made
        again at once. A connection that breaks from DATA on leaves it in doubt whether the mail was taken.
        """
        try:
            try:
                await self._envelope(mail)
            except _BROKEN:
                await self._again()
                await self._envelope(mail)
        except TurnedAway as why:
            return Answer("turned away", str(why))
        except SMTPResponseException as refused:
            return await self._refused(refused)
        except _BROKEN as lost:
            self.close()
            return Answer("put off", type(lost).__name__)
        except SMTPNotSupported:
            return Answer("refused", "no SMTPUTF8")
        return await self._content(mail)

    async def _again(self) -> None:
        """Connect again, to a server of the same kind: what may go to the mailbox may not go elsewhere."""
        was_mailbox = self.is_mailbox
        self.close()
        await self.open()
        if self.is_mailbox != was_mailbox:
            self.close()
            raise Away("another server answered")

    async def _envelope(self, mail: Mail) -> None:
        smtp = self._connected()
        is_ascii = mail.recipient.isascii()
        if not is_ascii and not smtp.supports_extension("smtputf8"):
            raise SMTPNotSupported("SMTPUTF8")
        await smtp.mail(mail.sender, options=[] if is_ascii else ["SMTPUTF8"])
        await smtp.rcpt(mail.recipient, encoding="ascii" if is_ascii else "utf-8")

    async def _content(self, mail: Mail) -> Answer:
        try:
            taken = await self._connected().data(mail.content)
        except SMTPResponseException as refused:
            return await self._refused(refused)
        except _BROKEN as lost:
            self.close()
            return Answer("in doubt", type(lost).__name__)
        return Answer("accepted", _status(taken.code, taken.message))

    async def _refused(self, refused: SMTPResponseException) -> Answer:
        """Return what a refusal means, and make the line ready for the next mail.

        A server that refuses us is met again at the next mail. A policy by which it takes no mail to a recipient
        is mostly about us too (Postfix says only at RCPT what it holds against a client), so it puts off.
        """
        if isinstance(refused, SMTPSenderRefused | SMTPHeloError) or refused.code == LOG_IN_FIRST:
            self.close()
            return Answer("turned away", _refusal(refused))
        with contextlib.suppress(SMTPException, OSError):
            await self._connected().rset()
        said = _status(refused.code, refused.message)
        is_policy = isinstance(refused, SMTPRecipientRefused) and _POLICY.match(said)
        return Answer("put off" if refused.code < FOR_GOOD or is_policy else "refused", said)

    def _connected(self) -> SMTP:
        if self._smtp is None:
            raise SMTPServerDisconnected("not connected")
        return self._smtp


def _refusal(refused: SMTPResponseException) -> str:
    """Return how and at what the server refuses us."""
    return f"{_status(refused.code, refused.message)} {_AT.get(type(refused), 'to a mail')}"


def _status(code: int, message: str) -> str:
    """Return the code and the enhanced status of a reply; its words may quote an address."""
    enhanced = _ENHANCED.match(message)
    return f"{code} {enhanced.group()}" if enhanced else str(code)
