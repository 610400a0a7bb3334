"""A school keeps its lineage through conversions, mergers and amalgamations."""

import time
import timeit
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mathshubs.lineage import Lineages, Link

AUTUMN_2016 = date(2016, 9, 1)
AUTUMN_2020 = date(2020, 9, 1)
TODAY = date(2026, 9, 14)

URNS = [str(100000 + n) for n in range(7)]
urns = st.sampled_from(URNS)
days = st.dates(date(2014, 1, 1), date(2026, 12, 31))
links = st.lists(st.builds(Link, urns, urns, st.none() | days), max_size=14)
openings = st.dictionaries(urns, st.none() | days)
closings = st.dictionaries(urns, st.none() | days)


def lineages(
    *links: Link, opened: dict[str, date | None] | None = None, closed: dict[str, date | None] | None = None
) -> Lineages:
    """Return an index over these links alone."""
    return Lineages(links, opened or {}, closed or {})


def test_a_school_with_no_link_stands_for_itself() -> None:
    """Most schools of the register were never anything else."""
    assert lineages().root("100000", TODAY) == "100000"


def test_a_conversion_counts_from_the_day_of_the_academy() -> None:
    """A figure as at the day before must still name the school that was then open."""
    chain = lineages(Link("100000", "140000", AUTUMN_2016))

    assert chain.root("100000", AUTUMN_2016 - timedelta(days=1)) == "100000"
    assert chain.root("100000", AUTUMN_2016) == "140000"


def test_two_conversions_in_a_row_end_at_the_last() -> None:
    """A re-brokered academy has a third URN; all three are one school."""
    chain = lineages(Link("100000", "140000", AUTUMN_2016), Link("140000", "147000", AUTUMN_2020))

    assert chain.root("100000", AUTUMN_2016) == "140000"
    assert {chain.root(urn, TODAY) for urn in ("100000", "140000", "147000")} == {"147000"}


def test_two_schools_that_merged_are_one() -> None:
    """Distinct counts must not count both halves of a merger."""
    merged = lineages(Link("100000", "140000", AUTUMN_2016), Link("100001", "140000", AUTUMN_2016))

    assert merged.root("100000", TODAY) == merged.root("100001", TODAY) == "140000"


def test_an_undated_link_counts_from_the_opening_of_the_successor() -> None:
    """Links without a date: the opening day says when, since no school has pupils before it."""
    link = Link("100000", "140000")
    dated = lineages(link, opened={"140000": AUTUMN_2016})

    assert dated.root("100000", date(2015, 9, 1)) == "100000"
    assert dated.root("100000", AUTUMN_2016) == "140000"
    assert lineages(link).root("100000", date(1990, 1, 1)) == "140000"


def test_a_fork_leads_to_the_branch_that_is_open() -> None:
    """Even where the closed branch is the older one and the open one lies two links away."""
    fork = lineages(
        Link("100000", "140000", AUTUMN_2016),
        Link("100000", "140001", AUTUMN_2020),
        Link("140001", "140002", AUTUMN_2020),
        opened={"140000": AUTUMN_2016, "140001": None, "140002": AUTUMN_2020},
        closed={"140000": date(2018, 8, 31), "140001": None},
    )

    assert fork.root("100000", TODAY) == "140002"
    assert fork.root("100000", date(2018, 8, 31)) == "140000"


def test_a_fork_of_equals_follows_the_oldest_link_then_the_lowest_urn() -> None:
    """The register sometimes names two successors; the choice must be the same in every report."""
    older = lineages(Link("100000", "140000", AUTUMN_2020), Link("100000", "140001", AUTUMN_2016))
    same_day = lineages(Link("100000", "140001", AUTUMN_2016), Link("100000", "140000", AUTUMN_2016))

    assert older.root("100000", TODAY) == "140001"
    assert same_day.root("100000", TODAY) == "140000"


def test_schools_that_name_each_other_are_one() -> None:
    """The real links hold circles: an infant and a junior school, each the other's predecessor."""
    circle = [Link("100000", "100001"), Link("100001", "100000")]

    assert {lineages(*circle).root(urn, TODAY) for urn in ("100000", "100001")} == {"100000"}
    assert lineages(*circle, opened={"100001": None}).root("100000", TODAY) == "100001"


def test_a_circle_with_a_way_out_ends_outside() -> None:
    """The two amalgamated and the whole became an academy afterwards."""
    way_out = lineages(Link("100000", "100001"), Link("100001", "100000"), Link("100001", "140000", AUTUMN_2016))

    assert {way_out.root(urn, TODAY) for urn in ("100000", "100001")} == {"140000"}


def test_the_last_day_of_a_school_still_counts_as_open() -> None:
    """The register's close date is the last day, usually 31 August."""
    closing = lineages(opened={"100000": None}, closed={"100000": date(2016, 8, 31)})

    assert closing.is_open("100000", date(2016, 8, 31))
    assert not closing.is_open("100000", AUTUMN_2016)


@given(links, openings, closings, urns, days)
def test_a_root_is_its_own_root(
    links: list[Link], opened: dict[str, date | None], closed: dict[str, date | None], urn: str, day: date
) -> None:
    """Circles included: what stands for a lineage belongs to it, and the search ends."""
    index = Lineages(links, opened, closed)

    root = index.root(urn, day)

    assert index.root(root, day) == root


@given(links, openings, closings, days, st.randoms(use_true_random=False))
def test_the_order_of_the_links_is_irrelevant(
    links: list[Link], opened: dict[str, date | None], closed: dict[str, date | None], day: date, random: Random
) -> None:
    """Facts arrive in any order over the partitions; the figures must not tell."""
    shuffled = list(links)
    random.shuffle(shuffled)

    before = Lineages(links, opened, closed)
    after = Lineages(shuffled, opened, closed)

    assert [before.root(urn, day) for urn in URNS] == [after.root(urn, day) for urn in URNS]


@given(links, openings, closings, days)
def test_a_link_said_twice_is_one_link(
    links: list[Link], opened: dict[str, date | None], closed: dict[str, date | None], day: date
) -> None:
    """A fact may be heard again after a crash."""
    once = Lineages(links, opened, closed)
    twice = Lineages(links + links, opened, closed)

    assert [once.root(urn, day) for urn in URNS] == [twice.root(urn, day) for urn in URNS]


@given(links, openings, closings, urns, days)
def test_the_only_successor_has_the_same_root(
    links: list[Link], opened: dict[str, date | None], closed: dict[str, date | None], urn: str, day: date
) -> None:
    """A school and what wholly replaced it are counted once, however the chain goes on."""
    index = Lineages([*links, Link("predecessor", urn)], opened | {urn: None}, closed)

    assert index.root("predecessor", day) == index.root(urn, day)


def test_the_whole_register_is_indexed_within_a_tenth_of_a_second() -> None:
    """Reporting builds this whenever a link arrives; a chain of 20,000 must not overflow either."""
    chain = [Link(f"{n:06}", f"{n + 1:06}", AUTUMN_2016) for n in range(20_000)]

    took = min(timeit.repeat(lambda: Lineages(chain, {}, {}), number=1, repeat=3, timer=time.process_time))

    assert took < 0.1
    assert Lineages(chain, {}, {}).root("000000", TODAY) == "020000"
