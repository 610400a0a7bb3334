"""What hubs report of meetings and who came; scheduling answers."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, model_validator

from mathshubs.events.scheduling.meetings import Cancelled, Moved
from mathshubs.events.scheduling.registers import Corrected
from mathshubs.events.spoken import WRITTEN_AS_NUMBER, AttendanceStatus, Instant, Mode, Reference, Report, Truth, one_of
from mathshubs.events.words import one_line

Place = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(one_line)]

Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]

WHERE = "A building or an address. It stands in every invitation and is kept for ever, so it must name no person."


class _Timed(Report):
    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("a meeting ends after it starts")
        return self


class MeetingScheduled(_Timed):
    """A meeting of a Work Group is planned."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.MeetingScheduled.v1"
    waits_with: ClassVar = "meeting"

    meeting: Reference
    work_group: Reference
    mode: Mode
    place: Place | None = Field(default=None, description=WHERE)
    join_url: HttpUrl | None = Field(default=None, repr=False)
    extra: Truth = False
    effective_at: Instant | None = None


class MeetingRescheduled(_Timed):
    """A meeting has moved to another time."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.MeetingRescheduled.v1"
    waits_with: ClassVar = "meeting"

    meeting: Reference
    reason: Annotated[str, StringConstraints(max_length=64)] | None = Field(default=None, description=one_of(Moved))
    effective_at: Instant | None = None


class MeetingCancelled(Report):
    """A meeting does not take place."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.MeetingCancelled.v1"
    waits_with: ClassVar = "meeting"

    meeting: Reference
    reason: Code = Field(description=one_of(Cancelled))
    effective_at: Instant | None = None


class Mark(BaseModel):
    """How one person attended a meeting."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person: Reference
    status: AttendanceStatus
    mode: Mode | None = None
    minutes: Annotated[int, Field(ge=0, le=1440), WRITTEN_AS_NUMBER] | None = None


class MeetingHeld(_Timed):
    """A meeting took place, with its register; an advocate left out of it was absent."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.MeetingHeld.v1"
    waits_with: ClassVar = "meeting"

    meeting: Reference
    work_group: Reference
    mode: Mode
    led_by: Reference | None = None
    attendance: Annotated[tuple[Mark, ...], Field(max_length=500)]
    guests: Annotated[int, Field(ge=0, le=1000), WRITTEN_AS_NUMBER] | None = None


class AttendanceCorrected(Report):
    """The register of a meeting that was held says something else of this person than what is true."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.AttendanceCorrected.v1"
    waits_with: ClassVar = "meeting"

    meeting: Reference
    person: Reference
    status: AttendanceStatus
    reason: Code = Field(description=one_of(Corrected))
    effective_at: Instant | None = None
