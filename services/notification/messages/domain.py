"""What a mail says about a meeting, before it is set in text or HTML."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mathshubs.clock import LONDON
from mathshubs.web import words

MODES: Final = {"face-to-face": "Face to face", "online": "Online", "hybrid": "Face to face and online"}
BECAUSE: Final = {
    "snow": "of snow",
    "strike": "of a strike",
    "illness": "of illness",
    "lead-unavailable": "the person who leads it cannot come",
    "venue-unavailable": "the venue is not available",
    "too-few": "too few people can come",
    "travel": "people cannot travel there",
}
"""Why a meeting is cancelled, in words, by scheduling's code; `other` has none."""
_BREAKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person about one meeting."""

    kind: str
    """`invitation`, `change`, `withdrawal`, `cancellation` or `reminder`."""
    person: str = field(repr=False)
    """The person's name, as somebody once typed it."""
    meeting: str
    """The Work Group's name."""
    starts_at: datetime
    ends_at: datetime
    mode: str
    place: str | None
    was_starts_at: datetime | None
    was_ends_at: datetime | None
    link: str
    """Where to join."""
    why: str | None = None
    """The code of why the meeting is cancelled."""
    preferences: str = ""
    """Where the person says which mail they want; of service messages, empty."""

    @property
    def has_moved(self) -> bool:
        """Say whether it is at another time than the person was last told."""
        was = (self.was_starts_at, self.was_ends_at)
        return self.kind == "change" and None not in was and was != (self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Words:
    """What text and HTML both say, in this order."""

    subject: str
    preheader: str
    """What an inbox shows beside the subject."""
    greeting: str
    opening: str
    rows: tuple[tuple[str, str], ...]
    """What is told of the meeting: a name and its words."""
    button: str
    """Words of the one button; empty where there is nothing to do."""
    closing: str


def one_line(typed: str) -> str:
    """Return what somebody typed as words that no header, calendar line or address can be broken with.

    Line breaks, NUL and other control or format characters become spaces, and `=?`, with which an
    encoded word begins, is set apart.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in typed)
    return _BREAKS.sub(" ", printable).replace("=?", "= ?").strip()


def wording(letter: Letter) -> Words:
    """Return the words of a mail, dates and times as London's clocks show them."""
    subject, opening, closing = _SAYINGS[_saying(letter)]
    meeting = one_line(letter.meeting)
    because = BECAUSE.get(letter.why or "", "")
    named = {"meeting": meeting, "at": _short(letter.starts_at), "because": because and f" because {because}"}
    person = one_line(letter.person)
    return Words(
        subject.format(**named),
        f"{words.when(letter.starts_at, letter.ends_at)}. {where(letter.mode, letter.place)}.",
        f"Hello {person}," if person else "Hello,",
        opening.format(**named),
        _rows(letter, meeting),
        "" if letter.kind in ("withdrawal", "cancellation") else _button(letter.mode),
        closing,
    )


def where(mode: str, place: str | None) -> str:
    """Return where a meeting is, on one line: its place, `Online`, or both."""
    named = one_line(place or "")
    if mode == "online":
        return named or "Online"
    if mode == "hybrid":
        return f"{named}, or online" if named else "Online, or at a place to be announced"
    return named or "To be announced"


_SAYINGS: Final = {
    "invitation": (
        "{at}: Work Group meeting, {meeting}",
        "You are invited to a meeting of your Work Group, {meeting}.",
        "The entry attached to this email puts the meeting in your calendar. If it moves, the same entry moves.",
    ),
    "moved": (
        "Moved to {at}: Work Group meeting, {meeting}",
        "A meeting of your Work Group, {meeting}, has moved to another time.",
        "The entry in your calendar moves with this email. There is nothing else for you to change.",
    ),
    "changed": (
        "{at}: new details of the Work Group meeting, {meeting}",
        "The details of a meeting of your Work Group, {meeting}, have changed.",
        "The entry in your calendar changes with this email. There is nothing else for you to change.",
    ),
    "cancellation": (
        "{at}: cancelled{because}. Work Group meeting, {meeting}",
        "This meeting of your Work Group, {meeting}, does not take place{because}.",
        "The entry leaves your calendar with this email. If the meeting is planned anew, you will be invited again.",
    ),
    "reminder": (
        "{at}: reminder of your Work Group meeting, {meeting}",
        "This is a reminder of a meeting of your Work Group, {meeting}.",
        "The meeting is in your calendar. If it moves or is cancelled, we will write to you again.",
    ),
    "withdrawal": (
        "{at}: you are no longer expected at the Work Group meeting, {meeting}",
        "You are no longer expected at this meeting of the Work Group {meeting}.",
        "The entry leaves your calendar with this email. If you think this is a mistake, ask your Maths Hub.",
    ),
}


def _saying(letter: Letter) -> str:
    if letter.kind != "change":
        return letter.kind
    return "moved" if letter.has_moved else "changed"


def _rows(letter: Letter, meeting: str) -> tuple[tuple[str, str], ...]:
    rows = [("When", words.when(letter.starts_at, letter.ends_at))]
    if letter.has_moved and letter.was_starts_at and letter.was_ends_at:
        rows.append(("Before", words.when(letter.was_starts_at, letter.was_ends_at)))
    place, how = where(letter.mode, letter.place), MODES.get(letter.mode, letter.mode)
    rows.append(("Where", place))
    if how != place:
        rows.append(("How", how))
    rows.append(("Work Group", meeting))
    return tuple(rows)


def _button(mode: str) -> str:
    return "See the meeting" if mode == "face-to-face" else "Join the meeting"


def _short(at: datetime) -> str:
    """Return a day and time short enough for a subject: `Thu 4 Mar, 1.30pm`."""
    local = at.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b}, {words.clock_time(at)}"
