"""On which days schools are closed, and which half-term a day counts for: plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mathshubs.events.scheduling.calendars import Closure, SchoolCalendarRecorded
from mathshubs.events.scheduling.meetings import Closed
from scheduling.calendars.domain import (
    Calendar,
    Days,
    Layer,
    Member,
    Membership,
    Term,
    closures,
    evolve,
    half_term,
    usual_in,
)
from scheduling_calendars import In

RIVER_VALE, OAK, ELM = "river-vale", "136771", "148232"
YEAR = "2026/27"
USUAL = tuple(
    Days(date.fromisoformat(begins), date.fromisoformat(ends))
    for begins, ends in [
        ("2026-09-03", "2026-10-23"),
        ("2026-11-02", "2026-12-18"),
        ("2027-01-04", "2027-02-12"),
        ("2027-02-22", "2027-03-25"),
        ("2027-04-12", "2027-05-28"),
        ("2027-06-07", "2027-07-21"),
    ]
)


def days(begins: str, ends: str | None = None) -> Days:
    """From this day to that one, both included; one day alone if no end is named."""
    return Days(date.fromisoformat(begins), date.fromisoformat(ends or begins))


STAFFORDSHIRE = Layer(
    terms=tuple(
        Term(days(*term))
        for term in [("2026-09-03", "2026-12-18"), ("2027-01-04", "2027-03-25"), ("2027-04-12", "2027-07-21")]
    ),
    holidays=(
        days("2026-10-26", "2026-10-30"),
        days("2027-02-15", "2027-02-19"),
        days("2027-05-31", "2027-06-04"),
    ),
    insets=(days("2026-09-01", "2026-09-02"),),
)
A_FORTNIGHT_IN_OCTOBER = Layer(
    holidays=(
        days("2026-10-19", "2026-10-30"),
        days("2026-12-21", "2027-01-01"),
        days("2027-02-15", "2027-02-19"),
        days("2027-03-26", "2027-04-09"),
        days("2027-05-31", "2027-06-04"),
        days("2027-07-22", "2027-08-30"),
    )
)


BOTH: tuple[Member, ...] = (In(OAK), In(ELM))


def calendar(**layers: Layer) -> Calendar:
    """The calendar of the group, Oak's being the one of record."""
    urns = {"oak": OAK, "elm": ELM}
    imported = {urns[name]: (layer,) for name, layer in layers.items()}
    return Calendar(RIVER_VALE, YEAR, imported=imported, of_record=OAK, usual=USUAL)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 12, 28), ("bank-holiday",)),  # instead of Boxing Day, a Saturday
        (date(2027, 3, 26), ("bank-holiday",)),  # Good Friday
        (date(2027, 8, 30), ("bank-holiday",)),
        (date(2026, 10, 10), ("weekend",)),
        (date(2026, 12, 26), ("bank-holiday", "weekend")),
        (date(2026, 11, 10), ()),
    ],
)
def test_what_closes_every_school_is_said_of_none_in_particular(day: date, why: tuple[str, ...]) -> None:
    """And said once, though both schools are on holiday besides."""
    found = closures(day, BOTH, calendar(oak=STAFFORDSHIRE, elm=A_FORTNIGHT_IN_OCTOBER))

    assert [(one.school_urn, one.on, one.why) for one in found] == [(None, day, one) for one in why]


def test_a_day_is_closed_for_the_school_whose_holiday_it_is() -> None:
    """The hub is told whose and why, so that it knows whom to ask."""
    known = calendar(oak=STAFFORDSHIRE, elm=A_FORTNIGHT_IN_OCTOBER)

    assert closures(date(2026, 10, 20), BOTH, known) == (Closed(school_urn=ELM, on=date(2026, 10, 20), why="holiday"),)
    assert [one.school_urn for one in closures(date(2026, 10, 27), BOTH, known)] == [OAK, ELM]


