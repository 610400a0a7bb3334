"""What scheduling says of support visits."""

from typing import ClassVar

from mathshubs.events.spoken import Event, HubCode, Mode, Refusal, SchoolYear, Urn, VisitId, WorkGroupId, date


class SupportVisitCompleted(Event):
    """The specialist has supported a school for `hours`; which of them were used up in the year stands beside."""

    type: ClassVar = "uk.mathshubs.scheduling.SupportVisitCompleted.v1"
    key: ClassVar = "visit_id"

    hub: HubCode
    school_year: SchoolYear
    visit_id: VisitId
    work_group_id: WorkGroupId
    school_urn: Urn
    held_on: date
    hours: float
    mode: Mode
    entitled_hours: float | None = None
    """Hours that the stage gives the school in this year by policy; None where it gives none in particular."""
    used_hours: float
    """Hours of this year's visits to the school in this group, this one included."""
    flags: tuple[str, ...] = ()


class SupportVisitRefused(Refusal):
    """The report of a visit was not accepted, for the reasons given."""

    type: ClassVar = "uk.mathshubs.scheduling.SupportVisitRefused.v1"
    key: ClassVar = "visit_id"

    visit_id: VisitId
