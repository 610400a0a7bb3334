"""SQL that surveys a school year, a module to a subject: what each measure is made of, out of one snapshot."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Measure, Subject, Survey
from reporting.measures.domain.figures import of_stage
from reporting.measures.views import advocates, meetings, messages, policies, schools, specialists, support
from reporting.measures.views.ground import Ground, ground
from reporting.measures.views.places import school_years
from reporting.projections.store import read_steadily

__all__ = ["final_from", "school_years", "survey", "surveys"]

SURVEYS: Final[Mapping[Subject, Callable[[Ground, Measure], Awaitable[list[Any]]]]] = {
    Subject.SCHOOLS: schools.sightings,
    Subject.ADVOCATES: advocates.tenures,
    Subject.GROUPS: meetings.group_years,
    Subject.MEETINGS: meetings.gatherings,
    Subject.REPORTS: meetings.recordings,
    Subject.VISITS: support.visits,
    Subject.LESSONS: support.lessons,
    Subject.SPECIALISTS: specialists.specialists,
    Subject.MESSAGES: messages.messages,
}


async def survey(pool: Pool, asked: Asked, measure: Measure = MEASURES["M1"]) -> Survey:
    """Return all that is known of what a measure is about; M1's does for M2, M3 and M9."""
    return (await surveys(pool, asked, [measure]))[measure.id]


async def surveys(pool: Pool, asked: Asked, measures: Iterable[Measure]) -> dict[str, Survey]:
    """Return by measure all that is known of what each is about, out of one snapshot; what several share is read once.

    A stage that is asked for is left aside by measures that are not told by stage.
    """
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        await read_steadily(db)
        here = await ground(db, asked)
        hubs = list(here.hubs.values())
        seen: dict[Hashable, list[Any]] = {}
        found = {}
        for measure in measures:
            key = measure.subject, measure.looks_back, measure.is_of_population
            if key not in seen:
                seen[key] = await SURVEYS[measure.subject](here, measure)
            found[measure.id] = Survey(of_stage(seen[key], asked.stage) if measure.by_stage else seen[key], hubs)
    return found


async def final_from(pool: Pool, school_year: str) -> date | None:
    """Return the day from which figures of a school year are final, by policy; None if there is no policy."""
    async with pool.acquire() as db:
        policy = await policies.policy(db, school_year)
    return date(int(school_year[:4]) + 1, policy["final_month"], policy["final_day"]) if policy else None
