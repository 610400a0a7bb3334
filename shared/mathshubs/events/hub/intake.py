"""What hubs report of schools that would take part; enrolment answers."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from mathshubs.events.spoken import Instant, Programme, Reference, Report, Urn


class InterestExpressed(Report):
    """A school would take part; `note` is kept for the hub that is to answer, and rides in no fact."""

    type: ClassVar = "uk.mathshubs.hub.enrolment.InterestExpressed.v1"
    waits_with: ClassVar = "interest"

    interest: Reference
    school_urn: Urn
    contact: Reference
    programme: Programme
    note: Annotated[str, StringConstraints(max_length=2000)] | None = Field(default=None, repr=False)
    effective_at: Instant | None = None
