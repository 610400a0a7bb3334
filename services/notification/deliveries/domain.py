"""What is to be sent, whether it still may be, and what follows from what the mail server said."""

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final, Literal
from uuid import UUID

from mathshubs.ids import derived

MOST_DOUBTS: Final = 2
FIRST_PAUSE_SECONDS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 900
FOR_GOOD: Final = 500
"""Replies from this code on refuse for good; lower ones put off."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail to one person about one meeting; `revision` is the SEQUENCE of its calendar entry."""

    meeting_id: UUID
    person_id: UUID
    uid: str
    kind: str
    """`invitation`, `change` or `withdrawal`."""
    revision: int
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
    replaces_unsent: bool = False

    @property
    def id(self) -> UUID:
        """Return the id, the same whenever this revision is derived: the Message-ID is made of it."""
        return derived("delivery", str(self.meeting_id), str(self.person_id), str(self.revision))


@dataclass(frozen=True, slots=True)
class InHand:
    """A delivery as its sender re-reads it, with what bears on whether it may go out."""

    delivery: Delivery
    status: str
    handings: int
    doubts: int
    deferrals: int
    newer_was_sent: bool
    older_is_open: bool
    name: str | None = field(repr=False)
    email: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Post:
    """Where mail may go: everywhere if it is `live`, or if the server is on this machine; else to the allowed."""

    live: bool
    host: str
    allowed: frozenset[str] = frozenset()

    def may_reach(self, email: str) -> bool:
        """Say whether mail to this address may be handed over."""
        return self.live or self.is_local or email.casefold() in self.allowed

    @property
    def is_local(self) -> bool:
        """Say whether the server is this machine's, named by an address of loopback or as localhost."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def bar(one: InHand, post: Post, now: datetime) -> str | None:
    """Return the status of a delivery that may not go out, `queued` where it must wait its turn; None if it may.

    An older revision never follows a newer one, a meeting that has ended is not written about, and
    what the server left in doubt twice is not sent a third time.
    """
    if one.delivery.ends_at <= now:
        return "expired"
    if one.newer_was_sent:
        return "superseded"
    if one.doubts >= MOST_DOUBTS:
        return "unknown"
    if one.email is None:
        return "dropped"
    if not post.may_reach(one.email):
        return "withheld"
    return "queued" if one.older_is_open else None


Phase = Literal["accepted", "refused", "lost", "in doubt"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How the mail server took a mail: `lost` before it had it, or `in doubt` whether it has."""

    phase: Phase
    code: int = 0
    words: str = ""
    """The reply's code and enhanced status alone: the rest may quote an address."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a delivery's row says after an attempt."""

    status: str
    doubts: int
    deferrals: int
    pause_seconds: float = 0


def verdict(answer: Answer, doubts: int, deferrals: int) -> Verdict:
    """Return what follows from `answer`, given how often this mail was in doubt and put off before.

    A mail in doubt is sent once more, then it is `unknown`. What the server puts off is tried again after
    5 s, then twice as long each time up to 15 minutes, for as long as the meeting has not ended.
    """
    match answer:
        case Answer("accepted"):
            return Verdict("sent", doubts, deferrals)
        case Answer("in doubt"):
            known = doubts + 1 < MOST_DOUBTS
            return Verdict("queued" if known else "unknown", doubts + 1, deferrals, FIRST_PAUSE_SECONDS)
        case Answer("refused", code=code) if code >= FOR_GOOD:
            return Verdict("failed", doubts, deferrals)
        case _:
            pause = min(FIRST_PAUSE_SECONDS * 2**deferrals, LONGEST_PAUSE_SECONDS)
            return Verdict("queued", doubts, min(deferrals + 1, 20), pause)
