"""Support to schools: visits by specialists, and open lessons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reporting.measures.domain.figures import Measure, Subject
from reporting.measures.domain.parts import Part, Unit, Value, divided, how_many, middle, total
from reporting.measures.domain.places import Level, Place


@dataclass(frozen=True, slots=True)
class Visit:
    """One completed visit; the hours that the school had by right stand at each of its visits."""

    lineage: str
    name: str
    places: Mapping[Level, Place]
    stage: str | None
    visit: str
    group: str
    hours: float
    entitled_hours: float | None

    kind = "school"

    @property
    def id(self) -> str:
        """The lineage's URN."""
        return self.lineage


@dataclass(frozen=True, slots=True)
class Lesson:
    """One open lesson at a school, how many people watched it, and the lineages that they came from."""

    id: str
    name: str
    places: Mapping[Level, Place]
    stage: str | None
    observers: int
    schools: frozenset[str]

    kind = "lesson"


def _any(_: object) -> bool:
    return True


def _entitlement(seen: Sequence[Visit]) -> Value:
    entitled = {(one.lineage, one.group): one.entitled_hours for one in seen if one.entitled_hours is not None}
    used = sum(one.hours for one in seen if (one.lineage, one.group) in entitled)
    return divided(used, sum(entitled.values()))


def _schools(seen: Sequence[Lesson]) -> Value:
    found = len({school for lesson in seen for school in lesson.schools})
    return Value(found, found)


def _is_watched(lesson: Lesson) -> bool:
    return lesson.observers > 0


SUPPORT: Final = (
    Measure(
        "M12",
        "Bespoke support",
        "Completed support visits, their hours, and the median of each to a school that was visited; and the hours "
        "of visits divided by the hours that the schools visited have by right, where their stage gives any.",
        Subject.VISITS,
        (
            how_many("visits", "Visits", _any, of=lambda visit: visit.visit),
            total("hours", "Hours", lambda visit: visit.hours, _any, Unit.HOURS),
            middle("median-visits", "Median visits to a school", _any, lambda _: 1, Unit.NUMBER, by=lambda one: one.id),
            middle(
                "median-hours",
                "Median hours to a school",
                _any,
                lambda visit: visit.hours,
                Unit.HOURS,
                by=lambda one: one.id,
            ),
            Part(
                "entitlement", "Entitlement used", Unit.RATE, lambda one: one.entitled_hours is not None, _entitlement
            ),
        ),
    ),
    Measure(
        "M13",
        "Open lessons",
        "Open lessons held, where the host school is; the people who watched them, each once at a lesson, also by two "
        "records of one person, and each who is not named; and the schools they came from, each lineage once. Places "
        "offered are not reported.",
        Subject.LESSONS,
        (
            how_many("held", "Held", _any),
            total("observers", "Observers", lambda lesson: lesson.observers, _is_watched),
            Part("schools", "Observers' schools", Unit.COUNT, _is_watched, _schools),
        ),
    ),
)
