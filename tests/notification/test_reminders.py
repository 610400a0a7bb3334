"""Reminders: on the right day, once, to whoever wants them, and never late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_story import (
    AMINA,
    BEN,
    FAR,
    MARCH,
    MEETING,
    WEEK,
    cancelled,
    held,
    in_hand,
    invited,
    long_ago,
    moved,
    person,
    scheduled,
    tell,
    uninvited,
)
from mail_post import MailServer, Post
from mathshubs.clock import LONDON
from mathshubs.events import Event
from mathshubs.postgres import Pool
from mathshubs.testing import until
from notification.deliveries.domain.delivery import InHand, Occasion
from notification.deliveries.domain.judging import Answer, Verdict, bar, verdict
from notification.deliveries.domain.judging import Post as Allowed
from notification.duties.remind import remind
from notification.preferences.store import change
from notification.reminders.domain import Due, due, hours, in_force, last_working_day
from notification_facts import said

POLICY = {"2014/15": frozenset({7, 1})}
HOUR = timedelta(hours=1)


def london(year: int, month: int, day: int, hour: int) -> datetime:
    """This hour, as London's clocks show it."""
    return datetime(year, month, day, hour, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("meeting", "days", "on"),
    [
        (london(2027, 3, 4, 13), 7, (2027, 2, 25)),
        (london(2027, 3, 4, 13), 1, (2027, 3, 3)),
        (london(2027, 3, 8, 13), 1, (2027, 3, 5)),  # a Monday: on the Friday before
        (london(2027, 3, 30, 9), 1, (2027, 3, 25)),  # after Easter Monday, Good Friday and the weekend
        (london(2027, 1, 5, 9), 7, (2026, 12, 29)),  # Boxing Day fell on a Saturday, so Monday was off instead
        (london(2026, 12, 29, 9), 1, (2026, 12, 24)),
        (london(2027, 6, 10, 0), 1, (2027, 6, 9)),  # midnight in London is the day before in UTC
    ],
)
def test_a_reminder_goes_out_on_a_working_day(meeting: datetime, days: int, on: tuple[int, int, int]) -> None:
    """Or on the last one before; between eight and six, whatever the clocks do."""
    assert hours(meeting.astimezone(UTC), days) == (london(*on, 8), london(*on, 18))


def test_only_its_own_hours_are_a_reminders() -> None:
    """Neither the minute before nor that at which they end."""
    opens_at, closes_at = hours(MARCH, 7)
    found = [due({MEETING: MARCH}, POLICY, at) for at in (opens_at - HOUR / 60, opens_at, closes_at)]

    assert found == [[], [Due(MEETING, 7, closes_at)], []]


def test_the_policy_of_the_school_year_counts() -> None:
    """A new one begins with its September; what came before it stays as it was."""
    policies = {**POLICY, "2027/28": frozenset({3})}

    assert [in_force(policies, year) for year in ("2013/14", "2026/27", "2027/28", "2030/31")] == [
        frozenset(),
        frozenset({7, 1}),
        frozenset({3}),
        frozenset({3}),
    ]


@given(st.datetimes(datetime(2026, 9, 1), datetime(2028, 8, 31)), st.integers(1, 30))  # noqa: DTZ001 -- wall clock
def test_no_reminder_is_ever_due_after_the_meeting_began(wall: datetime, days: int) -> None:
    """Whatever days off stand in between."""
    starts_at = wall.replace(tzinfo=LONDON)
    _, closes_at = hours(starts_at, days)

    assert closes_at < starts_at
    assert last_working_day(closes_at.date()) == closes_at.date()


REMINDER = replace(
    in_hand().delivery, kind="reminder", revision=None, days_before=7, due_by=MARCH - WEEK + timedelta(hours=4)
)
THAT_DAY = MARCH - WEEK
GOOD = Occasion(is_expected=True, told_at=THAT_DAY - 2 * WEEK, other_is_open=False, is_wanted=True)


def reminder(**given: object) -> InHand:
    """A reminder as a sender reads it."""
    return in_hand(**({"delivery": REMINDER, "occasion": GOOD} | given))


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (reminder(), None),
        (reminder(occasion=replace(GOOD, is_wanted=False)), "unsubscribed"),
        (reminder(occasion=replace(GOOD, is_expected=False)), "superseded"),
        (reminder(occasion=replace(GOOD, other_is_open=True)), "superseded"),
        (reminder(occasion=replace(GOOD, told_at=None)), "superseded"),
        (reminder(occasion=replace(GOOD, told_at=THAT_DAY - timedelta(hours=23))), "superseded"),
        (reminder(delivery=replace(REMINDER, due_by=THAT_DAY)), "expired"),
        (reminder(delivery=replace(REMINDER, starts_at=THAT_DAY)), "expired"),
        (reminder(meeting_was_held=True), "expired"),
        (reminder(status="sending"), "unknown"),
        (reminder(doubts=1), "unknown"),
        (reminder(email=None), "dropped"),
        (reminder(is_suppressed=True), "suppressed"),
    ],
)
def test_a_reminder_is_judged_when_it_would_go(one: InHand, status: str | None) -> None:
    """Late, needless or unwanted, it does not go; nor a second time where a sender died over it."""
    assert bar(one, Allowed(live=False), THAT_DAY, by_mailbox=True) == status


