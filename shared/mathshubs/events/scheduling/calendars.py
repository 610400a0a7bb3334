"""What scheduling says of the days on which schools are closed."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from mathshubs.events.spoken import Event, HubCode, SchoolYear, Urn, date


class Closure(BaseModel):
    """Days on which a school is closed to its pupils, the first and the last included."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    from_on: date
    to_on: date
    kind: Literal["holiday", "inset"]


class SchoolCalendarRecorded(Event):
    """When a school is closed in a school year, as this hub has it: all of it, in place of what it said before."""

    type: ClassVar = "uk.mathshubs.scheduling.SchoolCalendarRecorded.v1"
    key: ClassVar = "school_urn"

    hub: HubCode
    school_year: SchoolYear
    school_urn: Urn
    closed: tuple[Closure, ...]
    flags: tuple[str, ...] = ()
