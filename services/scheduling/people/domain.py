"""Forgetting a person: pure."""

from collections.abc import Mapping
from datetime import date

from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.scheduling.people import PersonForgotten


def forget_person(scrubbed: Mapping[str, int], fact: PersonErased, _today: date) -> list[Event]:
    """Answer that nothing of the person is left here but their id; each time that it is asked."""
    return [
        PersonForgotten(effective_at=fact.effective_at, hub=fact.hub, person_id=fact.person_id, scrubbed=dict(scrubbed))
    ]
