"""How a teacher gives up an advocate slot, and who takes it over."""

from datetime import date

from enrolment.participation.domain.evolving import evolve
from enrolment.participation.domain.places import Advocate, Place
from enrolment.participation.domain.requests import ReplaceAdvocate
from enrolment.participation.domain.rules.nominating import slot_filled, slot_vacated, why_no_slot
from enrolment.participation.domain.spans import ended_on, is_on, meets
from enrolment.participation.domain.standing import Standing, WorkGroup
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import AdvocateReplacementRefused, AdvocateSlotVacated
from mathshubs.events.spoken import first_and_last_day

_BY_WITHDRAWAL = "school-withdrew"


def replace_advocate(standing: Standing, ask: ReplaceAdvocate, _today: date) -> list[Event]:
    """Vacate the slot from that day on and give it to whoever joins, or refuse both with every reason.

    A teacher who gave it up just so, and one who took it over that day, are left alone. Where the school has
    left since, its teachers may still be said to have given up a slot before it did.
    """
    group = standing.groups.get(ask.work_group_id)
    if group is None:
        return [_refused(ask, None, "school-unknown")]
    if group.hub != ask.hub:
        return [_refused(ask, group, "not-your-work-group")]
    place = standing.place(ask.work_group_id, ask.school_urn, ask.effective_on)
    if place is None:
        known = ask.school_urn in standing.register.known
        return [_refused(ask, group, "school-not-in-group" if known else "school-unknown")]
    if reasons := _why_not_leave(group, place, ask):
        return [_refused(ask, group, *reasons)]
    said: list[Event] = [] if _has_left(place, ask) else [_vacated(group, place, ask)]
    if ask.joining_id is None:
        return said
    for fact in said:
        standing = evolve(standing, fact)
    return _joined(standing, group, ask, said)


def _why_not_leave(group: WorkGroup, place: Place, ask: ReplaceAdvocate) -> list[str]:
    reasons = []
    if ask.effective_on > first_and_last_day(group.school_year)[1]:
        reasons.append("outside-school-year")
    if ask.leaving_id == ask.joining_id:
        reasons.append("replaced-by-themselves")
    if not _has_left(place, ask) and not _may_leave(_slot_on(place, ask)):
        reasons.append(_why_no_leaving(place, ask))
    return reasons


def _has_left(place: Place, ask: ReplaceAdvocate) -> bool:
    """Say whether just this was said before."""
    held = place.held_by(ask.leaving_id)
    return any((ended_on(one), one.reason) == (ask.effective_on, ask.reason) for one in held)


def _slot_on(place: Place, ask: ReplaceAdvocate) -> Advocate | None:
    return next((one for one in place.held_by(ask.leaving_id) if is_on(one, ask.effective_on)), None)


def _may_leave(slot: Advocate | None) -> bool:
    return slot is not None and (slot.until_on is None or slot.reason == _BY_WITHDRAWAL)


def _why_no_leaving(place: Place, ask: ReplaceAdvocate) -> str:
    held = place.held_by(ask.leaving_id)
    if not held:
        return "holds-no-slot"
    return "before-first-day" if ask.effective_on < held[0].from_on else "replacement-differs"


def _vacated(group: WorkGroup, place: Place, ask: ReplaceAdvocate) -> AdvocateSlotVacated:
    return slot_vacated(group, place, ask.leaving_id, ask.reason, ask.effective_on)


def _joined(standing: Standing, group: WorkGroup, ask: ReplaceAdvocate, said: list[Event]) -> list[Event]:
    """Return what was said with the one who joins, or the refusal of both."""
    place = standing.place(ask.work_group_id, ask.school_urn, ask.effective_on)
    if place is None or ask.joining_id is None:
        return said
    held = place.held_by(ask.joining_id)
    if any(one.from_on == ask.effective_on for one in held):
        return said
    if any(meets(one, ask.effective_on, place.until_on) for one in held):
        return [_refused(ask, group, "holds-other-slot")]
    if reasons := why_no_slot(standing, group, place, ask.joining_id, ask.effective_on):
        return [_refused(ask, group, *reasons)]
    return [*said, *slot_filled(standing, group, place, ask.joining_id, ask.effective_on)]


def _refused(ask: ReplaceAdvocate, group: WorkGroup | None, *reasons: str) -> AdvocateReplacementRefused:
    return AdvocateReplacementRefused(
        effective_at=start_of(ask.effective_on),
        hub=ask.hub,
        school_year=group.school_year if group else None,
        work_group_id=ask.work_group_id,
        school_urn=ask.school_urn,
        person_id=ask.leaving_id,
        reasons=reasons,
    )
