"""However a history arrives, scheduling ends in the same place."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from mathshubs import clock
from mathshubs.hearing import Heard, NotHeardOf
from mathshubs.postgres import Pool
from scheduling.answers import answers
from scheduling.holding import Held
from scheduling.meetings.domain import Plan, expected
from scheduling.meetings.store import Plans
from scheduling.registers.store import Registers
from scheduling_histories import Arrival, History, arrivals, histories
from scheduling_wire import FACTS, MOORSIDE, NAMES, REPORTS, RIVER_VALE, Report, Wire, work_group

Ending = Mapping[str, frozenset[tuple[Any, ...]]]
ANSWERS = answers(NAMES)
POLICIES = {("secondary-teaching-for-mastery", "2014/15"): 2}
NOWHERE = Pool.__new__(Pool)
"""A wire that only spells records needs no database."""


@dataclass
class Rules:
    """The rules alone, on one state in memory, with the parking that the inbox does for them."""

    held: Held = field(default_factory=lambda: Held(Plans({}, {}, {}), Registers({}, {}, POLICIES)))
    heard: set[tuple[str, str]] = field(default_factory=set)
    parked: dict[str, list[Heard]] = field(default_factory=dict)
    awaited: dict[str, str] = field(default_factory=dict)

    def hear(self, wire: Wire, arrived: Iterable[Arrival]) -> None:
        """Take up what arrives, once each, and let go on what was waiting for it."""
        for arrival in arrived:
            record = wire.record(arrival.said, f"event-{arrival.place}")
            read = (REPORTS if isinstance(arrival.said, Report) else FACTS).reader.read(record)
            assert isinstance(read, Heard)
            if (read.hub, read.event.id) not in self.heard:
                self.heard.add((read.hub, read.event.id))
                self._take(read)
                self._look_again()

    def _take(self, read: Heard) -> None:
        if read.key in self.parked and (read.makes is None or read.makes != self.awaited[read.key]):
            self.parked[read.key].append(read)
        elif missing := self._decide(read):
            self.parked[read.key], self.awaited[read.key] = [read], missing

    def _decide(self, read: Heard) -> str | None:
        try:
            state = self.held.state(read.request)
        except NotHeardOf as missing:
            return missing.waits_for
        rule = ANSWERS._table[type(read.request)].by
        for fact in rule(state, read.request, clock.today()):
            self.held.evolve(fact)
        return None

    def _look_again(self) -> None:
        for key in list(self.parked):
            while self.parked[key] and self._decide(self.parked[key][0]) is None:
                self.parked[key].pop(0)
            if not self.parked[key]:
                del self.parked[key]

    def plans(self, history: History) -> list[Plan]:
        """Return the plans of this history's two Work Groups."""
        return [self.held.plans.plan(work_group(f"WG-{history.tag}", hub)) for hub in (RIVER_VALE, MOORSIDE)]

    def unaccounted(self, history: History) -> Iterator[tuple[UUID, frozenset[UUID]]]:
        """Yield each meeting that was held, with the advocates who held a slot and are not so on its register."""
        for plan in self.plans(history):
            for meeting in (meeting for meeting in plan.meetings.values() if meeting.held):
                register = self.held.registers.current[meeting.id]
                yield meeting.id, expected(plan.group, meeting) ^ {who for who, row in register.items() if row.expected}

    def ending(self, history: History) -> Ending:
        """Return where this history has ended."""
        plans = self.plans(history)
        meetings = [meeting for plan in plans for meeting in plan.meetings.values()]
        return {
            "meetings": frozenset(
                (m.id, m.starts_at, m.ends_at, m.place, m.held, m.cancelled, m.attended) for m in meetings
            ),
            "invited": frozenset((m.id, *one) for m in meetings if not m.held for one in m.invited.items()),
            "registers": frozenset(
                (meeting, who, row.status, row.expected)
                for meeting, register in self.held.registers.current.items()
                for who, row in register.items()
                if row.expected or row.status != "absent"
            ),
            "absences": frozenset(
                (plan.group.id, *whose) for plan in plans for whose in self.held.registers.runs(plan.group.id)
            ),
            "commitments": frozenset(
                (one.meeting_id, one.person_id, one.starts_at)
                for calendar in plans[0].calendars.values()
                for one in calendar.values()
            ),
        }


