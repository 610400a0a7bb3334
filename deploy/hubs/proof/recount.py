"""M1, M2 and M9 counted anew, from the facts as they were said: no projection of reporting's is read.

Definitions: the national report metrics. Which school stands for a lineage is the register's business, and is
asked of `mathshubs.lineage`, which has its own tests.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from mathshubs.clock import london_day
from mathshubs.lineage import Lineages, Link
from mathshubs.postgres import Db

LEVELS: Final = ("national", "hub", "region", "local_authority")
CLOSED: Final = 2
"""`EstablishmentStatus (code)` of the register."""
PRESENT: Final = frozenset({"present", "late", "partial"})

YEARS = """
    SELECT DISTINCT data ->> 'school_year' AS school_year
      FROM event_log
     WHERE type = 'uk.mathshubs.enrolment.WorkGroupFormed.v1'
     ORDER BY 1
"""
REGISTERED = """
    SELECT DISTINCT data ->> 'hub' AS hub, data ->> 'school_urn' AS urn
      FROM event_log
     WHERE type = 'uk.mathshubs.enrolment.SchoolJoinedWorkGroup.v1'
       AND data ->> 'school_year' = $1
       AND (data ->> 'effective_on')::date <= $2
       AND recorded_at <= $3
"""
EXPECTED = """
    WITH held AS (
        SELECT DISTINCT ON (key) key AS meeting, data ->> 'work_group_id' AS work_group,
               ((data ->> 'starts_at')::timestamptz AT TIME ZONE 'Europe/London')::date AS day
          FROM event_log
         WHERE type = 'uk.mathshubs.scheduling.MeetingHeld.v1'
           AND data ->> 'school_year' = $1
           AND effective_at <= $2
           AND recorded_at <= $3
         ORDER BY key, version DESC
    ), register AS (
        SELECT DISTINCT ON (key, data ->> 'person_id') key AS meeting, data ->> 'person_id' AS person,
               data ->> 'status' AS status
          FROM event_log
         WHERE type = 'uk.mathshubs.scheduling.AttendanceRecorded.v1'
           AND effective_at <= $2
           AND recorded_at <= $3
         ORDER BY key, data ->> 'person_id', (data ->> 'revision')::int DESC, version DESC
    )
    SELECT DISTINCT slot.data ->> 'hub' AS hub, slot.data ->> 'school_urn' AS urn, held.meeting,
           slot.data ->> 'person_id' AS person, register.status
      FROM held
      JOIN event_log AS slot
        ON slot.type = 'uk.mathshubs.enrolment.MasteryAdvocateNominated.v1'
       AND slot.data ->> 'work_group_id' = held.work_group
       AND (slot.data ->> 'effective_on')::date <= held.day
       AND slot.recorded_at <= $3
      LEFT JOIN register ON register.meeting = held.meeting AND register.person = slot.data ->> 'person_id'
"""
SCHOOLS = """
    SELECT key AS urn, effective_at, data
      FROM event_log
     WHERE type IN ('uk.mathshubs.enrolment.SchoolRegistered.v1', 'uk.mathshubs.enrolment.SchoolDetailsChanged.v1',
                    'uk.mathshubs.enrolment.SchoolClosed.v1')
       AND recorded_at <= $1
     ORDER BY key, version
"""
LINKS = """
    SELECT data ->> 'predecessor_urn' AS predecessor, data ->> 'successor_urn' AS successor,
           (data ->> 'on')::date AS day
      FROM event_log
     WHERE type = 'uk.mathshubs.enrolment.SchoolReplacedBy.v1'
       AND recorded_at <= $1
     ORDER BY key, version
