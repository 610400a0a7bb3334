"""Names that may be said: of schools, Work Groups and hubs, all of them public; and of what was refused, its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from mathshubs.events import Event, Refusal
from mathshubs.events.reasons import words

IDS_OF_SCHOOLS = ("school_urn", "predecessor_urn", "successor_urn")
"""The fields by which facts name schools."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of schools by URN, of Work Groups by id, of hubs by code: all of them public."""

    schools: Mapping[str, str]
    groups: Mapping[str, str]
    hubs: Mapping[str, str]

    def school(self, urn: str) -> str:
        """Return the name of a school, or its URN where the register has not been heard."""
        return self.schools.get(urn, f"School {urn}")

    def group(self, work_group_id: object) -> str:
        """Return the name of a Work Group."""
        return self.groups.get(str(work_group_id), "a Work Group")

    def hub(self, code: str | None) -> str:
        """Return the name of a hub, or its code."""
        return self.hubs.get(code or "", code or "a hub")


def schools_of(fact: Event) -> set[str]:
    """Return the URNs that a fact names: in its own fields, and as schools that are closed on its day."""
    own = {urn for field in IDS_OF_SCHOOLS if (urn := getattr(fact, field, None))}
    return own | {urn for closed in getattr(fact, "closed", ()) if (urn := getattr(closed, "school_urn", None))}


def why(fact: Refusal) -> str:
    """Return why something was refused, in a sentence that says what to do: the first reason."""
    return words(fact.reasons[0])
