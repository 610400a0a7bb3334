"""SQL that every survey rests on: the Work Groups, the hubs, and who goes by which id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from mathshubs.clock import london_day
from mathshubs.postgres import Db
from reporting.measures.domain.places import ENGLAND, NOT_KNOWN, Asked, Level, Place
from reporting.measures.views import places, policies

GROUPS = """
    SELECT DISTINCT ON (work_group_id) work_group_id, name, hub, stage, school_year, lead_id
      FROM report.work_groups
     WHERE recorded_at <= $1
     ORDER BY work_group_id, version DESC
"""

ALIASES = """
    SELECT DISTINCT ON (person_id) person_id, into_id
      FROM report.aliases
     WHERE recorded_at <= $1
     ORDER BY person_id, version DESC
"""


@dataclass(frozen=True, slots=True)
class Group:
    """A Work Group as it is known."""

    name: str
    hub: str | None
    stage: str | None
    school_year: str
    lead_id: UUID | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What every survey needs, as known at one instant."""

    db: Db
    asked: Asked
    day: date
    groups: Mapping[UUID, Group]
    hubs: Mapping[str, Place]
    aliases: Mapping[UUID, UUID]
    policy: Mapping[str, Any]

    def person(self, id: UUID) -> UUID:  # noqa: A002 -- the trade's word
        """Return the one id of a person, whichever of theirs `id` is."""
        if id not in self.aliases:
            return id
        seen = {id}
        while (into := self.aliases.get(id)) is not None and into not in seen:
            seen.add(into)
            id = into  # noqa: A001 -- followed to its end
        return id

    def stage(self, group: UUID | None, said: str | None = None) -> str | None:
        """Return the stage of a Work Group, else what was said beside."""
        found = self.groups.get(group) if group else None
        return found.stage if found else said

    def hub(self, group: UUID | None, said: str | None) -> Place:
        """Return the hub of a Work Group, else the one that spoke."""
        found = self.groups.get(group) if group else None
        code = (found and found.hub) or said or NOT_KNOWN.code
        return self.hubs.get(code, Place(code, code))

    def by_hub(self, group: UUID | None, said: str | None) -> dict[Level, Place]:
        """Return where something of a Work Group counts that has no school of its own."""
        return {Level.NATIONAL: ENGLAND, Level.HUB: self.hub(group, said)}


async def ground(db: Db, asked: Asked) -> Ground:
    """Read what every survey needs."""
    groups = {
        row["work_group_id"]: Group(row["name"], row["hub"], row["stage"], row["school_year"], row["lead_id"])
        for row in await db.fetch(GROUPS, asked.known_at)
    }
    aliases = {row["person_id"]: row["into_id"] for row in await db.fetch(ALIASES, asked.known_at)}
    hubs = await places.hubs(db, asked)
    policy = await policies.policy(db, asked.school_year)
    return Ground(db, asked, london_day(asked.as_at), groups, hubs, aliases, policy)
