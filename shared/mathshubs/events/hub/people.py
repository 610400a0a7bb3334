"""What hubs report of people; enrolment answers."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from mathshubs.events.spoken import Instant, Reference, Report, Role, Urn
from mathshubs.events.words import deliverable, one_line, plain_digits


class PersonReported(Report):
    """A person takes part, or their details changed. The only report that carries a name or an address."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PersonReported.v1"
    waits_with: ClassVar = "person"

    person: Reference
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(one_line)
    ]
    email: Annotated[str, StringConstraints(max_length=254), AfterValidator(deliverable)]
    trn: Annotated[str, StringConstraints(pattern=r"^\d{7}$"), AfterValidator(plain_digits)] | None = Field(
        default=None, repr=False
    )
    school_urn: Urn | None = None
    roles: Annotated[tuple[Role, ...], BeforeValidator(lambda roles: () if roles is None else roles)] = ()
    effective_at: Instant | None = None


class PeopleMerged(Report):
    """Two of the hub's records are one person: `person` stays, and `duplicate` means the same from now on."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.PeopleMerged.v1"
    waits_with: ClassVar = "person"

    person: Reference
    duplicate: Reference
    effective_at: Instant | None = None
