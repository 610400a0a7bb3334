"""Which reports of Work Groups are accepted, and why the others are not."""

from collections.abc import Iterable
from datetime import date

from enrolment.participation.domain.requests import (
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    Request,
    place_key,
    work_group_key,
)
from enrolment.participation.domain.standing import Candidate, Place, Standing, WorkGroup
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    MasteryAdvocateNominated,
    NominationRefused,
    SchoolJoinedWorkGroup,
    SchoolJoinRefused,
    WorkGroupFormed,
    WorkGroupRefused,
)
from mathshubs.events.spoken import first_and_last_day


def candidates(standing: Standing, requests: Iterable[Request]) -> set[Candidate]:
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
    if isinstance(ask, FormWorkGroup) or ask.school_urn not in standing.register.known:
        return None
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return work_group_key(ask.work_group_id)
    if isinstance(ask, JoinWorkGroup) or group.hub != ask.hub or _has_answer(standing, ask):
        return None
    return place_key(ask.work_group_id)


def _has_answer(standing: Standing, ask: NominateAdvocate) -> bool:
    where = (ask.work_group_id, ask.school_urn, ask.effective_on)
    return standing.is_turned_away(*where) or standing.place(*where) is not None


def form_work_group(standing: Standing, ask: FormWorkGroup, _today: date) -> list[Event]:
    """Form the group, or refuse with the reason; one that was formed just so is left alone.

    What a group was formed as does not change by forming it again, its name and its lead included.
    """
    known = standing.groups.get(ask.work_group_id)
    if known == _as_asked(ask):
        return []
    if known is not None:
        return [_no_group(ask, "not-your-work-group" if known.hub != ask.hub else "work-group-differs")]
    if standing.policy(ask.policy, ask.programme, ask.school_year) is None:
        return [_no_group(ask, "unknown-policy")]
    return [
        WorkGroupFormed(
            effective_at=ask.effective_at,
            hub=ask.hub,
            school_year=ask.school_year,
            work_group_id=ask.work_group_id,
            name=ask.name,
            programme=ask.programme,
            stage=ask.stage,
            policy=ask.policy,
            lead_id=ask.lead_id,
            flags=_flags_of_lead(standing, ask),
        )
    ]


def _as_asked(ask: FormWorkGroup) -> WorkGroup:
    return WorkGroup(ask.hub, ask.name, ask.programme, ask.stage, ask.school_year, ask.policy, ask.lead_id)


def _no_group(ask: FormWorkGroup, reason: str) -> WorkGroupRefused:
    return WorkGroupRefused(
        effective_at=ask.effective_at,
        hub=ask.hub,
        school_year=ask.school_year,
        work_group_id=ask.work_group_id,
        reasons=(reason,),
    )


def _flags_of_lead(standing: Standing, ask: FormWorkGroup) -> tuple[str, ...]:
    if ask.lead_id is None:
        return ("no-lead",)
    return () if ask.lead_id in standing.people else ("person-unknown",)


def join_work_group(standing: Standing, ask: JoinWorkGroup, _today: date) -> list[Event]:
    """Let the school take part from its day on, or refuse with every reason; one that does so already is left alone.

    It is one school whatever its number: a successor of a school in this group has that school's place. What
    a school joined with does not change by joining again. One that the register lacks is refused whether or
    not its group is known.
    """
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return [_no_join(ask, None, "school-unknown")]
    if group.hub != ask.hub:
        return [_no_join(ask, group, "not-your-work-group")]
    if place := standing.place(ask.work_group_id, ask.school_urn, ask.effective_on):
        return [_no_join(ask, group, "join-differs")] if _joined_otherwise(place, ask) else []
    if reasons := _why_not_join(standing, group, ask):
        return [_no_join(ask, group, *reasons)]
    return [
        SchoolJoinedWorkGroup(
            effective_at=start_of(ask.effective_on),
            hub=group.hub,
            school_year=group.school_year,
            work_group_id=ask.work_group_id,
            school_urn=ask.school_urn,
            lineage=standing.register.lineages.root(ask.school_urn, ask.effective_on),
            programme=group.programme,
            stage=group.stage,
            effective_on=ask.effective_on,
            headteacher_agreed_on=ask.headteacher_agreed_on,
        )
    ]


