"""Who takes part: what is reported of Work Groups, what is known of them, and which rule decides."""

from enrolment.participation.domain.evolving import evolve
from enrolment.participation.domain.leads import History, Lead
from enrolment.participation.domain.places import Advocate, Place
from enrolment.participation.domain.policies import Policy
from enrolment.participation.domain.requests import (
    PROGRAMMES_OWN,
    AssignLead,
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    OfSchool,
    ReplaceAdvocate,
    Request,
    WithdrawSchool,
)
from enrolment.participation.domain.rules.forming import form_work_group
from enrolment.participation.domain.rules.joining import join_work_group
from enrolment.participation.domain.rules.leading import assign_lead
from enrolment.participation.domain.rules.nominating import nominate_advocate
from enrolment.participation.domain.rules.replacing import replace_advocate
from enrolment.participation.domain.rules.waiting import awaited, candidates
from enrolment.participation.domain.rules.withdrawing import withdraw_school
from enrolment.participation.domain.standing import Candidate, PlaceKey, Register, Standing, WorkGroup

__all__ = [
    "PROGRAMMES_OWN",
    "Advocate",
    "AssignLead",
    "Candidate",
    "FormWorkGroup",
    "History",
    "JoinWorkGroup",
    "Lead",
    "NominateAdvocate",
    "OfSchool",
    "Place",
    "PlaceKey",
    "Policy",
    "Register",
    "ReplaceAdvocate",
    "Request",
    "Standing",
    "WithdrawSchool",
    "WorkGroup",
    "assign_lead",
    "awaited",
    "candidates",
    "evolve",
    "form_work_group",
    "join_work_group",
    "nominate_advocate",
    "replace_advocate",
    "withdraw_school",
]
