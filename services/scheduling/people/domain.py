"""Forgetting a person, and knowing one by the records that were merged: pure."""

from collections.abc import Collection, Mapping
from datetime import date

from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.scheduling.people import PersonForgotten
from mathshubs.events.spoken import PersonId

Aliases = Mapping[PersonId, PersonId]
"""The one that stays, by each record that was merged into it."""


def forget_person(scrubbed: Mapping[str, int], fact: PersonErased, _today: date) -> list[Event]:
    """Answer that nothing of the person is left here but their id; each time that it is asked."""
    return [
        PersonForgotten(effective_at=fact.effective_at, hub=fact.hub, person_id=fact.person_id, scrubbed=dict(scrubbed))
    ]


def meant(aliases: Aliases, person: PersonId, *among: Collection[PersonId]) -> PersonId:
    """Return by which record somebody is known whom a hub names by any of theirs.

    That is one of the first of `among` that has one, the one that was named before another; else the one that stays.
    """
    stays = aliases.get(person, person)
    for known in among:
        if person in known:
            return person
        if same := [other for other in known if aliases.get(other, other) == stays]:
            return min(same)
    return stays
