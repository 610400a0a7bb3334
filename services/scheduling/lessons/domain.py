"""Open lessons: the request, what it is decided on, and the rule; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.hub import lessons as reports
from mathshubs.events.scheduling.lessons import Observer, OpenLessonHeld, OpenLessonRefused
from mathshubs.events.spoken import (
    LessonId,
    Mode,
    PersonId,
    SchoolYear,
    Urn,
    WorkGroupId,
    first_and_last_day,
    school_year_of,
)
from mathshubs.reports import About


@dataclass(frozen=True, slots=True)
class Lesson:
    """An open lesson, of the hub that reported it, with who watched it: each person once, others as often as told."""

    id: LessonId
    hub: str
    school_urn: Urn
    held_on: date
    mode: Mode
    observers: tuple[Observer, ...]
    work_group_id: WorkGroupId | None = None


@dataclass(frozen=True, slots=True)
class HoldLesson:
    """Record that an open lesson was held."""

    lesson: Lesson

    @classmethod
    def reported(cls, report: reports.OpenLessonHeld, about: About) -> Self:
        """Return what a hub's report asks for; of two observers who are one person the first stands."""
        told = [
            Observer(person_id=about.id("person", one.person) if one.person else None, school_urn=one.school_urn)
            for one in report.observers
        ]
        lesson = Lesson(
            id=about.id("lesson", report.lesson),
            hub=about.hub,
            school_urn=report.school_urn,
            held_on=report.held_on,
            mode=report.mode,
            observers=each_once(told),
            work_group_id=about.id("work_group", report.work_group) if report.work_group else None,
        )
        return cls(lesson)

    @property
    def effective_at(self) -> datetime:
        """Return when it was true: at the beginning of its day in London."""
        return start_of(self.lesson.held_on)

    @property
    def key(self) -> str:
        """Keep it in order with the other reports of its lesson."""
        return f"lesson:{self.lesson.id}"

    @property
    def makes(self) -> None:
        """Bring nothing that others may be waiting for."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a lesson must know of its Work Group: the hub that may report on it, and its school year."""

    hub: str
    school_year: SchoolYear


@dataclass(frozen=True, slots=True)
class Standing:
    """What a lesson is decided on: the one of its id, if there is one already, and its Work Group, if it names one."""

    known: Lesson | None = None
    group: Group | None = None


def each_once(observers: Iterable[Observer]) -> tuple[Observer, ...]:
    """Return observers in one order whatever the order they are told in, no person more than once."""
    found: dict[PersonId, Observer] = {}
    unnamed: list[Observer] = []
    for one in observers:
        if one.person_id is None:
            unnamed.append(one)
        else:
            found.setdefault(one.person_id, one)
    by_school = sorted(unnamed, key=lambda one: one.school_urn)
    return (*(found[person] for person in sorted(found)), *by_school)


def hold_lesson(standing: Standing, ask: HoldLesson, today: date) -> list[Event]:
    """Record a lesson with those who watched it; the same again is left alone."""
    if reason := _why_not(standing, ask.lesson, today):
        return [_refused(ask, reason)]
    if standing.known:
        return []
    lesson = ask.lesson
    return [
        OpenLessonHeld(
            effective_at=ask.effective_at,
            hub=lesson.hub,
            school_year=school_year_of(lesson.held_on),
            lesson_id=lesson.id,
            school_urn=lesson.school_urn,
            work_group_id=lesson.work_group_id,
            held_on=lesson.held_on,
            mode=lesson.mode,
            observers=lesson.observers,
        )
    ]


def _why_not(standing: Standing, lesson: Lesson, today: date) -> str | None:
    if standing.group and standing.group.hub != lesson.hub:
        return "not-your-work-group"
    if standing.known:
        return None if standing.known == lesson else "lesson-differs"
    if lesson.held_on > today:
        return "not-held-yet"
    if standing.group and not _is_in(standing.group.school_year, lesson.held_on):
        return "outside-school-year"
    return None


def _is_in(school_year: SchoolYear, day: date) -> bool:
    first, last = first_and_last_day(school_year)
    return first <= day <= last


def _refused(ask: HoldLesson, reason: str) -> OpenLessonRefused:
    return OpenLessonRefused(
        effective_at=ask.effective_at, hub=ask.lesson.hub, lesson_id=ask.lesson.id, reasons=(reason,)
    )
