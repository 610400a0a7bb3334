"""Whatever is planned, moved, cancelled and declined as time goes by: calendars are right, and reminders in time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import hypothesis
import pytest_asyncio
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from calendar_story import (
    AMINA,
    BEN,
    MEETING,
    OTHER_MEETING,
    ModelCalendar,
    cancelled,
    invited,
    moved,
    parsed,
    part,
    person,
    scheduled,
    tell,
    uninvited,
)
from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import (
    MeetingCancelled,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.postgres import Db, Pool
from mathshubs.settings import Settings
from notification.deliveries.domain.delivery import Delivery
from notification.deliveries.domain.judging import Post, Verdict, bar, now_told
from notification.deliveries.store import handed, queued
from notification.duties.remind import remind
from notification.duties.send.writing import Writer
from notification.people import store as people
from notification.preferences.store import change
from notification.reminders.domain import hours
from stores import database_url

PEOPLE, MEETINGS = (AMINA, BEN), (MEETING, OTHER_MEETING)
BEGINS = datetime(2099, 2, 20, 9, tzinfo=UTC)
"""No test's clock reaches it, so nothing is over but by the time that this test tells."""
DAYS = [BEGINS + timedelta(days=day, hours=4) for day in (3, 8, 9, 10, 17)]
DAY = timedelta(days=1)
WRITER = Writer.of(Settings(secret="s"))
EMPTY = ("people", "meetings", "invitations", "deliveries", "preferences", "outbox", "journal", "aggregates")
Step = tuple[str, Any]

either, who, at = st.sampled_from(MEETINGS), st.sampled_from(PEOPLE), st.sampled_from(DAYS)
facts = st.one_of(
    st.builds(scheduled, either, at),
    st.builds(moved, at, either),
    st.builds(cancelled, either),
    st.builds(invited, who, either),
    st.builds(uninvited, who, either),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("hear"), st.lists(facts, min_size=1, max_size=3)),
        st.tuples(st.just("wants"), st.tuples(who, st.booleans())),
        st.tuples(st.just("clock"), st.integers(1, 40)),
        st.tuples(st.just("clock"), st.just(24)),
    ),
    max_size=12,
)
Place = tuple[UUID, UUID]
Reminder = tuple[UUID, UUID, datetime, int]


@dataclass
class World:
    """What is so, read the plain way, and what was sent."""

    now: datetime = BEGINS
    starts: dict[UUID, datetime] = field(default_factory=dict)
    off: set[UUID] = field(default_factory=set)
    invited: set[Place] = field(default_factory=set)
    declined: set[UUID] = field(default_factory=set)
    told: dict[Place, tuple[datetime, datetime, str]] = field(default_factory=dict)
    """When each was last told of a meeting, at what time it would be, and by what kind of mail."""
    calendars: dict[UUID, ModelCalendar] = field(default_factory=lambda: {one: ModelCalendar() for one in PEOPLE})
    reminded: list[Reminder] = field(default_factory=list)

    def hear(self, fact: Event) -> None:
        """Take up one fact."""
        match fact:
            case MeetingScheduled():
                self.starts[fact.meeting_id] = fact.starts_at
                self.off.discard(fact.meeting_id)
            case MeetingRescheduled() if fact.meeting_id in self.starts:
                self.starts[fact.meeting_id] = fact.starts_at
            case MeetingCancelled() if fact.meeting_id in self.starts:
                self.off.add(fact.meeting_id)
                self.invited = {place for place in self.invited if place[0] != fact.meeting_id}
            case PersonInvited():
                self.invited.add((fact.meeting_id, fact.person_id))
            case PersonUninvited():
                self.invited.discard((fact.meeting_id, fact.person_id))

    def is_too_late(self, fact: Event) -> bool:
        """Say whether a fact plans a meeting for a time that has passed: nobody is told of that."""
        return isinstance(fact, MeetingScheduled | MeetingRescheduled) and fact.starts_at <= self.now

    def ahead(self, person_id: UUID) -> set[datetime]:
        """Return when the meetings ahead begin to which somebody is invited."""
        theirs = {meeting for meeting, one in self.invited if one == person_id} - self.off
        return {start for meeting, start in self.starts.items() if meeting in theirs and start > self.now}

    def due(self) -> set[Reminder]:
        """Return the reminders that should have gone out at this hour, by now."""
        found = set()
        for meeting, one in self.invited:
            start, told = self.starts.get(meeting), self.told.get((meeting, one))
            if start is None or meeting in self.off or one in self.declined or told is None:
                continue
            told_at, told_start, kind = told
            is_fresh = told_at > self.now - DAY or told_start != start or kind in ("withdrawal", "cancellation")
            for days in (7, 1):
                opens_at, closes_at = hours(start, days)
                if not is_fresh and opens_at <= self.now < closes_at:
                    found.add((meeting, one, start, days))
        return found

    def sent(self, one: Delivery) -> None:
        """Note a mail that went out."""
        if one.days_before is not None:
            self.reminded.append((one.meeting_id, one.person_id, one.starts_at, one.days_before))
            return
        self.told[one.meeting_id, one.person_id] = (self.now, one.starts_at, one.kind)


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Give a database of notification's."""
    return await pool_of("notification")


