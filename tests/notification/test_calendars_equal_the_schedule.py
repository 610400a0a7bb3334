"""Whatever happens, and however mail arrives, a person's calendar ends as the schedule is."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_story import (
    FAR,
    LENGTH,
    MEETING,
    OTHER_MEETING,
    WEEK,
    ModelCalendar,
    cancelled,
    held,
    in_hand,
    invited,
    moved,
    parsed,
    part,
    person,
    scheduled,
    uninvited,
)
from mathshubs.clock import LONDON
from mathshubs.events import Event
from mathshubs.events.enrolment.people import Person
from mathshubs.events.scheduling.meetings import (
    MeetingCancelled,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.journal import Cause
from mathshubs.settings import Settings
from notification.answers import State
from notification.deliveries.domain.delivery import Delivery
from notification.duties.send.writing import Writer
from notification.invitations.domain.ledger import Ledger
from notification.messages.domain import where

WRITER = Writer.of(Settings(secret="s"))
Told = Sequence[Event | Person]
PLACES = (None, "Elm Park", "Oak Park")
EITHER = st.sampled_from((MEETING, OTHER_MEETING))
happenings = st.lists(
    st.one_of(
        st.builds(invited, meeting=EITHER),
        st.builds(uninvited, meeting=EITHER),
        st.builds(cancelled, EITHER),
        st.builds(
            moved, st.sampled_from([FAR + n * WEEK for n in range(4)]), st.sampled_from((MEETING, OTHER_MEETING))
        ),
        st.builds(scheduled, EITHER, place=st.sampled_from(PLACES)),
        st.builds(person, version=st.integers(1, 9), email=st.sampled_from(("a@elm.example", "b@oak.example"))),
    ),
    max_size=25,
)


@dataclass
class Schedule:
    """What scheduling says, read the plain way: which meetings there are and whether Amina is invited."""

    meetings: dict[object, MeetingScheduled] = field(default_factory=dict)
    invited: set[object] = field(default_factory=set)
    off: set[object] = field(default_factory=set)
    """What does not take place, until it is planned anew."""

    def hear(self, fact: Event | Person) -> None:
        """Take up one fact."""
        match fact:
            case MeetingScheduled():
                self.meetings[fact.meeting_id] = fact
                self.off.discard(fact.meeting_id)
            case MeetingCancelled():
                if fact.meeting_id in self.meetings:
                    self.off.add(fact.meeting_id)
                    self.invited.discard(fact.meeting_id)
            case MeetingRescheduled() if known := self.meetings.get(fact.meeting_id):
                times = {"starts_at": fact.starts_at, "ends_at": fact.ends_at}
                self.meetings[fact.meeting_id] = known.model_copy(update=times)
            case PersonInvited():
                self.invited.add(fact.meeting_id)
            case PersonUninvited():
                self.invited.discard(fact.meeting_id)

    @property
    def shows(self) -> set[tuple[datetime, datetime, str]]:
        """What a calendar should show."""
        theirs = [meeting for key, meeting in self.meetings.items() if key in self.invited - self.off]
        return {(m.starts_at, m.ends_at, where(m.mode, m.place)) for m in theirs}


def deliveries(happened: Told, now: datetime = FAR - 52 * WEEK) -> list[Delivery]:
    """What is sent of these, in the order of sending: the last word of each revision."""
    state = State(Ledger(now), {})
    for one in happened:
        state.hear(one, Cause("service:scheduling"))
    latest = {one.id: one for one in state.deliveries}
    return [one for one in latest.values() if one.status == "queued"]


def calendar_after(sent: list[Delivery], order: list[int]) -> ModelCalendar:
    """The calendar of somebody whose mail arrives in this order, some of it more than once."""
    calendars = [part(parsed(WRITER.write(in_hand(delivery=one)).content), "text/calendar") for one in sent]
    calendar = ModelCalendar()
    for place in order:
        calendar.read(calendars[place])
    return calendar


@settings(max_examples=150, deadline=None)
@given(happened=happenings, data=st.data())
def test_all_mail_in_any_order_gives_the_schedule(happened: Told, data: st.DataObject) -> None:
    """By UID the highest SEQUENCE wins and CANCEL takes out; each mail arrives at least once."""
    happened = [*happened, person(version=10)]
    schedule = Schedule()
    for one in happened:
        schedule.hear(one)
    sent = deliveries(happened)
    copies = data.draw(st.lists(st.sampled_from(range(len(sent))), max_size=8)) if sent else []
    order = data.draw(st.permutations([*range(len(sent)), *copies]))

    assert calendar_after(sent, list(order)).shows == schedule.shows


@settings(max_examples=150, deadline=None)
@given(happened=happenings)
def test_each_revision_is_told_once_and_in_order(happened: Told) -> None:
    """SEQUENCE counts from 0 for each entry and leaves nothing out."""
    told: dict[str, list[int | None]] = {}
    for one in deliveries([*happened, person(version=10)]):
        told.setdefault(one.uid, []).append(one.revision)

    assert all(revisions == list(range(len(revisions))) for revisions in told.values())


@settings(max_examples=50, deadline=None)
@given(happened=happenings)
def test_before_an_address_is_known_nothing_is_sent(happened: Told) -> None:
    """And when it comes, one mail for each entry that the person should have."""
    facts: Told = [one for one in happened if isinstance(one, Event)]
    schedule = Schedule()
    for one in facts:
        schedule.hear(one)

    assert deliveries(facts) == []
    assert len(deliveries([*facts, person()])) == len(schedule.invited & schedule.meetings.keys() - schedule.off)


def test_a_meeting_that_was_held_is_left_as_it_stands() -> None:
    """People keep what they attended in their calendars."""
    happened: Told = [person(), scheduled(), invited(), held(), uninvited()]

    assert calendar_after(deliveries(happened), [0]).shows == {(FAR, FAR + LENGTH, "Elm Park, or online")}


def london(month: int, day: int, hour: int = 14, year: int = 2027) -> datetime:
    """Half past this hour, as London's clocks show it."""
    return datetime(year, month, day, hour, 30, tzinfo=LONDON).astimezone(UTC)


