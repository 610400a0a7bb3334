"""Days as hubs write them."""

import pytest
from pydantic import ValidationError

from mathshubs.events.hub.participation import SchoolJoinedWorkGroup


@pytest.mark.parametrize("day", [0, 1789344000, "0001-01-01", "2026-09-14T00:00:00+05:00", "2026-02-30", "14-09-2026"])
def test_what_is_no_day_of_our_time_is_refused(day: object) -> None:
    """A number would be taken for seconds since 1970, and a join in the year 1 would be a fact for ever."""
    with pytest.raises(ValidationError):
        SchoolJoinedWorkGroup.model_validate({"work_group": "WG-7", "school_urn": "136771", "effective_on": day})
