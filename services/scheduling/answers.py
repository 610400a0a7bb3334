"""The table: which request is decided on what, by which rule; a meeting is decided before its register.

And what an operator asks: to withhold words that name somebody who was erased.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import reduce
from typing import Protocol, TypeVar, get_args

from mathshubs.answering import Answer, Answers
from mathshubs.clock import london_day
from mathshubs.events import Event, Refusal
from mathshubs.events.enrolment.people import PersonErased, PersonMerged
from mathshubs.events.enrolment.specialists import LeadStanding
from mathshubs.ids import References
from mathshubs.postgres import Pool
from scheduling.calendars.domain import (
    RecordCalendar,
    record_calendar,
)
from scheduling.calendars.store import hold as hold_calendars
from scheduling.holding import State, hold
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
from scheduling.meetings.store import hold_standings, withhold
from scheduling.people.domain import Aliases, forget_person, meant
from scheduling.people.store import holding as holding_people
from scheduling.people.store import redact
from scheduling.registers.domain import (
    Gathering,
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


def on_plan(rule: Callable[[Plan, A, date], list[Event]]) -> Callable[[State, A, date], list[Event]]:
    """Decide on the plan alone; no register is touched."""
    return lambda state, ask, today: rule(state.plan, ask, today)


def hold_meeting(state: State, ask: HoldMeeting, today: date) -> list[Event]:
    """Record the meeting, then its register; what is refused of the one is not recorded of the other."""
    ask = _meant(state, ask)
    said = meetings.hold_meeting(state.plan, ask, today)
    if any(isinstance(fact, Refusal) for fact in said):
        return said
    plan = reduce(meetings.evolve, said, state.plan)
    sitting = _sitting(plan, plan.meetings[ask.meeting_id], state.aliases)
    return said + keep_register(sitting, state.registers.get(ask.meeting_id), ask.marks)


def correct_attendance(state: State, ask: CorrectAttendance, today: date) -> list[Event]:
    """Put a register right, of a meeting that was held; an advocate who was in two at once is flagged."""
    if said := meetings.correct_attendance(state.plan, ask, today):
        return said
    sitting = _sitting(state.plan, state.plan.meetings[ask.meeting_id], state.aliases)
    register = state.registers[ask.meeting_id]
    ask = replace(ask, person_id=meant(state.aliases, ask.person_id, sitting.expected, register))
    recorded = put_right(sitting, register, ask.person_id, ask.status, ask.reason)
    clash = meetings.clash_of(state.plan, ask)
    return [fact.model_copy(update={"flags": fact.flags + clash}) for fact in recorded]


def follow_work_group(state: State, fact: OfGroup, today: date) -> list[Event]:
    """Invite those who belong to what is ahead, and account for who was expected on the registers of what was held."""
    return meetings.follow_work_group(state.plan, fact, today) + account(state, fact, today)


def account(state: State, _fact: OfGroup | PersonMerged, _today: date) -> list[Event]:
    """Account for who was expected on the registers of what was held."""
    return [
        said
        for meeting in state.plan.meetings.values()
        for said in expect_advocates(_sitting(state.plan, meeting, state.aliases), state.registers.get(meeting.id))
    ]


def merge_records(states: Sequence[State], fact: PersonMerged, today: date) -> list[Event]:
    """Have what one record of somebody was marked with count for the other, where the slot was passed on to it."""
    return [said for state in states for said in noticing(account)(state, fact, today)]


def _meant(state: State, ask: HoldMeeting) -> HoldMeeting:
    """Return the report with each person under the record by which the Work Group knows them on the meeting's day."""
    if not state.aliases:
        return ask
    group, day, known = state.plan.group, london_day(ask.starts_at), state.plan.meetings.get(ask.meeting_id)
    holders = [slot.person_id for slot in group.slots_on(day)]
    register = state.registers.get(ask.meeting_id, {})
    leads = [one for one in (known.led_by_id if known else None, group.lead_on(day)) if one]
    return replace(
        ask,
        marks={meant(state.aliases, person, holders, register): mark for person, mark in ask.marks.items()},
        led_by_id=meant(state.aliases, ask.led_by_id, leads) if ask.led_by_id else None,
    )


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


def _sitting(plan: Plan, meeting: Meeting, aliases: Aliases) -> Sitting:
    group = plan.group
    return Sitting(
        meeting_id=meeting.id,
        work_group_id=group.id,
        hub=group.hub,
        school_year=group.school_year,
        starts_at=meeting.starts_at,
        expected=meetings.expected(group, meeting),
        led_by=meetings.lead(group, meeting),
        same=aliases,
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
            PersonMerged: Answer(holds=hold, by=merge_records),
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
