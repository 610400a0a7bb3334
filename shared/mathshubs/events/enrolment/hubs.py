"""What enrolment says of hubs and of the keys they were given."""

from typing import ClassVar
from uuid import UUID

from mathshubs.events.spoken import Event


class HubRegistered(Event):
    """A Maths Hub takes part, under its code and its public name."""

    type: ClassVar = "uk.mathshubs.enrolment.HubRegistered.v1"
    key: ClassVar = "code"

    code: str
    name: str
    region: str | None = None


class ApiKeyIssued(Event):
    """A key was issued to a hub; the fact names it and does not hold it."""

    type: ClassVar = "uk.mathshubs.enrolment.ApiKeyIssued.v1"
    key: ClassVar = "code"

    code: str
    key_id: UUID


class ApiKeyRevoked(Event):
    """A key is worth nothing from now on."""

    type: ClassVar = "uk.mathshubs.enrolment.ApiKeyRevoked.v1"
    key: ClassVar = "code"

    code: str
    key_id: UUID
