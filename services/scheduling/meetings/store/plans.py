"""Holds the plans of the Work Groups that a batch names, and keeps what has become of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    WorkGroupFormed,
)
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.scheduling.meetings import MeetingHeld, MeetingReportRefused, MeetingScheduled
from mathshubs.events.spoken import MeetingId, PersonId, WorkGroupId
from mathshubs.hearing import NotHeardOf
from mathshubs.postgres import Db
from scheduling.meetings.domain import (
    Calendars,
    HoldMeeting,
    OfAny,
    OfGroup,
    OfKnown,
    OfMeeting,
    Plan,
    RescheduleMeeting,
    ScheduleMeeting,
    Standings,
    WorkGroup,
    evolve,
    first_heard,
    heard,
    joined_by,
)
from scheduling.meetings.store.groups import keep_groups
from scheduling.meetings.store.keeping import keep_commitments, keep_meetings, keep_refused
from scheduling.meetings.store.loading import Window, groups_of, groups_of_people, load, refused_in

Ask = OfAny | OfGroup | PersonMerged


async def hold(db: Db, asked: Sequence[Ask]) -> "Plans":
    """Hold the Work Groups that `asked` is about until the transaction ends.

    All that concerns one Work Group waits here for its turn, so that a nomination and a meeting see each
    other whichever comes first. Two batches that make the same meeting in two groups meet at its key.
    """
    named = {one.meeting_id for one in asked if isinstance(one, OfAny)}
    known, refused = await groups_of(db, named), await refused_in(db, named)
    groups = {one.work_group_id for one in asked if not isinstance(one, OfKnown | PersonMerged)}
    merged = {person for one in asked if isinstance(one, PersonMerged) for person in (one.person_id, one.into_id)}
    groups |= {*known.values(), *refused.values(), *await groups_of_people(db, merged)}
    await journal.hold(db, [f"work_group:{group}" for group in groups])
    plans, calendars, standings = await load(db, groups, _window(asked))
    return Plans(plans, calendars, refused, standings)


def _window(asked: Sequence[Ask]) -> Window:
    """Return what the batch itself puts in question: its times, and people whom no loaded group has yet."""
    times = [one for one in asked if isinstance(one, ScheduleMeeting | RescheduleMeeting | HoldMeeting)]
    starts = [one.starts_at for one in times] or [asked[0].effective_at]
    ends = [one.ends_at for one in times] or starts
    people = {_newcomer(one) for one in asked} - {None}
    return Window(min(starts), max(ends), frozenset(person for person in people if person))


def _newcomer(one: Ask) -> PersonId | None:
    match one:
        case HoldMeeting(led_by_id=person) | WorkGroupFormed(lead_id=person) | LeadSpecialistAssigned(lead_id=person):
            return person
        case MasteryAdvocateNominated(person_id=person):
            return person
        case _:
            return None


class Plans:
    """The plans that a batch is decided on, as it goes on."""

    def __init__(
        self,
        plans: Mapping[WorkGroupId, Plan],
        calendars: Calendars,
        refused: Mapping[MeetingId, WorkGroupId],
        standings: Standings | None = None,
    ) -> None:
        """Take what was loaded: plans, their people's calendars, where a meeting was refused, and who may lead when."""
        self._standings = standings or {}
        self._refused_before, self._refused = refused, dict(refused)
        self._before, self._calendars_before = plans, calendars
        self._plans, self._calendars = dict(plans), calendars
        self._group_of = {meeting: plan.group.id for plan in plans.values() for meeting in plan.meetings}
        self._asked: Ask | None = None

    def plan(self, group: WorkGroupId) -> Plan:
        """Return the plan of a Work Group as it stands.

        Raises:
            NotHeardOf: if enrolment has not said yet that there is one.
        """
        if group not in self._plans:
            raise NotHeardOf(f"work_group:{group}")
        return replace(self._plans[group], calendars=self._calendars, standings=self._standings)

    @property
    def groups(self) -> list[WorkGroup]:
        """Return the Work Groups that are known."""
        return [plan.group for plan in self._plans.values()]

    @property
    def held_meetings(self) -> list[MeetingId]:
        """Return the meetings that were held."""
        return [meeting.id for plan in self._plans.values() for meeting in plan.meetings.values() if meeting.held]

    def state(self, ask: OfAny | OfGroup) -> Plan:
        """Return what the rule must know; what enrolment has said is taken up first, since it holds already.

        Raises:
            NotHeardOf: if `ask` names a meeting or a Work Group that nobody has reported yet.
        """
        self._asked = ask
        if isinstance(ask, WorkGroupFormed) and ask.work_group_id not in self._plans:
            self._plans[ask.work_group_id] = first_heard(ask)
        plan = self.plan(self._group(ask))
        if isinstance(ask, OfAny):
            return replace(plan, elsewhere=self._elsewhere(ask.meeting_id, plan))
        self._take(heard(plan, ask))
        return self.plan(ask.work_group_id)

    def evolve(self, fact: Event) -> None:
        """Take up a fact of ours about a meeting.

        How to join a meeting and in which group it was refused are no part of any fact, so they are taken from
        the report that was asked last.
        """
        asked = self._asked
        if isinstance(fact, MeetingReportRefused):
            self._refuse(fact.meeting_id)
        if isinstance(fact, MeetingScheduled | MeetingHeld):
            self._group_of[fact.meeting_id] = fact.work_group_id
        if isinstance(fact, OfMeeting):
            plan = evolve(self.plan(self._group_of[fact.meeting_id]), fact)
            if isinstance(fact, MeetingScheduled) and isinstance(asked, ScheduleMeeting) and asked.join_url:
                plan = joined_by(plan, fact.meeting_id, asked.join_url)
            self._take(plan)

    async def keep(self, db: Db) -> None:
        """Write what has changed.

        Raises:
            asyncpg.ExclusionViolationError: if somebody was committed elsewhere at the same moment.
            asyncpg.UniqueViolationError: if a meeting was made in another Work Group at the same moment.
        """
        changed = [plan for plan in self._plans.values() if plan != self._before.get(plan.group.id)]
        await keep_groups(db, [plan.group for plan in changed if not self._knew(plan)])
        await keep_meetings(db, self._before, changed)
        await keep_refused(db, dict(self._refused.items() - self._refused_before.items()))
        await keep_commitments(db, self._calendars_before, self._calendars)

    def _group(self, ask: OfAny | OfGroup) -> WorkGroupId:
        if not isinstance(ask, OfKnown):
            return ask.work_group_id
        group = self._group_of.get(ask.meeting_id) or self._refused.get(ask.meeting_id)
        if group is None:
            raise NotHeardOf(ask.key)
        return group

    def _refuse(self, meeting: MeetingId) -> None:
        if isinstance(self._asked, ScheduleMeeting | HoldMeeting) and meeting not in self._group_of:
            self._refused.setdefault(meeting, self._asked.work_group_id)

    def _elsewhere(self, meeting: MeetingId, plan: Plan) -> frozenset[MeetingId]:
        in_its_group = self._group_of.get(meeting, plan.group.id) == plan.group.id
        return frozenset() if in_its_group else frozenset({meeting})

    def _knew(self, plan: Plan) -> bool:
        before = self._before.get(plan.group.id)
        return before is not None and before.group == plan.group

    def _take(self, plan: Plan) -> None:
        self._calendars = plan.calendars
        self._plans[plan.group.id] = replace(plan, elsewhere=frozenset(), calendars={}, standings={})
