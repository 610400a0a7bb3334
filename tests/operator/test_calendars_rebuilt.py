"""A calendar made of mail alone, as a calendar program makes it: on plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hubs.proof.mail import Entry, Mail, copies, replay, told_twice

AMINA = "amina.khan@elmpark.example"
MARCH = datetime(2027, 3, 4, 13, 30, tzinfo=UTC)
WEEK, LENGTH = timedelta(days=7), timedelta(hours=2)
INVITED = Mail(AMINA, "<1@mathshubs.example>", "u-1", 0, "REQUEST", MARCH - WEEK, MARCH, MARCH + LENGTH)
MOVED = replace(
    INVITED, message_id="<2@mathshubs.example>", sequence=1, starts_at=MARCH + WEEK, ends_at=MARCH + WEEK + LENGTH
)
CANCELLED = replace(MOVED, message_id="<3@mathshubs.example>", sequence=2, method="CANCEL")


@given(st.permutations([INVITED, MOVED, INVITED, MOVED]))
def test_the_last_revision_counts_in_whatever_order_mail_comes(mails: list[Mail]) -> None:
    """Mail overtakes mail; the entry ends where the meeting is."""
    assert replay(mails) == {"u-1": Entry(AMINA, (MARCH + WEEK, MARCH + WEEK + LENGTH))}


@given(st.permutations([INVITED, MOVED, CANCELLED]))
def test_what_was_cancelled_is_gone(mails: list[Mail]) -> None:
    """The entry is known and holds no time."""
    assert replay(mails) == {"u-1": Entry(AMINA, None)}


def test_the_same_revision_in_two_mails_is_told_twice() -> None:
    """A copy under the same Message-ID is what a crash may leave, and mail programs show it once."""
    again = replace(INVITED, message_id="<9@mathshubs.example>")

    assert (told_twice([INVITED, INVITED, MOVED]), copies([INVITED, INVITED, MOVED])) == ([], 1)
    assert told_twice([INVITED, again]) == ["u-1"]
