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
    is_bank_holiday,
)

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
    "Term",
    "bring",
    "closures",
    "half_term",
    "is_bank_holiday",
    "usual_in",
]
