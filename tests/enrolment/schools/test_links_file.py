"""What a links file means does not hang on its order, nor on kinds that make no lineage."""

from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from enrolment.schools.importing.links import Found
from mathshubs.lineage import Lineages
from mathshubs.sheets import Row

TODAY = date(2026, 9, 14)
URNS = [f"90000{n}" for n in range(1, 7)]
urns = st.sampled_from(URNS)
dates = st.sampled_from(["", "31-08-2016", "01-09-2016", "01-09-2020"])
JOIN = ("Successor", "Predecessor", "Successor - merged", "Predecessor - merged", "Predecessor - amalgamated")
PART = ("Successor - Split School", "Predecessor - Split School", "Sixth Form Centre Link", "Other", "Closure")
joining = st.lists(st.tuples(urns, urns, st.sampled_from(JOIN), dates), max_size=12)
parting = st.lists(st.tuples(urns, urns, st.sampled_from(PART), dates), max_size=12)
Cells = tuple[str, str, str, str]


def roots(rows: list[Cells]) -> list[str]:
    """Return what each school has become by these rows."""
    found = Found()
    for number, cells in enumerate(rows, start=2):
        found.add(Row(number, cells))
    lineages = Lineages(found.links.values(), {}, {})
    return [lineages.root(urn, TODAY) for urn in URNS]


@given(joining, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_irrelevant(rows: list[Cells], random: Random) -> None:
    """The two rows of a pair lie anywhere in the file."""
    shuffled = list(rows)
    random.shuffle(shuffled)

    assert roots(shuffled) == roots(rows)


@given(joining, parting)
def test_a_split_changes_no_lineage(rows: list[Cells], others: list[Cells]) -> None:
    """Neither does a sixth-form centre, nor any other kind, wherever it stands."""
    assert roots([*others, *rows]) == roots([*rows, *others]) == roots(rows)
