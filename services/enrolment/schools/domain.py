"""One school of the register: what changed, what replaced it, and whether it may take part on a day."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import IntEnum

from mathshubs.clock import start_of
from mathshubs.events.enrolment.schools import (
    SchoolClosed,
    SchoolDetailsChanged,
    SchoolRegistered,
    SchoolReplacedBy,
)
from mathshubs.events.spoken import Event
from mathshubs.lineage import Link

ALWAYS = date(1900, 9, 1)
"""When a fact took effect whose date the register leaves blank: earlier than any day that is asked about."""


class Status(IntEnum):
    """The register's `EstablishmentStatus (code)`."""

    OPEN = 1
    CLOSED = 2
    PROPOSED_TO_CLOSE = 3
    PROPOSED_TO_OPEN = 4


@dataclass(frozen=True, slots=True)
class School:
    """One entry of the register; codes are the register's own, ages statutory and in years."""

    urn: str
    name: str
    local_authority_code: str
    local_authority_name: str
    region: str | None
    country: str | None
    type_code: int
    phase_code: int
    status_code: int
    low_age: int | None
    high_age: int | None
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class EligibilityPolicy:
    """Which schools a programme is for, in the register's codes, from one school year on.

    Schools of `age_judged_type_codes` have no phase in the register: they count where they may have pupils
    of `low_age` to `high_age`. With `colleges`, `college_type_codes` and `college_phase_codes` count as well.
    """

    programme: str
    from_year: str
    type_codes: frozenset[int]
    phase_codes: frozenset[int]
    status_codes: frozenset[int]
    age_judged_type_codes: frozenset[int]
    low_age: int
    high_age: int
    colleges: bool
    college_type_codes: frozenset[int]
    college_phase_codes: frozenset[int]
    outside_type_codes: frozenset[int]
    outside_local_authority_codes: frozenset[str]
    countries: frozenset[str]


def eligibility(school: School, day: date, policy: EligibilityPolicy) -> tuple[str, ...]:
    """Return why `school` may not take part on `day`: reason codes, none if it may.

    Outside England the register's types and phases say nothing of funding and pupils, so neither is judged.
    Source: domain.md, secondary eligibility.
    """
    if not _is_in_england(school, policy):
        found = ["school-not-in-england", _not_open(school, day, policy)]
    else:
        found = [_not_funded(school, policy), _not_secondary(school, policy), _not_open(school, day, policy)]
    return tuple(reason for reason in found if reason)


def _is_in_england(school: School, policy: EligibilityPolicy) -> bool:
    return (
        school.type_code not in policy.outside_type_codes
        and school.local_authority_code not in policy.outside_local_authority_codes
        and (school.country is None or school.country in policy.countries)
    )


def _not_funded(school: School, policy: EligibilityPolicy) -> str | None:
    return None if school.type_code in policy.type_codes else "school-not-state-funded"


def _not_secondary(school: School, policy: EligibilityPolicy) -> str | None:
    fits = (
        school.phase_code in policy.phase_codes
        or (school.type_code in policy.age_judged_type_codes and _has_pupils_of_age(school, policy))
        or (policy.colleges and _is_college(school, policy))
    )
    return None if fits else "school-not-secondary"


def _has_pupils_of_age(school: School, policy: EligibilityPolicy) -> bool:
    """Say whether the statutory ages overlap the policy's; a school up to 11 has none aged 11 to 16."""
    if school.low_age is None or school.high_age is None:
        return False
    return school.low_age < policy.high_age and school.high_age > policy.low_age


def _is_college(school: School, policy: EligibilityPolicy) -> bool:
    return school.type_code in policy.college_type_codes or school.phase_code in policy.college_phase_codes


def _not_open(school: School, day: date, policy: EligibilityPolicy) -> str | None:
    """Judge by the dates first; a closed school was open up to its last day, that day included."""
    if school.opened_on and day < school.opened_on:
        return "school-not-yet-open"
    if school.closed_on and day > school.closed_on:
        return "school-closed"
    was_open = school.status_code == Status.CLOSED and school.closed_on
    if school.status_code in policy.status_codes or was_open:
        return None
    return "school-not-yet-open" if school.status_code == Status.PROPOSED_TO_OPEN else "school-closed"


def changes(held: School | None, now: School, changed_on: date) -> list[Event]:
    """Return what to say when the register has `now` where `held` was known, if anything.

    A school unheard of is registered, effective from its opening or always, and closed as well if it is.
    A closing takes effect on the last day, else on `changed_on`, like any other change.
    """
    if held == now:
        return []
    said: list[Event] = []
    if held is None:
        said.append(SchoolRegistered(effective_at=start_of(now.opened_on or ALWAYS), **asdict(now)))
    if _has_closed(held, now):
        said.append(SchoolClosed(effective_at=start_of(now.closed_on or changed_on), **asdict(now)))
    return said or [SchoolDetailsChanged(effective_at=start_of(changed_on), **asdict(now))]


def _has_closed(held: School | None, now: School) -> bool:
    if now.status_code != Status.CLOSED:
        return False
    return held is None or held.status_code != Status.CLOSED or held.closed_on != now.closed_on


def replacement(held: Link | None, now: Link) -> list[Event]:
    """Return what to say of a link that the register has, `held` being the same pair as known before."""
    if held == now:
        return []
    return [
        SchoolReplacedBy(
            effective_at=start_of(now.on or ALWAYS),
            predecessor_urn=now.predecessor,
            successor_urn=now.successor,
            on=now.on,
        )
    ]


_SUCCESSORS = frozenset({"successor", "successor - merged", "successor - amalgamated"})
_PREDECESSORS = frozenset({"predecessor", "predecessor - merged", "predecessor - amalgamated"})


def joining(urn: str, linked: str, kind: str, on: date | None) -> Link | None:
    """Return the link that a row of the links file means, None for a kind that joins no lineages.

    `kind` says what `linked` is to `urn`. Splits, sixth-form centres, expansions and results of an
    amalgamation (which name no direction) do not join.
    """
    match kind.casefold():
        case name if name in _SUCCESSORS:
            return Link(urn, linked, on)
        case name if name in _PREDECESSORS:
            return Link(linked, urn, on)
        case _:
            return None


def paired(one: Link, other: Link) -> Link:
    """Return the one link that two rows of the same pair mean: a date on either counts, else the later.

    Each pair stands once in either school's entry, with the last day of the predecessor in the one and the
    first day of the successor in the other; the later is the day on which the successor took over.
    """
    dates = [link.on for link in (one, other) if link.on]
    return Link(one.predecessor, one.successor, max(dates, default=None))
