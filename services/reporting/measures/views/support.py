"""SQL that surveys support visits and open lessons."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from reporting.measures.domain.figures import Measure
from reporting.measures.domain.places import Level
from reporting.measures.domain.support import Lesson, Visit
from reporting.measures.views import places
from reporting.measures.views.ground import Ground

VISITS = """
    SELECT DISTINCT ON (visit_id) visit_id, work_group_id, school_urn, hub, hours, entitled_hours, held_on
      FROM report.visits
     WHERE school_year = $1
       AND held_on <= $2
       AND recorded_at <= $3
     ORDER BY visit_id, version DESC
"""

LESSONS = """
    SELECT DISTINCT ON (lesson_id) lesson_id, work_group_id, school_urn, observers, hub
      FROM report.lessons
     WHERE school_year = $1
       AND held_on <= $2
       AND recorded_at <= $3
     ORDER BY lesson_id, version DESC
"""


async def visits(ground: Ground, _: Measure) -> list[Visit]:
    """Return each completed visit of the year, the last held last."""
    rows = await ground.db.fetch(VISITS, ground.asked.school_year, ground.day, ground.asked.known_at)
    schools = await places.schools(ground.db, ground.asked, {row["school_urn"] for row in rows})
    found = []
    for row in sorted(rows, key=lambda row: (row["held_on"], row["visit_id"])):
        school, group = schools[row["school_urn"]], row["work_group_id"]
        at = school.places | {Level.HUB: ground.hub(group, row["hub"])}
        about = (ground.stage(group), str(row["visit_id"]), str(group), row["hours"], row["entitled_hours"])
        found.append(Visit(school.lineage, school.name, at, *about))
    return found


async def lessons(ground: Ground, _: Measure) -> list[Lesson]:
    """Return each open lesson of the year, where its host is."""
    rows = await ground.db.fetch(LESSONS, ground.asked.school_year, ground.day, ground.asked.known_at)
    watched = {row["lesson_id"]: json.loads(row["observers"]) for row in rows}
    urns = {row["school_urn"] for row in rows} | {one["school_urn"] for seen in watched.values() for one in seen}
    schools = await places.schools(ground.db, ground.asked, urns)
    return [
        Lesson(
            str(row["lesson_id"]),
            schools[row["school_urn"]].name,
            schools[row["school_urn"]].places | {Level.HUB: ground.hub(row["work_group_id"], row["hub"])},
            ground.stage(row["work_group_id"]),
            _how_many(ground, watched[row["lesson_id"]]),
            frozenset(schools[one["school_urn"]].lineage for one in watched[row["lesson_id"]]),
        )
        for row in rows
    ]


def _how_many(ground: Ground, observers: Sequence[Mapping[str, str | None]]) -> int:
    """Count who watched: a person of two records once, and each who is not named."""
    named = [one["person_id"] for one in observers if one["person_id"] is not None]
    return len({ground.person(UUID(one)) for one in named}) + len(observers) - len(named)
