"""Whether a mail still may go out, and what follows from what the mail server said."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from notification.deliveries.domain.delivery import TAKES_OUT, Delivery, InHand, Occasion, Told
from notification.deliveries.domain.fates import FAILS_AS, blame

MOST_DOUBTS: Final = 2
FIRST_PAUSE_SECONDS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 900
SETTLES: Final = timedelta(days=1)
"""For so long after an invitation or a change nobody is reminded."""


@dataclass(frozen=True, slots=True)
class Post:
    """Where mail may go: everywhere if it is `live`, else to the local mailbox, and to the allowed by any server."""

    live: bool
    allowed: frozenset[str] = frozenset()

    def may_reach(self, email: str, *, by_mailbox: bool) -> bool:
        """Say whether mail to this address may be handed over, to the local mailbox or to another server."""
        return self.live or by_mailbox or email.casefold() in self.allowed

    @property
    def needs_mailbox(self) -> bool:
        """Say whether nothing may go out but to the local mailbox."""
        return not (self.live or self.allowed)


def bar(one: InHand, post: Post, now: datetime, *, by_mailbox: bool) -> str | None:
    """Return the status of a delivery that may not go out, `queued` where it must wait its turn; None if it may.

    An older revision never follows a newer one, a meeting that has ended is not written about, whether at
    the time that the mail would tell or at the one to which it has moved since, and what the server left in
    doubt twice is not sent a third time. What the server put off is given up when the meeting begins: sent
    at once, a mail still helps somebody who is on the way, but a server that lets it in so late does not.
    """
    if one.meeting_was_held or min(one.delivery.ends_at, one.meeting_ends_at) <= now:
        return "expired"
    if one.occasion and (needless := _bar_reminder(one, one.occasion, now)):
        return needless
    if one.deferrals and one.delivery.starts_at <= now:
        return "expired"
    if one.is_overtaken:
        return "superseded"
    if one.doubts >= MOST_DOUBTS:
        return "unknown"
    if one.email is None:
        return "dropped"
    if not post.may_reach(one.email, by_mailbox=by_mailbox):
        return "withheld"
    if one.is_suppressed:
        return "suppressed"
    return "queued" if one.older_is_open else None


def _bar_reminder(one: InHand, of: Occasion, now: datetime) -> str | None:
    """Return the status of a reminder that may not go out; it is sent once, or not at all."""
    if one.status == "sending" or one.doubts:
        return "unknown"
    if not of.is_wanted:
        return "unsubscribed"
    if one.delivery.starts_at <= now or (one.delivery.due_by and one.delivery.due_by <= now):
        return "expired"
    if not of.is_expected or of.other_is_open or of.told_at is None or of.told_at > now - SETTLES:
        return "superseded"
    return None


def now_told(one: InHand) -> Delivery | None:
    """Return the delivery with the words that fit what this person was told before; None if nothing is left to tell.

    What was queued before may never have gone out: whoever was not told of the meeting at this address is
    invited, a change names the time that they were told, and nothing is withdrawn that nobody was told of.
    """
    delivery, told = one.delivery, one.told
    if one.occasion:
        return delivery
    holds = told if told is not None and told.kind not in TAKES_OUT else None
    if delivery.kind in TAKES_OUT:
        return _as_known(delivery, told) if holds or (told and not told.is_certain) else None
    if holds is None or (holds.email or "").casefold() != (one.email or "").casefold():
        return replace(delivery, kind="invitation", was_starts_at=None, was_ends_at=None)
    if _shown(holds) != _shown(delivery):
        return replace(delivery, kind="change", was_starts_at=holds.starts_at, was_ends_at=holds.ends_at)
    return None if holds.is_certain else replace(delivery, kind="invitation", was_starts_at=None, was_ends_at=None)


def _as_known(delivery: Delivery, told: Told | None) -> Delivery:
    """Return a mail that takes an entry out, named by the time at which the person's calendar holds it."""
    return replace(delivery, starts_at=told.starts_at, ends_at=told.ends_at) if told else delivery


def _shown(of: Delivery | Told) -> tuple[object, ...]:
    """Return what a calendar shows of the meeting: where it is the same, nothing has changed for the person."""
    return of.starts_at, of.ends_at, of.mode, of.name, of.place


Phase = Literal["accepted", "refused", "put off", "turned away", "in doubt"]


@dataclass(frozen=True, slots=True)
class Answer:
    """How the mail server took a mail.

    It is `refused` for good, `put off` before the server had it, `in doubt` whether the server has it, or the
    server `turned away` us, whatever the mail.
    """

    phase: Phase
    words: str = ""
    """The reply's code and enhanced status alone: the rest may quote an address."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a delivery's row says after an attempt."""

    status: str
    doubts: int
    deferrals: int
    pause_seconds: float = 0

    @property
    def blames_address(self) -> bool:
        """Say whether the address takes no mail."""
        return self.status == "failed"


def verdict(answer: Answer, doubts: int, deferrals: int, *, once: bool = False) -> Verdict:
    """Return what follows from `answer`, given how often this mail was in doubt and put off before.

    A mail in doubt is sent once more, then it is `unknown`. One that is refused fails by whose fault it is.
    What the server puts off is tried again after 5 s, then twice as long each time up to 15 minutes, for as
    long as the meeting has not begun. A server that turns us away says nothing of the mail, and nothing is
    counted against it.

    Args:
        once: a mail in doubt is not sent again, as a reminder is not.
    """
    match answer.phase:
        case "accepted":
            return Verdict("sent", doubts, deferrals)
        case "in doubt":
            known = doubts + 1 < MOST_DOUBTS and not once
            return Verdict("queued" if known else "unknown", doubts + 1, deferrals, FIRST_PAUSE_SECONDS)
        case "refused":
            return Verdict(FAILS_AS[blame(answer.words)], doubts, deferrals)
        case "turned away":
            return Verdict("queued", doubts, deferrals, FIRST_PAUSE_SECONDS)
        case "put off":
            pause = min(FIRST_PAUSE_SECONDS * 2**deferrals, LONGEST_PAUSE_SECONDS)
            return Verdict("queued", doubts, min(deferrals + 1, 20), pause)
