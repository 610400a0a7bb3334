"""Keeps mails on disk: the bytes as they came, with their envelope, one file each."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from hubs.mailbox.reading import subject_lines
from mathshubs import clock

_KEPT: Final = ".mail"
_UNFINISHED: Final = ".new"
_LAST: Final = "last-id"


class UnknownMail(LookupError):
    """No mail has this id; it was never received, or its reader was erased."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail without its bytes: the envelope, and the headers that a list of mails shows."""

    id: int
    """Increases with each mail received, and is never given twice."""
    recipients: tuple[str, ...]
    """Addresses of the envelope, as the sender gave them."""
    bounces_to: str
    """The envelope's sender, to which a bounce would go; may be empty."""
    sender: str
    """The From header."""
    addressed_to: str
    """The To header."""
    subject: str
    message_id: str
    received_at: str
    """Instant of receipt, RFC 3339 in UTC."""

    def is_for(self, address: str) -> bool:
        """Say whether the mail went to this address; case does not count."""
        return address.casefold() in (recipient.casefold() for recipient in self.recipients)

    @property
    def received(self) -> datetime:
        """The instant of receipt."""
        return datetime.fromisoformat(self.received_at)


class Store:
    """The mails of one folder; several threads may share it, several processes may not."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, made where it is missing, with the mails that it holds."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for unfinished in folder.glob(f"*{_UNFINISHED}"):
            unfinished.unlink()  # its sender got no answer and sends it again
        self._folder = folder
        self._lock = Lock()
        self._mails = {mail.id: mail for mail in map(_envelope, sorted(folder.glob(f"*{_KEPT}")))}
        self._last = max([self._highest_erased(), *self._mails])

    def keep(self, bounces_to: str, recipients: Sequence[str], raw: bytes) -> Mail:
        """Keep a mail for good: once this returns, it outlives a crash of the machine.

        Raises:
            OSError: if the disk does not take it; nothing is kept then.
        """
        with self._lock:
            mail = Mail(
                id=self._last + 1,
                recipients=tuple(recipients),
                bounces_to=bounces_to,
                received_at=clock.now().isoformat(),
                **subject_lines(raw),
            )
            head = json.dumps(asdict(mail)).encode()
            self._write(f"{mail.id:010}{_KEPT}", head + b"\n" + raw)
            self._last, self._mails[mail.id] = mail.id, mail
            return mail

    def mails(self, to: str | None = None) -> list[Mail]:
        """Return all mails, oldest first, or those to one address."""
        return [mail for mail in list(self._mails.values()) if to is None or mail.is_for(to)]

    def mail(self, number: int) -> Mail:
        """Return one mail's envelope.

        Raises:
            UnknownMail: if there is none with this id.
        """
        try:
            return self._mails[number]
        except KeyError:
            raise UnknownMail(number) from None

    def raw(self, number: int) -> bytes:
        """Return the bytes of one mail exactly as they were received.

        Raises:
            UnknownMail: if there is none with this id.
        """
        try:
            return self._path(self.mail(number)).read_bytes().split(b"\n", 1)[1]
        except FileNotFoundError:  # erased since its envelope was found
            raise UnknownMail(number) from None

    def erase(self, number: int) -> None:
        """Remove one mail from the disk.

        Raises:
            UnknownMail: if there is none with this id.
        """
        with self._lock:
            mail = self.mail(number)
            self._write(_LAST, str(self._last).encode())
            del self._mails[number]
            self._path(mail).unlink()
            self._settle()

    def _highest_erased(self) -> int:
        """Return the highest id that had been given when somebody was last erased."""
        path = self._folder / _LAST
        return int(path.read_text()) if path.exists() else 0

    def _path(self, mail: Mail) -> Path:
        return self._folder / f"{mail.id:010}{_KEPT}"

    def _write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all, and wait until the disk has it."""
        unfinished = self._folder / f"{name}{_UNFINISHED}"
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / name)
        self._settle()

    def _settle(self) -> None:
        """Wait until the disk has the folder's names too."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _envelope(path: Path) -> Mail:
    """Read the first line of a kept mail."""
    with path.open("rb") as file:
        kept = json.loads(file.readline())
    return Mail(**kept | {"recipients": tuple(kept["recipients"])})