def test_a_reminder_in_doubt_is_not_sent_again() -> None:
    """Nobody is reminded twice; an invitation would be."""
    assert verdict(Answer("in doubt"), 0, 0, once=True) == Verdict("unknown", 1, 0, 5)


async def remind_at(pool: Pool, at: datetime) -> None:
    """Have what is due at this instant queued, as the duty does."""
    async with pool.acquire() as db, db.transaction():
        await remind(db, at)
        await db.execute("SELECT pg_notify('deliveries', '')")


async def kinds(pool: Pool) -> list[tuple[int, str]]:
    """Return what reminders there are, each with its state."""
    rows = await pool.fetch("SELECT days_before, status FROM deliveries WHERE kind = 'reminder' ORDER BY queued_at")
    return [(row["days_before"], row["status"]) for row in rows]


@pytest.fixture
async def told(post: Post) -> Post:
    """Amina and Ben were told of a meeting long ago."""
    await tell(post.pool, scheduled(), *(one for who in (AMINA, BEN) for one in (person(who), invited(who))))
    post.send()
    await post.settled("sent", "sent")
    await long_ago(post.pool)
    return post


async def test_everybody_is_reminded_a_week_and_a_day_before(told: Post, mail_server: MailServer) -> None:
    """Each once, however often the duty looks, by a mail without a calendar; and it is said."""
    for at in (FAR - 8 * WEEK / 7, FAR - WEEK, FAR - WEEK + HOUR, FAR - WEEK / 7, FAR - WEEK / 7 + HOUR, FAR + HOUR):
        await remind_at(told.pool, at)

    await told.settled(*["sent"] * 6)

    reminders = [mail for mail in mail_server.taken if "reminder" in str(mail["Subject"])]
    assert len(reminders) == 4
    assert {str(mail["List-Unsubscribe-Post"]) for mail in reminders} == {"List-Unsubscribe=One-Click"}
    assert ("MessageQueued", "reminder") in await said(told.pool)


async def test_a_move_has_people_reminded_of_the_new_time(told: Post) -> None:
    """And not of the old one; whoever has just read of the move is not reminded of it."""
    await remind_at(told.pool, FAR - WEEK)
    await told.settled(*["sent"] * 4)
    await tell(told.pool, moved(FAR + 2 * WEEK))
    await told.settled(*["sent"] * 6)
    await told.pool.execute("UPDATE deliveries SET taken_at = $1 WHERE kind = 'change'", FAR + WEEK - HOUR)
    await remind_at(told.pool, FAR + WEEK)
    assert [one for one, _ in await kinds(told.pool)] == [7, 7]

    await long_ago(told.pool)
    for at in (FAR - WEEK / 7, FAR + WEEK):
        await remind_at(told.pool, at)

    assert [one for one, _ in await kinds(told.pool)] == [7, 7, 7, 7]


@pytest.mark.parametrize("fact", [cancelled(), held(), uninvited(AMINA)])
async def test_nobody_is_reminded_of_what_does_not_concern_them(told: Post, fact: Event) -> None:
    """A meeting that is cancelled or was held, or to which they are no longer invited."""
    await tell(told.pool, uninvited(BEN), fact)
    await long_ago(told.pool)
    await remind_at(told.pool, FAR - WEEK)

    assert await kinds(told.pool) == []


async def test_whoever_unsubscribes_is_not_reminded(told: Post) -> None:
    """Neither of what is to be queued nor of what was queued a moment ago."""
    for task in told.tasks:
        task.cancel()
    assert await change(told.pool, AMINA, reminders=False)
    await remind_at(told.pool, FAR - WEEK)
    assert await kinds(told.pool) == [(7, "queued")]
    assert await change(told.pool, BEN, reminders=False)
    told.send()

    await told.settled("sent", "sent", "unsubscribed")


async def test_somebody_invited_today_is_not_reminded(post: Post) -> None:
    """They have just read of it."""
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("sent")
    await post.pool.execute("UPDATE deliveries SET taken_at = $1", FAR - WEEK - 23 * HOUR)
    await remind_at(post.pool, FAR - WEEK)

    assert await kinds(post.pool) == []


async def test_a_reminder_that_would_be_late_is_given_up(told: Post) -> None:
    """The mail server was away all day."""
    for task in told.tasks:
        task.cancel()
    await remind_at(told.pool, FAR - WEEK)
    await told.pool.execute("UPDATE deliveries SET due_by = '2020-01-01' WHERE kind = 'reminder'")
    told.send()

    await told.settled("sent", "sent", "expired", "expired")


async def test_a_reminder_in_doubt_stays_unknown(told: Post, mail_server: MailServer) -> None:
    """The connection broke behind DATA: perhaps they have it, and twice would be worse than not at all."""
    await tell(told.pool, uninvited(BEN))
    await told.settled(*["sent"] * 3)
    mail_server.script.append("drop")
    await remind_at(told.pool, FAR - WEEK)

    await told.settled("sent", "sent", "sent", "unknown")

    async def is_over() -> bool:
        return len(mail_server.seen) == 4

    await until(is_over)
