"""Who leads how much, as a hub or the nation looks at it: by ids and codes alone."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from enrolment.specialists.domain import Policy, Specialist, accreditation_after, may_lead, pathway_after, policy_on
from mathshubs.events.spoken import school_year_of
from mathshubs.postgres import Db

# Also who leads a group of this year, or is to, and of whom no step was ever reported; they are then the group's hub's.
PAGE = """
    SELECT person_id, hub
      FROM (
            SELECT person_id, specialists.hub
              FROM specialists
              LEFT JOIN people USING (person_id)
             WHERE people.merged_into IS NULL
             UNION ALL
            SELECT lead.lead_id, min(led.hub)
              FROM work_group_leads AS lead
              JOIN work_groups AS led USING (work_group_id)
             WHERE led.school_year = $2
               AND (lead.until_on IS NULL OR lead.until_on >= greatest(lead.from_on, $6))
               AND NOT EXISTS (SELECT FROM specialists WHERE specialists.person_id = lead.lead_id)
             GROUP BY lead.lead_id
           ) AS listed
     WHERE ($1::text IS NULL OR hub = $1)
       AND ($3::uuid IS NULL OR person_id > $3)
       AND ($4::uuid IS NULL OR person_id = $4)
     ORDER BY person_id
     LIMIT $5
"""


async def page(
    db: Db, hub: str | None, today: date, *, after: UUID | None = None, only: UUID | None = None, most: int = 1
) -> dict[UUID, str]:
    """Return the next `most` specialists and leads after one, with the hub whose each is; of one hub, or of all."""
    rows = await db.fetch(PAGE, hub, school_year_of(today), after, only, most, today)
    return {row["person_id"]: row["hub"] for row in rows}


GROUPS_LED = """
    SELECT DISTINCT lead.lead_id, work_group_id, led.hub, led.stage
      FROM work_group_leads AS lead
      JOIN work_groups AS led USING (work_group_id)
     WHERE lead.lead_id = ANY($1::uuid[])
       AND led.school_year = $2
       AND (lead.until_on IS NULL OR lead.until_on >= greatest(lead.from_on, $3))
     ORDER BY lead.lead_id, work_group_id
"""


async def groups_led(db: Db, leads: Collection[UUID], today: date) -> dict[UUID, list[dict[str, Any]]]:
    """Return the Work Groups of this school year that each of `leads` leads or is to lead."""
    found: dict[UUID, list[dict[str, Any]]] = {lead: [] for lead in leads}
    for row in await db.fetch(GROUPS_LED, leads, school_year_of(today), today):
        found[row["lead_id"]].append({"work_group_id": row["work_group_id"], "hub": row["hub"], "stage": row["stage"]})
    return found


def shown(
    specialist: Specialist | None, groups: Sequence[dict[str, Any]], policies: Sequence[Policy], today: date
) -> dict[str, Any]:
    """Return where somebody stands today, with the groups that they lead and what is worth a look."""
    known = specialist or Specialist("")
    pathway = pathway_after(step for step in known.programme if step.effective_on <= today)
    until_now = accreditation_after(step for step in known.accreditation if step.effective_on <= today)
    accredited = until_now.on(today)
    return {
        "state": pathway.state,
        "cohort": pathway.cohort,
        "year": pathway.year,
        "gates": sorted(pathway.gates),
        "accreditation": {
            "state": accredited.state,
            "workshops": sorted(accredited.workshops),
            "expires_on": accredited.expires_on,
        },
        "may_lead": may_lead(known, policies, today) if specialist else None,
        "standing": [interval.model_dump() for interval in known.intervals or ()],
        "school_year": school_year_of(today),
        "groups_led": len(groups),
        "groups": groups,
        "warnings": _warnings(specialist, len(groups), policies, today),
    }


def _warnings(specialist: Specialist | None, groups: int, policies: Sequence[Policy], today: date) -> list[str]:
    policy = policy_on(policies, today)
    warnings = ["caseload-above-policy"] if policy and groups > policy.caseload_groups else []
    if groups and specialist and not may_lead(specialist, policies, today):
        warnings.append("not-in-standing")
    return [*warnings, "nothing-reported"] if specialist is None else warnings