@pytest_asyncio.fixture
async def by_hand(pool: Pool, postgres: str) -> AsyncIterator[Pool]:
    """Give the same database for somebody who may empty it."""
    name = str(await pool.fetchval("SELECT current_database()"))
    async with asyncpg.create_pool(database_url(postgres, name), min_size=1, max_size=1) as rights:
        yield rights


@hypothesis.settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
async def test_calendars_are_right_and_reminders_in_time(pool: Pool, by_hand: Pool, played: list[Step]) -> None:
    """At each hour, exactly those are reminded who should be, once; each calendar holds what is ahead."""
    await by_hand.execute(";".join(f"DELETE FROM {table}" for table in EMPTY))
    world = World()
    await tell(pool, *map(person, PEOPLE))
    begin: Step = (
        "hear",
        [
            scheduled(MEETING, DAYS[3]),
            scheduled(OTHER_MEETING, DAYS[2]),
            *map(invited, PEOPLE),
            *(invited(one, OTHER_MEETING) for one in PEOPLE),
        ],
    )
    for step in [begin, ("clock", 30), *played, ("clock", 24), ("clock", 24)]:
        await _take(pool, world, step)
        await _send_all(pool, world)
        before = set(world.reminded)
        expected = world.due() - before
        async with pool.acquire() as db, db.transaction():
            await remind(db, world.now)
        await _send_all(pool, world)

        assert set(world.reminded) - before == expected
        assert len(world.reminded) == len(set(world.reminded))
        shown = {one: {start for start, _, _ in world.calendars[one].shows if start > world.now} for one in PEOPLE}
        assert shown == {one: world.ahead(one) for one in PEOPLE}


async def _take(pool: Pool, world: World, step: Step) -> None:
    match step:
        case ("hear", [*told]):
            coming = [fact for fact in told if not world.is_too_late(fact)]
            for fact in coming:
                world.hear(fact)
            await tell(pool, *coming)
        case ("wants", (UUID() as one, bool() as wants)):
            (world.declined.discard if wants else world.declined.add)(one)
            await change(pool, one, reminders=wants)
        case ("clock", int() as ahead):
            world.now += timedelta(hours=ahead)


async def _send_all(pool: Pool, world: World) -> None:
    """Do as a sender does, at the world's hour."""
    async with pool.acquire() as db:
        await queued.expire(db, world.now)
        due = "SELECT delivery_id, uid FROM deliveries WHERE status = 'queued' ORDER BY revision NULLS LAST"
        for row in await db.fetch(due):
            await _send(db, world, row["delivery_id"], row["uid"])


async def _send(db: Db, world: World, delivery_id: UUID, uid: str) -> None:
    row = await handed.lock_and_read(db, delivery_id, uid)
    assert row is not None
    known = (await people.load(db, [row["person_id"]]))[row["person_id"]]
    one = handed.in_hand(row, known.name, known.email)
    barred = bar(one, Post(live=False), world.now, by_mailbox=True)
    said = now_told(one)
    async with db.transaction():
        if barred is None and said is not None:
            one = replace(one, delivery=said)
            assert await handed.hand_over(db, one)
            await handed.record(db, said, "250", Verdict("sent", 0, 0), world.now)
            world.sent(said)
            if said.kind != "reminder":
                mail = parsed(WRITER.write(one).content)
                world.calendars[said.person_id].read(part(mail, "text/calendar"))
        else:
            await handed.settle(db, one, barred or "superseded")
    await handed.unlock(db, uid)
