"""Who takes part: what is reported of Work Groups, what is known of them, and which rule decides."""

from enrolment.participation.domain.requests import (
    PROGRAMMES_OWN,
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    Request,
)
from enrolment.participation.domain.rules import (
    awaited,
    candidates,
    form_work_group,
    join_work_group,
    nominate_advocate,
)
from enrolment.participation.domain.standing import (
    Advocate,
    Candidate,
    Place,
    Policy,
    Register,
    Standing,
    WorkGroup,
    evolve,
)

__all__ = [
    "PROGRAMMES_OWN",
    "Advocate",
    "Candidate",
    "FormWorkGroup",
    "JoinWorkGroup",
    "NominateAdvocate",
    "Place",
    "Policy",
    "Register",
    "Request",
    "Standing",
    "WorkGroup",
    "awaited",
    "candidates",
    "evolve",
    "form_work_group",
    "join_work_group",
    "nominate_advocate",
]
