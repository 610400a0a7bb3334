"""Which reports of specialists are accepted, which are worth a flag, and what follows for who may lead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from enrolment.specialists.domain.pathway import DAY, accreditation_after, pathway_after
from enrolment.specialists.domain.requests import LetLapse, Step, TakeAccreditationStep, TakeProgrammeStep
from enrolment.specialists.domain.standing import Policy, Specialist, evolve, intervals, lapses_on, runs_out
from enrolment.specialists.domain.steps import accreditation_flags, programme_flags, why_no_accreditation, why_no_step
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.specialists import (
    LeadStanding,
    OfSpecialist,
    PDLeadAccreditationLapsed,
    SpecialistGatePassed,
    SpecialistReportRefused,
    SpecialistReturned,
    SpecialistYearStarted,
)

Steps = tuple[OfSpecialist, ...]
_TAKES_OVER = (SpecialistReturned, SpecialistYearStarted)
"""What a hub reports of a specialist who has come to it from another."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when a step is reported: the specialist, whose the person is, and what it takes to lead."""

    policies: tuple[Policy, ...]
    specialist: Specialist | None = None
    person_hub: str | None = None
    """The hub that reported the person; None if nobody has."""
    is_erased: bool = False

    @property
    def hub(self) -> str | None:
        """Return the hub whose the specialist is, or will be."""
        return self.specialist.hub if self.specialist else self.person_hub


def take_programme_step(known: Known, ask: TakeProgrammeStep, _today: date) -> list[Event]:
    """Record the step of the programme, or refuse it with every reason; one that is on record is left alone."""
    mine = known.specialist or Specialist(ask.hub)
    step = _step(ask, _gate(mine, ask))
    if _is_on_record(mine.programme, step):
        return []
    if reason := _not_yours(known, ask):
        return [_refused(ask, reason)]
    moves = known.hub not in (None, ask.hub)
    before, later = _around(mine.programme, step)
    then = pathway_after(before)
    reasons = why_no_step(then, step, moves=moves)
    if later and (moves or _contradicts(before, step, later, _why_no_step)):
        reasons = ["before-last-step", *reasons]
    if reasons:
        return [_refused(ask, *reasons)]
    return _recorded(known, mine, step, (*_flags(known, ask), *programme_flags(then, step, moves=moves)))


def take_accreditation_step(known: Known, ask: TakeAccreditationStep, _today: date) -> list[Event]:
    """Record the step of accreditation, or refuse it with every reason; one that is on record is left alone."""
    mine = known.specialist or Specialist(ask.hub)
    step = _step(ask)
    if _is_on_record(mine.accreditation, step) or _is_said(mine, step):
        return []
    if reason := _not_yours(known, ask):
        return [_refused(ask, reason)]
    before, later = _around(mine.accreditation, step)
    then = accreditation_after(before)
    reasons = why_no_accreditation(then, step)
    if _contradicts(before, step, later, _why_no_accreditation):
        reasons = ["before-last-step", *reasons]
    if reasons:
        return [_refused(ask, *reasons)]
    return _recorded(known, mine, step, (*_flags(known, ask), *accreditation_flags(then, step)))


def let_lapse(known: Known, ask: LetLapse, _today: date) -> list[Event]:
    """Say that an accreditation has run out, on the day after its last; once, and not if it was renewed."""
    mine = known.specialist
    lapsed_on = lapses_on(mine) if mine else None
    if mine is None or lapsed_on is None or lapsed_on > ask.today:
        return []
    return [
        PDLeadAccreditationLapsed(
            effective_at=start_of(lapsed_on), hub=mine.hub, person_id=ask.person_id, effective_on=lapsed_on
        )
    ]


def _step(ask: Step, details: Mapping[str, object] | None = None) -> OfSpecialist:
    return ask.kind.model_validate(
        {
            "effective_at": start_of(ask.effective_on),
            "hub": ask.hub,
            "person_id": ask.person_id,
            "effective_on": ask.effective_on,
            **(ask.details if details is None else details),
        }
    )


def _gate(mine: Specialist, ask: TakeProgrammeStep) -> Mapping[str, object]:
    """Return what the step holds; a gate that is not named is that of the year they were in, or of the first."""
    if ask.kind is not SpecialistGatePassed:
        return ask.details
    until_then = [step for step in mine.programme if step.effective_on <= ask.effective_on]
    passed = (step for step in until_then if isinstance(step, SpecialistGatePassed))
    on_record = [step.gate for step in passed if step.effective_on == ask.effective_on]
    return {"gate": (*on_record, pathway_after(until_then).year, 1)[0] or 1, **ask.details}


def _is_on_record(steps: Steps, step: OfSpecialist) -> bool:
    return any(type(known) is type(step) and known.model_copy(update={"flags": ()}) == step for known in steps)


def _is_said(mine: Specialist, step: OfSpecialist) -> bool:
    """Say whether `step` is that an accreditation has run out, and that was said."""
    is_lapse = isinstance(step, PDLeadAccreditationLapsed) and runs_out(mine, step.effective_on)
    return is_lapse and mine.lapse_said_of == step.effective_on - DAY


def _not_yours(known: Known, ask: Step) -> str | None:
    if known.hub and known.hub != ask.hub and not issubclass(ask.kind, _TAKES_OVER):
        return "not-your-specialist"
    return "person-erased" if known.is_erased else None


def _around(steps: Steps, step: OfSpecialist) -> tuple[Steps, Steps]:
    """Return the steps that stand before `step` by their days, those of the same day too, and those after it."""
    before = tuple(known for known in steps if known.effective_on <= step.effective_on)
    return before, steps[len(before) :]


def _contradicts(
    before: Steps, step: OfSpecialist, later: Steps, why_not: Callable[[Steps, OfSpecialist], list[str]]
) -> bool:
    """Say whether a step told late makes one of a later day, which is on record, one that could not follow."""
    return any(
        why_not((*before, step, *later[:place]), known) and not why_not((*before, *later[:place]), known)
        for place, known in enumerate(later)
    )


def _why_no_step(steps: Steps, step: OfSpecialist) -> list[str]:
    return why_no_step(pathway_after(steps), step, moves=bool(steps) and steps[-1].hub != step.hub)


def _why_no_accreditation(steps: Steps, step: OfSpecialist) -> list[str]:
    return why_no_accreditation(accreditation_after(steps), step)


def _flags(known: Known, ask: Step) -> list[str]:
    flags = [] if known.person_hub else ["person-unknown"]
    return [*flags, "changed-hub"] if known.hub not in (None, ask.hub) else flags


def _recorded(known: Known, mine: Specialist, step: OfSpecialist, flags: Sequence[str]) -> list[Event]:
    """Return the step, and on which days they may lead now if those are others than before."""
    fact = step.model_copy(update={"flags": tuple(flags)})
    after = evolve(known.specialist, fact) or mine
    days = intervals(after, known.policies)
    if days == mine.intervals:
        return [fact]
    standing = LeadStanding(effective_at=step.effective_at, hub=after.hub, person_id=step.person_id, intervals=days)
    return [fact, standing]


def _refused(ask: Step, *reasons: str) -> SpecialistReportRefused:
    return SpecialistReportRefused(
        effective_at=start_of(ask.effective_on), hub=ask.hub, person_id=ask.person_id, reasons=reasons
    )
