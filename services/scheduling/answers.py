"""The table: which request is decided on what, by which rule; a meeting is decided before its register.

And what an operator asks: to withhold words that name somebody who was erased.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import reduce
from typing import Protocol, TypeVar, get_args

from mathshubs.answering import Answer, Answers
from mathshubs.events import Event, Refusal
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.specialists import LeadStanding
from mathshubs.events.scheduling.calendars import SchoolCalendarRecorded
from mathshubs.events.scheduling.meetings import Closed, HalfTerm
from mathshubs.events.spoken import MeetingId, WorkGroupId
from mathshubs.ids import References
from mathshubs.postgres import Db, Pool
from scheduling.calendars.domain import (
    Calendar,
    Membership,
    RecordCalendar,
    closures,
    evolve,
    half_term,
    record_calendar,
)
from scheduling.calendars.store import hold as hold_calendars
from scheduling.calendars.store import load as load_calendars
from scheduling.lessons.domain import HoldLesson, hold_lesson
from scheduling.lessons.store import hold as hold_lessons
from scheduling.meetings import domain as meetings
from scheduling.meetings.domain import (
    CancelMeeting,
    CorrectAttendance,
    HoldMeeting,
    Meeting,
    OfGroup,
    Plan,
    RescheduleMeeting,
    ScheduleMeeting,
)
from scheduling.meetings.store import Ask, Plans, hold_standings, withhold
from scheduling.meetings.store import hold as hold_plans
from scheduling.people.domain import forget_person
from scheduling.people.store import holding as holding_people
from scheduling.people.store import redact
from scheduling.registers.domain import (
    Gathering,
    Policies,
    Register,
    Runs,
    Said,
    Sitting,
    borne,
    expect_advocates,
    keep_register,
    noticed,
    put_right,
    running,
)
from scheduling.registers.store import Registers
from scheduling.registers.store import load as load_registers
from scheduling.visits.domain import CompleteVisit, OfSchool, complete_visit, note_school
from scheduling.visits.store import hold as hold_visits
from scheduling.visits.store import hold_schools
from scheduling.visits.store import redact as redact_notes

A = TypeVar("A")
T = TypeVar("T", bound="Timed")


class Timed(Protocol):
    """A request that was true from an instant on."""

    @property
    def effective_at(self) -> datetime:
        """Return since when."""


@dataclass(frozen=True, slots=True)
class State:
    """What the rules of one Work Group are decided on: its plan, and the registers of its meetings."""

    plan: Plan
    registers: Mapping[MeetingId, Register]
    """Those of meetings that were held."""
    runs: Runs = field(default_factory=dict)
    """Whose absences run on, as far as it was said."""
    policies: Policies = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DaysOf:
    """The days of one Work Group, as its meetings are judged by them."""

    schools: Membership
    calendar: Calendar

    def half_term(self, day: date) -> HalfTerm | None:
        """Return the half-term that `day` counts for."""
        return half_term(day, self.calendar)

    def closed(self, day: date) -> tuple[Closed, ...]:
        """Return why `day` is none on which to meet, and whose closure it is."""
        return closures(day, self.schools.members, self.calendar)


@dataclass(frozen=True, slots=True)
class Held:
    """The plans and registers of a batch, held until the transaction ends."""

    plans: Plans
    registers: Registers
    days: dict[WorkGroupId, DaysOf] = field(default_factory=dict)

    def state(self, ask: Ask) -> State:
        """Return what the rule must know.

        Raises:
            NotHeardOf: if `ask` names a meeting or a Work Group that nobody has reported yet.
        """
        plan = self.plans.state(ask)
        days = self.days.get(plan.group.id, meetings.NO_DATES)
        runs, policies = self.registers.runs(plan.group.id), self.registers.policies
        return State(replace(plan, days=days), self.registers.current, runs, policies)

    def evolve(self, fact: Event) -> None:
        """Take up `fact`, be it of these or of a calendar that they are judged by."""
        self.plans.evolve(fact)
        self.registers.evolve(fact)
        if isinstance(fact, SchoolCalendarRecorded):
            for group, days in self.days.items():
                self.days[group] = replace(days, calendar=evolve(days.calendar, fact))

    async def keep(self, db: Db) -> None:
        """Write what has changed."""
        await self.plans.keep(db)
        await self.registers.keep(db)


async def hold(db: Db, asked: Sequence[Ask]) -> Held:
    """Hold the Work Groups that `asked` is about, with their registers, until the transaction ends."""
    plans = await hold_plans(db, asked)
    registers = await load_registers(db, plans.held_meetings, [group.id for group in plans.groups])
    asked_for = [Membership(group.id, group.hub, group.school_year, group.members) for group in plans.groups]
    calendars = await load_calendars(db, asked_for)
    return Held(plans, registers, {one.work_group_id: DaysOf(one, calendars[one.work_group_id]) for one in asked_for})


def on_plan(rule: Callable[[Plan, A, date], list[Event]]) -> Callable[[State, A, date], list[Event]]:
    """Decide on the plan alone; no register is touched."""
    return lambda state, ask, today: rule(state.plan, ask, today)


def hold_meeting(state: State, ask: HoldMeeting, today: date) -> list[Event]:
    """Record the meeting, then its register; what is refused of the one is not recorded of the other."""
    said = meetings.hold_meeting(state.plan, ask, today)
    if any(isinstance(fact, Refusal) for fact in said):
        return said
    plan = reduce(meetings.evolve, said, state.plan)
    sitting = _sitting(plan, plan.meetings[ask.meeting_id])
    return said + keep_register(sitting, state.registers.get(ask.meeting_id), ask.marks)


def correct_attendance(state: State, ask: CorrectAttendance, today: date) -> list[Event]:
    """Put a register right, of a meeting that was held; an advocate who was in two at once is flagged."""
    if said := meetings.correct_attendance(state.plan, ask, today):
        return said
    sitting = _sitting(state.plan, state.plan.meetings[ask.meeting_id])
    recorded = put_right(sitting, state.registers[ask.meeting_id], ask.person_id, ask.status, ask.reason)
    clash = meetings.clash_of(state.plan, ask)
    return [fact.model_copy(update={"flags": fact.flags + clash}) for fact in recorded]


def follow_work_group(state: State, fact: OfGroup, today: date) -> list[Event]:
    """Invite those who belong to what is ahead, and account for who was expected on the registers of what was held."""
    said = meetings.follow_work_group(state.plan, fact, today)
    for meeting in state.plan.meetings.values():
        said += expect_advocates(_sitting(state.plan, meeting), state.registers.get(meeting.id))
    return said


def noticing(rule: Callable[[State, T, date], list[Event]]) -> Callable[[State, T, date], list[Event]]:
    """Decide, and say whose absences run on, or no more, with what was decided."""

    def decide(state: State, ask: T, today: date) -> list[Event]:
        said = rule(state, ask, today)
        if any(isinstance(fact, Refusal) for fact in said):
            return said
        plan = reduce(meetings.evolve, said, state.plan)
        group = plan.group
        about = Said(
            effective_at=ask.effective_at, hub=group.hub, school_year=group.school_year, work_group_id=group.id
        )
        bears = borne(state.policies, group.programme, group.school_year)
        return [*said, *noticed(state.runs, _absences(plan, today), bears, about)]

    return decide


def _absences(plan: Plan, today: date) -> Runs:
    """Return whose absences run on of those who still hold their slot, and of schools that have not left."""
    group = plan.group
    held = [
        Gathering(meeting.starts_at, meetings.advocates(group, meeting), meeting.attended)
        for meeting in plan.meetings.values()
        if meeting.held
    ]
    return {
        (school, person): run
        for (school, person), run in running(held).items()
        if group.still_has(school, person, today)
    }


def _sitting(plan: Plan, meeting: Meeting) -> Sitting:
    group = plan.group
    return Sitting(
        meeting_id=meeting.id,
        work_group_id=group.id,
        hub=group.hub,
        school_year=group.school_year,
        starts_at=meeting.starts_at,
        expected=meetings.expected(group, meeting),
        led_by=meetings.lead(group, meeting),
    )


def answers(references: References) -> Answers:
    """Return the table; `references` say whom a hub's words refer to."""
    return Answers(
        "scheduling",
        {
            **{fact: Answer(holds=hold, by=noticing(follow_work_group)) for fact in get_args(OfGroup)},
            ScheduleMeeting: Answer(holds=hold, by=on_plan(meetings.schedule_meeting)),
            RescheduleMeeting: Answer(holds=hold, by=on_plan(meetings.reschedule_meeting)),
            CancelMeeting: Answer(holds=hold, by=on_plan(meetings.cancel_meeting)),
            HoldMeeting: Answer(holds=hold, by=noticing(hold_meeting)),
            CorrectAttendance: Answer(holds=hold, by=noticing(correct_attendance)),
            LeadStanding: Answer(holds=hold_standings, by=meetings.note_standing),
            RecordCalendar: Answer(holds=hold_calendars, by=record_calendar),
            CompleteVisit: Answer(holds=hold_visits, by=complete_visit),
            HoldLesson: Answer(holds=hold_lessons, by=hold_lesson),
            **{fact: Answer(holds=hold_schools, by=note_school) for fact in get_args(OfSchool)},
            PersonErased: Answer(holds=holding_people(references), by=forget_person),
        },
    )


async def scrub(pool: Pool, words: Collection[str]) -> dict[str, int]:
    """Take words that name somebody erased, and nobody else, out of what hubs wrote here for few to read.

    Return how many links to meetings are withheld, how many visits lost a word in their notes and how many records
    did, by store. No fact carries
    words, so scheduling learns of them from the operator alone.
    """
    if not words:
        return {"links": 0, "visits": 0, "parked": 0, "dead_letters": 0}
    async with pool.acquire() as db:
        async with db.transaction():
            records = await redact(db, words) | {"visits": await redact_notes(db, words)}
        async with db.transaction():  # a meeting's turn is taken before its records are, so not both at once
            return {"links": await withhold(db, words), **records}
