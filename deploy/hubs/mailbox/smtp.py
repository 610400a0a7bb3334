"""The SMTP door: answers 250 to a mail once it is on disk, and not before."""

import asyncio
from socket import socket
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from hubs.mailbox.forced import Forced
from hubs.mailbox.store import Store

_LARGEST: Final = 33_554_432  # bytes; what large providers take
_NAME: Final = "mailbox.mathshubs.example"
_GREETING: Final = "mathshubs mailbox"  # by which notification knows that nobody outside is written to


class Receiver:
    """Keeps what arrives; aiosmtpd calls it after the last line of DATA."""

    def __init__(self, store: Store, forced: Forced) -> None:
        """Receive for one store, but for what some addresses force."""
        self._store, self._forced = store, forced

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take every recipient, but those that force another answer."""
        if reply := self._forced.at_rcpt(address):
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keep the mail and say under which id; a full disk is a fault that passes, so the sender tries again."""
        try:
            kept = await asyncio.to_thread(
                self._store.keep, envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b""
            )
        except OSError:
            return "452 4.3.1 The mailbox could not write to its disk; try again"
        self._forced.after(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
        return f"250 2.0.0 Kept as {kept.id}"


async def listen(store: Store, on: socket, *, bounces: str | None = None) -> asyncio.Server:
    """Receive mail on a bound socket until the server is closed.

    Args:
        bounces: host:port of the door that bounces go to.
    """
    receiver = Receiver(store, Forced(bounces))
    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(receiver, data_size_limit=_LARGEST, enable_SMTPUTF8=True, hostname=_NAME, ident=_GREETING),
        sock=on,
    )
