"""Which schools may take part: state-funded, in England, secondary, open on the day."""

from dataclasses import replace
from datetime import date

import pytest

from enrolment.schools.domain import EligibilityPolicy, School, Status, eligibility

OCTOBER = date(2026, 10, 1)
SECONDARY = EligibilityPolicy(
    programme="secondary-teaching-for-mastery",
    from_year="2014/15",
    type_codes=frozenset({1, 7, 14, 18, 34, 39, 44}),
    phase_codes=frozenset({4, 5, 7}),
    status_codes=frozenset({1, 3}),
    age_judged_type_codes=frozenset({7, 14, 44}),
    low_age=11,
    high_age=16,
    colleges=False,
    college_type_codes=frozenset({18, 39}),
    college_phase_codes=frozenset({6}),
    outside_type_codes=frozenset({30}),
    outside_local_authority_codes=frozenset({"000", "702"}),
    countries=frozenset({"England", "United Kingdom"}),
)
OAK_PARK = School(
    urn="900001",
    name="Oak Park School",
    local_authority_code="500",
    local_authority_name="River Vale",
    region="North East",
    country=None,
    type_code=34,
    phase_code=4,
    status_code=Status.OPEN,
    low_age=11,
    high_age=16,
    opened_on=None,
    closed_on=None,
)
WELSH, INDEPENDENT, SPECIAL, COLLEGE = 30, 11, 44, 18


def judged(school: School = OAK_PARK, on: date = OCTOBER, policy: EligibilityPolicy = SECONDARY) -> tuple[str, ...]:
    """Return why the school may not take part."""
    return eligibility(school, on, policy)


def test_a_state_secondary_in_england_may_take_part() -> None:
    """A blank open date means that it has always been open; so does a blank country mean England."""
    assert judged() == ()


@pytest.mark.parametrize("phase", [4, 5, 7])
def test_middle_and_all_through_schools_have_secondary_pupils(phase: int) -> None:
    """Middle deemed secondary and all-through count beside secondary."""
    assert judged(replace(OAK_PARK, phase_code=phase)) == ()


@pytest.mark.parametrize("phase", [0, 1, 2, 3, 6])
def test_a_school_of_another_phase_is_refused(phase: int) -> None:
    """Primary, middle deemed primary and 16 plus are for other programmes."""
    assert judged(replace(OAK_PARK, phase_code=phase)) == ("school-not-secondary",)


def test_an_independent_school_is_refused() -> None:
    """It has no phase in the register either, and both reasons are said."""
    independent = replace(OAK_PARK, type_code=INDEPENDENT, phase_code=0)

    assert judged(independent) == ("school-not-state-funded", "school-not-secondary")


@pytest.mark.parametrize(("ages", "reasons"), [
    ((11, 19), ()),
    ((2, 19), ()),
    ((14, 16), ()),
    ((2, 11), ("school-not-secondary",)),
    ((16, 19), ("school-not-secondary",)),
    ((None, None), ("school-not-secondary",)),
])  # fmt: skip
def test_a_special_school_is_judged_by_its_ages(ages: tuple[int, int], reasons: tuple[str, ...]) -> None:
    """Special schools, pupil referral units and alternative provision have no phase in the register."""
    assert judged(replace(OAK_PARK, type_code=SPECIAL, phase_code=0, low_age=ages[0], high_age=ages[1])) == reasons


def test_a_welsh_school_is_refused_for_that_alone() -> None:
    """England's types and phases say nothing about it."""
    welsh = replace(OAK_PARK, type_code=WELSH, phase_code=0, local_authority_code="681")

    assert judged(welsh) == ("school-not-in-england",)


@pytest.mark.parametrize("elsewhere", [
    replace(OAK_PARK, local_authority_code="702"),
    replace(OAK_PARK, country="Wales"),
    replace(OAK_PARK, country="Jersey"),
])  # fmt: skip
def test_a_school_outside_england_is_refused(elsewhere: School) -> None:
    """Service schools abroad and the islands have authority codes of their own; some rows name the country."""
    assert judged(elsewhere) == ("school-not-in-england",)


def test_a_closed_school_took_part_until_its_last_day() -> None:
    """A report of last year is judged by last year; the last day still counts."""
    closed = replace(OAK_PARK, status_code=Status.CLOSED, closed_on=date(2026, 8, 31))

    assert judged(closed, on=date(2026, 8, 31)) == ()
    assert judged(closed, on=date(2026, 9, 1)) == ("school-closed",)


def test_a_school_closed_on_an_unknown_day_is_refused() -> None:
    """The register has old closures with no date."""
    assert judged(replace(OAK_PARK, status_code=Status.CLOSED)) == ("school-closed",)


def test_a_school_proposed_to_close_may_take_part_until_it_does() -> None:
    """A proposal is no closure; the date it names is its last day."""
    proposed = replace(OAK_PARK, status_code=Status.PROPOSED_TO_CLOSE, closed_on=date(2027, 8, 31))

    assert judged(proposed) == ()
    assert judged(proposed, on=date(2027, 9, 1)) == ("school-closed",)


def test_a_school_not_yet_open_is_refused() -> None:
    """By its date, and by its status even after that date: an opening may be put off."""
    later = replace(OAK_PARK, opened_on=date(2027, 9, 1))
    proposed = replace(OAK_PARK, status_code=Status.PROPOSED_TO_OPEN, opened_on=date(2026, 9, 1))

    assert judged(later) == ("school-not-yet-open",)
    assert judged(proposed) == ("school-not-yet-open",)


def test_a_college_takes_part_only_where_the_programme_is_open_to_colleges() -> None:
    """The same register, another policy row."""
    with_colleges = replace(SECONDARY, colleges=True)

    assert judged(replace(OAK_PARK, type_code=COLLEGE, phase_code=0)) == ("school-not-secondary",)
    assert judged(replace(OAK_PARK, type_code=COLLEGE, phase_code=0), policy=with_colleges) == ()
    assert judged(replace(OAK_PARK, phase_code=6), policy=with_colleges) == ()
