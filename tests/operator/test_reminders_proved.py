"""What the proof says of reminders as they lie in the mailbox: on plain values."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from hubs.proof.reminders import Declined, Reminded, verdict
from mathshubs.clock import LONDON

AMINA, MEETING = UUID(int=1), UUID(int=2)
MONDAY = datetime(2027, 3, 8, 13, 30, tzinfo=LONDON)
FRIDAY = datetime(2027, 3, 5, 17, 30, tzinfo=LONDON)
GOOD = Reminded("<1@mathshubs.example>", FRIDAY, MEETING, AMINA, MONDAY, 1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "reminders", [[], [GOOD], [GOOD, GOOD], [GOOD, replace(GOOD, message_id="<2>", person_id=UUID(int=3))]]
)
def test_reminders_in_time_hold(reminders: list[Reminded]) -> None:
    """A copy under the same Message-ID is the same mail; two people are two."""
    assert verdict(reminders, {}).ok


@pytest.mark.parametrize(
    ("reminder", "why"),
    [
        (replace(GOOD, received_at=MONDAY), "after the meeting began"),
        (replace(GOOD, received_at=FRIDAY + HOUR), "not in their hours"),
        (replace(GOOD, received_at=FRIDAY - 10 * HOUR), "not in their hours"),
        (replace(GOOD, received_at=FRIDAY + 24 * HOUR), "not in their hours"),
        (replace(GOOD, received_at=FRIDAY - 24 * HOUR), "not in their hours"),
        (replace(GOOD, starts_at=datetime(2027, 3, 30, 9, tzinfo=LONDON)), "not in their hours"),
    ],
)
def test_a_reminder_out_of_time_is_found(reminder: Reminded, why: str) -> None:
    """With its Message-ID, so that somebody can look at it."""
    found = verdict([reminder], {})

    assert (found.ok, found.figures[why]) == (False, [GOOD.message_id])


def test_somebody_reminded_twice_is_found() -> None:
    """Two mails of one meeting, at the same time before it."""
    again = replace(GOOD, message_id="<2@mathshubs.example>")

    assert verdict([GOOD, again], {}).figures["twice"] == [GOOD.message_id, again.message_id]


@pytest.mark.parametrize(
    ("declined", "ok"),
    [
        ({AMINA: [(FRIDAY - HOUR, False)]}, False),
        ({AMINA: [(FRIDAY, False)]}, True),
        ({AMINA: [(FRIDAY - 2 * HOUR, False), (FRIDAY - HOUR, True)]}, True),
        ({UUID(int=9): [(FRIDAY - HOUR, False)]}, True),
    ],
)
def test_a_reminder_after_unsubscribing_is_found(declined: Declined, ok: bool) -> None:
    """Unless they had changed their mind since."""
    assert verdict([GOOD], declined).ok is ok