def _joined_otherwise(place: Place, ask: JoinWorkGroup) -> bool:
    """Say whether a school that is in would believe that another day was taken; a successor's is that of its number."""
    agreed = (None, place.headteacher_agreed_on)
    return ask.school_urn == place.school_urn and (
        ask.effective_on != place.from_on or ask.headteacher_agreed_on not in agreed
    )


def _why_not_join(standing: Standing, group: WorkGroup, ask: JoinWorkGroup) -> list[str]:
    if ask.school_urn not in standing.register.known:
        return ["school-unknown"]
    candidate = Candidate(ask.school_urn, ask.effective_on, group.programme, group.school_year)
    reasons = list(standing.register.reasons[candidate])
    first, last = first_and_last_day(group.school_year)
    if not first <= ask.effective_on <= last:
        reasons.append("outside-school-year")
    if any(standing.is_same_school(place, ask.school_urn, ask.effective_on) for place in _of_year(standing, group)):
        reasons.append("already-taking-part")
    return reasons


def _of_year(standing: Standing, group: WorkGroup) -> list[Place]:
    """Return the places in groups of the same programme and school year."""
    same = (group.programme, group.school_year)
    return [place for place in standing.places.values() if (place.programme, place.school_year) == same]


def _no_join(ask: JoinWorkGroup, group: WorkGroup | None, *reasons: str) -> SchoolJoinRefused:
    return SchoolJoinRefused(
        effective_at=start_of(ask.effective_on),
        hub=ask.hub,
        school_year=group.school_year if group else None,
        work_group_id=ask.work_group_id,
        school_urn=ask.school_urn,
        reasons=reasons,
    )


def nominate_advocate(standing: Standing, ask: NominateAdvocate, _today: date) -> list[Event]:
    """Give the teacher the lowest free slot of the school, or refuse with every reason; one who has one keeps it.

    From which day they have it does not change by being nominated again.
    """
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return [_no_slot(ask, None, "school-unknown")]
    if group.hub != ask.hub:
        return [_no_slot(ask, group, "not-your-work-group")]
    place = standing.place(ask.work_group_id, ask.school_urn, ask.effective_on)
    if place is None:
        known = ask.school_urn in standing.register.known
        return [_no_slot(ask, group, "school-not-in-group" if known else "school-unknown")]
    if (since := place.since(ask.person_id)) is not None:
        return [] if since == ask.effective_on else [_no_slot(ask, group, "nomination-differs")]
    if reasons := _why_no_slot(standing, group, place, ask):
        return [_no_slot(ask, group, *reasons)]
    return [
        MasteryAdvocateNominated(
            effective_at=start_of(ask.effective_on),
            hub=group.hub,
            school_year=group.school_year,
            work_group_id=ask.work_group_id,
            school_urn=place.school_urn,
            person_id=ask.person_id,
            effective_on=ask.effective_on,
            flags=tuple(_flags_of_advocate(standing, place, ask)),
        )
    ]


def _why_no_slot(standing: Standing, group: WorkGroup, place: Place, ask: NominateAdvocate) -> list[str]:
    reasons = []
    policy = standing.policy_of(ask.work_group_id)
    if ask.effective_on < policy.names_from(group.school_year):
        reasons.append("named-too-early")
    if ask.effective_on > first_and_last_day(group.school_year)[1]:
        reasons.append("outside-school-year")
    if place.free_slot > policy.slots:
        reasons.append("slots-taken")
    if any(other.since(ask.person_id) for other in _of_year(standing, group)):
        reasons.append("advocate-elsewhere")
    return reasons


def _flags_of_advocate(standing: Standing, place: Place, ask: NominateAdvocate) -> list[str]:
    flags = []
    if ask.person_id not in standing.people:
        flags.append("person-unknown")
    if ask.effective_on < place.from_on:
        flags.append("before-joining")
    return flags


def _no_slot(ask: NominateAdvocate, group: WorkGroup | None, *reasons: str) -> NominationRefused:
    return NominationRefused(
        effective_at=start_of(ask.effective_on),
        hub=ask.hub,
        school_year=group.school_year if group else None,
        work_group_id=ask.work_group_id,
        school_urn=ask.school_urn,
        person_id=ask.person_id,
        reasons=reasons,
    )