AUTUMN = [
    scheduled(at=london(10, 15, year=2026)),
    invited(),
    person(),
    moved(london(10, 29, year=2026)),
    scheduled(OTHER_MEETING, london(10, 22, year=2026), mode="online", place=None),
    invited(meeting=OTHER_MEETING),
    moved(london(11, 5, year=2026), OTHER_MEETING),
    uninvited(meeting=OTHER_MEETING),
]
SPRING = [
    scheduled(at=london(3, 18)),
    invited(),
    moved(london(3, 28, 9)),
    scheduled(OTHER_MEETING, london(4, 8), mode="face-to-face", place="Chloé's school; room 2, \\ top floor"),
    invited(meeting=OTHER_MEETING),
    person(),
    moved(london(3, 25), OTHER_MEETING),
    moved(london(4, 1), OTHER_MEETING),
    moved(london(3, 27, 9)),
]
NIGHT = [scheduled(at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)), invited(), person()]


@pytest.mark.parametrize("happened", [AUTUMN, SPRING, NIGHT], ids=["autumn", "spring", "the-night-itself"])
def test_a_program_of_another_making_shows_the_schedule(happened: Told) -> None:
    """The library that reads elsewhere here is the one that wrote; Thunderbird and Nextcloud read with ical.js."""
    schedule = Schedule()
    for one in happened:
        schedule.hear(one)
    sent = deliveries(happened, now=datetime(2026, 9, 1, tzinfo=UTC))
    texts = [part(parsed(WRITER.write(in_hand(delivery=one)).content), "text/calendar") for one in sent]

    told = read_elsewhere(texts)

    last = {one["uid"]: one for one in sorted(told, key=lambda one: one["sequence"])}.values()
    shows = {(instant(one["starts"]), instant(one["ends"]), one["place"]) for one in last if one["method"] == "REQUEST"}
    assert shows == schedule.shows
    assert {one["zone"] for one in told} == {"its own"}
    assert [(instant(one["starts"]), instant(one["ends"])) for one in told] == [(d.starts_at, d.ends_at) for d in sent]


def read_elsewhere(texts: Sequence[str]) -> list[dict[str, Any]]:
    """What ical.js makes of these calendars."""
    node = Path(sys.executable).with_name("node")
    script = Path(__file__).with_name("read_calendars.mjs")
    told = subprocess.run([node, script], input=json.dumps(texts), capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def instant(seconds: float) -> datetime:
    """The instant that is so many seconds after 1970 began."""
    return datetime.fromtimestamp(seconds, UTC)
