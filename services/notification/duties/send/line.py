"""One sender's line to the mail server, kept open from mail to mail."""

import contextlib
import re
from dataclasses import dataclass, field
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notification.deliveries.domain import Answer
from notification.messages.pages import Mail

_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_BROKEN: Final = (SMTPServerDisconnected, SMTPTimeoutError, SMTPConnectError, OSError)


class Away(ConnectionError):
    """The mail server does not answer; nothing was handed over, try again."""


@dataclass
class Line:
    """A connection to one mail server; `patience_seconds` for each answer of it."""

    host: str
    port: int
    name: str
    """How we greet the server."""
    is_local: bool
    patience_seconds: float = 30
    _smtp: SMTP | None = field(default=None, init=False)

    async def open(self) -> None:
        """Be connected.

        Raises:
            Away: if the server cannot be reached or does not want us now.
        """
        if self._smtp is not None and self._smtp.is_connected:
            return
        self.close()
        smtp = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.name,
            timeout=self.patience_seconds,
            start_tls=False if self.is_local else None,
        )
        try:
            await smtp.connect()
        except (SMTPException, OSError) as error:
            raise Away(type(error).__name__) from None
        self._smtp = smtp

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
            await self._envelope(mail)
        except _BROKEN:
            try:
                self.close()
                await self.open()
                await self._envelope(mail)
            except SMTPResponseException as refused:
                return await self._refused(refused)
            except _BROKEN as lost:
                self.close()
                return Answer("lost", words=type(lost).__name__)
        except SMTPResponseException as refused:
            return await self._refused(refused)
        return await self._content(mail)

    async def _envelope(self, mail: Mail) -> None:
        smtp = self._connected()
        is_ascii = mail.recipient.isascii()
        await smtp.mail(mail.sender, options=[] if is_ascii else ["SMTPUTF8"])
        await smtp.rcpt(mail.recipient, encoding="ascii" if is_ascii else "utf-8")

    async def _content(self, mail: Mail) -> Answer:
        try:
            taken = await self._connected().data(mail.content)
        except SMTPResponseException as refused:
            return await self._refused(refused)
        except _BROKEN as lost:
            self.close()
            return Answer("in doubt", words=type(lost).__name__)
        return Answer("accepted", taken.code, _status(taken.code, taken.message))

    async def _refused(self, refused: SMTPResponseException) -> Answer:
        """Make the line ready for the next mail; a server that closes it is met again at the next one."""
        with contextlib.suppress(SMTPException, OSError):
            await self._connected().rset()
        return Answer("refused", refused.code, _status(refused.code, refused.message))

    def _connected(self) -> SMTP:
        if self._smtp is None:
            raise SMTPServerDisconnected("not connected")
        return self._smtp


def _status(code: int, message: str) -> str:
    """Return the code and the enhanced status of a reply; its words may quote an address."""
    enhanced = _ENHANCED.match(message)
    return f"{code} {enhanced.group()}" if enhanced else str(code)
