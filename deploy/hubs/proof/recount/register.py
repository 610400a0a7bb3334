"""The register out of the facts as they were said: which school stands for which, where each is, who might take part.

Which school stands for a lineage is the register's business, and is asked of `mathshubs.lineage`, which has its own
tests.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from mathshubs.clock import london_day
from mathshubs.lineage import Lineages, Link
from mathshubs.postgres import Db

THURSDAY: Final = 3
LONDON: Final = ZoneInfo("Europe/London")
CLOSED: Final = 2
"""`EstablishmentStatus (code)` of the register."""

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
    told: Mapping[str, Sequence[tuple[datetime, Mapping[str, Any]]]]

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
    return Register(lineages, {urn: _as_at(versions, as_at) for urn, versions in told.items()}, london_day(as_at), told)


def _day(spelled: str | None) -> date | None:
    return date.fromisoformat(spelled) if spelled else None


def _as_at(versions: Sequence[tuple[datetime, Mapping[str, Any]]], as_at: datetime) -> Mapping[str, Any]:
    """Return what held at an instant; of a school that was to come later, what held at first."""
    begun = [entry for effective_at, entry in versions if effective_at <= as_at]
    return begun[-1] if begun else versions[0][1]


POPULATION = """
    SELECT type_codes, phase_codes, status_codes, age_judged_type_codes, low_age, high_age, outside_type_codes,
           outside_local_authority_codes, countries
      FROM population_policies
     WHERE from_year <= $1
     ORDER BY from_year DESC
     LIMIT 1
"""


def census_end(year: str, as_at: datetime) -> datetime:
    """Return the end of the day of January's census of a year, or the instant itself where that is earlier."""
    first = date(int(year[:4]) + 1, 1, 1)
    third = [day for day in (first + timedelta(days=number) for number in range(21)) if day.weekday() == THURSDAY][-1]
    return min(datetime.combine(third, time.max, LONDON), as_at) if third <= london_day(as_at) else as_at


async def population(db: Db, census: Register, year: str) -> list[str]:
    """Return the state-funded secondaries of England on the day of `census`."""
    [policy] = await db.fetch(POPULATION, year)
    end = datetime.combine(census.day, time.max, LONDON)
    then = {urn: [said for at, said in told if at <= end] for urn, told in census.told.items()}
    return [urn for urn, said in then.items() if said and _is_in(said[-1], dict(policy), census.day)]


def _is_in(school: Mapping[str, Any], policy: Mapping[str, Any], day: date) -> bool:
    kind, opened, closed = school["type_code"], _day(school["opened_on"]), _day(school["closed_on"])
    low, high = school["low_age"], school["high_age"]
    ages = low is not None and high is not None and low < policy["high_age"] and high > policy["low_age"]
    return (
        kind in policy["type_codes"]
        and kind not in policy["outside_type_codes"]
        and school["local_authority_code"] not in policy["outside_local_authority_codes"]
        and (school["country"] is None or school["country"] in policy["countries"])
        and (school["phase_code"] in policy["phase_codes"] or (kind in policy["age_judged_type_codes"] and ages))
        and (opened is None or opened <= day)
        and (closed is None or closed >= day)
        and (
            school["status_code"] in policy["status_codes"] or (school["status_code"] == CLOSED and closed is not None)
        )
    )
