"""The year as it goes on, shown in place at the foot of a terminal."""

from datetime import datetime
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from hubs.demo.script import Stop
from hubs.demo.stops import STARTS
from hubs.demo.terms import ENDS, HALF_TERMS, SCHOOL_YEAR
from hubs.proof.system import number
from mathshubs.clock import LONDON, london_day

CELLS: Final = 6
"""Of each half-term's bar."""


class Bar:
    """Three lines: the half-terms in two rows, and where the clock stands."""

    def __init__(self, console: Console) -> None:
        self._console, self._live = console, Live(console=console, refresh_per_second=8, transient=False)
        self._reports = self._held = 0

    def show(self, stop: Stop) -> None:
        """Show that the clock stands at a stop."""
        self.count(stop)
        if not self._live.is_started:
            self._live.start()
        self._live.update(Text("\n".join(self.lines(stop)), no_wrap=True, overflow="ellipsis"))

    def rest(self) -> None:
        """Leave what was shown last where it is."""
        if self._live.is_started:
            self._live.stop()

    def count(self, stop: Stop) -> None:
        """Add what is reported at a stop."""
        self._reports += stop.reports
        self._held += stop.held

    def lines(self, stop: Stop) -> list[str]:
        """Return what is shown while the clock stands at a stop."""
        filled = [f"{name} {_cells(stop.at, place)}" for place, name in enumerate(HALF_TERMS)]
        counted = f"{number(self._reports, 'report')} · {number(self._held, 'meeting')} held"
        return [
            f"  {SCHOOL_YEAR}  {'  '.join(filled[0::2])}",
            f"           {'  '.join(filled[1::2])}",
            f"  {spelled(stop.at)} · {counted}",
            f"  {stop.title}",
        ]


def _cells(at: datetime, half_term: int) -> str:
    """Return how much of a half-term has passed."""
    first = (london_day(STARTS), *ENDS)[half_term]
    passed = (london_day(at) - first) / (ENDS[half_term] - first)
    full = round(CELLS * min(1.0, max(0.0, passed)))
    return "▓" * full + "░" * (CELLS - full)


def spelled(at: datetime) -> str:
    """Return `Mon 7 Sep 2026`."""
    day = at.astimezone(LONDON)
    return f"{day:%a} {day.day} {day:%b %Y}"
