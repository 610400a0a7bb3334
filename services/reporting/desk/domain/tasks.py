"""What a hub has to do, and since when: each task appears with what calls for it, and goes with what settles it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from mathshubs.clock import london_day
from mathshubs.events.enrolment.specialists import LeadStanding
from mathshubs.events.spoken import school_year_of
from mathshubs.web.words import counted, day, number, when
from reporting.desk.domain import Names, timeline_of
from reporting.desk.domain.meetings import closed_days
from reporting.desk.domain.record import Group, HubRecord, Meeting, Noted


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: what it is about, what to do about it, since when, and where what called for it is told."""

    code: str
    said: str
    todo: str
    since: date
    work_group_id: UUID | None = None
    school_urn: str | None = None
    timeline: str = ""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every rule is given."""

    record: HubRecord
    names: Names
    now: datetime
    hub: str
    register_days: int

    @property
    def today(self) -> date:
        return london_day(self.now)

    def task(
        self,
        code: str,
        said: str,
        todo: str,
        since: date,
        by: Noted,
        *,
        group: UUID | None = None,
        urn: str | None = None,
    ) -> Task:
        text = said[0].upper() + said[1:]
        return Task(code, text, todo, since, group, urn, timeline_of(by.correlation, self.hub))

    def groups(self) -> Iterator[tuple[UUID, Group, str]]:
        """Give the Work Groups of this school year, or of one to come, that have not ended, with their names."""
        year = school_year_of(self.today)
        for group_id, group in self.record.groups.items():
            if group.formed.fact.school_year >= year and not group.has_ended:
                yield group_id, group, group.formed.fact.name


Rule = Callable[[_Desk], Iterable[Task]]


def tasks(record: HubRecord, names: Names, now: datetime, hub: str, register_days: int) -> list[Task]:
    """Return what a hub has to do at an instant, what has waited longest first.

    Args:
        register_days: after so many days a register that did not come is a task, by policy.
    """
    desk = _Desk(record, names, now, hub, register_days)
    return sorted((task for rule in RULES for task in rule(desk)), key=lambda task: (task.since, task.code, task.said))


def _vacancies(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        for (urn, _), one in group.vacancies.items():
            school = desk.names.school(urn)
            said = f"{school} has one advocate too few in {name}"
            todo = f"Ask {school} to name another advocate, then report who it is."
            yield desk.task("slot-vacant", said, todo, one.fact.vacant_since, one, group=group_id, urn=urn)


def _at_risk(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        if group.standing and group.standing.fact.at_risk:
            one = group.standing
            said = f"{name} is at risk: it has {counted(one.fact.schools, 'active school')}"
            todo = "Find another school for it, or move its schools to another Work Group."
            yield desk.task("group-at-risk", said, todo, one.fact.effective_on, one, group=group_id)


def _without_lead(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        if group.lead_on(desk.today) is None:
            since = london_day(group.formed.fact.effective_at)
            todo = "Assign a specialist who may lead, then report it."
            yield desk.task("group-without-lead", f"{name} has no lead", todo, since, group.formed, group=group_id)


def _interests(desk: _Desk) -> Iterator[Task]:
    for one in desk.record.interests.values():
        urn, asked_on = one.fact.school_urn, london_day(one.fact.effective_at)
        if desk.record.joined.get(urn, "") < school_year_of(asked_on):
            said = f"{desk.names.school(urn)} would like to take part and is in no Work Group"
            todo = "Answer the school, and report that it joined once it has."
            yield desk.task("interest-unanswered", said, todo, asked_on, one, urn=urn)


def _registers(desk: _Desk) -> Iterator[Task]:
    for group_id, name, meeting in _open_meetings(desk):
        fact = meeting.planned.fact
        if fact.ends_at + timedelta(days=desk.register_days) < desk.now:
            said = f"the register of {name}'s meeting of {day(fact.starts_at)} has not come"
            todo = "Report the meeting as held with its register, or as cancelled."
            yield desk.task("register-missing", said, todo, london_day(fact.starts_at), meeting.planned, group=group_id)


def _open_meetings(desk: _Desk) -> Iterator[tuple[UUID, str, Meeting]]:
    for group_id, group, name in desk.groups():
        for meeting in group.meetings.values():
            if meeting.is_open:
                yield group_id, name, meeting


def _on_closed_days(desk: _Desk) -> Iterator[Task]:
    for group_id, name, meeting in _open_meetings(desk):
        one = meeting.planned
        if one.fact.closed and one.fact.starts_at > desk.now:
            why = closed_days(one.fact.closed, desk.names)
            said = f"{name} is to meet {when(one.fact.starts_at, one.fact.ends_at)}, {why}"
            todo = "Move the meeting to a day on which every school is open, or leave it if the schools agree."
            since = london_day(one.fact.effective_at)
            yield desk.task("meeting-on-closed-day", said, todo, since, one, group=group_id)


def _leads_not_in_standing(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        ahead = sorted(
            (m.planned for m in group.meetings.values() if m.is_open and m.planned.fact.starts_at > desk.now),
            key=lambda one: one.fact.starts_at,
        )
        for one in ahead:
            on = london_day(one.fact.starts_at)
            lead = group.lead_on(on)
            standing = desk.record.standings.get(lead) if lead else None
            if standing and not _may_lead(standing, on):
                since = london_day(max(standing.effective_at, one.fact.effective_at))
                said = f"the lead of {name} may not lead its meeting of {day(on)}"
                todo = "Renew the lead's standing or assign another specialist, then report it."
                yield desk.task("lead-not-in-standing", said, todo, since, one, group=group_id)
                break


def _may_lead(standing: LeadStanding, on: date) -> bool:
    return any(one.from_on <= on and (one.until_on is None or on <= one.until_on) for one in standing.intervals)


def _questioned(desk: _Desk) -> Iterator[Task]:
    for group_id, group in desk.record.groups.items():
        for urn, one in group.questioned.items():
            school, count = desk.names.school(urn), f"{one.fact.held} of the {one.fact.needed} meetings needed"
            said = f"{school} was said to have completed its stage, and came to {count}"
            todo = "Check the registers that were corrected, and correct them again if they were right before."
            yield desk.task("completion-questioned", said, todo, one.fact.effective_on, one, group=group_id, urn=urn)


def _deaf(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        for (urn, person), nominated in group.advocates.items():
            one = desk.record.deaf.get(person)
            if one and nominated.fact.school_urn == urn:
                school = desk.names.school(urn)
                yield _no_email(desk, f"an advocate of {school} in {name}", one, group_id, urn)
        lead = group.lead_on(desk.today)
        if lead in desk.record.deaf:
            yield _no_email(desk, f"the lead of {name}", desk.record.deaf[lead], group_id, None)


def _no_email(desk: _Desk, who: str, one: Noted, group_id: UUID, urn: str | None) -> Task:
    todo = "Ask for an address that works, and report the person with it."
    since = london_day(one.fact.effective_at)
    return desk.task("no-working-email", f"no mail reaches {who}", todo, since, one, group=group_id, urn=urn)


def _absences(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        for (urn, person), one in group.absences.items():
            school = desk.names.school(urn)
            who = f"an advocate of {school}" if person else school
            said = f"{who} was away from {counted(one.fact.meetings, 'meeting')} of {name} running"
            todo = f"Ask {school} what would help, and whether the advocate should be replaced."
            yield desk.task("absences-running", said, todo, one.fact.since, one, group=group_id, urn=urn)


def _over_entitlement(desk: _Desk) -> Iterator[Task]:
    for group_id, group, name in desk.groups():
        for urn, one in group.visits.items():
            entitled = one.fact.entitled_hours
            if entitled is not None and one.fact.used_hours > entitled:
                used = f"{number(one.fact.used_hours)} hours of support of the {number(entitled)} it is entitled to"
                said = f"{desk.names.school(urn)} in {name} has had {used}"
                todo = "Agree further visits with whoever pays for them, and write down why."
                yield desk.task("over-entitlement", said, todo, one.fact.held_on, one, group=group_id, urn=urn)


RULES: Final[tuple[Rule, ...]] = (
    _vacancies,
    _at_risk,
    _without_lead,
    _interests,
    _registers,
    _on_closed_days,
    _leads_not_in_standing,
    _questioned,
    _deaf,
    _absences,
    _over_entitlement,
)


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One Work Group in its hub's table."""

    name: str
    stage: str
    state: str
    at_risk: bool
    schools: int
    held: int
    ahead: int


def group_lines(record: HubRecord, now: datetime) -> list[GroupLine]:
    """Return a hub's Work Groups of the school year, in the order of their names."""
    year = school_year_of(london_day(now))
    ours = [group for group in record.groups.values() if group.formed.fact.school_year == year]
    return sorted((_line(group, now) for group in ours), key=lambda line: line.name)


def _line(group: Group, now: datetime) -> GroupLine:
    formed, meetings = group.formed.fact, group.meetings.values()
    return GroupLine(
        formed.name,
        formed.stage,
        group.state,
        at_risk=bool(group.standing and group.standing.fact.at_risk),
        schools=len(group.schools),
        held=sum(meeting.held for meeting in meetings),
        ahead=sum(meeting.is_open and meeting.planned.fact.starts_at > now for meeting in meetings),
    )
