"""What a hub's facts come to: its Work Groups, who takes part in them, and their meetings, as at one instant."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from mathshubs.events import Event
from mathshubs.events.enrolment.intake import InterestRoutedToHub
from mathshubs.events.enrolment.participation import (
    AdvocateSlotLeftVacant,
    AdvocateSlotVacated,
    CompletionQuestioned,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolCompletedStage,
    SchoolJoinedWorkGroup,
    SchoolWithdrewFromWorkGroup,
    WorkGroupFormed,
    WorkGroupStandingChanged,
)
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.specialists import LeadStanding
from mathshubs.events.notification.deliveries import AddressFailed, AddressReplaced
from mathshubs.events.scheduling.meetings import MeetingCancelled, MeetingHeld, MeetingRescheduled, MeetingScheduled
from mathshubs.events.scheduling.registers import AbsencesRunning
from mathshubs.events.scheduling.visits import SupportVisitCompleted
from mathshubs.events.spoken import SchoolYear, school_year_of

ENDED: Final = ("completed", "disbanded")


@dataclass(frozen=True, slots=True)
class Noted:
    """One fact, and what all that came of the same report shares."""

    fact: Any
    correlation: str | None = None


@dataclass
class Meeting:
    """A meeting as it stands: the last that was said of when it is, and what became of it."""

    planned: Noted
    held: bool = False
    cancelled: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether it is neither held nor cancelled."""
        return not (self.held or self.cancelled)


