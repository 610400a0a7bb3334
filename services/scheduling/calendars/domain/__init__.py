"""Days and half-terms of a Work Group; pure."""

from scheduling.calendars.domain.dates import Brought, Dates, Kind, Name, bring
from scheduling.calendars.domain.half_terms import half_term, usual_in
from scheduling.calendars.domain.layers import (
    Calendar,
    Days,
    Layer,
    Member,
    Membership,
    Term,
    closures,
    evolve,
)
from scheduling.calendars.domain.reported import RecordCalendar, record_calendar, run_together

__all__ = [
    "Brought",
    "Calendar",
    "Dates",
    "Days",
    "Kind",
    "Layer",
    "Member",
    "Membership",
    "Name",
    "RecordCalendar",
    "Term",
    "bring",
    "closures",
    "evolve",
    "half_term",
    "record_calendar",
    "run_together",
    "usual_in",
]
