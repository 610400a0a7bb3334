"""Links that people carry in their mail."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mathshubs.links import NotOurLink, join_token, read_join_token

MEETING = UUID("0198c1c2-5f0e-5d6a-9d7e-3b8f5a1c2d3e")
AMINA = UUID("0198c1c2-5f0e-5d6a-9d7e-3b8f5a1c2d3f")


def test_a_join_link_brings_back_the_meeting_and_the_person() -> None:
    """What notification puts into a mail, scheduling reads at its door."""
    assert read_join_token("s", join_token("s", MEETING, AMINA)) == (MEETING, AMINA)


def test_a_join_link_is_the_same_each_time() -> None:
    """A mail that is sent once more has the same bytes."""
    assert join_token("s", MEETING, AMINA) == join_token("s", MEETING, AMINA)


def test_a_link_signed_elsewhere_is_refused() -> None:
    """Another installation's secret opens nothing here."""
    with pytest.raises(NotOurLink):
        read_join_token("s", join_token("another", MEETING, AMINA))


@given(some.text())
def test_whatever_is_tried_in_place_of_a_token_is_refused(tried: str) -> None:
    """Cut, doubled, not ASCII: never anything but the one refusal."""
    with pytest.raises(NotOurLink):
        read_join_token("s", tried)
