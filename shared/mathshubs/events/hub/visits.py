"""What hubs report of support visits; scheduling answers."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from mathshubs.events.spoken import WRITTEN_AS_NUMBER, Instant, Mode, On, Reference, Report, Urn

Note = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True)]


class SupportVisitCompleted(Report):
    """The specialist has supported a school of the Work Group by itself."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.SupportVisitCompleted.v1"
    waits_with: ClassVar = "visit"

    visit: Reference
    work_group: Reference
    school_urn: Urn
    held_on: On
    hours: Annotated[float, Field(gt=0, le=24, allow_inf_nan=False), WRITTEN_AS_NUMBER]
    mode: Mode
    focus: Note | None = Field(default=None, repr=False)
    actions: Note | None = Field(default=None, repr=False)
    effective_at: Instant | None = None
