"""What follows from what is known, of itself or as days go by: how a group stands, vacancies, completed stages."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import reduce
from itertools import chain
from typing import TypeVar

from enrolment.participation.domain.evolving import evolve
from enrolment.participation.domain.lifecycle import edges
from enrolment.participation.domain.places import Place
from enrolment.participation.domain.requests import LookAgain, OfWorkGroup
from enrolment.participation.domain.spans import is_on
from enrolment.participation.domain.standing import Standing, WorkGroup
from enrolment.participation.domain.vacancies import Vacancy, told_on, vacancies
from mathshubs.clock import start_of
from mathshubs.events import Event, Refusal
from mathshubs.events.enrolment.participation import (
    AdvocateSlotLeftVacant,
    CompletionQuestioned,
    SchoolCompletedStage,
    WorkGroupStandingChanged,
)
from mathshubs.events.scheduling.meetings import MeetingHeld
from mathshubs.events.scheduling.registers import AttendanceRecorded
from mathshubs.events.spoken import Urn, WorkGroupId, first_and_last_day

Ask = TypeVar("Ask", bound=OfWorkGroup)
Rule = Callable[[Standing, Ask, date], list[Event]]


def and_what_follows(rule: Rule[Ask]) -> Rule[Ask]:
    """Return the rule that says what `rule` says and what follows from it; nothing follows from a refusal."""

    def decide(standing: Standing, ask: Ask, today: date) -> list[Event]:
        said = rule(standing, ask, today)
        if not said or any(isinstance(fact, Refusal) for fact in said):
            return said
        return [*said, *what_follows(reduce(evolve, said, standing), ask.work_group_id, today)]

    return decide


def take_evidence(standing: Standing, fact: MeetingHeld | AttendanceRecorded, today: date) -> list[Event]:
    """Say what follows from a held meeting or from who came to it, which is known by now."""
    return what_follows(standing, fact.work_group_id, today)


def look_again(standing: Standing, ask: LookAgain, _today: date) -> list[Event]:
    """Say what has come due by the day of the look, each vacancy once."""
    group, policy = standing.groups[ask.work_group_id], standing.policy_of(ask.work_group_id)
    untold = (
        _left_vacant(group, vacancy, told_on(vacancy, policy))
        for vacancy in _untold(standing, ask.work_group_id, ask.on)
        if told_on(vacancy, policy) <= ask.on
    )
    return [*untold, *what_follows(standing, ask.work_group_id, ask.on)]


def what_follows(standing: Standing, work_group_id: WorkGroupId, today: date) -> list[Event]:
    """Return how the group stands now, if otherwise than was said, and whose completed stage is news.

    Of a group that nobody has reported nothing follows.
    """
    group = standing.groups.get(work_group_id)
    if group is None:
        return []
    return [*_stands(standing, work_group_id, group, today), *_completed(standing, work_group_id, group, today)]


def next_look(standing: Standing, work_group_id: WorkGroupId, day: date) -> date | None:
    """Return the next day on which the clock alone may have something follow; None if no such comes.

    It is `day` itself where a vacancy that was told late has lasted too long already.
    """
    life, policy = standing.life(work_group_id), standing.policy_of(work_group_id)
    slots = edges(one for place in life.places for one in place.advocates)
    due = [max(told_on(vacancy, policy), day) for vacancy in _untold(standing, work_group_id, day)]
    return min([*due, *(turn for turn in life.turns() | slots if turn > day)], default=None)


def _untold(standing: Standing, work_group_id: WorkGroupId, day: date) -> Iterator[Vacancy]:
    """Return vacancies that were not told, unless the year is over."""
    if day > first_and_last_day(standing.groups[work_group_id].school_year)[1]:
        return
    policy = standing.policy_of(work_group_id)
    found = chain.from_iterable(vacancies(place, policy, day) for place in standing.places_of(work_group_id))
    yield from sorted(vacancy for vacancy in found if vacancy not in standing.told)


def _left_vacant(group: WorkGroup, vacancy: Vacancy, day: date) -> AdvocateSlotLeftVacant:
    return AdvocateSlotLeftVacant(
        effective_at=start_of(day),
        hub=group.hub,
        school_year=group.school_year,
        work_group_id=vacancy.work_group_id,
        school_urn=vacancy.school_urn,
        slot=vacancy.slot,
        vacant_since=vacancy.since,
        effective_on=day,
    )


def _stands(standing: Standing, work_group_id: WorkGroupId, group: WorkGroup, today: date) -> list[Event]:
    life, said = standing.life(work_group_id), standing.stands.get(work_group_id)
    now = life.on(today)
    if said is not None and (said.state, said.at_risk) == (now.state, now.at_risk):
        return []
    since = life.since(today)
    return [
        WorkGroupStandingChanged(
            effective_at=start_of(since),
            hub=group.hub,
            school_year=group.school_year,
            work_group_id=work_group_id,
            state=now.state,
            at_risk=now.at_risk,
            schools=now.schools,
            effective_on=since,
        )
    ]


def _completed(standing: Standing, work_group_id: WorkGroupId, group: WorkGroup, today: date) -> list[Event]:
    """Say who has completed, and of whom that was said in vain; each school counts with all its places here.

    Those are also the places that it gave up under a number that it had before.
    """
    day = standing.policy_of(work_group_id).completes_on(group.school_year)
    if today < day:
        return []
    places = standing.places_of(work_group_id)
    given_up = [place for place in places if not is_on(place, day)]
    by_school: dict[str, list[Place]] = {}
    for place in places:
        by_school.setdefault(place.school_urn, []).append(place)
    for urn, own in by_school.items():
        own += [place for place in given_up if place.school_urn != urn and standing.is_same_school(place, urn, day)]
    return [fact for urn in sorted(by_school) for fact in _completion(standing, group, urn, by_school[urn], day)]


def _completion(standing: Standing, group: WorkGroup, urn: Urn, places: Sequence[Place], day: date) -> list[Event]:
    own = [place for place in places if place.school_urn == urn]
    one = max(own, key=lambda place: place.from_on)
    needed = standing.policy_of(one.work_group_id).min_held
    held = standing.evidence_of(one.work_group_id).came_to(places)
    done = held >= needed and any(is_on(place, day) for place in own)
    stands = standing.completed.get((one.work_group_id, one.school_urn), False)
    if done == stands:
        return []
    fact = SchoolCompletedStage if done else CompletionQuestioned
    return [
        fact(
            effective_at=start_of(day),
            hub=group.hub,
            school_year=group.school_year,
            work_group_id=one.work_group_id,
            school_urn=one.school_urn,
            lineage=one.lineage,
            programme=one.programme,
            stage=group.stage,
            held=held,
            needed=needed,
            effective_on=day,
        )
    ]
