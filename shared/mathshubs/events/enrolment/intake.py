"""What enrolment says of schools that would take part."""

from typing import ClassVar, Literal

from mathshubs.events.spoken import Event, HubCode, InterestId, PersonId, Programme, Refusal, Urn

RoutedBy = Literal["local-authority", "hub-that-heard"]
"""Why a hub is to answer a school."""


class InterestExpressed(Event):
    """A school would take part; `hub` is who heard of it."""

    type: ClassVar = "uk.mathshubs.enrolment.InterestExpressed.v1"
    key: ClassVar = "interest_id"

    hub: HubCode
    interest_id: InterestId
    school_urn: Urn
    contact_id: PersonId
    programme: Programme
    flags: tuple[str, ...] = ()


class InterestRoutedToHub(Event):
    """This hub is to answer the school: the one that covers its local authority, else the one that heard of it."""

    type: ClassVar = "uk.mathshubs.enrolment.InterestRoutedToHub.v1"
    key: ClassVar = "interest_id"

    hub: HubCode
    interest_id: InterestId
    school_urn: Urn
    by: RoutedBy


class InterestRefused(Refusal):
    """The interest was not recorded, for the reasons given."""

    type: ClassVar = "uk.mathshubs.enrolment.InterestRefused.v1"
    key: ClassVar = "interest_id"

    interest_id: InterestId
    school_urn: Urn
