"""SQL that surveys specialists: the steps that each has taken, the meetings and the Work Groups that each leads."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from mathshubs.events.spoken import first_and_last_day
from reporting.measures.domain.figures import Measure
from reporting.measures.domain.specialists import Specialist, Step, stands
from reporting.measures.views.ground import Ground

STEPS = """
    SELECT person_id, step, hub, cohort, year, expires_on, effective_on
      FROM report.steps
     WHERE effective_on <= $1
       AND recorded_at <= $2
     ORDER BY effective_on, recorded_at, version
"""

LED = """
    SELECT led_by_id, work_group_id, hub
      FROM (SELECT DISTINCT ON (meeting_id) meeting_id, work_group_id, led_by_id, hub
              FROM report.meetings
             WHERE became = 'held'
               AND school_year = $1
               AND effective_at <= $2
               AND recorded_at <= $3
             ORDER BY meeting_id, version DESC) AS held
     WHERE led_by_id IS NOT NULL
"""

LEADS = """
    SELECT DISTINCT ON (work_group_id) work_group_id, lead_id
      FROM report.leads
     WHERE effective_on <= $1
       AND recorded_at <= $2
     ORDER BY work_group_id, version DESC
"""
"""A late report is followed by all that comes after it, said again, so of those that have begun the last one leads."""


Led = tuple[UUID, str]
"""Who leads, and the hub of the Work Group."""


async def specialists(ground: Ground, _: Measure) -> list[Specialist]:
    """Return where everybody stands who has taken a step, and apart from that who leads at each hub.

    Somebody stands in the hub that spoke of them last by the day; what they lead is in the Work Group's hub. All
    stand as they did when the school year ended, where the day asked about is later: what is final stays.
    """
    day = _day(ground)
    steps: defaultdict[UUID, list[Step]] = defaultdict(list)
    hubs: dict[UUID, str] = {}
    for row in await ground.db.fetch(STEPS, day, ground.asked.known_at):
        person = ground.person(row["person_id"])
        hubs[person] = row["hub"]
        about = (row["step"], row["effective_on"], row["cohort"], row["year"], row["expires_on"])
        steps[person].append(Step(*about))
    standing = [
        replace(
            stands(Specialist(str(person)), steps[person], ground.asked.school_year, day),
            places=ground.by_hub(None, hub),
        )
        for person, hub in hubs.items()
    ]
    return [*standing, *_leading(ground, await _led(ground), await _leads(ground))]


def _day(ground: Ground) -> date:
    _, last = first_and_last_day(ground.asked.school_year)
    return min(ground.day, last)


def _leading(ground: Ground, led: Mapping[Led, int], leads: Mapping[Led, int]) -> list[Specialist]:
    """Return what each leads at each hub."""
    return [
        Specialist(
            str(person),
            ground.by_hub(None, hub),
            meetings_led=led.get((person, hub), 0),
            groups_led=leads.get((person, hub), 0),
        )
        for person, hub in sorted(led.keys() | leads.keys())
    ]


async def _led(ground: Ground) -> Counter[Led]:
    """Count the meetings that each has led."""
    asked = ground.asked
    rows = await ground.db.fetch(LED, asked.school_year, asked.as_at, asked.known_at)
    return Counter((ground.person(row["led_by_id"]), ground.hub(row["work_group_id"], row["hub"]).code) for row in rows)


async def _leads(ground: Ground) -> Counter[Led]:
    """Count the Work Groups of the year that each leads on the day."""
    assigned = {row["work_group_id"]: row["lead_id"] for row in await _assigned(ground)}
    leads: Counter[Led] = Counter()
    for group, about in ground.groups.items():
        lead = assigned.get(group, about.lead_id)
        if lead is not None and about.school_year == ground.asked.school_year:
            leads[ground.person(lead), ground.hub(group, None).code] += 1
    return leads


async def _assigned(ground: Ground) -> list[dict[str, UUID]]:
    return [dict(row) for row in await ground.db.fetch(LEADS, _day(ground), ground.asked.known_at)]
