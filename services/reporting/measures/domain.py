"""What each measure counts, and how what is known of schools becomes figures. Source: domain.md, national metrics."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from mathshubs.clock import start_of


class Level(StrEnum):
    """What figures are broken down by."""

    NATIONAL = "national"
    HUB = "hub"
    REGION = "region"
    LOCAL_AUTHORITY = "local_authority"


class Unit(StrEnum):
    """What a value is: a whole number of lineages, or a rate of 0 to 1."""

    COUNT = "count"
    RATE = "rate"


PRESENT: Final = ("present", "late", "partial")
"""Attendance that counts as having been there, in whatever mode."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What a row of figures is about: a hub, a region, a local authority or England."""

    code: str
    name: str


ENGLAND: Final = Place("E92000001", "England")
NOT_KNOWN: Final = Place("not-known", "Not known")
"""Where the register does not say in which region or authority a school is."""

REGIONS: Final[Mapping[str, Place]] = {
    name.casefold(): Place(code, name)
    for code, name in (
        ("E12000001", "North East"),
        ("E12000002", "North West"),
        ("E12000003", "Yorkshire and the Humber"),
        ("E12000004", "East Midlands"),
        ("E12000005", "West Midlands"),
        ("E12000006", "East of England"),
        ("E12000007", "London"),
        ("E12000008", "South East"),
        ("E12000009", "South West"),
    )
}
"""Regions by codes of the Office for National Statistics; the register gives names alone."""


def region(name: str | None) -> Place:
    """Return the region of that name; one that the statisticians do not have goes by its name."""
    return REGIONS.get(name.casefold(), Place(name, name)) if name else NOT_KNOWN


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of one school in the Work Groups of one hub, in the year and up to the instant asked about.

    Numbers count advocates' places at held meetings: a slot that was effective at the meeting is expected
    there. Guests are in none of them.
    """

    lineage: str
    """The school's open successor root on the day asked about."""
    name: str
    places: Mapping[Level, Place]
    registered: bool
    meetings: int = 0
    expected: int = 0
    present: int = 0
    apologies: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One definition.

    `counts` says whether a school's lineage counts. A rate has `numerator` and `denominator` besides, which are
    summed over the schools that count.
    """

    id: str
    name: str
    definition: str
    unit: Unit
    counts: Callable[[Sighting], bool]
    numerator: Callable[[Sighting], int] | None = None
    denominator: Callable[[Sighting], int] | None = None


MEASURES: Final[Mapping[str, Measure]] = {
    measure.id: measure
    for measure in (
        Measure(
            "M1",
            "Schools registered",
            "Schools, each lineage once, that joined a Work Group with effect in the school year.",
            Unit.COUNT,
            counts=lambda school: school.registered,
        ),
        Measure(
            "M2",
            "Schools engaged",
            "Schools registered (M1) of which an advocate, whose slot was effective on the day, attended a held "
            "meeting of the Work Group: present, late or in part, in any mode.",
            Unit.COUNT,
            counts=lambda school: school.registered and school.present > 0,
        ),
        Measure(
            "M9",
            "Attendance rate",
            "Advocates present, late or present in part, divided by advocates expected: the slots effective at the "
            "time of each held meeting. Apologies are counted apart; guests are left out.",
            Unit.RATE,
            counts=lambda school: school.expected > 0,
            numerator=lambda school: school.present,
            denominator=lambda school: school.expected,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One value. A rate of nothing expected has none; a count has no denominator."""

    level: Level
    place: Place
    value: float | None
    numerator: int
    denominator: int | None
    apologies: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One lineage behind a value: where it counts, and how often its advocates were expected and came."""

    lineage: str
    name: str
    places: Sequence[Place]
    meetings: int
    expected: int
    present: int
    apologies: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Why the hubs' values add up to more than the national one: lineages that count in more than one hub."""

    sum_of_hubs: int
    national: int
    shared: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Survey:
    """All that is known of a school year as at one instant: every figure and every member is made of it."""

    sightings: Sequence[Sighting]
    hubs: Sequence[Place]
    """Hubs that take part, those without a Work Group too."""


def figures(measure: Measure, level: Level, survey: Survey) -> list[Figure]:
    """Return the value for each place that has any school, and for each hub, in the order of their names."""
    always = {Level.NATIONAL: [ENGLAND], Level.HUB: survey.hubs}.get(level, ())
    places = {place.code: place for place in always}
    seen: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in survey.sightings:
        place = sighting.places[level]
        places.setdefault(place.code, place)
        seen[place.code].append(sighting)
    in_order = sorted(places.values(), key=lambda place: (place.name, place.code))
    return [_figure(measure, level, place, seen[place.code]) for place in in_order]


def _figure(measure: Measure, level: Level, place: Place, sightings: Iterable[Sighting]) -> Figure:
    counted = [sighting for sighting in sightings if measure.counts(sighting)]
    if measure.numerator is None or measure.denominator is None:
        lineages = len({sighting.lineage for sighting in counted})
        return Figure(level, place, lineages, lineages, None)
    numerator = sum(map(measure.numerator, counted))
    denominator = sum(map(measure.denominator, counted))
    rate = numerator / denominator if denominator else None
    return Figure(level, place, rate, numerator, denominator, sum(sighting.apologies for sighting in counted))


def members(measure: Measure, level: Level, survey: Survey, code: str | None = None) -> list[Member]:
    """Return the lineages behind a measure's values, in order; with `code` those of that place alone."""
    found: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in survey.sightings:
        if measure.counts(sighting) and code in (None, sighting.places[level].code):
            found[sighting.lineage].append(sighting)
    return [_member(lineage, level, seen) for lineage, seen in sorted(found.items())]


def _member(lineage: str, level: Level, seen: Sequence[Sighting]) -> Member:
    return Member(
        lineage,
        seen[0].name,
        sorted({sighting.places[level].code: sighting.places[level] for sighting in seen}.values()),
        meetings=sum(sighting.meetings for sighting in seen),
        expected=sum(sighting.expected for sighting in seen),
        present=sum(sighting.present for sighting in seen),
        apologies=sum(sighting.apologies for sighting in seen),
    )


def reconciliation(measure: Measure, survey: Survey) -> Reconciliation | None:
    """Return what explains the difference between the sum of hubs and the national count; None for a rate."""
    if measure.unit is Unit.RATE:
        return None
    counted = members(measure, Level.HUB, survey)
    by_hub = sum(figure.numerator for figure in figures(measure, Level.HUB, survey))
    return Reconciliation(by_hub, len(counted), [member for member in counted if len(member.places) > 1])


def instant_of(asked: date | datetime) -> datetime:
    """Return the instant up to which something counts: an instant is itself, a day counts to its end in London."""
    return asked if isinstance(asked, datetime) else start_of(asked + timedelta(days=1)) - timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a survey is of: true by `as_at`, recorded by `known_at`, in Work Groups of `stage` where one is named."""

    school_year: str
    as_at: datetime
    known_at: datetime
    stage: str | None = None
