"""What becomes of a report that a school was visited: the rule alone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.scheduling.visits import SupportVisitCompleted, SupportVisitRefused
from scheduling.visits.domain import CompleteVisit, Notes, Place, Standing, Visit, complete_visit, of_school
from scheduling_examples import ELM, MOORSIDE, RIVER_VALE, an_id

OAK, LARCH, MERGED = "136771", "148232", "150001"
FIRST, SECOND = an_id("first visit"), an_id("second visit")
SEPTEMBER, OCTOBER, TODAY = date(2026, 9, 14), date(2026, 10, 6), date(2026, 11, 1)
NOTES = Notes("Questioning in Year 8", "Amina to share the slides")
HERE = Place(OAK, SEPTEMBER)


def standing(*visits: Visit, **more: Any) -> Standing:  # noqa: ANN401
    """Elm is River Vale's, in embedding: eighteen hours to Oak, a member since September."""
    known = Standing(RIVER_VALE, "2026/27", (HERE,), visits=visits, entitled_hours=18.0)
    return replace(known, **more)


def asked(**more: Any) -> CompleteVisit:  # noqa: ANN401
    """River Vale reports that Oak was visited for six hours in October."""
    said = {"hub": RIVER_VALE, "visit_id": FIRST, "work_group_id": ELM, "school_urn": OAK, "held_on": OCTOBER}
    return CompleteVisit(**said | {"hours": 6.0, "mode": "face-to-face", "notes": NOTES} | more)  # type: ignore[arg-type]


def visit(**more: Any) -> Visit:  # noqa: ANN401
    """A visit of six hours to Oak in October that is known."""
    known = Visit(FIRST, ELM, OAK, OCTOBER, 6.0, "face-to-face", NOTES)
    return replace(known, **more)


def completed(**more: Any) -> list[Event]:  # noqa: ANN401
    """The fact that follows."""
    said = {"visit_id": FIRST, "work_group_id": ELM, "school_urn": OAK, "held_on": OCTOBER, "hours": 6.0}
    about = {"effective_at": start_of(OCTOBER), "hub": RIVER_VALE, "school_year": "2026/27", "mode": "face-to-face"}
    return [SupportVisitCompleted(**said | about | {"entitled_hours": 18.0, "used_hours": 6.0} | more)]


def refused(reason: str, hub: str = RIVER_VALE) -> list[Event]:
    """The visit is not recorded, for this reason."""
    about = {"effective_at": start_of(OCTOBER), "hub": hub, "school_year": "2026/27", "visit_id": FIRST}
    return [SupportVisitRefused(**about, reasons=(reason,))]


def test_a_visit_is_recorded_with_what_is_used_of_the_schools_hours() -> None:
    """What it was about is in no fact: people write names into it."""
    [fact] = complete_visit(standing(), asked(), TODAY)

    assert [fact] == completed()
    assert "Amina" not in fact.model_dump_json()


def test_visits_of_the_year_to_the_school_add_up() -> None:
    """To the last hour of the three days nothing is amiss."""
    before = standing(visit(id=SECOND, hours=12.0))

    assert complete_visit(before, asked(), TODAY) == completed(used_hours=18.0)


def test_hours_beyond_the_entitlement_are_recorded_and_flagged() -> None:
    """The visit took place, whoever pays for it."""
    before = standing(visit(id=SECOND, hours=12.5))

    assert complete_visit(before, asked(), TODAY) == completed(used_hours=18.5, flags=("over-entitlement",))


def test_a_stage_that_gives_no_hours_in_particular_is_never_overdrawn() -> None:
    """In development support is as the hub sees fit."""
    before = standing(visit(id=SECOND, hours=24.0), entitled_hours=None)

    assert complete_visit(before, asked(), TODAY) == completed(entitled_hours=None, used_hours=30.0)


@pytest.mark.parametrize("place", [Place(OAK, date(2026, 10, 7)), Place(OAK, SEPTEMBER, date(2026, 10, 5))])
def test_a_school_that_was_not_there_on_the_day_is_flagged(place: Place) -> None:
    """It joined the day after, or had left the day before: the day is wrong, or a report is missing."""
    assert complete_visit(standing(places=(place,)), asked(), TODAY) == completed(flags=("not-a-member",))