@settings(max_examples=150, deadline=None)
@given(some.data())
def test_the_rules_end_in_the_same_place_in_any_order(data: some.DataObject) -> None:
    """Reports in order for each meeting, facts in order for each Work Group, anything twice, otherwise anyhow."""
    history = data.draw(histories())
    as_it_happened, as_it_arrived = Rules(), Rules()
    wire = Wire(NOWHERE)

    as_it_happened.hear(wire, [Arrival(place, said, True) for place, said in enumerate(history.in_order())])
    as_it_arrived.hear(wire, data.draw(arrivals(history)))

    assert as_it_arrived.parked == {}
    assert as_it_arrived.ending(history) == as_it_happened.ending(history)
    meetings = [meeting for plan in as_it_arrived.plans(history) for meeting in plan.meetings.values()]
    assert not [meeting for meeting in meetings if meeting.held and meeting.cancelled]
    assert {meeting.id for meeting in meetings if meeting.held} == as_it_arrived.held.registers.current.keys()
    for meeting, unaccounted in as_it_arrived.unaccounted(history):
        assert not unaccounted, meeting


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database."""
    return Wire(await pool_of("scheduling"))


ENDINGS = {
    "meetings": """
        SELECT id, starts_at, ends_at, place, held, cancelled, attended FROM meetings
         WHERE work_group_id = ANY($1::uuid[])
    """,
    "invited": """
        SELECT meeting_id, person_id, role FROM invitations JOIN meetings ON meetings.id = meeting_id
         WHERE work_group_id = ANY($1::uuid[]) AND NOT held
    """,
    "registers": """
        SELECT meeting_id, person_id, status, expected FROM attendance JOIN meetings ON meetings.id = meeting_id
         WHERE work_group_id = ANY($1::uuid[]) AND superseded_at IS NULL AND (expected OR status <> 'absent')
    """,
    "absences": """
        SELECT work_group_id, school_urn, person_id FROM absence_runs WHERE work_group_id = ANY($1::uuid[])
    """,
    "commitments": """
        SELECT meeting_id, person_id, lower(during) FROM commitments JOIN meetings ON meetings.id = meeting_id
         WHERE work_group_id = ANY($1::uuid[])
    """,
}
SAID = """
    SELECT count(*)
      FROM (SELECT DISTINCT ON (data ->> 'meeting_id', data ->> 'person_id') data
              FROM journal
             WHERE type = 'uk.mathshubs.scheduling.AttendanceRecorded.v1'
             ORDER BY data ->> 'meeting_id', data ->> 'person_id', seq DESC) AS last
      FULL JOIN (SELECT * FROM attendance WHERE superseded_at IS NULL) AS kept
        ON kept.meeting_id::text = last.data ->> 'meeting_id' AND kept.person_id::text = last.data ->> 'person_id'
     WHERE (last.data ->> 'status', (last.data ->> 'revision')::int, (last.data ->> 'expected')::boolean)
           IS DISTINCT FROM (kept.status, kept.revision, kept.expected)
"""


async def ending(wire: Wire, history: History) -> Ending:
    """Return where this history has ended, in the tables."""
    groups = [work_group(f"WG-{history.tag}", hub) for hub in (RIVER_VALE, MOORSIDE)]
    return {
        name: frozenset(tuple(frozenset(c) if isinstance(c, list) else c for c in row) for row in rows)
        for name, statement in ENDINGS.items()
        for rows in [await wire.rows(statement, groups)]
    }


async def arrive(wire: Wire, history: History, arrived: Sequence[Arrival]) -> None:
    """Bring these, batch by batch as one consumer hears them, and let go on what is parked."""
    batch: list[Arrival] = []
    for arrival in arrived:
        if batch and (isinstance(arrival.said, Report) != isinstance(batch[0].said, Report) or batch[-1].looks):
            await wire.takes([wire.record(one.said, f"{history.tag}-{one.place}") for one in batch])
            batch = []
        batch.append(arrival)
        if arrival.looks:
            await wire.lets_go_on()
    await wire.takes([wire.record(one.said, f"{history.tag}-{one.place}") for one in batch])
    await wire.lets_go_on()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
async def test_the_tables_end_in_the_same_place_in_any_order(wire: Wire, data: some.DataObject) -> None:
    """The same on a real Postgres, batch by batch, with real parking; and the facts said are the rows kept."""
    history = data.draw(histories())
    happened = Rules()
    happened.hear(Wire(NOWHERE), [Arrival(place, said, True) for place, said in enumerate(history.in_order())])

    await arrive(wire, history, data.draw(arrivals(history)))

    assert await ending(wire, history) == happened.ending(history)
    assert await wire.rows("SELECT (SELECT count(*) FROM parked), (SELECT count(*) FROM dead_letters)") == [(0, 0)]
    assert await wire.rows(SAID) == [(0,)]
