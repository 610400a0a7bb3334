"""What hubs report of open lessons; scheduling answers."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from mathshubs.events.spoken import Instant, Mode, On, Reference, Report, Urn


class Watching(BaseModel):
    """Somebody who watched a lesson, and their school; who it was need not be told."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person: Reference | None = None
    school_urn: Urn


class OpenLessonHeld(Report):
    """A lesson was taught for visiting teachers, at this school."""

    type: ClassVar = "uk.mathshubs.hub.scheduling.OpenLessonHeld.v1"
    waits_with: ClassVar = "lesson"

    lesson: Reference
    school_urn: Urn
    work_group: Reference | None = None
    held_on: On
    mode: Mode
    observers: Annotated[tuple[Watching, ...], Field(max_length=100)]
    effective_at: Instant | None = None