@dataclass
class Group:
    """A Work Group: who takes part in it, who leads it, and when it meets."""

    formed: Noted
    standing: Noted | None = None
    leads: list[Noted] = field(default_factory=list)
    schools: dict[str, Noted] = field(default_factory=dict)
    advocates: dict[tuple[str, UUID], Noted] = field(default_factory=dict)
    vacancies: dict[tuple[str, int], Noted] = field(default_factory=dict)
    absences: dict[tuple[str, UUID | None], Noted] = field(default_factory=dict)
    questioned: dict[str, Noted] = field(default_factory=dict)
    visits: dict[str, Noted] = field(default_factory=dict)
    meetings: dict[UUID, Meeting] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Return how it stands: `proposed` until something else was said."""
        return self.standing.fact.state if self.standing else "proposed"

    @property
    def has_ended(self) -> bool:
        """Say whether it is completed or disbanded."""
        return self.state in ENDED

    def lead_on(self, day: date) -> UUID | None:
        """Return who leads it on a day; None where nobody does."""
        found: UUID | None = self.formed.fact.lead_id
        for one in sorted(self.leads, key=lambda one: one.fact.effective_on):
            if one.fact.effective_on <= day:
                found = one.fact.lead_id
        return found


@dataclass
class HubRecord:
    """All that tasks are made of."""

    groups: dict[UUID, Group] = field(default_factory=dict)
    interests: dict[UUID, Noted] = field(default_factory=dict)
    joined: dict[str, SchoolYear] = field(default_factory=dict)
    """The latest school year in which each school joined a Work Group, of any hub."""
    deaf: dict[UUID, Noted] = field(default_factory=dict)
    """People whom no mail reaches."""
    standings: dict[UUID, LeadStanding] = field(default_factory=dict)


def record_of(noted: Iterable[Noted], hub: str) -> HubRecord:
    """Return what facts, in the order in which they were recorded, come to for one hub.

    Work Groups come first: what another service said of one may have been recorded in the same instant.
    """
    record = HubRecord()
    for one in sorted(noted, key=lambda one: not isinstance(one.fact, WorkGroupFormed)):
        if take := TAKES.get(type(one.fact)):
            take(record, one, hub)
    return record


def _formed(record: HubRecord, one: Noted, hub: str) -> None:
    if one.fact.hub == hub:
        record.groups.setdefault(one.fact.work_group_id, Group(one))


def _joined(record: HubRecord, one: Noted, _: str) -> None:
    year = one.fact.school_year or school_year_of(one.fact.effective_on)
    for urn in (one.fact.school_urn, one.fact.lineage):
        record.joined[urn] = max(year, record.joined.get(urn, year))
    if group := record.groups.get(one.fact.work_group_id):
        group.schools[one.fact.school_urn] = one


def _withdrew(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        urn = one.fact.school_urn
        group.schools.pop(urn, None)
        group.questioned.pop(urn, None)
        group.visits.pop(urn, None)
        group.advocates = {key: kept for key, kept in group.advocates.items() if key[0] != urn}
        group.vacancies = {key: kept for key, kept in group.vacancies.items() if key[0] != urn}
        group.absences = {key: kept for key, kept in group.absences.items() if key[0] != urn}


def _nominated(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.advocates[one.fact.school_urn, one.fact.person_id] = one
        vacant = sorted(key for key in group.vacancies if key[0] == one.fact.school_urn)
        if vacant:
            del group.vacancies[vacant[0]]


def _vacated(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.advocates.pop((one.fact.school_urn, one.fact.person_id), None)
        group.absences.pop((one.fact.school_urn, one.fact.person_id), None)


def _left_vacant(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.vacancies[one.fact.school_urn, one.fact.slot] = one


def _led(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.leads.append(one)


def _stands(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.standing = one


def _questioned(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.questioned[one.fact.school_urn] = one


def _completed(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.questioned.pop(one.fact.school_urn, None)


def _planned(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        known = group.meetings.setdefault(one.fact.meeting_id, Meeting(one))
        known.planned, known.cancelled = one, False


def _held(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.meetings.setdefault(one.fact.meeting_id, Meeting(one)).held = True


def _cancelled(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.meetings.setdefault(one.fact.meeting_id, Meeting(one)).cancelled = True


def _absent(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        who = (one.fact.school_urn, one.fact.person_id)
        group.absences.pop(who, None)
        if one.fact.meetings:
            group.absences[who] = one


def _visited(record: HubRecord, one: Noted, _: str) -> None:
    if group := record.groups.get(one.fact.work_group_id):
        group.visits[one.fact.school_urn] = one


def _routed(record: HubRecord, one: Noted, hub: str) -> None:
    if one.fact.hub == hub:
        record.interests[one.fact.interest_id] = one
    else:
        record.interests.pop(one.fact.interest_id, None)


def _failed(record: HubRecord, one: Noted, _: str) -> None:
    record.deaf[one.fact.person_id] = one


def _reached(record: HubRecord, one: Noted, _: str) -> None:
    record.deaf.pop(one.fact.person_id, None)


def _may_lead(record: HubRecord, one: Noted, _: str) -> None:
    record.standings[one.fact.person_id] = one.fact


TAKES: Final[Mapping[type[Event], Callable[[HubRecord, Noted, str], None]]] = {
    WorkGroupFormed: _formed,
    SchoolJoinedWorkGroup: _joined,
    SchoolWithdrewFromWorkGroup: _withdrew,
    MasteryAdvocateNominated: _nominated,
    AdvocateSlotVacated: _vacated,
    AdvocateSlotLeftVacant: _left_vacant,
    LeadSpecialistAssigned: _led,
    WorkGroupStandingChanged: _stands,
    CompletionQuestioned: _questioned,
    SchoolCompletedStage: _completed,
    MeetingScheduled: _planned,
    MeetingRescheduled: _planned,
    MeetingHeld: _held,
    MeetingCancelled: _cancelled,
    AbsencesRunning: _absent,
    SupportVisitCompleted: _visited,
    InterestRoutedToHub: _routed,
    AddressFailed: _failed,
    AddressReplaced: _reached,
    PersonErased: _reached,
    LeadStanding: _may_lead,
}
"""What each kind of fact changes; every other kind changes nothing here."""


_SHAPES: Final[Mapping[str, TypeAdapter[Event]]] = {kind.type: TypeAdapter(kind) for kind in TAKES}


def as_fact(kind: str, said: Mapping[str, Any]) -> Event | None:
    """Return a fact of a kind in `TAKES`; None if it does not fit it, which a check of the log reports."""
    try:
        return _SHAPES[kind].validate_python(said)
    except ValidationError:
        return None
