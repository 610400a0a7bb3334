"""Schools: who registered, engaged and completed, of how many, since when; who came, and who withdrew."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from mathshubs.events.spoken import starting_year
from reporting.measures.domain.figures import Measure, Subject
from reporting.measures.domain.parts import Part, Unit, Value, divided, how_many, share
from reporting.measures.domain.places import Level, Place, year_before

PRESENT: Final = ("present", "late", "partial")
"""Attendance that counts as having been there, in whatever mode."""
NEXT_STAGE: Final = {"development": "embedding", "embedding": "sustaining"}
REASONS: Final = ("staffing", "workload", "leadership-change", "school-closed", "other-provision", "other")
HALF_TERMS: Final = range(1, 7)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of one school in one Work Group up to the instant asked about, or of one that might take part.

    Numbers count advocates' places at held meetings: a slot that was effective at the meeting is expected
    there. Guests are in none of them.
    """

    lineage: str
    """The school's open successor root on the day asked about."""
    name: str
    places: Mapping[Level, Place]
    year: str = ""
    stage: str | None = None
    registered: bool = False
    completed: bool = False
    meetings: int = 0
    expected: int = 0
    present: int = 0
    apologies: int = 0
    visits: int = 0
    withdrew_on: date | None = None
    reason: str | None = None
    half_term: int | None = None
    """In which the school withdrew."""
    is_early: bool = False
    """Withdrew before its Work Group first met."""
    years_ago: int = 0
    """0 in the school year asked about."""
    is_eligible: bool = False
    """Stands for a school of those that might take part, and for nothing that it did."""
    before: frozenset[str] = field(default=frozenset())
    """Earlier school years in which the lineage was engaged, anywhere."""
    progressed: bool = False
    """In the year after, the lineage registered in the stage that follows."""

    kind = "school"

    @property
    def id(self) -> str:
        """The lineage's URN."""
        return self.lineage

    @property
    def engaged(self) -> bool:
        """Whether it took part and was seen: an advocate came, or the school was visited."""
        return self.registered and (self.present > 0 or self.visits > 0)


def with_history(sightings: Sequence[Sighting], asked_year: str) -> list[Sighting]:
    """Return the same with what each lineage had done before, and went on to do."""
    engaged: defaultdict[str, set[str]] = defaultdict(set)
    entered: set[tuple[str, str, str | None]] = set()
    for one in sightings:
        if one.engaged:
            engaged[one.lineage].add(one.year)
        if one.registered:
            entered.add((one.lineage, one.year, one.stage))
    return [
        replace(
            one,
            years_ago=starting_year(asked_year) - starting_year(one.year),
            before=frozenset(engaged[one.lineage] - {asked_year}),
            progressed=(one.lineage, asked_year, NEXT_STAGE.get(one.stage or "")) in entered,
        )
        for one in sightings
    ]


def registered(school: Sighting) -> bool:
    """M1."""
    return school.years_ago == 0 and school.registered


def engaged(school: Sighting) -> bool:
    """M2."""
    return school.years_ago == 0 and school.engaged


def completed(school: Sighting) -> bool:
    """M3."""
    return school.years_ago == 0 and school.completed


def _eligible(school: Sighting) -> bool:
    return school.is_eligible


def _ever(school: Sighting) -> bool:
    return school.engaged


def _attendance(seen: Sequence[Any]) -> Value:
    counted = [one for one in seen if _expected(one)]
    rate = divided(sum(one.present for one in counted), sum(one.expected for one in counted))
    return replace(rate, apologies=sum(one.apologies for one in counted))


def _expected(school: Sighting) -> bool:
    return school.years_ago == 0 and school.expected > 0


def _stage(stage: str) -> Part:
    return how_many(stage, stage.capitalize(), lambda school: engaged(school) and school.stage == stage)


def _progression(stage: str, code: str, name: str) -> Part:
    def finished(school: Sighting) -> bool:
        return school.years_ago == 1 and school.completed and school.stage == stage

    return share(code, name, lambda school: finished(school) and school.progressed, finished)


def _history(asked: Callable[[frozenset[str], str], bool]) -> Callable[[Sighting], bool]:
    return lambda school: engaged(school) and asked(school.before, year_before(school.year))


def _withdrew(wanted: Callable[[Sighting], bool]) -> Callable[[Sighting], bool]:
    return lambda school: registered(school) and school.withdrew_on is not None and wanted(school)


def _withdrawn(code: str, name: str, wanted: Callable[[Sighting], bool]) -> Part:
    return share(code, name, _withdrew(wanted), registered)


def _because(reason: str) -> Part:
    return _withdrawn(reason, f"Reason: {reason.replace('-', ' ')}", lambda school: school.reason == reason)


def _in_half_term(number: int) -> Part:
    return _withdrawn(f"half-term-{number}", f"In half-term {number}", lambda school: school.half_term == number)


