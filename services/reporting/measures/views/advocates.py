"""SQL that surveys advocates' slots: from when to when each was held, and what schools' places offer."""

from typing import Any

from mathshubs.events.spoken import first_and_last_day
from reporting.measures.domain.advocates import Tenure, days_within
from reporting.measures.domain.figures import Measure
from reporting.measures.domain.places import Level
from reporting.measures.views import places
from reporting.measures.views.ground import Ground
from reporting.measures.views.schools import JOINED

SLOTS = """
    SELECT s.work_group_id, s.school_urn, s.person_id, s.hub, s.effective_on,
           least((SELECT min(v.effective_on)
                    FROM report.vacated AS v
                   WHERE v.work_group_id = s.work_group_id
                     AND v.school_urn = s.school_urn
                     AND v.person_id = s.person_id
                     AND v.version > s.version
                     AND v.recorded_at <= $3),
                 (SELECT min(w.effective_on)
                    FROM report.withdrawals AS w
                   WHERE w.work_group_id = s.work_group_id
                     AND w.school_urn = s.school_urn
                     AND w.version > s.version
                     AND w.recorded_at <= $3)) AS until_on
      FROM report.slots AS s
     WHERE s.school_year = $1
       AND s.effective_on <= $2
       AND s.recorded_at <= $3
"""
"""$1 is the school year, $2 the day asked about, $3 known at; `until_on` is the first day without the slot."""


async def tenures(ground: Ground, _: Measure) -> list[Tenure]:
    """Return the days of every slot, and the slot-days of every place in a Work Group."""
    year, day, known_at = ground.asked.school_year, ground.day, ground.asked.known_at
    slots = await ground.db.fetch(SLOTS, year, day, known_at)
    joined = await ground.db.fetch(JOINED, year, day, known_at, year)
    schools = await places.schools(ground.db, ground.asked, {row["school_urn"] for row in (*slots, *joined)})
    first, last = first_and_last_day(year)
    last = min(last, day)
    found = []
    for row in (*slots, *joined):
        school, group = schools[row["school_urn"]], row["work_group_id"]
        at = school.places | {Level.HUB: ground.hub(group, row["hub"])}
        is_slot = "person_id" in row
        until = row["until_on"] if is_slot else row["withdrew_on"]
        days = days_within(row["effective_on"], until, first, last)
        counted: dict[str, Any] = {"held": days} if is_slot else {"offered": days * ground.policy["slots"]}
        person = str(ground.person(row["person_id"])) if is_slot else None
        found.append(Tenure(school.lineage, school.name, at, ground.stage(group), person, **counted))
    return found