"""


@dataclass(frozen=True, slots=True)
class Register:
    """The register as its facts tell it at one instant: what each school is, and which stands for it."""

    lineages: Lineages
    entries: Mapping[str, Mapping[str, Any]]
    day: date

    def root(self, urn: str) -> str:
        """Return the school that stands for the lineage of `urn`."""
        return self.lineages.root(urn, self.day)

    def place(self, level: str, hub: str, urn: str) -> str:
        """Return where a school in a hub's Work Group counts: a hub's or an authority's code, a region's name."""
        entry = self.entries.get(self.root(urn)) or self.entries.get(urn) or {}
        found = {
            "national": "England",
            "hub": hub,
            "region": entry.get("region") or "Not known",
            "local_authority": entry.get("local_authority_code") or "not-known",
        }
        return str(found[level])


async def read_register(db: Db, as_at: datetime, known_at: datetime) -> Register:
    """Read the register out of the facts that were known at `known_at`."""
    told: defaultdict[str, list[tuple[datetime, Mapping[str, Any]]]] = defaultdict(list)
    for row in await db.fetch(SCHOOLS, known_at):
        told[row["urn"]].append((row["effective_at"], json.loads(row["data"])))
    links = {(row["predecessor"], row["successor"]): row["day"] for row in await db.fetch(LINKS, known_at)}
    latest = {urn: versions[-1][1] for urn, versions in told.items()}
    closed = {
        urn: _day(one["closed_on"]) for urn, one in latest.items() if one["closed_on"] or one["status_code"] == CLOSED
    }
    opened = {urn: _day(one["opened_on"]) for urn, one in latest.items()}
    lineages = Lineages([Link(*pair, day) for pair, day in links.items()], opened, closed)
    return Register(lineages, {urn: _as_at(versions, as_at) for urn, versions in told.items()}, london_day(as_at))


def _day(spelled: str | None) -> date | None:
    return date.fromisoformat(spelled) if spelled else None


def _as_at(versions: Sequence[tuple[datetime, Mapping[str, Any]]], as_at: datetime) -> Mapping[str, Any]:
    """Return what held at an instant; of a school that was to come later, what held at first."""
    begun = [entry for effective_at, entry in versions if effective_at <= as_at]
    return begun[-1] if begun else versions[0][1]


@dataclass(frozen=True, slots=True)
class Recount:
    """The counts of one school year, before they are put in their places."""

    registered: frozenset[tuple[str, str]]
    """Hub and URN of each school that joined."""
    expected: Sequence[tuple[str, str, bool]]
    """Hub and URN for each advocate's place at a held meeting, and whether the advocate was there."""

    def schools(self, measure: str) -> frozenset[tuple[str, str]]:
        """Return the schools, each with a hub, that count for M1 or M2."""
        if measure == "M1":
            return self.registered
        return self.registered & {(hub, urn) for hub, urn, was_there in self.expected if was_there}

    def figures(self, measure: str, level: str, register: Register) -> dict[str, tuple[int, int | None]]:
        """Return numerator and denominator of each place in which anything counts."""
        if measure == "M9":
            return self._attendance(level, register)
        lineages: defaultdict[str, set[str]] = defaultdict(set)
        for hub, urn in self.schools(measure):
            lineages[register.place(level, hub, urn)].add(register.root(urn))
        return {place: (len(roots), None) for place, roots in lineages.items()}

    def _attendance(self, level: str, register: Register) -> dict[str, tuple[int, int | None]]:
        there: defaultdict[str, int] = defaultdict(int)
        places: defaultdict[str, int] = defaultdict(int)
        for hub, urn, was_there in self.expected:
            place = register.place(level, hub, urn)
            places[place] += 1
            there[place] += was_there
        return {place: (there[place], count) for place, count in places.items()}

    def shared(self, measure: str, register: Register) -> dict[str, set[str]]:
        """Return the lineages that count in more than one hub, and in which."""
        hubs: defaultdict[str, set[str]] = defaultdict(set)
        for hub, urn in self.schools(measure):
            hubs[register.root(urn)].add(hub)
        return {lineage: codes for lineage, codes in hubs.items() if len(codes) > 1}


async def count(db: Db, year: str, as_at: datetime, known_at: datetime) -> Recount:
    """Count one school year out of the log."""
    joined = await db.fetch(REGISTERED, year, london_day(as_at), known_at)
    expected = await db.fetch(EXPECTED, year, as_at, known_at)
    return Recount(
        frozenset((row["hub"], row["urn"]) for row in joined),
        [(row["hub"], row["urn"], row["status"] in PRESENT) for row in expected],
    )
