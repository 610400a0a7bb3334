"""What is said when the register changes, and which links make one school of two."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from enrolment.schools.domain import ALWAYS, School, Status, changes, joining, paired, replacement
from mathshubs.clock import start_of
from mathshubs.events.enrolment.schools import SchoolClosed, SchoolDetailsChanged, SchoolRegistered, SchoolReplacedBy
from mathshubs.lineage import Link

FILE_DATE = date(2026, 7, 1)
SUMMER = date(2026, 8, 31)
AUTUMN = date(2016, 9, 1)
OAK_PARK = School(
    "900001", "Oak Park School", "500", "River Vale", "North East", None, 34, 4, Status.OPEN, 11, 16, AUTUMN, None
)
CLOSED = replace(OAK_PARK, status_code=Status.CLOSED, closed_on=SUMMER)


def test_a_new_school_is_registered_from_the_day_it_opened() -> None:
    """Figures as at an earlier day must not count it, whenever the file came."""
    assert changes(None, OAK_PARK, FILE_DATE) == [SchoolRegistered(effective_at=start_of(AUTUMN), **asdict(OAK_PARK))]


def test_a_school_with_no_open_date_was_always_there() -> None:
    """Half of the register has no open date; blank means open."""
    undated = replace(OAK_PARK, opened_on=None)

    assert changes(None, undated, FILE_DATE) == [SchoolRegistered(effective_at=start_of(ALWAYS), **asdict(undated))]


def test_a_closed_school_is_registered_and_closed() -> None:
    """The live register keeps closed schools, and old figures need them."""
    assert changes(None, CLOSED, FILE_DATE) == [
        SchoolRegistered(effective_at=start_of(AUTUMN), **asdict(CLOSED)),
        SchoolClosed(effective_at=start_of(SUMMER), **asdict(CLOSED)),
    ]


def test_an_unchanged_school_is_not_spoken_of() -> None:
    """A file imported again says nothing."""
    assert changes(OAK_PARK, OAK_PARK, FILE_DATE) == []


def test_a_renamed_school_has_changed() -> None:
    """The fact carries the whole entry, so that a listener need hold no history."""
    renamed = replace(OAK_PARK, name="Oak Park Academy")

    assert changes(OAK_PARK, renamed, FILE_DATE) == [
        SchoolDetailsChanged(effective_at=start_of(FILE_DATE), **asdict(renamed))
    ]


def test_a_school_that_closed_is_said_once() -> None:
    """Also when its name changed in the same file: the one fact carries both."""
    renamed = replace(CLOSED, name="Oak Park (closed)")

    assert changes(OAK_PARK, renamed, FILE_DATE) == [SchoolClosed(effective_at=start_of(SUMMER), **asdict(renamed))]


def test_a_closure_with_no_date_counts_from_the_day_of_the_change() -> None:
    """Nothing better is known."""
    undated = replace(CLOSED, closed_on=None)

    assert changes(OAK_PARK, undated, FILE_DATE) == [SchoolClosed(effective_at=start_of(FILE_DATE), **asdict(undated))]


def test_a_corrected_last_day_is_said_as_a_closure() -> None:
    """The closing takes effect on the corrected day, in figures of the past as well."""
    later = replace(CLOSED, closed_on=date(2026, 12, 31))

    assert changes(CLOSED, later, FILE_DATE) == [
        SchoolClosed(effective_at=start_of(date(2026, 12, 31)), **asdict(later))
    ]


def test_a_reopened_school_has_changed() -> None:
    """A closure entered by mistake is taken back by the next file."""
    assert changes(CLOSED, OAK_PARK, FILE_DATE) == [
        SchoolDetailsChanged(effective_at=start_of(FILE_DATE), **asdict(OAK_PARK))
    ]


@pytest.mark.parametrize("kind", ["Successor", "Successor - merged", "Successor - amalgamated", "successor"])
def test_a_successor_leads_on(kind: str) -> None:
    """A row of the predecessor's entry."""
    assert joining("900001", "900002", kind, AUTUMN) == Link("900001", "900002", AUTUMN)


@pytest.mark.parametrize("kind", ["Predecessor", "Predecessor - merged", "Predecessor - amalgamated"])
def test_a_predecessor_leads_here(kind: str) -> None:
    """The same link in the successor's entry."""
    assert joining("900002", "900001", kind, AUTUMN) == Link("900001", "900002", AUTUMN)


@pytest.mark.parametrize("kind", [
    "Successor - Split School", "Predecessor - Split School", "Sixth Form Centre Link", "Sixth Form Centre School",
    "Other", "Expansion", "Closure", "Result of Amalgamation", "Merged - change in age range", "",
])  # fmt: skip
def test_other_kinds_make_no_lineage(kind: str) -> None:
    """A split school goes on as two; counting them as one would lose a school."""
    assert joining("900001", "900002", kind, AUTUMN) is None


@pytest.mark.parametrize(("one", "other", "on"), [
    (SUMMER, date(2026, 9, 1), date(2026, 9, 1)),
    (date(2026, 9, 1), SUMMER, date(2026, 9, 1)),
    (None, AUTUMN, AUTUMN),
    (AUTUMN, None, AUTUMN),
    (None, None, None),
])  # fmt: skip
def test_a_pair_counts_from_the_successors_first_day(one: date | None, other: date | None, on: date | None) -> None:
    """The two entries give the predecessor's last day and the successor's first: the later one."""
    assert paired(Link("900001", "900002", one), Link("900001", "900002", other)) == Link("900001", "900002", on)


def test_a_link_is_said_when_it_is_new_or_its_date_changed() -> None:
    """An undated link holds always."""
    undated, dated = Link("900001", "900002"), Link("900001", "900002", AUTUMN)
    pair = {"predecessor_urn": "900001", "successor_urn": "900002"}

    assert replacement(None, undated) == [SchoolReplacedBy(effective_at=start_of(ALWAYS), **pair)]
    assert replacement(undated, dated) == [SchoolReplacedBy(effective_at=start_of(AUTUMN), **pair, on=AUTUMN)]
    assert replacement(dated, dated) == []
