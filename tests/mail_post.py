"""A mail server that does as its script says, and senders on notification's database."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from ssl import SSLContext
from typing import Any, AnyStr
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from calendar_story import parsed
from mathshubs.links import bounce_token
from mathshubs.postgres import Pool
from mathshubs.settings import Settings
from mathshubs.testing import until
from notification.duties.send import Sending


@dataclass
class MailServer:
    """Takes mail as its script says, one line to a mail: a reply, `drop` or `silence`; else 250."""

    port: int = 0
    script: deque[str] = field(default_factory=deque)
    at_rcpt: deque[str] = field(default_factory=deque)
    refusals: dict[str, str] = field(default_factory=dict)
    """What is answered to `EHLO` or to `MAIL`, or in place of the greeting to `CONNECT`, for as long as it stands."""
    seen: list[EmailMessage] = field(default_factory=list)
    """What came after DATA, in order, whatever was answered."""
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: set[asyncio.Transport] = field(default_factory=set)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Hold nothing up until told to."""
        self.hold.set()

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a recipient where the script says so."""
        if self.at_rcpt:
            return self.at_rcpt.popleft()
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Note the mail and answer as the script says."""
        mail = parsed(envelope.original_content or b"")
        transport = server.transport
        assert isinstance(transport, asyncio.Transport)
        self.seen.append(mail)
        await self.hold.wait()
        line = self.script.popleft() if self.script else "250 2.0.0 taken"
        if line == "drop":
            transport.abort()
        if line == "silence":
            await asyncio.Event().wait()
        if line.startswith("250"):
            self.taken.append(mail)
            self.recipients += envelope.rcpt_tos
            self.senders.append(envelope.mail_from or "")
        return line

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        """Refuse EHLO where the script says so."""
        session.host_name = hostname
        assert isinstance(server.transport, asyncio.Transport)
        self.connections.add(server.transport)
        return [refusal] if (refusal := self.refusals.get("EHLO")) else answers

    async def handle_HELO(self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str) -> str:  # noqa: N802
        """Refuse HELO, which is tried where EHLO is refused."""
        session.host_name = hostname
        return self.refusals.get("EHLO") or "250 mail.example"

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse a sender where the script says so."""
        if refusal := self.refusals.get("MAIL"):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def close_connections(self) -> None:
        """Close every connection, as a server does with idle ones."""
        while self.connections:
            self.connections.pop().close()


class _Script(SMTP):
    """The server's side of one connection, which can refuse to greet."""

    async def push(self, status: AnyStr) -> None:
        """Say a line; the greeting as the script has it."""
        refusal = self.event_handler.refusals.get("CONNECT")
        if refusal and isinstance(status, str) and status.startswith(f"220 {self.hostname}"):
            await super().push(refusal)
        else:
            await super().push(status)


@contextlib.asynccontextmanager
async def serving(
    server: MailServer,
    *,
    ident: str,
    tls: SSLContext | None = None,
    **more: Any,  # noqa: ANN401 -- aiosmtpd's own
) -> AsyncIterator[MailServer]:
    """Let this server listen on a port of its own, for the length of the block.

    Args:
        ident: what it says of itself in its greeting.
        tls: for TLS from the first byte.
    """
    loop = asyncio.get_running_loop()
    made = partial(_Script, server, enable_SMTPUTF8=True, hostname="mail.example", ident=ident, loop=loop, **more)
    listening = await loop.create_server(made, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


@dataclass
class Post:
    """Notification's database with senders to start on it."""

    url: str
    pool: Pool
    smtp: str
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    sending: Sending = field(init=False)
    """The senders that were started last."""

    def settings(self, **more: object) -> Settings:
        """Return settings that send to the test's server."""
        usual = {
            "service": "notification",
            "postgres": SecretStr(self.url),
            "smtp": self.smtp,
            "secret": SecretStr("s"),
        }
        return Settings(**(usual | more))  # type: ignore[arg-type]

    def send(self, *, patience_seconds: float = 30, **more: object) -> asyncio.Task[None]:
        """Start senders; another call is another process in all but name."""
        self.sending = Sending(self.settings(**more), senders=4, patience_seconds=patience_seconds)
        self.tasks.append(asyncio.create_task(self.sending.send()))
        return self.tasks[-1]

    def bounces_of(self, delivery: UUID) -> str:
        """Return the address that a bounce of this delivery comes to."""
        return f"bounces+{bounce_token('s', delivery)}@mathshubs.example"

    async def statuses(self) -> list[str]:
        """Return the states of all deliveries, in alphabetical order."""
        rows = await self.pool.fetch("SELECT status FROM deliveries ORDER BY status")
        return [row["status"] for row in rows]

    async def settled(self, *statuses: str) -> None:
        """Wait until there are these deliveries, by their states."""

        async def are() -> bool:
            return await self.statuses() == sorted(statuses)

        await until(are, what=f"deliveries {statuses}")

    async def hurry(self) -> None:
        """Make what was put off due now."""
        await self.pool.execute("UPDATE deliveries SET next_attempt_at = clock_timestamp() WHERE status = 'queued'")
        await self.pool.execute("SELECT pg_notify('deliveries', '')")
