"""How a school's teacher comes by one of its advocate slots."""

from datetime import date

from enrolment.participation.domain.places import Place
from enrolment.participation.domain.requests import NominateAdvocate
from enrolment.participation.domain.spans import DAY, meets
from enrolment.participation.domain.standing import Standing, WorkGroup
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    AdvocateSlotVacated,
    MasteryAdvocateNominated,
    NominationRefused,
    Vacated,
)
from mathshubs.events.spoken import PersonId, first_and_last_day


def nominate_advocate(standing: Standing, ask: NominateAdvocate, _today: date) -> list[Event]:
    """Give the teacher the lowest slot that is free from that day on, or refuse with every reason.

    One who has a slot keeps it: from which day does not change by being nominated again. Where the school has
    left since, they held it until then.
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
    held = place.held_by(ask.person_id)
    if any(one.from_on == ask.effective_on for one in held):
        return []
    if any(meets(one, ask.effective_on, place.until_on) for one in held):
        return [_no_slot(ask, group, "nomination-differs")]
    if reasons := why_no_slot(standing, group, place, ask.person_id, ask.effective_on):
        return [_no_slot(ask, group, *reasons)]
    return slot_filled(standing, group, place, ask.person_id, ask.effective_on)


def why_no_slot(standing: Standing, group: WorkGroup, place: Place, person_id: PersonId, day: date) -> list[str]:
    """Return every reason why the teacher can have no slot of the school from `day` on; none if they can."""
    reasons = []
    policy = standing.policy_of(place.work_group_id)
    if day < policy.names_from(group.school_year):
        reasons.append("named-too-early")
    if day > first_and_last_day(group.school_year)[1]:
        reasons.append("outside-school-year")
    if place.until_on and day > place.until_on:
        reasons.append("school-has-left")
    if place.free_slot(day) > policy.slots:
        reasons.append("slots-taken")
    others = (other for other in standing.places_of_year(group) if other is not place)
    if any(meets(held, day, place.until_on) for other in others for held in other.held_by(person_id)):
        reasons.append("advocate-elsewhere")
    return reasons


def slot_filled(standing: Standing, group: WorkGroup, place: Place, person_id: PersonId, day: date) -> list[Event]:
    """Return what to say of a teacher who has a slot from `day` on, to the day on which the school left, if it did."""
    filled = MasteryAdvocateNominated(
        effective_at=start_of(day),
        hub=group.hub,
        school_year=group.school_year,
        work_group_id=place.work_group_id,
        school_urn=place.school_urn,
        person_id=person_id,
        effective_on=day,
        flags=tuple(_flags_of_advocate(standing, place, person_id, day)),
    )
    if place.until_on is None:
        return [filled]
    return [filled, slot_vacated(group, place, person_id, "school-withdrew", place.until_on + DAY)]


def slot_vacated(
    group: WorkGroup, place: Place, person_id: PersonId, reason: Vacated, day: date
) -> AdvocateSlotVacated:
    """Return what to say of a teacher who holds a slot no more from `day` on."""
    return AdvocateSlotVacated(
        effective_at=start_of(day),
        hub=group.hub,
        school_year=group.school_year,
        work_group_id=place.work_group_id,
        school_urn=place.school_urn,
        person_id=person_id,
        reason=reason,
        effective_on=day,
    )


def _flags_of_advocate(standing: Standing, place: Place, person_id: PersonId, day: date) -> list[str]:
    flags = []
    if person_id not in standing.people:
        flags.append("person-unknown")
    if day < place.from_on:
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
