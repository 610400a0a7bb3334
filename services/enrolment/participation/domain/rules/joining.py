"""How a school joins a Work Group."""

from datetime import date

from enrolment.participation.domain.places import Place
from enrolment.participation.domain.requests import JoinWorkGroup
from enrolment.participation.domain.spans import meets
from enrolment.participation.domain.standing import Candidate, Standing, WorkGroup
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import SchoolJoinedWorkGroup, SchoolJoinRefused
from mathshubs.events.spoken import first_and_last_day


def join_work_group(standing: Standing, ask: JoinWorkGroup, _today: date) -> list[Event]:
    """Let the school take part from its day on, or refuse with every reason; one that does so already is left alone.

    It is one school whatever its number: a successor of a school in this group has that school's place. What
    a school joined with does not change by joining again; one that has left may join anew, from a later day.
    One that the register lacks is refused whether or not its group is known.
    """
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return [_no_join(ask, None, "school-unknown")]
    if group.hub != ask.hub:
        return [_no_join(ask, group, "not-your-work-group")]
    if place := _place_of(standing, ask):
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
            local_authority_code=standing.register.known[ask.school_urn],
        )
    ]


def _place_of(standing: Standing, ask: JoinWorkGroup) -> Place | None:
    """Return the place that the school would have twice: that from the same day, or one that has not ended by it."""
    here = standing.places_of_school(ask.work_group_id, ask.school_urn, ask.effective_on)
    begun = (place for place in here if place.from_on == ask.effective_on)
    return next(begun, None) or next((place for place in here if meets(place, ask.effective_on)), None)


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
    if any(
        meets(place, ask.effective_on) and standing.is_same_school(place, ask.school_urn, ask.effective_on)
        for place in standing.places_of_year(group)
    ):
        reasons.append("already-taking-part")
    return reasons


def _no_join(ask: JoinWorkGroup, group: WorkGroup | None, *reasons: str) -> SchoolJoinRefused:
    return SchoolJoinRefused(
        effective_at=start_of(ask.effective_on),
        hub=ask.hub,
        school_year=group.school_year if group else None,
        work_group_id=ask.work_group_id,
        school_urn=ask.school_urn,
        reasons=reasons,
    )
