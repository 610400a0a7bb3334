"""Mastery Specialists and PD Leads: who is on the way, who has arrived, and who leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from mathshubs.events.spoken import first_and_last_day
from reporting.measures.domain.figures import BY_HUB, Measure, Subject
from reporting.measures.domain.parts import PERSON, Part, Unit, Value, divided, how_many, middle, share
from reporting.measures.domain.places import Level, Place


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a specialist."""

    step: str
    on: date
    cohort: int | None = None
    year: int | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Specialist:
    """One person as they stand on the day asked about; or, with nothing else, what they lead at one hub."""

    id: str
    places: Mapping[Level, Place] = field(default_factory=dict)
    cohort: int | None = None
    year: int = 0
    """Of the programme, 0 before the first has begun."""
    was_accepted: bool = False
    was_designated: bool = False
    has_left: bool = False
    enrolled_on: date | None = None
    """For PD Lead accreditation."""
    award_days: int | None = None
    """From enrolment to the award, where that was in the year asked about; no days where they enrolled unheard."""
    awarded: bool = False
    accredited: bool = False
    expires_on: date | None = None
    lapsed: bool = False
    meetings_led: int = 0
    groups_led: int = 0
    """Of which they are the lead on the day, at this hub."""

    kind = PERSON
    name = ""
    stage = None

    @property
    def in_pipeline(self) -> bool:
        """On the programme, paused or not, and not yet designated."""
        return self.was_accepted and not self.was_designated and not self.has_left


def stands(person: Specialist, steps: Iterable[Step], school_year: str, day: date) -> Specialist:
    """Return where somebody stands on `day` after their steps, in order; `school_year` is the one asked about."""
    for step in steps:
        person = _after(person, step, school_year)
    ran_out = person.accredited and person.expires_on is not None and person.expires_on < day
    return replace(person, accredited=False) if ran_out else person


def _after(person: Specialist, step: Step, school_year: str) -> Specialist:
    first, last = first_and_last_day(school_year)
    in_year = first <= step.on <= last
    match step.step:
        case "accepted":
            return replace(person, was_accepted=True, has_left=False, cohort=step.cohort or person.cohort)
        case "year-started":
            return replace(person, was_accepted=True, has_left=False, year=step.year or person.year)
        case "returned":
            return replace(person, has_left=False)
        case "designated":
            return replace(person, was_designated=True, has_left=False)
        case "left":
            return replace(person, has_left=True)
        case "enrolled":
            return replace(person, enrolled_on=step.on)
        case "accredited" | "re-registered":
            renewed = replace(person, accredited=True, expires_on=step.expires_on, lapsed=False)
            return _awarded(renewed, step.on) if step.step == "accredited" and in_year else renewed
        case "lapsed":
            return replace(person, accredited=False, lapsed=in_year)
    return person


def _awarded(person: Specialist, on: date) -> Specialist:
    days = (on - person.enrolled_on).days if person.enrolled_on else None
    return replace(person, awarded=True, award_days=days)


def _is_designated(person: Specialist) -> bool:
    return person.was_designated and not person.has_left


def _leads(person: Specialist) -> bool:
    return person.meetings_led > 0


def _has_groups(person: Specialist) -> bool:
    return person.groups_led > 0


def _caseload(seen: Sequence[Specialist]) -> Value:
    """Divide Work Groups by their leads; who leads at two hubs is one lead where both are seen."""
    return divided(sum(one.groups_led for one in seen), len({one.id for one in seen if _has_groups(one)}))


def cohorts(seen: Sequence[Specialist]) -> list[Part]:
    """Return a part for each cohort and year of the programme that somebody is in, and each cohort's designations."""
    pairs = sorted({(one.cohort or 0, one.year) for one in seen if one.in_pipeline})
    numbers = sorted({one.cohort for one in seen if one.cohort})
    return [*(_in_pipeline(cohort, year) for cohort, year in pairs), *map(_retention, numbers)]


def _in_pipeline(cohort: int, year: int) -> Part:
    named = (f"Cohort {cohort}" if cohort else "No cohort") + (f", year {year}" if year else ", not begun")
    return how_many(
        f"pipeline-{cohort}-{year}",
        named,
        lambda one: one.in_pipeline and (one.cohort or 0, one.year) == (cohort, year),
    )


def _retention(cohort: int) -> Part:
    def in_cohort(person: Specialist) -> bool:
        return person.was_accepted and person.cohort == cohort

    return share(
        f"retention-{cohort}",
        f"Cohort {cohort} designated",
        lambda one: in_cohort(one) and one.was_designated,
        in_cohort,
    )


SPECIALISTS: Final = (
    Measure(
        "M14",
        "Specialists",
        "As they stand on the day asked about, or when the school year ended if that is earlier: teachers on the "
        "three-year programme, paused or not and not yet designated, by cohort and year; designated Mastery "
        "Specialists who have not left; and of all whom a cohort ever accepted the share that has come to "
        "designation, each in the hub that spoke of them last by then. By the hub of the Work Group: people who led a "
        "held meeting of the school year, and Work Groups of the school year to each who leads any on the day.",
        Subject.SPECIALISTS,
        (
            how_many("pipeline", "On the programme", lambda person: person.in_pipeline),
            how_many("designated", "Designated", _is_designated),
            how_many("leads", "Active leads", _leads),
            Part("caseload", "Work Groups to a lead", Unit.NUMBER, _has_groups, _caseload),
        ),
        levels=BY_HUB,
        by_stage=False,
        more=cohorts,
    ),
    Measure(
        "M15",
        "PD Leads",
        "PD Leads whose accreditation holds on the day asked about, or when the school year ended if that is earlier, "
        "the day of its expiry too; people awarded it in the school year by that day; people whose accreditation was "
        "said to lapse in the school year and who have not been accredited anew by that day; and the median of days "
        "from enrolment to those awards, of those whose enrolment is known. Each in the hub that spoke of them last by "
        "then.",
        Subject.SPECIALISTS,
        (
            how_many("accredited", "Accredited", lambda person: person.accredited),
            how_many("awarded", "Awarded", lambda person: person.awarded),
            how_many("lapsed", "Lapsed", lambda person: person.lapsed),
            middle(
                "days",
                "Median days to the award",
                lambda person: person.award_days is not None,
                lambda person: person.award_days,
                Unit.DAYS,
            ),
        ),
        levels=BY_HUB,
        by_stage=False,
    ),
)
