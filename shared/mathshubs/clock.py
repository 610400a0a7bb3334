"""The only source of today and now; a demo or a test may drive it with `HUBS_CLOCK`."""

import os
import time
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the present instant in UTC; where `HUBS_CLOCK` is set, the instant at which it stands."""
    driven = _driven()
    return driven.read() if driven else datetime.now(UTC)


def today() -> date:
    """Return the day in London at the present instant."""
    return london_day(now())


def london_day(instant: datetime) -> date:
    """Return the day that it is in London at `instant`; at either end of all calendars, their first or last."""
    try:
        return instant.astimezone(LONDON).date()
    except OverflowError:
        return date.min if instant.year == date.min.year else date.max


def start_of(day: date) -> datetime:
    """Return the instant, in UTC, at which `day` begins in London."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def wall_seconds() -> float:
    """Return the machine's own seconds since 1970, driven clock or not: to be held against Kafka's stamps alone."""
    return time.time()


def move(path: Path, instant: datetime) -> None:
    """Set the driven clock at `path` to `instant` for every process of one home, at once.

    Raises:
        ClockGoesForward: if the clock already stands later than `instant`.
    """
    if path.exists() and datetime.fromisoformat(path.read_text()) > instant:
        raise ClockGoesForward(f"the clock stands at {path.read_text()}, later than {instant.isoformat()}")
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(instant.astimezone(UTC).isoformat())
    beside.replace(path)


class ClockGoesForward(ValueError):
    """A driven clock was asked to go back; name a later instant."""


class _Driven:
    """One file holds the instant, so that every process moves in the same moment."""

    def __init__(self, start: datetime, path: Path) -> None:
        self._start, self._path = start, path
        self._seen, self._instant = -1, start

    def read(self) -> datetime:
        try:
            seen = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return self._start
        if seen != self._seen:
            self._instant = datetime.fromisoformat(self._path.read_text())
            self._seen = seen
        return max(self._start, self._instant)


@lru_cache
def _driven() -> _Driven | None:
    start = os.environ.get("HUBS_CLOCK")
    if not start:
        return None
    home = Path(os.environ.get("HUBS_HOME", ".hubs"))
    return _Driven(datetime.fromisoformat(start).astimezone(UTC), home / "clock")
