"""One Work Group's meetings: what scheduling must know to decide, and how that changes by facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from mathshubs.clock import london_day
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import WorkGroupFormed
from mathshubs.events.scheduling.meetings import (
    Cancelled,
    HalfTerm,
    MeetingCancelled,
    MeetingHeld,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.spoken import MeetingId, Mode, PersonId, Urn
from scheduling.meetings.domain.days import NO_DATES, Days, Standings
from scheduling.meetings.domain.groups import OfGroup, WorkGroup, formed, told
from scheduling.meetings.domain.requests import ScheduleMeeting

Part = Literal["advocate", "lead"]
OfMeeting = (
    MeetingScheduled
    | MeetingRescheduled
    | MeetingCancelled
    | MeetingHeld
    | PersonInvited
    | PersonUninvited
    | AttendanceRecorded
)
"""The facts that change a plan."""
CAME = frozenset({"present", "late", "partial"})
"""The statuses of somebody who was there, for however long."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a Work Group, ahead, cancelled or held; from `starts_at` up to, not including, `ends_at`."""

    id: MeetingId
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    place: str | None = None
    extra: bool = False
    held: bool = False
    cancelled: Cancelled | None = None
    """Why it does not take place; None where it does, or where it did after all."""
    half_term: HalfTerm | None = None
    """The half-term that it counts for, as it was worked out when its time was reported."""
    second: bool = False
    """Another meeting stood in its half-term when it came there, and it was flagged."""
    led_by_id: PersonId | None = None
    guests: int | None = None
    attended: frozenset[PersonId] = frozenset()
    invited: Mapping[PersonId, Part] = field(default_factory=dict)
    join_url: str | None = field(default=None, repr=False)
    """How to join online: a secret, which no fact carries."""

    @property
    def is_ahead(self) -> bool:
        """Say whether people are to come to it: it was neither held nor cancelled."""
        return not self.held and self.cancelled is None


@dataclass(frozen=True, slots=True)
class Commitment:
    """A lead or an advocate is in a meeting at this time; `clashes` if they were in another one already."""

    person_id: PersonId
    meeting_id: MeetingId
    starts_at: datetime
    ends_at: datetime
    clashes: bool = False


Calendars = Mapping[PersonId, Mapping[MeetingId, Commitment]]
"""What each person is committed to, by meeting."""


def calendars(commitments: Iterable[Commitment]) -> Calendars:
    """Return the calendars that these commitments make."""
    found: dict[PersonId, dict[MeetingId, Commitment]] = {}
    for one in commitments:
        found.setdefault(one.person_id, {})[one.meeting_id] = one
    return found


@dataclass(frozen=True, slots=True)
class Plan:
    """What scheduling must know about one Work Group in order to decide."""

    group: WorkGroup
    meetings: Mapping[MeetingId, Meeting] = field(default_factory=dict)
    elsewhere: frozenset[MeetingId] = frozenset()
    """The meeting that was named, if it is another Work Group's."""
    calendars: Calendars = field(default_factory=dict)
    """Those of the group's people at the times in question, in its own meetings and in others."""
    standings: Standings = field(default_factory=dict)
    days: Days = NO_DATES


def expected(group: WorkGroup, meeting: Meeting) -> frozenset[PersonId]:
    """Return the advocates who hold a slot on the day of the meeting, in London."""
    return frozenset(slot.person_id for slot in group.slots_on(london_day(meeting.starts_at)))


def advocates(group: WorkGroup, meeting: Meeting) -> frozenset[tuple[Urn, PersonId]]:
    """Return the same with the school of each, as far as it is known."""
    slots = group.slots_on(london_day(meeting.starts_at))
    return frozenset((slot.school_urn, slot.person_id) for slot in slots if slot.school_urn)


def lead(group: WorkGroup, meeting: Meeting) -> PersonId | None:
    """Return who leads the meeting: who led it, as far as that was reported, else the group's lead on its day."""
    return meeting.led_by_id or group.lead_on(london_day(meeting.starts_at))


def belonging(group: WorkGroup, meeting: Meeting) -> dict[PersonId, Part]:
    """Return who is to be invited; a lead who holds a slot as well comes as the lead."""
    people: dict[PersonId, Part] = dict.fromkeys(sorted(expected(group, meeting)), "advocate")
    if leader := group.lead_on(london_day(meeting.starts_at)):
        people[leader] = "lead"
    return people


def committed(group: WorkGroup, meeting: Meeting) -> frozenset[PersonId]:
    """Return who is in the meeting: everybody it is for while it is ahead, once held who came, cancelled nobody."""
    if meeting.cancelled:
        return frozenset()
    advocates = expected(group, meeting)
    if meeting.held:
        advocates &= meeting.attended
    leader = lead(group, meeting)
    return advocates | {leader} if leader else advocates


def busy(plan: Plan, meeting: Meeting, people: Iterable[PersonId]) -> frozenset[PersonId]:
    """Return which of `people` are in another meeting at the time of this one."""
    return frozenset(
        person
        for person in people
        if any(_overlap(meeting, other) for other in plan.calendars.get(person, {}).values())
    )


