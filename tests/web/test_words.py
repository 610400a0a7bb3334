"""How pages and mails say dates, times and numbers."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathshubs.web import words

CENTURY = [datetime(year, 1, 1) for year in (2000, 2100)]  # noqa: DTZ001 Hypothesis adds the zone


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2027, 3, 4, 13, 30, tzinfo=UTC), "1.30pm"),
        (datetime(2027, 3, 4, 16, 0, tzinfo=UTC), "4pm"),
        (datetime(2027, 3, 4, 9, 5, tzinfo=UTC), "9.05am"),
        (datetime(2027, 3, 4, 12, 0, tzinfo=UTC), "midday"),
        (datetime(2027, 3, 4, 0, 0, tzinfo=UTC), "midnight"),
        (datetime(2027, 3, 4, 0, 15, tzinfo=UTC), "12.15am"),
        (datetime(2027, 3, 4, 12, 45, tzinfo=UTC), "12.45pm"),
    ],
)
def test_times_are_said_as_teachers_say_them(at: datetime, said: str) -> None:
    """No 24-hour clock and no `.00`; 12 o'clock is named, since 12am misleads."""
    assert words.clock_time(at) == said


def test_a_meeting_is_said_in_one_line() -> None:
    """Time first, then the day: what an advocate looks for in a mail."""
    starts_at = datetime(2027, 3, 4, 13, 30, tzinfo=UTC)

    said = words.when(starts_at, starts_at + timedelta(hours=2, minutes=30))

    assert said == "1.30pm to 4pm, Thursday 4 March"


def test_summer_time_is_londons() -> None:
    """12.30 UTC is 1.30pm in June; an advocate who reads 12.30 misses an hour."""
    assert words.clock_time(datetime(2027, 6, 10, 12, 30, tzinfo=UTC)) == "1.30pm"


def test_the_day_is_londons_too() -> None:
    """Half past eleven in the evening UTC on 30 June is already July in London."""
    assert words.day(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)) == "Thursday 1 July"


def test_a_meeting_over_midnight_names_both_days() -> None:
    """Nobody has to guess on which day it ends."""
    said = words.when(datetime(2027, 3, 4, 22, tzinfo=UTC), datetime(2027, 3, 5, 1, tzinfo=UTC))

    assert said == "10pm, Thursday 4 March to 1am, Friday 5 March"


def test_a_date_and_a_moment_carry_the_year() -> None:
    """What is kept as a record is read years later."""
    at = datetime(2026, 9, 14, 15, 4, tzinfo=timezone(timedelta(hours=1)))

    assert words.day_and_year(date(2027, 3, 4)) == "4 March 2027"
    assert words.moment(at) == "3.04pm, 14 September 2026"


def test_an_instant_without_an_offset_is_refused() -> None:
    """A guess would be an hour wrong for half of the year."""
    with pytest.raises(words.NoTimezone):
        words.clock_time(datetime(2027, 3, 4, 13, 30))  # noqa: DTZ001 the case under test


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.number(1204), "1,204"),
        (words.number(2.5), "2.5"),
        (words.percentage(0.6134), "61.3%"),
        (words.percentage(0.5), "50%"),
        (words.percentage(1), "100%"),
        (words.percentage(2_999 / 3_000), "99.9%"),
        (words.percentage(1 / 3_000), "0.1%"),
        (words.percentage(0), "0%"),
        (words.counted(1, "school"), "1 school"),
        (words.counted(0, "school"), "0 schools"),
        (words.counted(1204, "person", "people"), "1,204 people"),
        (words.duration(40), "40 seconds"),
        (words.duration(150), "2 minutes"),
        (words.duration(3600), "1 hour"),
        (words.duration(3 * 86_400), "3 days"),
    ],
)
def test_numbers_are_said_in_plain_english(said: str, expected: str) -> None:
    """Thousands set apart, nouns that agree, no needless decimals; only all is 100%, and only none is 0%."""
    assert said == expected


@pytest.mark.parametrize(
    ("behind", "said"),
    [
        ({"enrolment": 0, "scheduling": 0.4}, "Everything is up to date."),
        ({}, "Nothing has been heard from any service yet."),
        ({"enrolment": 0, "scheduling": 12}, "Scheduling is 12 seconds behind; the rest is up to date."),
        (
            {"enrolment": 60, "scheduling": None},
            "Enrolment is 1 minute behind and scheduling has not been heard from yet.",
        ),
    ],
)
def test_freshness_names_only_the_services_that_lag(behind: dict[str, float | None], said: str) -> None:
    """An analyst must see at once whether a figure may still move, and because of whom."""
    assert words.freshness(behind) == said


@given(
    st.datetimes(CENTURY[0], CENTURY[1], timezones=st.just(UTC)),
    st.sampled_from([-11, -5, 1, 9, 13]),
)
def test_how_an_instant_is_written_does_not_change_how_it_is_said(at: datetime, hours: int) -> None:
    """Hub systems send what offset they please; everybody meets at one time."""
    elsewhere = at.astimezone(timezone(timedelta(hours=hours)))

    assert words.moment(elsewhere) == words.moment(at)
