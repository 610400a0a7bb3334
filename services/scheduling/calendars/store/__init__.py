"""SQL that holds and writes calendars."""

from scheduling.calendars.store.importing import (
    Imported,
    ImportUnderWay,
    Quarantined,
    alone,
    hold_dates,
    keep_dates,
    keep_import,
    quarantine,
)
from scheduling.calendars.store.loading import load
from scheduling.calendars.store.reported import hold

__all__ = [
    "ImportUnderWay",
    "Imported",
    "Quarantined",
    "alone",
    "hold",
    "hold_dates",
    "keep_dates",
    "keep_import",
    "load",
    "quarantine",
]
