"""Schools in a Work Group, as the tests of calendars have them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class In:
    """A school in the group from the middle of September on."""

    school_urn: str
    from_on: date = date(2026, 9, 14)
    until_on: date | None = None
    local_authority_code: str | None = "860"
