"""Absences running: who has been away from how many held meetings, one after the other, up to now."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from mathshubs.clock import london_day
from mathshubs.events.scheduling.registers import AbsencesRunning
from mathshubs.events.spoken import PersonId, SchoolYear, Urn, WorkGroupId

Whose = tuple[Urn, PersonId | None]
"""An advocate of a school, or the school by all of its advocates where it is nobody."""
Policies = Mapping[tuple[str, SchoolYear], int]
"""From how many absences running a programme wants to hear of them, by the school year from which this holds."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """One held meeting: the advocates who held a slot on its day, with their schools, and who came."""

    starts_at: datetime
    expected: Collection[tuple[Urn, PersonId]]
    came: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class Run:
    """So many held meetings running that somebody was away from, the first of them on this day."""

    meetings: int
    since: date


Runs = Mapping[Whose, Run]


class Said(TypedDict):
    """What each fact about absences of one Work Group has."""

    effective_at: datetime
    hub: str
    school_year: str
    work_group_id: WorkGroupId


def running(gatherings: Iterable[Gathering]) -> Runs:
    """Return whose absences run on after the last held meeting that they were expected at, however they arrived.

    Apologies are absences. A school is away where none of its advocates came; a meeting at which it had none
    neither lengthens its run nor ends it.
    """
    runs: dict[Whose, Run] = {}
    for gathering in sorted(gatherings, key=lambda one: one.starts_at):
        day = london_day(gathering.starts_at)
        for whose, came in _attending(gathering):
            stood = runs.pop(whose, Run(0, day))
            if not came:
                runs[whose] = Run(stood.meetings + 1, stood.since)
    return runs


def borne(policies: Policies, programme: str | None, school_year: SchoolYear) -> int | None:
    """Return from how many absences running somebody is to hear of them; None where no policy says."""
    in_force = [year for named, year in policies if named == programme and year <= school_year]
    return policies[str(programme), max(in_force)] if in_force else None


def noticed(stood: Runs, runs: Runs, bears: int | None, said: Said) -> list[AbsencesRunning]:
    """Say whose absences have reached what the policy bears, and whose run has ended of whom that was said."""
    reached = {whose: run for whose, run in runs.items() if bears is not None and run.meetings >= bears}
    begun = [_running(whose, run, said) for whose, run in reached.items() if whose not in stood]
    ended = [_running(whose, Run(0, run.since), said) for whose, run in stood.items() if whose not in reached]
    return [*ended, *begun]


def _attending(gathering: Gathering) -> Iterator[tuple[Whose, bool]]:
    came: dict[Urn, bool] = {}
    for school, person in gathering.expected:
        came[school] = came.get(school, False) or person in gathering.came
        yield (school, person), person in gathering.came
    yield from (((school, None), one_came) for school, one_came in came.items())


def _running(whose: Whose, run: Run, said: Said) -> AbsencesRunning:
    school, person = whose
    return AbsencesRunning(**said, school_urn=school, person_id=person, meetings=run.meetings, since=run.since)
