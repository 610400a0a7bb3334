"""Days as hubs write them, and as London has them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mathshubs.clock import london_day
from mathshubs.events.hub.participation import SchoolJoinedWorkGroup


@pytest.mark.parametrize("day", [0, 1789344000, "0001-01-01", "2026-09-14T00:00:00+05:00", "2026-02-30", "14-09-2026"])
def test_what_is_no_day_of_our_time_is_refused(day: object) -> None:
    """A number would be taken for seconds since 1970, and a join in the year 1 would be a fact for ever."""
    with pytest.raises(ValidationError):
        SchoolJoinedWorkGroup.model_validate({"work_group": "WG-7", "school_urn": "136771", "effective_on": day})


@given(st.datetimes(timezones=st.timezones() | st.sampled_from([UTC, timezone(timedelta(hours=14))])))
def test_every_instant_has_its_day_in_london(instant: datetime) -> None:
    """What is no day there at either end of the calendar must stop nobody's reading of all that comes after it."""
    assert abs(london_day(instant) - instant.date()) <= timedelta(days=2)


def test_at_the_ends_of_the_calendar_the_day_is_the_first_or_the_last() -> None:
    """London was behind its present time in the year 1, and somewhere it is always earlier or later."""
    ends = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=timezone(-timedelta(hours=9)))

    assert [london_day(instant) for instant in ends] == [date.min, date.max]
