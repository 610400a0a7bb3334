"""SQL that holds and writes calendars."""

from scheduling.calendars.store.loading import load

__all__ = ["load"]
