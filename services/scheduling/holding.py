"""What the rules of a Work Group's meetings are decided on, held of all nouns together until the transaction ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import AdvocateSlotVacated, MasteryAdvocateNominated
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.scheduling.calendars import SchoolCalendarRecorded
from mathshubs.events.scheduling.meetings import Closed, HalfTerm
from mathshubs.events.spoken import MeetingId, PersonId, WorkGroupId
from mathshubs.postgres import Db
from scheduling.calendars.domain import Calendar, Membership, closures, evolve, half_term
from scheduling.calendars.store import load as load_calendars
from scheduling.meetings import domain as meetings
from scheduling.meetings.domain import CorrectAttendance, HoldMeeting, Plan
from scheduling.meetings.store import Ask, Plans
from scheduling.meetings.store import hold as hold_plans
from scheduling.people.domain import Aliases
from scheduling.people.store import keep_aliases, load_aliases
from scheduling.registers.domain import Policies, Register, Runs
from scheduling.registers.store import Registers
from scheduling.registers.store import load as load_registers


@dataclass(frozen=True, slots=True)
class State:
    """What the rules of one Work Group are decided on: its plan, and the registers of its meetings."""

    plan: Plan
    registers: Mapping[MeetingId, Register]
    """Those of meetings that were held."""
    runs: Runs = field(default_factory=dict)
    """Whose absences run on, as far as it was said."""
    policies: Policies = field(default_factory=dict)
    aliases: Aliases = field(default_factory=dict)


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
    aliases: dict[PersonId, PersonId] = field(default_factory=dict)
    merged: dict[PersonId, PersonId] = field(default_factory=dict)

    def state(self, ask: Ask) -> State | list[State]:
        """Return what the rule must know: of each Work Group of theirs, where records of somebody were merged.

        Raises:
            NotHeardOf: if `ask` names a meeting or a Work Group that nobody has reported yet.
        """
        if not isinstance(ask, PersonMerged):
            return self._state(self.plans.state(ask))
        self.aliases[ask.person_id] = self.merged[ask.person_id] = ask.into_id
        theirs = [group for group in self.plans.groups if group.people & {ask.person_id, ask.into_id}]
        return [self._state(self.plans.plan(group.id)) for group in theirs]

    def _state(self, plan: Plan) -> State:
        days = self.days.get(plan.group.id, meetings.NO_DATES)
        runs, policies = self.registers.runs(plan.group.id), self.registers.policies
        return State(replace(plan, days=days), self.registers.current, runs, policies, self.aliases)

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
        await keep_aliases(db, self.merged)


async def hold(db: Db, asked: Sequence[Ask]) -> Held:
    """Hold the Work Groups that `asked` is about, with their registers, until the transaction ends.

    Who is named to a slot is held first: a merge of their records and the nomination see each other, whichever comes
    first, and so does a merge and a register, by their Work Group.
    """
    await journal.hold(db, {f"person:{person}" for one in asked for person in _passing(one)})
    plans = await hold_plans(db, asked)
    registers = await load_registers(db, plans.held_meetings, [group.id for group in plans.groups])
    asked_for = [Membership(group.id, group.hub, group.school_year, group.members) for group in plans.groups]
    calendars = await load_calendars(db, asked_for)
    days = {one.work_group_id: DaysOf(one, calendars[one.work_group_id]) for one in asked_for}
    people = {person for one in asked for person in (*_passing(one), *_marked(one))}
    aliases = await load_aliases(db, people.union(*(group.people for group in plans.groups)))
    return Held(plans, registers, days, aliases)


def _passing(ask: Ask) -> tuple[PersonId, ...]:
    """Return whose slot may be passed on by this."""
    match ask:
        case PersonMerged(person_id=duplicate, into_id=stays):
            return duplicate, stays
        case MasteryAdvocateNominated(person_id=person) | AdvocateSlotVacated(person_id=person):
            return (person,)
        case _:
            return ()


def _marked(ask: Ask) -> tuple[PersonId, ...]:
    """Return whom a hub names on a register."""
    match ask:
        case HoldMeeting(marks=marks, led_by_id=leader):
            return (*marks, leader) if leader else tuple(marks)
        case CorrectAttendance(person_id=person):
            return (person,)
        case _:
            return ()
