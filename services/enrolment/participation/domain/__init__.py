"""Who takes part: what is reported of Work Groups, what is known of them, and which rule decides."""

from enrolment.participation.domain.evidence import Evidence, Mark
from enrolment.participation.domain.evolving import evolve
from enrolment.participation.domain.leads import History, Lead
from enrolment.participation.domain.lifecycle import Stand
from enrolment.participation.domain.places import Advocate, Place
from enrolment.participation.domain.policies import Policy
from enrolment.participation.domain.requests import (
    PROGRAMMES_OWN,
    AssignLead,
    FormWorkGroup,
    JoinWorkGroup,
    LookAgain,
    NominateAdvocate,
    OfSchool,
    ReplaceAdvocate,
    Request,
    WithdrawSchool,
)
from enrolment.participation.domain.rules.following import (
    and_what_follows,
    look_again,
    next_look,
    take_evidence,
)
from enrolment.participation.domain.rules.forming import form_work_group
from enrolment.participation.domain.rules.joining import join_work_group
from enrolment.participation.domain.rules.leading import assign_lead
from enrolment.participation.domain.rules.nominating import nominate_advocate
from enrolment.participation.domain.rules.replacing import replace_advocate
from enrolment.participation.domain.rules.waiting import awaited, candidates
from enrolment.participation.domain.rules.withdrawing import withdraw_school
from enrolment.participation.domain.spans import Span, meets
from enrolment.participation.domain.standing import Candidate, PlaceKey, Register, Standing, WorkGroup
from enrolment.participation.domain.vacancies import Vacancy, vacancies

__all__ = [
    "PROGRAMMES_OWN",
    "Advocate",
    "AssignLead",
    "Candidate",
    "Evidence",
    "FormWorkGroup",
    "History",
    "JoinWorkGroup",
    "Lead",
    "LookAgain",
    "Mark",
    "NominateAdvocate",
    "OfSchool",
    "Place",
    "PlaceKey",
    "Policy",
    "Register",
    "ReplaceAdvocate",
    "Request",
    "Span",
    "Stand",
    "Standing",
    "Vacancy",
    "WithdrawSchool",
    "WorkGroup",
    "and_what_follows",
    "assign_lead",
    "awaited",
    "candidates",
    "evolve",
    "form_work_group",
    "join_work_group",
    "look_again",
    "meets",
    "next_look",
    "nominate_advocate",
    "replace_advocate",
    "take_evidence",
    "vacancies",
    "withdraw_school",
]
