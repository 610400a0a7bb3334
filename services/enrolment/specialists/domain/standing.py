"""What enrolment knows of one specialist, how each fact changes it, and on which days they may lead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from enrolment.specialists.domain.pathway import (
    DAY,
    Accreditation,
    Pathway,
    accreditation_after,
    pathway_after,
)
from enrolment.specialists.domain.requests import ACCREDITATION, PROGRAMME
from mathshubs.events import Event
from mathshubs.events.enrolment.specialists import (
    Interval,
    LeadStanding,
    OfSpecialist,
    PDLeadAccreditationLapsed,
)
from mathshubs.events.spoken import PersonId, SchoolYear, first_and_last_day, school_year_of

_PROGRAMME = frozenset(PROGRAMME.values())
_ACCREDITATION = frozenset(ACCREDITATION.values())


class Policy(NamedTuple):
    """What it takes to lead, from a school year on."""

    from_year: SchoolYear
    leads_from_year: int | None
    """The year of the programme from which somebody leads who is not designated yet; None: not before."""
    accreditation: str
    """What of PD Lead accreditation is wanted: `none`, `enrolled` or `accredited`."""
    caseload_groups: int
    """More Work Groups than this at once are worth a warning."""


@dataclass(frozen=True, slots=True)
class Specialist:
    """One specialist: their steps as they were reported, each lifecycle in the order of its days."""

    hub: str
    """The hub whose they are now."""
    programme: tuple[OfSpecialist, ...] = ()
    accreditation: tuple[OfSpecialist, ...] = ()
    lapse_said_of: date | None = None
    """The last day of the accreditation that has run out, once that is said."""
    intervals: tuple[Interval, ...] | None = None
    """The days on which they may lead, as they were said last."""

    def of(self, person_id: PersonId) -> "Specialist":
        """Return the same history as that of another record of the person, of whom nothing was said yet."""
        whose = {"person_id": person_id}
        return replace(
            self,
            programme=tuple(step.model_copy(update=whose) for step in self.programme),
            accreditation=tuple(step.model_copy(update=whose) for step in self.accreditation),
            intervals=None,
        )

    @property
    def pathway(self) -> Pathway:
        """Return where they stand in the programme after all that is reported."""
        return pathway_after(self.programme)

    @property
    def accredited(self) -> Accreditation:
        """Return where they stand in accreditation after all that is reported."""
        return accreditation_after(self.accreditation)


def evolve(specialist: Specialist | None, fact: Event) -> Specialist | None:
    """Return what is known after `fact`; what is no specialist's changes nothing.

    That an accreditation has run out is no step of its own: it follows from the last day, and a renewal of an
    earlier day that is reported late still counts.
    """
    match fact:
        case LeadStanding() if specialist:
            return replace(specialist, intervals=fact.intervals)
        case PDLeadAccreditationLapsed() if specialist and runs_out(specialist, fact.effective_on):
            return replace(specialist, lapse_said_of=fact.effective_on - DAY)
        case OfSpecialist():
            now = replace(specialist or Specialist(fact.hub), hub=fact.hub)
            if type(fact) in _PROGRAMME:
                return replace(now, programme=_with(now.programme, fact))
            return replace(now, accreditation=_with(now.accreditation, fact))
        case _:
            return specialist


def _with(steps: tuple[OfSpecialist, ...], step: OfSpecialist) -> tuple[OfSpecialist, ...]:
    return tuple(sorted((*steps, step), key=lambda one: one.effective_on))  # one told late stands by its day


def runs_out(specialist: Specialist, day: date) -> bool:
    """Say whether `day` is the first on which an accreditation that ran to a day is none any more."""
    before = accreditation_after(step for step in specialist.accreditation if step.effective_on < day)
    from_then = accreditation_after(step for step in specialist.accreditation if step.effective_on <= day).on(day)
    return before.is_accredited and before.expires_on == day - DAY and not from_then.is_accredited


def lapses_on(specialist: Specialist) -> date | None:
    """Return the day on which an accreditation runs out, or has, that is not said to have done so; None if none is."""
    ends = {end for step in specialist.accreditation if (end := getattr(step, "expires_on", None))}
    unsaid = (end + DAY for end in ends if specialist.lapse_said_of is None or end > specialist.lapse_said_of)
    return min((day for day in unsaid if runs_out(specialist, day)), default=None)


def policy_on(policies: Sequence[Policy], day: date) -> Policy | None:
    """Return what it takes to lead on `day`; None before any policy."""
    dated = [policy for policy in policies if policy.from_year <= school_year_of(day)]
    return max(dated, key=lambda policy: policy.from_year, default=None)


def may_lead(specialist: Specialist, policies: Sequence[Policy], day: date) -> bool:
    """Say whether they may lead on `day`, by what is reported of days until then and the policy of its year."""
    policy = policy_on(policies, day)
    if policy is None:
        return False
    pathway = pathway_after(step for step in specialist.programme if step.effective_on <= day)
    accredited = accreditation_after(step for step in specialist.accreditation if step.effective_on <= day).on(day)
    in_year = bool(policy.leads_from_year and pathway.year and pathway.year >= policy.leads_from_year)
    on_programme = (pathway.is_designated or in_year) and not pathway.is_deferred and not pathway.has_left
    wanted = {"none": True, "enrolled": accredited.is_enrolled, "accredited": accredited.is_accredited}
    return on_programme and wanted[policy.accreditation]


def intervals(specialist: Specialist, policies: Sequence[Policy]) -> tuple[Interval, ...]:
    """Return on which days they may lead: in order, none touching the next, the last perhaps without end.

    Nothing but steps, last days and policies is looked at, so the order in which the two lifecycles were
    reported makes no difference.
    """
    days = sorted(set(_turning_days(specialist, policies)))
    found: list[Interval] = []
    for day, following in pairwise([*days, None]):
        if day is None or not may_lead(specialist, policies, day):
            continue
        until = following - DAY if following else None
        if found and found[-1].until_on == day - DAY:
            found[-1] = Interval(from_on=found[-1].from_on, until_on=until)
        else:
            found.append(Interval(from_on=day, until_on=until))
    return tuple(found)


def _turning_days(specialist: Specialist, policies: Sequence[Policy]) -> Iterator[date]:
    """Yield each day on which it may change whether they may lead."""
    for step in (*specialist.programme, *specialist.accreditation):
        yield step.effective_on
        if expires_on := getattr(step, "expires_on", None):
            yield expires_on + DAY
    for policy in policies:
        yield first_and_last_day(policy.from_year)[0]
