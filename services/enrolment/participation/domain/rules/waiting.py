"""What a request must wait for, and which schools it wants judged."""

from collections.abc import Iterable

from enrolment.participation.domain.requests import (
    AssignLead,
    FormWorkGroup,
    JoinWorkGroup,
    LookAgain,
    NominateAdvocate,
    OfSchool,
    ReplaceAdvocate,
    Request,
    WithdrawSchool,
    place_key,
    work_group_key,
)
from enrolment.participation.domain.standing import Candidate, Standing


def candidates(standing: Standing, requests: Iterable[object]) -> set[Candidate]:
    """Return the schools to be judged: those that join groups that are known, or that `requests` may form."""
    asked = list(requests)
    years = {(id_, group.programme, group.school_year) for id_, group in standing.groups.items()}
    years |= {
        (ask.work_group_id, ask.programme, ask.school_year)
        for ask in asked
        if isinstance(ask, FormWorkGroup) and standing.policy(ask.policy, ask.programme, ask.school_year)
    }
    return {
        Candidate(ask.school_urn, ask.effective_on, programme, year)
        for ask in asked
        for id_, programme, year in years
        if isinstance(ask, JoinWorkGroup) and ask.work_group_id == id_
    }


def awaited(standing: Standing, ask: Request) -> str | None:
    """Return what `ask` must wait for, if anything: its group, or its school's place in that group.

    Nobody waits at another hub's group, nor for anything with a school that the register lacks.
    """
    if isinstance(ask, FormWorkGroup | LookAgain) or (
        isinstance(ask, OfSchool) and ask.school_urn not in standing.register.known
    ):
        return None
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return work_group_key(ask.work_group_id)
    if isinstance(ask, JoinWorkGroup | AssignLead) or group.hub != ask.hub or _has_answer(standing, ask):
        return None
    return place_key(ask.work_group_id)


def _has_answer(standing: Standing, ask: NominateAdvocate | ReplaceAdvocate | WithdrawSchool) -> bool:
    where = (ask.work_group_id, ask.school_urn, ask.effective_on)
    return standing.is_turned_away(*where) or standing.place(*where) is not None
