"""One mail that is to be sent, and what its sender reads of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from mathshubs.ids import derived
from mathshubs.journal import Cause

TAKES_OUT: Final = ("withdrawal", "cancellation")
"""The kinds of mail that take an entry out of a calendar."""
OURS: Final = Cause("service:notification")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail to one person about one meeting; `revision` is the SEQUENCE of its calendar entry."""

    meeting_id: UUID
    person_id: UUID
    uid: str
    kind: str
    """`invitation`, `change`, `withdrawal`, `cancellation` or `reminder`."""
    revision: int | None
    """None of a reminder, which changes no entry."""
    starts_at: datetime
    ends_at: datetime
    mode: str
    name: str
    place: str | None
    was_starts_at: datetime | None
    was_ends_at: datetime | None
    """What the calendar was told before; None where it held nothing."""
    stamped_at: datetime
    """DTSTAMP: when it was queued, the same in each copy."""
    status: str = "queued"
    why: str | None = None
    """The code of why the meeting is cancelled."""
    days_before: int | None = None
    """How long before the meeting a reminder reminds."""
    due_by: datetime | None = None
    """When a reminder is too late."""
    cause: Cause = OURS
    """What had it queued: whatever is said of it later follows from that."""

    @property
    def id(self) -> UUID:
        """Return the id, the same whenever this revision, or reminder, is derived: the Message-ID is made of it."""
        if self.days_before is not None:
            at = self.starts_at.astimezone(UTC).isoformat()
            return derived("reminder", str(self.meeting_id), str(self.person_id), at, str(self.days_before))
        return derived("delivery", str(self.meeting_id), str(self.person_id), str(self.revision))


@dataclass(frozen=True, slots=True)
class Told:
    """The latest revision of an entry that the person was told, or may have been."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    mode: str
    name: str
    place: str | None
    is_certain: bool
    """The mail server took it; else nobody can say."""
    email: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What bears on a reminder alone, as it is when its sender reads it."""

    is_expected: bool
    """The person is invited, and the meeting takes place at the time of which the reminder reminds."""
    told_at: datetime | None
    """When the mail server took the mail by which they know of that; None if none certainly did."""
    other_is_open: bool
    """Another mail about the meeting is on its way."""
    is_wanted: bool
    """The person has not asked for no reminders."""


@dataclass(frozen=True, slots=True)
class InHand:
    """A delivery as its sender re-reads it, with what bears on whether it may go out."""

    delivery: Delivery
    status: str
    handings: int
    doubts: int
    deferrals: int
    is_overtaken: bool
    """A newer revision was sent, or is to be sent and makes this one needless."""
    older_is_open: bool
    meeting_ends_at: datetime
    """When the meeting ends by what is known now, wherever it has moved since this was queued."""
    meeting_was_held: bool
    name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    told: Told | None = None
    is_suppressed: bool = False
    """The address has shown that it takes no mail."""
    occasion: Occasion | None = None
    """Of a reminder."""
