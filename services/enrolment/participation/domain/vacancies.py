"""Slots that nobody holds, and since when."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from enrolment.participation.domain.places import Place
from enrolment.participation.domain.policies import Policy
from enrolment.participation.domain.spans import ended_on, is_on, meets
from mathshubs.events.spoken import Urn, WorkGroupId


class Vacancy(NamedTuple):
    """A slot, numbered from 1, of a school in a group, and the first day on which nobody held it."""

    work_group_id: WorkGroupId
    school_urn: Urn
    slot: int
    since: date


def vacancies(place: Place, policy: Policy, day: date) -> Iterator[Vacancy]:
    """Return the slots that nobody holds on `day` nor was named for since; none where the school has left.

    One that was never filled is vacant from the day of joining.
    """
    for slot in range(1, policy.slots + 1) if is_on(place, day) else ():
        held = [one for one in place.advocates if one.slot == slot and meets(one, date.min)]
        if not any(meets(one, day) for one in held):
            ended = [day for day in map(ended_on, held) if day]
            yield Vacancy(place.work_group_id, place.school_urn, slot, max([place.from_on, *ended]))


def told_on(vacancy: Vacancy, policy: Policy) -> date:
    """Return the day on which a vacancy has lasted for as long as the policy bears."""
    return vacancy.since + timedelta(days=policy.vacancy_days)
