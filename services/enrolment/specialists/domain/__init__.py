"""Specialists: what is reported of them, what is known, which rule decides, and on which days they may lead."""

from enrolment.specialists.domain.pathway import Accreditation, Pathway, accreditation_after, pathway_after
from enrolment.specialists.domain.requests import (
    ACCREDITATION,
    PROGRAMME,
    LetLapse,
    Request,
    Step,
    TakeAccreditationStep,
    TakeProgrammeStep,
)
from enrolment.specialists.domain.rules import Known, let_lapse, take_accreditation_step, take_programme_step
from enrolment.specialists.domain.standing import (
    Policy,
    Specialist,
    evolve,
    intervals,
    lapses_on,
    may_lead,
    policy_on,
)

__all__ = [
    "ACCREDITATION",
    "PROGRAMME",
    "Accreditation",
    "Known",
    "LetLapse",
    "Pathway",
    "Policy",
    "Request",
    "Specialist",
    "Step",
    "TakeAccreditationStep",
    "TakeProgrammeStep",
    "accreditation_after",
    "evolve",
    "intervals",
    "lapses_on",
    "let_lapse",
    "may_lead",
    "pathway_after",
    "policy_on",
    "take_accreditation_step",
    "take_programme_step",
]
