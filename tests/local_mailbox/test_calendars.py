"""What a calendar shows after a series of mails, whatever order they came in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.mailbox.calendars import Notice, UnreadableCalendar, calendar_now, notices
from local_mailbox.examples import A_WEEK_LATER, MARCH, calendar

FIRST = notices(calendar(uid="a", sequence=0, method="REQUEST", starts_at=MARCH))
MOVED = notices(calendar(uid="a", sequence=1, method="REQUEST", starts_at=A_WEEK_LATER))
CANCELLED = notices(calendar(uid="a", sequence=2, method="CANCEL", starts_at=A_WEEK_LATER))


@pytest.mark.parametrize("order", list(permutations([FIRST, MOVED, CANCELLED])))
def test_the_last_word_counts_not_the_last_mail(order: tuple[list[Notice], ...]) -> None:
    """Mail overtakes mail; SEQUENCE says which is newer, so a cancelled meeting stays off."""
    [entry] = calendar_now([notice for heard in order for notice in heard])

    assert entry.now == CANCELLED[0]
    assert entry.now.cancels


def test_a_moved_meeting_remembers_where_it_was() -> None:
    """The reader sees both times, the old one struck out."""
    [entry] = calendar_now(MOVED + FIRST)

    assert entry.now.starts_at == A_WEEK_LATER
    assert entry.before == FIRST[0]


def test_a_new_room_is_not_a_move() -> None:
    """Only another time moves a meeting."""
    again = notices(calendar(uid="a", sequence=1, method="REQUEST", starts_at=MARCH))

    [entry] = calendar_now(FIRST + again)

    assert entry.before is None


def test_two_meetings_are_two_entries_by_time() -> None:
    """A UID is a meeting; the calendar is in the order of the year."""
    other = notices(calendar(uid="b", sequence=0, method="REQUEST", starts_at=MARCH - timedelta(days=1)))

    assert [entry.now.uid for entry in calendar_now(FIRST + other)] == ["b", "a"]


def test_local_times_are_londons() -> None:
    """A time without a zone in an English calendar is the time on the wall."""
    ics = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20270610T133000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

    [notice] = notices(ics)

    assert notice.starts_at == datetime(2027, 6, 10, 12, 30, tzinfo=UTC)
    assert notice.ends_at == notice.starts_at


def test_a_whole_day_begins_at_midnight() -> None:
    """Other programs send days without times; they must not break the page."""
    ics = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20270304\nEND:VEVENT\nEND:VCALENDAR\n"

    assert notices(ics)[0].starts_at == datetime(2027, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "ics",
    [
        "",
        "hello",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270304T133000Z\nEND:VEVENT\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR\n",
    ],
)
def test_what_is_no_calendar_is_refused(ics: str) -> None:
    """A calendar program would drop it, so the page must say so and not guess."""
    with pytest.raises(UnreadableCalendar):
        notices(ics)


@given(st.text(max_size=400))
def test_no_text_from_outside_breaks_the_page(ics: str) -> None:
    """Whatever a part holds is read or refused by name."""
    try:
        found = notices(f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n{ics}\r\nEND:VEVENT\r\nEND:VCALENDAR")
    except UnreadableCalendar:
        return
    assert all(notice.uid for notice in found)
