"""The scene is a function of its seed, and has in it what it is shown for."""

from collections import Counter
from dataclasses import asdict
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.counted import counted
from hubs.demo.counting import by_paper
from hubs.demo.papers import Teacher
from hubs.demo.scene import REGISTERS, Scene, scene
from mathshubs.clock import LONDON
from mathshubs.events import catalogue


@pytest.fixture(scope="module")
def played() -> Scene:
    """The scene of the seed that is played by itself."""
    return scene(7)


def test_the_same_seed_plays_the_same_half_term(played: Scene) -> None:
    """A figure that is talked about can be had again, anywhere."""
    assert scene(7) == played
    assert scene(7).repeats == played.repeats
    assert scene(8) != played


@given(st.integers(min_value=0, max_value=10**6))
def test_papers_and_reports_tell_of_the_same_figures(seed: int) -> None:
    """What the ending expects is counted on paper, here on the reports: for any seed."""
    found = scene(seed)
    groups = found.papers.groups

    assert counted(found.recorded) == asdict(by_paper(groups, groups))
    assert found.late.event["data"]["meeting"] == found.late_group.meeting


@given(st.integers(min_value=0, max_value=10**6))
def test_a_half_term_fits_into_its_days(seed: int) -> None:
    """No meeting is reported as held before it was, whichever days the seed gives out."""
    found = scene(seed)
    held = [datetime.fromisoformat(one.event["data"]["ends_at"]) for one in found.registers]

    assert max(held) < REGISTERS
    assert all(one.utcoffset() == one.astimezone(LONDON).utcoffset() for one in held)
    assert datetime.fromisoformat(found.moved.event["data"]["starts_at"]).date() > found.mover.october


def test_each_report_is_of_a_known_type_and_has_its_own_id(played: Scene) -> None:
    """Apart from those that are sent to show what becomes of such."""
    good = [one for one in played.recorded if one.outcome != "dead"]
    ids = Counter((one.hub, one.event["id"]) for one in good)

    assert {one.event["type"] for one in good} <= catalogue().keys()
    assert set(ids.values()) == {1}
    assert [one.code for one in played.bad] == ["not-json", "unknown-type", "id-reused"]


def test_everybody_is_invented(played: Scene) -> None:
    """Addresses end in a domain that nobody can have; no two people share a name."""
    people: list[Teacher] = [who for group in played.papers.groups for who in (group.lead, *group.advocates)]

    assert all(who.email.endswith(".example") for who in people)
    assert len({who.name for who in people}) == len(people)
    assert played.papers.groups[0].october > date(2026, 10, 1)
