"""What reporting answers: an erasure, with its own word that it holds nothing more of the person."""

from collections.abc import Sequence
from dataclasses import replace

from mathshubs import clock
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.reporting.people import PersonForgotten
from mathshubs.hearing import Heard
from mathshubs.ids import derived
from mathshubs.journal import Entry, record
from mathshubs.postgres import Db


async def forget(db: Db, heard: Sequence[Heard]) -> None:
    """Answer each erasure among these, once for each person: only ids are held here, so nothing had to be scrubbed."""
    await record(db, [_forgotten(one) for one in heard if isinstance(one.request, PersonErased)])


def _forgotten(heard: Heard) -> Entry:
    said = PersonForgotten(person_id=heard.request.person_id, effective_at=clock.now())
    entry = Entry.of_fact("reporting", said, heard.cause)
    return replace(entry, event_id=derived("forgotten", "reporting", said.about))
