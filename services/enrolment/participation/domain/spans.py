"""Days on which something holds: from the first to the last, both included; no last one while it lasts.

What was given up on the very day on which it began held on no day: its last day lies before its first.
"""

from datetime import date, timedelta
from typing import Protocol

DAY = timedelta(days=1)


class Span(Protocol):
    """Something that holds on some days."""

    @property
    def from_on(self) -> date:
        """The first day."""

    @property
    def until_on(self) -> date | None:
        """The last day; None while it lasts."""


def is_on(span: Span, day: date) -> bool:
    """Say whether it holds on `day`."""
    return span.from_on <= day and (span.until_on is None or day <= span.until_on)


def meets(span: Span, first: date, last: date | None = None) -> bool:
    """Say whether it holds on a day from `first` to `last`, or to the end of time."""
    begins, ends = max(span.from_on, first), min(span.until_on or date.max, last or date.max)
    return begins <= ends


def ended_on(span: Span) -> date | None:
    """Return the first day on which it held no more; None while it lasts."""
    return span.until_on + DAY if span.until_on else None