def test_a_school_that_came_back_was_there_in_both_its_times() -> None:
    """It is one school, by the number under which it joined first."""
    places = (Place(OAK, SEPTEMBER, date(2026, 9, 20)), Place(OAK, date(2026, 10, 1)))

    assert complete_visit(standing(places=places), asked(), TODAY) == completed()


def test_another_hubs_group_is_refused() -> None:
    """Only the hub that formed it may report on it."""
    assert complete_visit(standing(places=()), asked(hub=MOORSIDE), TODAY) == refused("not-your-work-group", MOORSIDE)


def test_a_school_that_the_group_did_not_take_has_no_visits() -> None:
    """A refused join refuses what follows from it."""
    assert complete_visit(standing(places=()), asked(), TODAY) == refused("school-not-in-group")


def test_the_same_visit_again_is_left_alone() -> None:
    """However often a hub's system sends it."""
    before = standing(visit(), known=visit())

    assert complete_visit(before, asked(), TODAY) == []


@pytest.mark.parametrize(
    "other",
    [
        {"hours": 5.0},
        {"held_on": date(2026, 10, 7)},
        {"mode": "online"},
        {"work_group_id": an_id("Oak group")},
        {"notes": Notes("Fractions", NOTES.actions)},
    ],
)
def test_another_visit_under_the_same_reference_is_refused(other: dict[str, Any]) -> None:
    """What was reported first stands, and whoever says otherwise is told; the notes are part of it."""
    [fact] = complete_visit(standing(visit(), known=visit()), asked(**other), TODAY)

    assert isinstance(fact, SupportVisitRefused)
    assert fact.reasons == ("visit-differs",)


def test_notes_that_words_were_taken_out_of_are_compared_no_more() -> None:
    """The same visit sent again differs only by whom we forgot."""
    clean = visit(notes=Notes("Questioning in Year 8", "erased to share the slides", redacted=True))

    assert complete_visit(standing(clean, known=clean), asked(), TODAY) == []


def test_a_visit_ahead_is_refused() -> None:
    """On its day it counts, though the day is not over."""
    assert complete_visit(standing(), asked(), date(2026, 10, 5)) == refused("not-held-yet")
    assert complete_visit(standing(), asked(), OCTOBER) == completed()


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2025, 10, 6)])
def test_a_visit_outside_the_groups_school_year_is_refused(day: date) -> None:
    """Its hours would be taken from a year that they are not of."""
    [fact] = complete_visit(standing(), asked(held_on=day), TODAY)

    assert isinstance(fact, SupportVisitRefused)
    assert fact.reasons == ("outside-school-year",)


def test_a_school_is_found_under_the_number_that_it_has_now() -> None:
    """Oak became an academy in mid-year; the hub's system knows its new number alone."""
    assert of_school((HERE, Place(LARCH, SEPTEMBER)), MERGED, {OAK, MERGED}) == (HERE,)
    assert of_school((HERE, Place(MERGED, OCTOBER)), MERGED, {OAK, MERGED}) == (Place(MERGED, OCTOBER),)
    assert of_school((HERE,), LARCH, {LARCH}) == ()


def test_of_two_schools_that_merged_the_one_that_joined_first_is_meant() -> None:
    """They are one school now, and its hours must not be given twice."""
    both = (Place(LARCH, OCTOBER), HERE)

    assert of_school(both, MERGED, {OAK, LARCH, MERGED}) == (HERE,)


HOURS = some.lists(some.sampled_from([0.5, 1.0, 1.25, 2.0, 3.0, 6.0, 6.1]), min_size=1, max_size=12)


@given(HOURS, some.sampled_from([None, 6.0, 18.0]))
def test_whatever_is_beyond_the_entitlement_is_flagged_and_nothing_else_is(
    hours: list[float], entitled: float | None
) -> None:
    """The ledger is the sum of what was recorded, in whatever order and however often each is sent."""
    visits: dict[Any, Visit] = {}
    for number, length in enumerate(hours * 2):
        id_ = an_id(f"visit {number % len(hours)}")
        now = standing(*visits.values(), known=visits.get(id_), entitled_hours=entitled)
        for fact in complete_visit(now, asked(visit_id=id_, hours=length), TODAY):
            assert isinstance(fact, SupportVisitCompleted)
            visits[id_] = visit(id=id_, hours=length)
            used = round(sum(one.hours for one in visits.values()), 2)
            assert fact.used_hours == pytest.approx(used)
            assert ("over-entitlement" in fact.flags) == (entitled is not None and used > entitled)

    assert len(visits) == len(hours)