def test_training_days_close_a_school_and_so_does_whatever_lies_outside_its_terms() -> None:
    """A calendar of terms need not list its holidays."""
    known = calendar(oak=STAFFORDSHIRE)
    early = (In(OAK, from_on=date(2026, 9, 1)),)

    assert [one.why for one in closures(date(2026, 9, 2), early, known)] == ["inset"]
    assert [one.why for one in closures(date(2027, 4, 9), early, known)] == ["holiday"]
    assert closures(date(2027, 4, 12), early, known) == ()


def test_a_school_that_is_not_in_the_group_on_the_day_keeps_nobody_from_meeting() -> None:
    """One was there the day before for the last time, the other joins the day after."""
    left = In(OAK, until_on=date(2026, 10, 25))
    joins = In(ELM, from_on=date(2026, 10, 27))
    known = calendar(oak=STAFFORDSHIRE, elm=STAFFORDSHIRE)

    assert closures(date(2026, 10, 26), (left, joins), known) == ()
    assert len(closures(date(2026, 10, 26), (replace(left, until_on=date(2026, 10, 26)), joins), known)) == 1
    assert [one.school_urn for one in closures(date(2026, 10, 27), (left, joins), known)] == [ELM]


def test_a_school_without_a_calendar_is_taken_to_be_open() -> None:
    """The nation's usual dates number half-terms; they say of no school that it is closed."""
    assert closures(date(2026, 10, 27), BOTH, calendar()) == ()


def test_of_each_kind_the_nearest_calendar_that_has_any_holds() -> None:
    """A school that names its training days alone keeps its authority's holidays, not its training days."""
    own = Layer(insets=(days("2026-10-16"),))
    known = replace(calendar(oak=STAFFORDSHIRE), reported={OAK: own})
    early = (In(OAK, from_on=date(2026, 9, 1)),)

    asked = [date(2026, 10, 16), date(2026, 10, 27), date(2026, 9, 1)]

    assert [[one.why for one in closures(day, early, known)] for day in asked] == [["inset"], ["holiday"], ["holiday"]]


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2026-09-01", 1),
        ("2026-09-03", 1),
        ("2026-10-23", 1),
        ("2026-10-28", 1),
        ("2026-11-02", 2),
        ("2026-12-24", 2),
        ("2027-01-04", 3),
        ("2027-02-22", 4),
        ("2027-04-12", 5),
        ("2027-06-07", 6),
        ("2027-08-31", 6),
        ("2026-08-31", None),
        ("2027-09-01", None),
    ],
)
def test_a_day_counts_for_its_half_term_and_a_holiday_for_the_one_before_it(day: str, number: int | None) -> None:
    """Three terms with a holiday inside each make six; days of another school year count for none."""
    assert half_term(date.fromisoformat(day), calendar(oak=STAFFORDSHIRE)) == number


def test_half_terms_are_those_of_the_school_that_joined_first() -> None:
    """Elm's fortnight moves no half-term of the group; Oak's would."""
    day = date(2026, 11, 1)
    late = Layer(holidays=(*A_FORTNIGHT_IN_OCTOBER.holidays[1:], days("2026-11-02", "2026-11-13")))

    assert half_term(date(2026, 11, 3), calendar(oak=STAFFORDSHIRE, elm=late)) == 2
    assert half_term(date(2026, 11, 3), calendar(oak=late, elm=STAFFORDSHIRE)) == 1
    assert half_term(day, calendar(oak=A_FORTNIGHT_IN_OCTOBER)) == 1
    assert half_term(date(2026, 11, 2), calendar(oak=A_FORTNIGHT_IN_OCTOBER)) == 2


def test_the_school_that_joined_first_is_of_record() -> None:
    """Of two on one day it is the lower URN: the same whoever is heard of first."""
    september, october = date(2026, 9, 14), date(2026, 10, 5)

    def of(*members: In) -> Member | None:
        return Membership(OAK, RIVER_VALE, YEAR, members).first  # type: ignore[arg-type]

    assert of(In(ELM, september), In(OAK, october)) == In(ELM, september)
    assert of(In(ELM, september), In(OAK, september)) == In(OAK, september)
    assert of() is None