def _overlap(meeting: Meeting, other: Commitment) -> bool:
    at_once = other.starts_at < meeting.ends_at and meeting.starts_at < other.ends_at
    return at_once and other.meeting_id != meeting.id


def first_heard(fact: WorkGroupFormed) -> Plan:
    """Return the plan of a Work Group that enrolment has just formed."""
    return Plan(formed(fact))


def heard(plan: Plan, fact: OfGroup) -> Plan:
    """Return the plan as it stands once enrolment has said `fact`; whoever is in a meeting no more is free then."""
    after = replace(plan, group=told(plan.group, fact))
    for meeting in plan.meetings.values():
        after = _committed(after, meeting, committed(plan.group, meeting))
    return after


def evolve(plan: Plan, fact: Event) -> Plan:
    """Return the plan as it stands after `fact`, one of our own."""
    match fact:
        case MeetingScheduled():
            return _with(plan, _counted(_planned(plan.meetings.get(fact.meeting_id), fact), fact))
        case MeetingRescheduled():
            moved = replace(plan.meetings[fact.meeting_id], starts_at=fact.starts_at, ends_at=fact.ends_at)
            return _with(plan, _counted(moved, fact))
        case MeetingCancelled(meeting_id=id, reason=reason):
            return _with(plan, replace(plan.meetings[id], cancelled=reason, invited={}))
        case MeetingHeld():
            return _with(plan, _counted(_held(plan.meetings.get(fact.meeting_id), fact), fact))
        case PersonInvited(meeting_id=id, person_id=person, role=part):
            return _inviting(plan, id, {**plan.meetings[id].invited, person: part})
        case PersonUninvited(meeting_id=id, person_id=person):
            others = {other: part for other, part in plan.meetings[id].invited.items() if other != person}
            return _inviting(plan, id, others)
        case AttendanceRecorded(meeting_id=id):
            return _with(plan, _marked(plan.meetings[id], fact))
        case _:
            return plan


def joined_by(plan: Plan, meeting_id: MeetingId, join_url: str) -> Plan:
    """Return the plan with how to join a meeting online, which no fact says."""
    return _replaced(plan, replace(plan.meetings[meeting_id], join_url=join_url))


def timed(known: Meeting | None, said: MeetingScheduled | MeetingHeld | ScheduleMeeting) -> Meeting:
    """Return the meeting, known or new, at the times and in the mode that are said."""
    if known is None:
        return Meeting(said.meeting_id, said.starts_at, said.ends_at, said.mode)
    return replace(known, starts_at=said.starts_at, ends_at=said.ends_at, mode=said.mode)


def _planned(known: Meeting | None, fact: MeetingScheduled) -> Meeting:
    seen = timed(known, fact)
    join_url = seen.join_url if fact.can_be_joined_online else None
    return replace(seen, place=fact.place, extra=fact.extra, join_url=join_url, cancelled=None)


def _held(known: Meeting | None, fact: MeetingHeld) -> Meeting:
    return replace(timed(known, fact), held=True, cancelled=None, led_by_id=fact.led_by_id, guests=fact.guests)


def _counted(meeting: Meeting, fact: MeetingScheduled | MeetingRescheduled | MeetingHeld) -> Meeting:
    return replace(meeting, half_term=fact.half_term, second="second-in-half-term" in fact.flags)


def _marked(meeting: Meeting, fact: AttendanceRecorded) -> Meeting:
    others = meeting.attended - {fact.person_id}
    return replace(meeting, attended=others | {fact.person_id} if fact.status in CAME else others)


def _inviting(plan: Plan, meeting_id: MeetingId, invited: Mapping[PersonId, Part]) -> Plan:
    return _replaced(plan, replace(plan.meetings[meeting_id], invited=invited))


def _with(plan: Plan, meeting: Meeting) -> Plan:
    """Put a meeting, new or changed, in its place, and its people with it."""
    known = plan.meetings.get(meeting.id)
    before = committed(plan.group, known) if known else frozenset()
    return _committed(_replaced(plan, meeting), meeting, before)


def _replaced(plan: Plan, meeting: Meeting) -> Plan:
    return replace(plan, meetings={**plan.meetings, meeting.id: meeting})


def _committed(plan: Plan, meeting: Meeting, before: frozenset[PersonId]) -> Plan:
    """Commit exactly those to a meeting who are in it, `before` being who was; what stood already stays as it was."""
    after = committed(plan.group, meeting)
    made = {person: _commitment(plan, meeting, person) for person in after}
    changed = {person: {**plan.calendars.get(person, {}), meeting.id: one} for person, one in made.items()}
    for person in before - after:
        calendar = plan.calendars.get(person, {})
        changed[person] = {other: one for other, one in calendar.items() if other != meeting.id}
    return replace(plan, calendars={**plan.calendars, **changed})


def _commitment(plan: Plan, meeting: Meeting, person: PersonId) -> Commitment:
    stood = plan.calendars.get(person, {}).get(meeting.id)
    if stood and (stood.starts_at, stood.ends_at) == (meeting.starts_at, meeting.ends_at):
        return stood
    clashes = bool(busy(plan, meeting, [person]))
    return Commitment(person, meeting.id, meeting.starts_at, meeting.ends_at, clashes)
