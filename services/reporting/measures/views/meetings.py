"""SQL that surveys Work Groups' meetings, and how hubs' reports of what happens come in."""

from collections import Counter, defaultdict
from datetime import timedelta
from uuid import UUID

from reporting.measures.domain.figures import Measure
from reporting.measures.domain.half_terms import ended
from reporting.measures.domain.meetings import Gathering, GroupYear, Recording
from reporting.measures.domain.schools import PRESENT
from reporting.measures.views.ground import Ground
from reporting.measures.views.policies import half_terms
from reporting.measures.views.registers import MARKS, expected_places

HELD = """
    SELECT DISTINCT ON (meeting_id) meeting_id, work_group_id, hub, mode, half_term
      FROM report.meetings
     WHERE became = 'held'
       AND school_year = $1
       AND effective_at <= $2
       AND recorded_at <= $3
     ORDER BY meeting_id, version DESC
"""

STANDINGS = """
    SELECT DISTINCT ON (work_group_id) work_group_id, state
      FROM report.standings
     WHERE effective_on <= $1
       AND recorded_at <= $2
     ORDER BY work_group_id, version DESC
"""

HAVE_RUN = frozenset({"running", "completed"})


async def group_years(ground: Ground, _: Measure) -> list[GroupYear]:
    """Return each Work Group of the year that runs or has run; where nobody says so, one that has met."""
    held: defaultdict[UUID, list[int | None]] = defaultdict(list)
    said_by: dict[UUID, str | None] = {}
    for row in await ground.db.fetch(HELD, ground.asked.school_year, ground.asked.as_at, ground.asked.known_at):
        held[row["work_group_id"]].append(row["half_term"])
        said_by[row["work_group_id"]] = row["hub"]
    rows = await ground.db.fetch(STANDINGS, ground.day, ground.asked.known_at)
    states = {row["work_group_id"]: row["state"] for row in rows}
    ours = {one for one, group in ground.groups.items() if group.school_year == ground.asked.school_year}
    running = [one for one in ours | held.keys() if (states[one] in HAVE_RUN if one in states else one in held)]
    year = ground.asked.school_year
    due = ended(ground.day, year, await half_terms(ground.db, year), ground.policy["half_terms"])
    return [_group_year(ground, one, held[one], said_by.get(one), due) for one in running]


def _group_year(ground: Ground, id: UUID, met: list[int | None], hub: str | None, due: set[int]) -> GroupYear:  # noqa: A002 -- the trade's word
    group = ground.groups.get(id)
    every = due <= set(met) if due else None
    name = group.name if group else ""
    return GroupYear(str(id), name, ground.by_hub(id, hub), ground.stage(id), len(met), every)


async def gatherings(ground: Ground, _: Measure) -> list[Gathering]:
    """Return each held meeting with its advocates, by the mode in which each attended."""
    attended: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for place in await expected_places(ground, ground.asked.school_year):
        if place.status in PRESENT:
            attended[place.meeting][place.mode or place.meeting_mode or ""] += 1
    return [
        Gathering(
            str(row["meeting_id"]),
            "",
            ground.by_hub(row["work_group_id"], row["hub"]),
            ground.stage(row["work_group_id"]),
            row["mode"],
            attended[row["meeting_id"]],
        )
        for row in await ground.db.fetch(HELD, ground.asked.school_year, ground.asked.as_at, ground.asked.known_at)
    ]


DELAYS = """
    SELECT event_id, hub, work_group_id, extract(epoch FROM greatest(recorded_at - effective_at, '0'))::float8 AS delay
      FROM (SELECT event_id, hub, work_group_id, school_year, effective_at, recorded_at FROM report.joins
             UNION ALL
            SELECT event_id, hub, work_group_id, school_year, effective_at, recorded_at FROM report.slots
             UNION ALL
            SELECT w.event_id, g.hub, g.work_group_id, g.school_year, w.effective_at, w.recorded_at
              FROM report.withdrawals AS w
              JOIN (SELECT DISTINCT ON (work_group_id) work_group_id, hub, school_year
                      FROM report.work_groups
                     ORDER BY work_group_id, version DESC) AS g USING (work_group_id)
             UNION ALL
            SELECT event_id, hub, work_group_id, school_year, effective_at, recorded_at
              FROM report.meetings
             WHERE became = 'held'
             UNION ALL
            SELECT event_id, hub, work_group_id, school_year, effective_at, recorded_at FROM report.visits
             UNION ALL
            SELECT event_id, hub, work_group_id, school_year, effective_at, recorded_at FROM report.lessons) AS said
     WHERE school_year = $1
       AND effective_at <= $2
       AND recorded_at <= $3
"""

UNCLOSED = """
    WITH last AS (
        SELECT DISTINCT ON (meeting_id) meeting_id, work_group_id, hub, became, ends_at
          FROM report.meetings
         WHERE school_year = $1
           AND recorded_at <= $2
         ORDER BY meeting_id, version DESC
    )
    SELECT meeting_id, work_group_id, hub
      FROM last
     WHERE became IN ('scheduled', 'rescheduled')
       AND ends_at < $3
"""


async def recordings(ground: Ground, _: Measure) -> list[Recording]:
    """Return how each report of the year fared: its delay, each mark of a register, each register not sent."""
    year, as_at, known_at = ground.asked.school_year, ground.asked.as_at, ground.asked.known_at
    delays = [
        Recording("fact", row["event_id"], "", ground.by_hub(row["work_group_id"], row["hub"]), None, row["delay"])
        for row in await ground.db.fetch(DELAYS, year, as_at, known_at)
    ]
    marks = [
        Recording(
            "meeting",
            f"{row['meeting_id']}",
            "",
            ground.by_hub(groups.get(row["meeting_id"]), row["hub"]),
            None,
            is_mark=True,
            is_corrected=row["is_corrected"],
        )
        for groups in [await _groups_of_meetings(ground)]
        for row in await ground.db.fetch(MARKS, year, as_at, year, known_at)
    ]
    late = as_at - timedelta(days=ground.policy["register_days"])
    unclosed = [
        Recording(
            "meeting",
            str(row["meeting_id"]),
            "",
            ground.by_hub(row["work_group_id"], row["hub"]),
            None,
            is_unclosed=True,
        )
        for row in await ground.db.fetch(UNCLOSED, year, known_at, late)
    ]
    return [*delays, *marks, *unclosed]


async def _groups_of_meetings(ground: Ground) -> dict[UUID, UUID]:
    rows = await ground.db.fetch(HELD, ground.asked.school_year, ground.asked.as_at, ground.asked.known_at)
    return {row["meeting_id"]: row["work_group_id"] for row in rows}
