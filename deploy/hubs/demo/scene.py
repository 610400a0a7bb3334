"""What is reported in the half-term, when, and what each report must be answered: a function of the papers alone."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from hubs.demo.papers import PLACE_NOBODY_CAN_SAVE, Group, Papers, Teacher, papers, times

SCHOOL_YEAR: Final = "2026/27"
STARTS: Final = datetime.fromisoformat("2026-09-01T08:00:00+00:00")
JOINING: Final = datetime.fromisoformat("2026-09-07T08:00:00+00:00")
PLANNING: Final = datetime.fromisoformat("2026-09-14T08:00:00+00:00")
MOVING: Final = datetime.fromisoformat("2026-09-28T08:00:00+00:00")
REGISTERS: Final = datetime.fromisoformat("2026-10-23T15:00:00+00:00")
AFTERWARDS: Final = datetime.fromisoformat("2026-11-02T09:00:00+00:00")
TAKING_PART: Final = {"programme": "secondary-teaching-for-mastery", "stage": "development", "school_year": SCHOOL_YEAR}


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as a hub's system sends it, and what it must be answered in the end."""

    hub: str
    event: Mapping[str, Any]
    outcome: str = "applied"
    code: str = ""
    """Of the reason, where it is not applied."""
    cut_at: int | None = None
    """Characters after which its data breaks off on the way."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole half-term, in the order in which it is played."""

    papers: Papers
    seed: int
    people: tuple[Sent, ...]
    joining: tuple[Sent, ...]
    early: tuple[Sent, ...]
    """Nominations that come before their Work Group, and what they wait for."""
    awaited: tuple[Sent, ...]
    refused: Sent
    bad: tuple[Sent, ...]
    turned_back: Sent
    """What HTTP turns back at the door: it is never recorded."""
    planning: tuple[Sent, ...]
    poison: tuple[Sent, ...]
    """A meeting that the database will not take for a while, and its move, which must wait behind it."""
    moved: Sent
    mover: Group
    registers: tuple[Sent, ...]
    next_meetings: tuple[Sent, ...]
    late: Sent
    late_group: Group
    forgotten: tuple[str, Teacher]
    """Hub and person."""

    @property
    def repeats(self) -> list[Sent]:
        """Return what is sent again by another door: one report in twenty."""
        chance = Random(self.seed)  # noqa: S311 -- chooses, protects nothing
        return chance.sample(self.joining, len(self.joining) // 20)

    @property
    def recorded(self) -> list[Sent]:
        """Return everything that must be answered by a receipt, once."""
        return [
            *(*self.people, *self.joining, *self.early, *self.awaited, self.refused, *self.bad),
            *(*self.planning, *self.poison, self.moved, *self.registers, *self.next_meetings, self.late),
        ]


def scene(seed: int) -> Scene:
    """Return the scene that `seed` stands for: pure, so the same number plays the same half-term."""
    told = papers(seed)
    first, second, third = (told.of(hub.code) for hub in told.hubs)
    others = [group for group in told.groups if group is not first[2]]
    poisoned, late, mover = third[1], second[2], min(first, key=lambda group: group.october)
    planned = [_meeting(group) for group in told.groups if group is not poisoned]
    return Scene(
        told,
        seed,
        people=tuple(_all(map(_people, told.groups))),
        joining=(*map(_formed, others), *_all(map(_taking_part, others))),
        early=tuple(_nominations(first[2], first[2].schools[0].urn)),
        awaited=tuple(_awaited(first[2])),
        refused=_refused(told, third[0]),
        bad=tuple(_bad(first[0], second[0])),
        turned_back=_turned_back(third[0]),
        planning=tuple(planned),
        poison=tuple(_poison(poisoned)),
        moved=_moved(mover),
        mover=mover,
        registers=tuple(_register(group, _day(group, mover, poisoned)) for group in told.groups if group is not late),
        next_meetings=tuple(_next_meeting(group) for group in told.groups),
        late=_register(late, times(late.october), AFTERWARDS),
        late_group=late,
        forgotten=(second[0].hub, second[0].advocates[3]),
    )


def _all(parts: Iterable[Iterator[Sent]]) -> list[Sent]:
    return [sent for part in parts for sent in part]


def _people(group: Group) -> Iterator[Sent]:
    for who in (group.lead, *group.advocates):
        told = {"person": who.reference, "name": who.name, "email": who.email}
        more = {"school_urn": who.urn, "roles": ["advocate"]} if who.urn else {"roles": ["specialist"]}
        yield _report(group.hub, "enrolment.PersonReported", JOINING, who.reference, **told, **more)


def _formed(group: Group) -> Sent:
    told = {"work_group": group.reference, "name": group.name, "lead": group.lead.reference}
    return _report(group.hub, "enrolment.WorkGroupFormed", JOINING, group.reference, **told, **TAKING_PART)


def _taking_part(group: Group) -> Iterator[Sent]:
    for school in group.schools:
        yield _joined(group, school.urn)
        yield from _nominations(group, school.urn)


def _joined(group: Group, urn: str) -> Sent:
    told = {"work_group": group.reference, "school_urn": urn, "effective_on": "2026-09-07"}
    about = f"{group.reference}/{urn}"
    return _report(group.hub, "enrolment.SchoolJoinedWorkGroup", JOINING, about, **told)


def _nominations(group: Group, urn: str) -> Iterator[Sent]:
    for who in group.advocates:
        if who.urn == urn:
            told = {"work_group": group.reference, "school_urn": urn, "advocate": who.reference}
            about = f"{group.reference}/{who.reference}"
            yield _report(
                group.hub, "enrolment.MasteryAdvocateNominated", JOINING, about, **told, effective_on="2026-09-07"
            )


def _awaited(group: Group) -> Iterator[Sent]:
    """Yield the Work Group for which nominations wait already, and the rest of its schools."""
    yield _formed(group)
    for place, school in enumerate(group.schools):
        yield _joined(group, school.urn)
        if place:
            yield from _nominations(group, school.urn)


def _refused(told: Papers, group: Group) -> Sent:
    asked = _joined(group, told.independent(group.hub).urn)
    return replace(asked, outcome="refused", code="school-not-state-funded")


def _bad(first: Group, second: Group) -> Iterator[Sent]:
    """Yield what cannot be applied: cut off on the way, of no type that there is, an id used again."""
    cut = _report(first.hub, "enrolment.PersonReported", JOINING, "cut-off", person="T-99", name="Cut Off")
    yield replace(cut, outcome="dead", code="not-json", cut_at=20)
    postponed = _report(second.hub, "scheduling.MeetingPostponed", JOINING, second.meeting, meeting=second.meeting)
    yield replace(postponed, outcome="dead", code="unknown-type")
    other = replace(first, name="Another name under the same id")
    yield replace(_formed(other), outcome="dead", code="id-reused")


def _turned_back(group: Group) -> Sent:
    lacking = {"work_group": group.reference, "school_urn": "none of six digits"}
    asked = _report(group.hub, "enrolment.SchoolJoinedWorkGroup", JOINING, "turned-back", **lacking)
    return replace(asked, outcome="rejected", code="bad-data")


def _meeting(group: Group, place: str | None = None) -> Sent:
    told = {"meeting": group.meeting, "work_group": group.reference, **times(group.october), "mode": group.mode}
    return _report(
        group.hub, "scheduling.MeetingScheduled", PLANNING, group.meeting, **told, **_where(group, group.meeting, place)
    )


def _where(group: Group, meeting: str, place: str | None = None) -> dict[str, str]:
    if place or group.place:
        return {"place": place or str(group.place)}
    return {"join_url": f"https://meet.{group.hub}.example/{meeting}"}


def _poison(group: Group) -> Iterator[Sent]:
    yield _meeting(group, PLACE_NOBODY_CAN_SAVE)
    told = {"meeting": group.meeting, **times(group.october, hours_later=1)}
    yield _report(group.hub, "scheduling.MeetingRescheduled", PLANNING, f"{group.meeting}/later", **told)


def _moved(group: Group) -> Sent:
    told = {"meeting": group.meeting, **times(_a_week_later(group)), "reason": "other"}
    return _report(group.hub, "scheduling.MeetingRescheduled", MOVING, f"{group.meeting}/moved", **told)


def _a_week_later(group: Group) -> date:
    return min(group.october + timedelta(days=7), REGISTERS.date() - timedelta(days=1))


def _day(group: Group, moved: Group, later: Group) -> dict[str, str]:
    if group is moved:
        return times(_a_week_later(group))
    return times(group.october, hours_later=1 if group is later else 0)


def _register(group: Group, when: Mapping[str, str], said_at: datetime = REGISTERS) -> Sent:
    marks = zip(group.advocates, group.marks, strict=True)
    told = {
        "meeting": group.meeting,
        "work_group": group.reference,
        **when,
        "mode": group.mode,
        "led_by": group.lead.reference,
        "attendance": [{"person": who.reference, "status": mark} for who, mark in marks if mark != "absent"],
    }
    return _report(group.hub, "scheduling.MeetingHeld", said_at, f"{group.meeting}/held", **told)


def _next_meeting(group: Group) -> Sent:
    told = {"meeting": group.next_meeting, "work_group": group.reference, **times(group.november), "mode": group.mode}
    return _report(
        group.hub,
        "scheduling.MeetingScheduled",
        REGISTERS,
        group.next_meeting,
        **told,
        **_where(group, group.next_meeting),
    )


def _report(hub: str, kind: str, said_at: datetime, about: str, **content: object) -> Sent:
    """Return a report; the same about the same has the same id."""
    event = {
        "specversion": "1.0",
        "id": f"{kind.partition('.')[2]}/{about}",
        "source": f"https://mis.{hub}.example",
        "type": f"uk.mathshubs.hub.{kind}.v1",
        "time": said_at.isoformat(),
        "data": content,
    }
    return Sent(hub, event)
