"""What hubs report of when schools are closed; scheduling answers."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mathshubs.events.spoken import Instant, On, Report, SchoolYear, Urn, first_and_last_day


class ClosedDays(BaseModel):
    """Days on which the school is closed to its pupils, the first and the last included."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    from_on: Annotated[On, Field(alias="from")]
    to_on: Annotated[On, Field(alias="to")]
    kind: Literal["holiday", "inset"]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_on < self.from_on:
            raise ValueError("the last day does not lie before the first")
        return self


class SchoolCalendarReported(Report):
    """When a school is closed in a school year: all of it, in place of what the hub reported of it before."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.SchoolCalendarReported.v1"
    waits_with: ClassVar = "school_urn"

    school_urn: Urn
    school_year: SchoolYear
    closed: Annotated[tuple[ClosedDays, ...], Field(max_length=200)]
    effective_at: Instant | None = None

    @model_validator(mode="after")
    def _lies_in_its_year(self) -> Self:
        first, last = first_and_last_day(self.school_year)
        if any(days.from_on < first or last < days.to_on for days in self.closed):
            raise ValueError("each day lies in the school year, 1 September to 31 August")
        return self
