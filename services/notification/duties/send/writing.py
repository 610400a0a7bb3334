"""Writes the mail of a delivery: what it says, its calendar entry and the join link."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from mathshubs.links import bounce_token, join_token, preferences_token
from mathshubs.settings import Settings
from notification.deliveries.domain.delivery import InHand
from notification.invitations.domain.calendar import Invitation, Method, ics
from notification.messages.domain import Letter, Words, one_line, where, wording
from notification.messages.pages import Calendar, Mail, Sender, Stamp, reachable, set_mail

METHODS: Final[dict[str, Method]] = {
    "invitation": "REQUEST",
    "change": "REQUEST",
    "withdrawal": "CANCEL",
    "cancellation": "CANCEL",
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes mails from one sender, with links to one public address."""

    sender: Sender
    public_url: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Writer":
        """Return the writer that these settings ask for."""
        return cls(Sender.of(settings.mail_from), settings.public_url.rstrip("/"), settings.secret.get_secret_value())

    def write(self, one: InHand) -> Mail:
        """Return the mail of a delivery, the same to the byte whenever it is written to the same person.

        Raises:
            Unreachable: if the person's address is none.
        """
        told, recipient = one.delivery, reachable(one.email or "")
        letter = Letter(
            told.kind,
            one.name or "",
            told.name,
            told.starts_at,
            told.ends_at,
            told.mode,
            told.place,
            told.was_starts_at,
            told.was_ends_at,
            self._link(told.meeting_id, told.person_id),
            told.why,
            self._preferences(told.person_id) if told.kind == "reminder" else "",
        )
        said = wording(letter)
        stamp = Stamp(str(told.id), bounce_token(self.secret, told.id), told.stamped_at, self.sender)
        entry = self._entry(one, letter, said, recipient) if told.kind in METHODS else None
        return set_mail(letter, said, entry, stamp, recipient)

    def _entry(self, one: InHand, letter: Letter, said: Words, recipient: str) -> Calendar:
        told = one.delivery
        entry = ics(
            Invitation(
                told.uid,
                told.revision or 0,
                METHODS[told.kind],
                told.stamped_at,
                told.starts_at,
                told.ends_at,
                f"Work Group meeting: {one_line(told.name)}",
                where(told.mode, told.place),
                said.button,
                letter.link,
                (self.sender.name, self.sender.address),
                (one_line(letter.person), recipient),
            )
        )
        return Calendar(METHODS[told.kind], entry)

    def _link(self, meeting_id: UUID, person_id: UUID) -> str:
        return f"{self.public_url}/j/{join_token(self.secret, meeting_id, person_id)}"

    def _preferences(self, person_id: UUID) -> str:
        return f"{self.public_url}/u/{preferences_token(self.secret, person_id)}"
