"""What somebody's calendar shows, rebuilt from their mail alone, as a calendar program would (RFC 5546)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from icalendar import Calendar, Component

from mathshubs.clock import LONDON

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class UnreadableCalendar(ValueError):
    """The text is no iCalendar, or its event lacks a UID or a start; a calendar program would drop it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What one mail says about one meeting."""

    uid: str
    sequence: int
    stamped_at: datetime
    method: str
    """REQUEST, CANCEL or another, in capitals."""
    summary: str
    starts_at: datetime
    ends_at: datetime
    place: str
    link: str
    """Where to join or read more: an http or https address, or empty."""

    @property
    def cancels(self) -> bool:
        """Whether the meeting is off, by this notice."""
        return self.method == "CANCEL"


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting as the calendar shows it now."""

    now: Notice
    before: Notice | None
    """The last notice that gave it another time, where it has moved."""


def notices(ics: str) -> list[Notice]:
    """Return what a `text/calendar` part says of each meeting in it.

    Raises:
        UnreadableCalendar: if it cannot be read.
    """
    try:
        calendar = Calendar.from_ical(ics)
        method = str(calendar.get("METHOD", "PUBLISH")).upper()
        return [_notice(event, method) for event in calendar.walk("VEVENT")]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
        raise UnreadableCalendar(str(fault)) from fault


def calendar_now(heard: Iterable[Notice]) -> list[Entry]:
    """Return the calendar after all notices, in whatever order they came, by time of meeting.

    The highest SEQUENCE counts, and among equals the latest DTSTAMP.
    """
    meetings: dict[str, list[Notice]] = defaultdict(list)
    for notice in sorted(heard, key=lambda notice: (notice.sequence, notice.stamped_at, notice.cancels)):
        meetings[notice.uid].append(notice)
    return sorted(map(_entry, meetings.values()), key=lambda entry: (entry.now.starts_at, entry.now.uid))


def _entry(history: list[Notice]) -> Entry:
    """Return a meeting's last notice, with the last one of another time."""
    *earlier, now = history
    moved = [notice for notice in earlier if (notice.starts_at, notice.ends_at) != (now.starts_at, now.ends_at)]
    return Entry(now=now, before=moved[-1] if moved else None)


def _notice(event: Component, method: str) -> Notice:
    starts_at = _instant(event.decoded("DTSTART"))
    place = str(event.get("LOCATION", ""))
    return Notice(
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        stamped_at=_instant(event.decoded("DTSTAMP")) if "DTSTAMP" in event else _LONG_AGO,
        method="CANCEL" if str(event.get("STATUS", "")).upper() == "CANCELLED" else method,
        summary=str(event.get("SUMMARY", "")),
        starts_at=starts_at,
        ends_at=_instant(event.decoded("DTEND")) if "DTEND" in event else starts_at,
        place=place,
        link=_link(str(event.get("URL", "")), place),
    )


def _instant(value: date | datetime) -> datetime:
    """Return an instant; a whole day begins at midnight, and a time without a zone is London's."""
    at = value if isinstance(value, datetime) else datetime.combine(value, time.min)
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def _link(*candidates: str) -> str:
    """Return the first web address among them; nothing else may be clicked in a mail from outside."""
    return next((text for text in candidates if text.startswith(("https://", "http://"))), "")
