"""What scheduling says of open lessons."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from mathshubs.events.spoken import (
    Event,
    HubCode,
    LessonId,
    Mode,
    PersonId,
    Refusal,
    SchoolYear,
    Urn,
    WorkGroupId,
    date,
)


class Observer(BaseModel):
    """Somebody who watched a lesson, and their school; who it was need not be known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person_id: PersonId | None = None
    school_urn: Urn


class OpenLessonHeld(Event):
    """A lesson was taught for visiting teachers at `school_urn`, with those who watched it."""

    type: ClassVar = "uk.mathshubs.scheduling.OpenLessonHeld.v1"
    key: ClassVar = "lesson_id"

    hub: HubCode
    school_year: SchoolYear
    lesson_id: LessonId
    school_urn: Urn
    work_group_id: WorkGroupId | None = None
    held_on: date
    mode: Mode
    observers: tuple[Observer, ...]
    flags: tuple[str, ...] = ()


class OpenLessonRefused(Refusal):
    """The report of an open lesson was not accepted, for the reasons given."""

    type: ClassVar = "uk.mathshubs.scheduling.OpenLessonRefused.v1"
    key: ClassVar = "lesson_id"

    lesson_id: LessonId
