"""Two records of one person become one: what the duplicate holds passes to whoever stays, where that is legal."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Final

from enrolment.holding import Merging
from enrolment.participation import domain as participation
from enrolment.participation.domain import AssignLead, ReplaceAdvocate, Standing
from enrolment.people import domain as people
from enrolment.people.domain import MergePeople
from enrolment.specialists.domain import intervals
from mathshubs.clock import start_of
from mathshubs.events import Event, Refusal
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.enrolment.specialists import LeadStanding
from mathshubs.events.spoken import first_and_last_day

_replace: Final = participation.and_what_follows(participation.replace_advocate)
_assign: Final = participation.and_what_follows(participation.assign_lead)


def merge_people(known: Merging, ask: MergePeople, today: date) -> list[Event]:
    """Merge the records, and on the day of the merge pass the duplicate's slots, groups and standing on.

    Where whoever stays holds a slot in the same programme and year already, the duplicate's is vacated alone. Of
    school years that have ended by that day nothing changes: what was said of the duplicate is said of one person.
    """
    said = people.merge_people(known.people, ask)
    first = next((fact for fact in said if isinstance(fact, PersonMerged)), None)
    if first is None:
        return said
    asked = replace(ask, person_id=first.into_id)
    passed = list(_passed_on(known.standing, asked, today)) if known.standing else []
    return [*said, *passed, *_standing(known, asked)]


def _passed_on(standing: Standing, ask: MergePeople, today: date) -> Iterator[Event]:
    for slot in _slots(standing, ask):
        facts = _replace(standing, slot, today)
        if _is_refused(facts):
            facts = _replace(standing, replace(slot, joining_id=None), today)
        if not _is_refused(facts):
            standing = reduce(participation.evolve, facts, standing)
            yield from facts
    for lead in _leads(standing, ask):
        facts = _assign(standing, lead, today)
        if not _is_refused(facts):
            standing = reduce(participation.evolve, facts, standing)
            yield from facts


def _is_refused(facts: Iterable[Event]) -> bool:
    return any(isinstance(fact, Refusal) for fact in facts)


def _slots(standing: Standing, ask: MergePeople) -> Iterator[ReplaceAdvocate]:
    """Yield, for each slot that the duplicate holds on the day of the merge or later, what passes it on."""
    for (work_group_id, urn, _), place in standing.places.items():
        group = standing.groups.get(work_group_id)
        for held in place.held_by(ask.duplicate_id) if group else ():
            day = max(ask.day, held.from_on)
            if group and _lasts(held.until_on, day, group.school_year):
                yield ReplaceAdvocate(
                    group.hub, work_group_id, urn, ask.duplicate_id, ask.person_id, "merged-records", day
                )


def _leads(standing: Standing, ask: MergePeople) -> Iterator[AssignLead]:
    """Yield, for each group that the duplicate leads on the day of the merge or later, what passes it on."""
    for work_group_id, history in standing.leads.items():
        group = standing.groups[work_group_id]
        for lead in history:
            day = max(ask.day, lead.from_on)
            if lead.lead_id == ask.duplicate_id and _lasts(lead.until_on, day, group.school_year):
                yield AssignLead(group.hub, work_group_id, ask.person_id, day)


def _lasts(until_on: date | None, day: date, school_year: str) -> bool:
    return day <= first_and_last_day(school_year)[1] and (until_on is None or day <= until_on)


def _standing(known: Merging, ask: MergePeople) -> list[Event]:
    """Return when whoever stays may lead, if the steps of the programme were the duplicate's alone."""
    steps = known.specialists.get(ask.duplicate_id)
    if steps is None or ask.person_id in known.specialists:
        return []
    return [
        LeadStanding(
            effective_at=start_of(ask.day),
            hub=steps.hub,
            person_id=ask.person_id,
            intervals=intervals(steps, known.policies),
        )
    ]