def test_half_terms_that_are_numbered_by_their_authority_stand() -> None:
    """Even where another count would follow from the dates: five weeks in spring, then a break of three days."""
    numbered = Layer(terms=tuple(Term(span, number) for number, span in enumerate(USUAL, 1)))  # type: ignore[arg-type]

    assert half_term(date(2027, 2, 25), calendar(oak=numbered)) == 4


def test_a_calendar_from_which_no_six_follow_leaves_the_count_to_a_farther_one() -> None:
    """A hub that reports one training day and one holiday has not told when its half-terms are."""
    scant = Layer(holidays=(days("2026-11-16", "2026-11-27"),))
    known = replace(calendar(oak=STAFFORDSHIRE), reported={OAK: scant})

    assert half_term(date(2026, 11, 20), known) == 2
    assert half_term(date(2026, 11, 20), calendar(oak=scant)) == 2
    assert half_term(date(2026, 11, 20), Calendar(RIVER_VALE, YEAR)) is None


def test_a_bank_holiday_or_a_day_off_parts_no_half_term() -> None:
    """Good Friday in mid-term, a polling day and a snow day leave six."""
    occasional = Layer(
        terms=STAFFORDSHIRE.terms,
        holidays=(*STAFFORDSHIRE.holidays, days("2026-11-20"), days("2027-05-06", "2027-05-07")),
    )

    assert half_term(date(2026, 12, 1), calendar(oak=occasional)) == 2
    assert half_term(date(2027, 5, 27), calendar(oak=occasional)) == 5


@pytest.mark.parametrize(
    ("hub", "year", "why"), [(RIVER_VALE, YEAR, ["holiday"]), ("moorside", YEAR, []), (RIVER_VALE, "2027/28", [])]
)
def test_what_a_hub_reports_holds_for_its_own_groups_of_the_year(hub: str, year: str, why: list[str]) -> None:
    """At once, for whatever is decided after it: a meeting may be reported in the same breath."""
    day = date(2026, 11, 10)
    fact = SchoolCalendarRecorded(
        effective_at=datetime(2026, 9, 1, tzinfo=UTC),
        hub=hub,
        school_year=year,
        school_urn=OAK,
        closed=(Closure(from_on=day, to_on=day, kind="holiday"),),
    )

    assert [one.why for one in closures(day, BOTH, evolve(calendar(), fact))] == why


def test_a_year_without_dates_has_those_of_the_year_before_moved_by_whole_weeks() -> None:
    """A Monday stays a Monday."""
    known = {YEAR: USUAL}

    assert usual_in(YEAR, known) == USUAL
    assert usual_in("2027/28", known)[1] == days("2027-11-01", "2027-12-17")
    assert usual_in("2020/21", known)[1] == days("2020-11-02", "2020-12-18")
    assert usual_in(YEAR, {}) == ()


@given(some.dates(date(2026, 9, 1), date(2027, 8, 30)), some.sampled_from([STAFFORDSHIRE, A_FORTNIGHT_IN_OCTOBER]))
def test_half_terms_never_go_back(day: date, layer: Layer) -> None:
    """Each day of the year counts for one half-term, and the next day for the same or the next one."""
    before, after = (half_term(one, calendar(oak=layer)) for one in (day, day + timedelta(days=1)))

    assert before is not None
    assert after in (before, before + 1)


@given(some.dates(date(2026, 9, 1), date(2027, 8, 31)))
def test_a_day_that_is_closed_for_a_school_is_none_for_all(day: date) -> None:
    """A closure names a member or is everybody's, never both; each member is named once at most."""
    found = closures(day, BOTH, calendar(oak=STAFFORDSHIRE, elm=A_FORTNIGHT_IN_OCTOBER))

    named = [one.school_urn for one in found if one.school_urn]
    assert len(named) == len(set(named))
    assert not named or len(named) == len(found)
