"""What notification says of people."""

from typing import ClassVar

from pydantic import Field

from mathshubs.events.spoken import Event, PersonId


class PersonForgotten(Event):
    """Notification holds nothing more of this person; `scrubbed` counts rows by store."""

    type: ClassVar = "uk.mathshubs.notification.PersonForgotten.v1"
    key: ClassVar = "person_id"

    person_id: PersonId
    scrubbed: dict[str, int] = Field(default_factory=dict)