REGISTERED: Final = how_many("registered", "Registered", registered)
ENGAGED: Final = how_many("engaged", "Engaged", engaged)
COMPLETED: Final = how_many("completed", "Completed", completed)
RATES: Final = (
    share("engaged", "Engaged", engaged, _eligible),
    share("completed", "Completed", completed, _eligible),
)

SCHOOLS: Final = (
    Measure(
        "M1",
        "Schools registered",
        "Schools, each lineage once, that joined a Work Group with effect in the school year; not one that withdrew "
        "on its very first day.",
        Subject.SCHOOLS,
        (REGISTERED,),
    ),
    Measure(
        "M2",
        "Schools engaged",
        "Schools registered (M1) of which an advocate, whose slot was effective on the day, attended a held "
        "meeting of the Work Group: present, late or in part, in any mode; or which had a support visit.",
        Subject.SCHOOLS,
        (ENGAGED,),
    ),
    Measure(
        "M3",
        "Schools completed",
        "Schools, each lineage once, that completed their stage in the school year, and of which nothing that was "
        "corrected since says otherwise. This is the figure to publish.",
        Subject.SCHOOLS,
        (COMPLETED,),
    ),
    Measure(
        "M4",
        "Engagement rate",
        "Schools engaged (M2), and schools completed (M3), each where it is on the day asked about, divided by the "
        "state-funded secondary schools of England that are open on the day of January's census, or until then on the "
        "day asked about, each where it was on that day. The target of the network was 65% by 2025. No school belongs "
        "to a hub's area, so by hub there is a count and no rate.",
        Subject.SCHOOLS,
        RATES,
        is_of_population=True,
    ),
    Measure(
        "M5",
        "Ever engaged",
        "Schools engaged (M2) in this school year or any before, each lineage once, divided by the same as M4.",
        Subject.SCHOOLS,
        (share("ever", "Ever engaged", _ever, _eligible),),
        looks_back=True,
        is_of_population=True,
    ),
    Measure(
        "M6",
        "New, continuing and returning schools",
        "Schools engaged (M2), by when they were before: new, in no year; continuing, in the year before; returning, "
        "in an earlier one alone. Every school is in one of the three.",
        Subject.SCHOOLS,
        (
            how_many("new", "New", _history(lambda before, _: not before)),
            how_many("continuing", "Continuing", _history(lambda before, last: last in before)),
            how_many("returning", "Returning", _history(lambda before, last: bool(before) and last not in before)),
        ),
        looks_back=True,
    ),
    Measure(
        "M7",
        "Stages and progression",
        "Schools engaged (M2) by the stage of their Work Group; and of the schools that completed a stage in the year "
        "before, the share that registered in the next one in this year.",
        Subject.SCHOOLS,
        (
            _stage("development"),
            _stage("embedding"),
            _stage("sustaining"),
            _progression("development", "to-embedding", "Development to embedding"),
            _progression("embedding", "to-sustaining", "Embedding to sustaining"),
        ),
        looks_back=True,
    ),
    Measure(
        "M9",
        "Attendance rate",
        "Advocates present, late or present in part, divided by advocates expected: the slots effective at the "
        "time of each held meeting. Apologies are counted apart; guests are left out. A person with two records is "
        "expected once at a school, and the mark that was recorded last stands, under whichever.",
        Subject.SCHOOLS,
        (Part("attendance", "Attendance", Unit.RATE, _expected, _attendance),),
    ),
    Measure(
        "M17",
        "Coverage",
        "M1 to M4 side by side, by region and local authority of the school, as it is on the day asked about (of those "
        "that might take part, as it was on the day of the census), or by hub of the Work Group.",
        Subject.SCHOOLS,
        (
            REGISTERED,
            ENGAGED,
            COMPLETED,
            share("engagement-rate", "Engagement rate", engaged, _eligible),
            share("completion-rate", "Completion rate", completed, _eligible),
        ),
        is_of_population=True,
    ),
    Measure(
        "M18",
        "Withdrawals",
        "Schools that withdrew from a Work Group and are not back, divided by schools registered (M1): all of them, "
        "those that left before their group first met, by reason, and by the half-term of the day.",
        Subject.SCHOOLS,
        (
            _withdrawn("all", "All", lambda _: True),
            _withdrawn("early", "Before the first meeting", lambda school: school.is_early),
            *map(_because, REASONS),
            *map(_in_half_term, HALF_TERMS),
        ),
    ),
)


def exceptions(seen: Iterable[Sighting]) -> list[Sighting]:
    """Return the schools that completed their stage and were never seen: somebody should look into each."""
    schools = list(seen)
    were_seen = {one.lineage for one in schools if engaged(one)}
    return [one for one in schools if completed(one) and one.lineage not in were_seen]
