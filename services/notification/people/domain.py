"""What becomes of a person's address when a record of them, or their erasure, is heard."""

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from mathshubs.events.enrolment.people import Person


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person as notification knows them; a stone where they were erased."""

    version: int
    name: str = field(repr=False)
    email: str = field(repr=False)
    is_erased: bool = False


STONE = Addressee(0, "", "", is_erased=True)


@dataclass(frozen=True, slots=True)
class Erasure:
    """A tombstone on `people.current`: nothing of this person may be kept."""

    person_id: UUID

    @property
    def key(self) -> str:
        """Return a key of its own: no record of the person that is parked may hold an erasure up."""
        return f"erasure:{self.person_id}"

    @property
    def makes(self) -> None:
        """Bring nothing that anybody waits for."""


class Change(Enum):
    """What a record changed for whoever writes to this person."""

    NOTHING = "nothing"
    FIRST_ADDRESS = "first address"
    ANOTHER_ADDRESS = "another address"


def after(known: Addressee | None, person: Person) -> tuple[Addressee, Change]:
    """Return the person as they stand after a record of them, and what that changed.

    A record no newer than what is known changes nothing, and none brings an erased person back.
    An address in other capitals is the same address.
    """
    if known is not None and (known.is_erased or person.version <= known.version):
        return known, Change.NOTHING
    now = Addressee(person.version, person.name, person.email)
    if known is None:
        return now, Change.FIRST_ADDRESS
    same = known.email.casefold() == now.email.casefold()
    return now, Change.NOTHING if same else Change.ANOTHER_ADDRESS


def mark_of(secret: str, email: str) -> bytes:
    """Return the keyed hash by which an address that takes no mail is known again; capitals do not count."""
    return hmac.digest(secret.encode(), b"suppressed:" + email.casefold().encode(), hashlib.sha256)
