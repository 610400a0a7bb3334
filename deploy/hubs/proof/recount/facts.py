"""The facts of the log as they were said, read once: no projection of reporting's, and none of its code."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from mathshubs.clock import london_day
from mathshubs.postgres import Db

SAID = """
    SELECT split_part(type, '.', 4) AS kind, key, version, event_id, effective_at, recorded_at, data
      FROM event_log
     WHERE type = ANY($1::text[])
       AND recorded_at <= $2
     ORDER BY key, version
"""
POLICIES = """
    SELECT slots, half_terms, register_days
      FROM figure_policies
     WHERE from_year <= $1
     ORDER BY from_year DESC
     LIMIT 1
"""
HALF_TERMS = """
    SELECT half_term, from_month, from_day
      FROM figure_half_terms
     WHERE from_year = (SELECT max(from_year) FROM figure_half_terms WHERE from_year <= $1)
     ORDER BY half_term
"""

KINDS: Final = {
    "enrolment": (
        "WorkGroupFormed",
        "WorkGroupStandingChanged",
        "LeadSpecialistAssigned",
        "SchoolJoinedWorkGroup",
        "SchoolWithdrewFromWorkGroup",
        "SchoolCompletedStage",
        "CompletionQuestioned",
        "MasteryAdvocateNominated",
        "AdvocateSlotVacated",
        "PersonMerged",
        "SpecialistNominated",
        "SpecialistAcceptedOnProgramme",
        "SpecialistYearStarted",
        "SpecialistGatePassed",
        "SpecialistDeferred",
        "SpecialistReturned",
        "MasterySpecialistDesignated",
        "SpecialistLeftProgramme",
        "PDLeadProgrammeStarted",
        "PDLeadWorkshopAttended",
        "AccreditationEvidenceSubmitted",
        "PDLeadAccredited",
        "AccreditationReferred",
        "PDLeadReregistered",
        "PDLeadAccreditationLapsed",
    ),
    "scheduling": (
        "MeetingScheduled",
        "MeetingRescheduled",
        "MeetingCancelled",
        "MeetingHeld",
        "AttendanceRecorded",
        "SupportVisitCompleted",
        "OpenLessonHeld",
    ),
    "notification": ("MessageSettled",),
}
STEPS: Final = KINDS["enrolment"][10:]
TYPES: Final = [f"uk.mathshubs.{who}.{kind}.v1" for who, kinds in KINDS.items() for kind in kinds]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what was said, when it was true, when it was recorded."""

    kind: str
    key: str
    version: int
    id: str
    effective_at: datetime
    recorded_at: datetime
    said: Mapping[str, Any]

    def __getitem__(self, field: str) -> Any:  # noqa: ANN401 -- whatever was said
        """Return what was said of `field`, None if nothing was."""
        return self.said.get(field)

    def day(self, field: str = "effective_on") -> date:
        """Return a day that was said."""
        return date.fromisoformat(self.said[field])

    def instant(self, field: str) -> datetime:
        """Return an instant that was said."""
        return datetime.fromisoformat(self.said[field])


@dataclass(frozen=True, slots=True)
class Book:
    """All that was said by one instant, in the order of each aggregate, and what is asked of it."""

    facts: Mapping[str, Sequence[Fact]]
    as_at: datetime
    day: date

    def of(self, *kinds: str) -> list[Fact]:
        """Return facts of some kinds, by aggregate and version."""
        found = [fact for kind in kinds for fact in self.facts.get(kind, ())]
        return sorted(found, key=lambda fact: (fact.key, fact.version))

    def last(self, *kinds: str, until: bool = True) -> dict[str, Fact]:
        """Return the last fact of each aggregate among some kinds, of those true by the instant asked about."""
        return {fact.key: fact for fact in self.of(*kinds) if not until or fact.effective_at <= self.as_at}

    def person(self, name: str | None) -> str | None:
        """Return by which id a person goes."""
        into = {fact["person_id"]: fact["into_id"] for fact in self.of("PersonMerged")}
        for _ in into:
            name = into.get(name, name)
        return name

    @property
    def years(self) -> list[str]:
        """Return the school years that have a Work Group."""
        return sorted({fact["school_year"] for fact in self.of("WorkGroupFormed")})


async def read_book(db: Db, as_at: datetime, known_at: datetime) -> Book:
    """Read what counts out of the log."""
    facts: defaultdict[str, list[Fact]] = defaultdict(list)
    for row in await db.fetch(SAID, TYPES, known_at):
        about = (row["kind"], row["key"], row["version"], row["event_id"], row["effective_at"], row["recorded_at"])
        facts[row["kind"]].append(Fact(*about, json.loads(row["data"])))
    return Book(facts, as_at, london_day(as_at))


async def read_policy(db: Db, year: str) -> dict[str, Any]:
    """Return what figures of a school year rest on besides facts."""
    [policy] = await db.fetch(POLICIES, year)
    return dict(policy)


async def read_half_terms(db: Db, year: str) -> list[tuple[int, int, int]]:
    """Return the half-terms of a school year, each with the month and day on which it begins."""
    rows = await db.fetch(HALF_TERMS, year)
    return [(row["half_term"], row["from_month"], row["from_day"]) for row in rows]


def year_of(fact: Fact, day: date) -> str:
    """Return the school year that a fact says, else the one that `day` falls in."""
    said: str | None = fact["school_year"]
    first = day.year if day.month > 8 else day.year - 1  # noqa: PLR2004 -- August
    return said or f"{first}/{(first + 1) % 100:02}"
