"""How what is known becomes figures: measures, their values for each place, and what stands behind them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from reporting.measures.domain.parts import Counts, Part, Unit
from reporting.measures.domain.places import ENGLAND, Level, Place


class Subject(StrEnum):
    """What a measure is about, and so what is surveyed for it."""

    SCHOOLS = "schools"
    ADVOCATES = "advocates"
    GROUPS = "groups"
    MEETINGS = "meetings"
    VISITS = "visits"
    LESSONS = "lessons"
    SPECIALISTS = "specialists"
    REPORTS = "reports"
    MESSAGES = "messages"


EVERYWHERE: Final = tuple(Level)
BY_HUB: Final = (Level.NATIONAL, Level.HUB)
"""Levels of what has no school of its own, and so neither region nor authority."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One definition; its first part is what stands for it where there is room for one figure alone.

    `more` returns further parts, of which nobody knows beforehand how many there are, such as one for each cohort.
    """

    id: str
    name: str
    definition: str
    subject: Subject
    parts: tuple[Part, ...]
    levels: tuple[Level, ...] = EVERYWHERE
    by_stage: bool = True
    looks_back: bool = False
    """Whether earlier school years are surveyed too."""
    is_of_population: bool = False
    """Whether it is held against all the schools that might take part."""
    more: Callable[[Sequence[Any]], Sequence[Part]] | None = None

    @property
    def unit(self) -> Unit:
        """What the first of its values is."""
        return self.parts[0].unit

    @property
    def counts(self) -> Counts:
        """Whether something counts for any part."""
        return lambda seen: any(part.counts(seen) for part in self.parts)

    @property
    def is_count_of_schools(self) -> bool:
        """Whether the hubs' figures add up to the national one but for schools that are in more than one."""
        return self.subject is Subject.SCHOOLS and all(part.unit is Unit.COUNT for part in self.parts)


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one place."""

    level: Level
    place: Place
    value: float | None
    numerator: float
    denominator: float | None
    apologies: int | None = None
    part: Part | None = None
    """None where the measure has one part alone."""


@dataclass(frozen=True, slots=True)
class Survey:
    """All that is known of a subject as at one instant: every figure and every member is made of it."""

    seen: Sequence[Any]
    hubs: Sequence[Place]
    """Hubs that take part, those without a Work Group too."""


def figures(measure: Measure, level: Level, survey: Survey) -> list[Figure]:
    """Return the values for each place in which anything was seen, and for each hub, in the order of their names."""
    always = {Level.NATIONAL: [ENGLAND], Level.HUB: survey.hubs}.get(level, ())
    places = {place.code: place for place in always}
    seen: defaultdict[str, list[Any]] = defaultdict(list)
    for one in survey.seen:
        place = one.places.get(level)
        if place is not None:
            places.setdefault(place.code, place)
            seen[place.code].append(one)
    parts = parts_of(measure, survey)
    in_order = sorted(places.values(), key=lambda place: (place.name, place.code))
    return [_figure(level, place, part, seen[place.code], len(parts) > 1) for place in in_order for part in parts]


def parts_of(measure: Measure, survey: Survey) -> Sequence[Part]:
    """Return the parts of a measure, with those that what was seen brings."""
    return [*measure.parts, *(measure.more(survey.seen) if measure.more else ())]


def _figure(level: Level, place: Place, part: Part, seen: Sequence[Any], is_one_of_many: bool) -> Figure:  # noqa: FBT001 -- of one call
    found = part.reckon(seen)
    shown = part if is_one_of_many else None
    return Figure(level, place, found.value, found.numerator, found.denominator, found.apologies, shown)


@dataclass(frozen=True, slots=True)
class Member:
    """One thing behind a value: where it counts and, of a school, how often its advocates were expected and came."""

    kind: str
    id: str
    name: str
    places: Sequence[Place]
    meetings: int = 0
    expected: int = 0
    present: int = 0
    apologies: int = 0

    @property
    def lineage(self) -> str:
        """The URN of a school."""
        return self.id

    @property
    def order(self) -> str:
        """By what members are put in order."""
        return f"{self.kind} {self.id}"


def members(
    measure: Measure, level: Level, survey: Survey, code: str | None = None, part: str | None = None
) -> list[Member]:
    """Return what is behind a measure's values, in order; with `code` and `part` what is behind that one alone."""
    parts = [one for one in parts_of(measure, survey) if part in (None, one.code)]
    found: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for seen in survey.seen:
        place = seen.places.get(level)
        if place is not None and code in (None, place.code) and any(one.counts(seen) for one in parts):
            found[seen.kind, seen.id].append(seen)
    return [_member(level, seen) for _, seen in sorted(found.items())]


def _member(level: Level, seen: Sequence[Any]) -> Member:
    first, numbers = seen[0], ("meetings", "expected", "present", "apologies")
    places = sorted({one.places[level].code: one.places[level] for one in seen}.values())
    return Member(
        first.kind,
        first.id,
        first.name,
        places,
        **{number: sum(getattr(one, number, 0) for one in seen) for number in numbers},
    )


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Why the hubs' values add up to more than the national one: lineages that count in more than one hub."""

    sum_of_hubs: int
    national: int
    shared: Sequence[Member]


def reconciliation(measure: Measure, survey: Survey, part: str | None = None) -> Reconciliation | None:
    """Return what explains the difference between the sum of hubs and the national count of schools.

    None where the measure counts something else, or is no count.
    """
    if not measure.is_count_of_schools:
        return None
    chosen = part or measure.parts[0].code
    counted = members(measure, Level.HUB, survey, part=chosen)
    by_hub = sum(len(member.places) for member in counted)
    return Reconciliation(by_hub, len(counted), [member for member in counted if len(member.places) > 1])


def of_stage(seen: Iterable[Any], stage: str | None) -> list[Any]:
    """Return what is of `stage`, and the schools that might take part; everything where no stage is asked for."""
    return [one for one in seen if stage is None or one.stage == stage or getattr(one, "is_eligible", False)]
