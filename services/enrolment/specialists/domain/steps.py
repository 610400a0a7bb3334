"""Which step may follow on which: what is refused because it contradicts the record, and what is only unusual."""

from enrolment.specialists.domain.pathway import DAY, Accreditation, Pathway
from mathshubs.events.enrolment.specialists import (
    AccreditationEvidenceSubmitted,
    AccreditationReferred,
    MasterySpecialistDesignated,
    OfSpecialist,
    PDLeadAccreditationLapsed,
    PDLeadAccredited,
    PDLeadProgrammeStarted,
    PDLeadReregistered,
    PDLeadWorkshopAttended,
    SpecialistAcceptedOnProgramme,
    SpecialistDeferred,
    SpecialistGatePassed,
    SpecialistLeftProgramme,
    SpecialistNominated,
    SpecialistReturned,
    SpecialistYearStarted,
)

DIFFERS = "specialist-step-differs"
WORKSHOPS = frozenset({1, 2, 3})


def why_no_step(now: Pathway, step: OfSpecialist, *, moves: bool) -> list[str]:
    """Return why `step` cannot follow; `moves`: another hub than the one whose they are reports it."""
    if now.has_left:
        return _after_leaving(step)
    match step:
        case SpecialistNominated():
            return _begun(now) or ([DIFFERS] if now.is_nominated else [])
        case SpecialistAcceptedOnProgramme() if now.is_accepted:
            other = None not in (now.cohort, step.cohort) and now.cohort != step.cohort
            return ["cohort-differs" if other else DIFFERS]
        case SpecialistAcceptedOnProgramme():
            return _begun(now)
        case SpecialistYearStarted(year=year) if now.year:
            again = year == now.year and not (moves or now.has_paused)
            return ["year-gone-by"] if year < now.year else [DIFFERS] if again else []
        case SpecialistGatePassed(gate=gate):
            return [DIFFERS] if gate in now.gates else []
        case SpecialistDeferred():
            return [DIFFERS] if now.is_deferred else []
        case MasterySpecialistDesignated():
            return [DIFFERS] if now.is_designated else []
        case _:
            return []


def _after_leaving(step: OfSpecialist) -> list[str]:
    if isinstance(step, SpecialistNominated | SpecialistAcceptedOnProgramme):
        return []
    return [DIFFERS if isinstance(step, SpecialistLeftProgramme) else "left-programme"]


def _begun(now: Pathway) -> list[str]:
    if now.is_designated:
        return ["already-designated"]
    return ["already-on-programme"] if now.is_accepted or now.year else []


def programme_flags(now: Pathway, step: OfSpecialist, *, moves: bool) -> list[str]:
    """Return what is unusual about `step`, which is recorded all the same."""
    match step:
        case SpecialistAcceptedOnProgramme():
            return [] if now.is_nominated and not now.has_left else ["not-nominated"]
        case SpecialistYearStarted(year=year):
            reached = year in (1, now.year) or year - 1 in now.gates
            paused = ["not-returned"] if now.is_deferred and not moves else []
            return [*_unaccepted(now), *([] if reached else ["gate-not-passed"]), *paused]
        case SpecialistGatePassed(gate=gate):
            return [*_unaccepted(now), *([] if now.year and now.year >= gate else ["year-not-started"])]
        case SpecialistReturned():
            return [] if now.is_deferred or moves else ["not-deferred"]
        case MasterySpecialistDesignated():
            passed = now.year is not None and now.year in now.gates
            return [*_unaccepted(now), *([] if passed else ["gate-not-passed"])]
        case _:
            return []


def _unaccepted(now: Pathway) -> list[str]:
    return [] if now.is_accepted else ["not-accepted"]


def why_no_accreditation(before: Accreditation, step: OfSpecialist) -> list[str]:
    """Return why `step` cannot follow."""
    now = before.on(step.effective_on)
    expires_on = getattr(step, "expires_on", None)
    if expires_on and expires_on < step.effective_on:
        return ["expires-before-it-begins"]
    if now.is_accredited and not isinstance(step, PDLeadReregistered | PDLeadAccreditationLapsed):
        return ["already-accredited"]
    match step:
        case PDLeadProgrammeStarted():
            differs = now.is_enrolled
        case PDLeadWorkshopAttended(workshop=workshop):
            differs = workshop in now.workshops
        case AccreditationEvidenceSubmitted():
            differs = now.is_submitted
        case AccreditationReferred():
            differs = now.is_referred
        case PDLeadAccreditationLapsed():
            differs = now.has_lapsed and before.expires_on != step.effective_on - DAY
        case _:
            differs = False
    return [DIFFERS] if differs else []


def accreditation_flags(before: Accreditation, step: OfSpecialist) -> list[str]:
    """Return what is unusual about `step`, which is recorded all the same."""
    now = before.on(step.effective_on)
    match step:
        case PDLeadWorkshopAttended():
            return [] if now.is_started else ["not-enrolled"]
        case AccreditationEvidenceSubmitted():
            return [] if now.workshops == WORKSHOPS else ["workshops-missing"]
        case PDLeadAccredited() | AccreditationReferred():
            return [] if now.is_submitted else ["no-evidence"]
        case PDLeadReregistered() | PDLeadAccreditationLapsed():
            return [] if before.is_accredited or before.has_lapsed else ["not-accredited"]
        case _:
            return []
