"""Receives what comes back: bounces by SMTP, each at the signed address that names its delivery.

Nothing is ever answered by mail, and nothing of a bounce is kept but what became of the delivery: what it quotes is
personal. Whatever is no report on a delivery is taken and forgotten, so that its sender does not bounce it in turn.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session

from mathshubs.links import NotOurLink, read_bounce_token
from mathshubs.log import get_logger
from mathshubs.postgres import TRANSIENT, Pool
from mathshubs.settings import Settings
from notification.deliveries.domain.bounces import came_back_as
from notification.deliveries.store import facts, returned
from notification.messages.pages import Sender
from notification.people.store import reach

log = get_logger(__name__)
LARGEST: Final = 1_000_000
"""Bytes; a bounce may return the whole of our mail, which is a tenth of this at most."""
MOST_RECIPIENTS: Final = 20
PATIENCE_SECONDS: Final = 60.0
_LOCAL: Final = "bounces+"


@dataclass
class Receiving:
    """The door for bounces of one process."""

    settings: Settings
    pool: Pool
    _trouble: str = "not open yet"

    def __post_init__(self) -> None:
        """Read from the settings which addresses are ours."""
        self._secret = self.settings.secret.get_secret_value()
        self._domain = Sender.of(self.settings.mail_from).domain.casefold()

    def check(self) -> dict[str, object]:
        """Say for `/readyz` whether the door is open, and if not, why."""
        return {"ok": not self._trouble} | ({"why": self._trouble} if self._trouble else {})

    async def receive(self) -> None:
        """Receive for ever; the duty. Several processes of one machine share the port."""
        host, _, port = self.settings.bounces.rpartition(":")
        loop = asyncio.get_running_loop()
        try:
            door = await loop.create_server(self._connection, host.strip("[]"), int(port), reuse_port=True)
        except OSError as error:
            self._trouble = f"the door for bounces cannot open: {type(error).__name__}"
            raise
        self._trouble = ""
        async with door:
            await door.serve_forever()

    def _connection(self) -> SMTP:
        return SMTP(
            self,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname=self._domain,
            ident="mathshubs bounces",
            timeout=PATIENCE_SECONDS,
        )

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Let in what is addressed to a delivery of ours."""
        if self._delivery(address) is None:
            return "550 5.1.1 No such address"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Known"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Note what the bounce says of its deliveries; while Postgres is away its sender keeps it."""
        state = await asyncio.to_thread(came_back_as, envelope.original_content or b"")
        if state is None:
            log.info("what came back is no report of a failure")
            return "250 2.0.0 Nothing to note"
        try:
            for delivery_id in {found for one in envelope.rcpt_tos if (found := self._delivery(one))}:
                await self._come_back(delivery_id, state)
        except TRANSIENT:
            return "451 4.3.0 Not now; try again"
        return "250 2.0.0 Noted"

    def _delivery(self, address: str) -> UUID | None:
        local, _, domain = address.rpartition("@")
        if domain.casefold() != self._domain or not local.casefold().startswith(_LOCAL):
            return None
        try:
            return read_bounce_token(self._secret, local[len(_LOCAL) :])
        except NotOurLink:
            return None

    async def _come_back(self, delivery_id: UUID, state: str) -> None:
        async with self.pool.acquire() as db, db.transaction():
            sent = await returned.find(db, delivery_id)
            if sent is None:
                return
            if state == "bounced" and sent["address"]:
                cause = facts.cause_of(sent)
                await reach.give_up(db, self._secret, sent["person_id"], sent["address"], by="bounce", cause=cause)
            if await returned.come_back(db, delivery_id, state):
                log.warning("a mail came back", delivery=str(delivery_id), status=state)
