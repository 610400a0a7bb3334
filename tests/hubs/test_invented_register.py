"""An invented register: like the real one to read, and like nobody's school."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest

from enrolment.schools import store
from enrolment.schools.domain import eligibility
from enrolment.schools.importing import import_links, import_schools
from hubs.invented.register import MOST_HUBS, REGIONS, invent
from mathshubs.journal import Cause
from mathshubs.postgres import Pool

TODAY = date(2026, 9, 14)


def test_a_seed_gives_the_same_register(tmp_path: Path) -> None:
    """Byte for byte, so that a demo can be played again."""
    (tmp_path / "again").mkdir()

    first = [path.read_bytes() for path in invent(7, hubs=3).write(tmp_path)]

    assert [path.read_bytes() for path in invent(7, hubs=3).write(tmp_path / "again")] == first
    assert invent(8, hubs=3) != invent(7, hubs=3)


def test_nothing_invented_can_be_real() -> None:
    """England's URNs begin with 1 and Wales's with 4; no authority of England has a code from 500 to 599."""
    whole = invent(hubs=MOST_HUBS)

    assert {school.urn[0] for school in whole.schools} == {"9"}
    assert {school.authority[0][0] for school in whole.schools} == {"5"}
    assert all(school.authority[1].endswith("(invented)") for school in whole.schools)


def test_no_two_are_alike() -> None:
    """Forty hubs in nine regions, each school with its own name and URN."""
    whole = invent(hubs=MOST_HUBS)

    assert len({hub.code for hub in whole.hubs}) == MOST_HUBS
    assert {hub.region for hub in whole.hubs} == set(REGIONS)
    assert len({school.urn for school in whole.schools}) == len({s.name for s in whole.schools}) == len(whole.schools)


@pytest.mark.parametrize(("hubs", "schools"), [(0, 18), (MOST_HUBS + 1, 18), (3, 2)])
def test_numbers_out_of_range_are_refused(hubs: int, schools: int) -> None:
    """With the range in the message."""
    with pytest.raises(ValueError, match="from 1 to 40 hubs and 3 or more schools"):
        invent(hubs=hubs, schools_per_hub=schools)


async def test_the_register_is_imported_and_judged_as_it_says(
    tmp_path: Path, pool_of: Callable[[str], Awaitable[Pool]]
) -> None:
    """What is said to be open to a hub is, what is not is refused, and mergers make one school of two."""
    pool = await pool_of("enrolment")
    invented = invent(hubs=3)
    register, links = invented.write(tmp_path)
    await import_schools(pool, register, Cause("operator:amina"))
    await import_links(pool, links, Cause("operator:amina"))

    async with pool.acquire() as db:
        policy = await store.policy(db, "secondary-teaching-for-mastery", "2026/27")
        held = await store.hold(db, [school.urn for school in invented.schools])
        lineages, _ = await store.lineages(db, list(held))
    reasons = {urn: eligibility(school, TODAY, policy) for urn, school in held.items()}

    assert {urn for urn, found in reasons.items() if not found} == {s.urn for s in invented.schools if s.may_join}
    assert {reason for found in reasons.values() for reason in found} == {
        "school-closed", "school-not-secondary", "school-not-state-funded",
    }  # fmt: skip
    assert [len(invented.open_to(hub.code)) for hub in invented.hubs] == [18, 18, 18]
    merged = [link for link in invented.links if link.manner]
    assert len(merged) == 6
    assert all(lineages.root(link.predecessor.urn, TODAY) == link.successor.urn for link in invented.links)
    assert any("É" in school.name for school in held.values())
