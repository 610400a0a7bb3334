"""Importing what schools became: one link to a pair, and lineages that a hub's report is judged by."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from enrolment.schools import store
from enrolment.schools.importing import Imported, MissingColumns, check_links, import_links, import_schools
from enrolment.schools.store import Quarantined
from mathshubs import journal
from mathshubs.journal import Cause
from mathshubs.lineage import Link
from mathshubs.postgres import Pool

OPERATOR = Cause("operator:amina")
TODAY = date(2026, 9, 14)
AUTUMN_2016 = date(2016, 9, 1)
Made = Callable[..., Path]


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database, migrated and empty."""
    return await pool_of("enrolment")


async def imported(pool: Pool, path: Path) -> Imported:
    """Import the links as an operator does."""
    return await import_links(pool, path, OPERATOR)


async def held(pool: Pool) -> list[Link]:
    """Return the links that enrolment has."""
    rows = await pool.fetch('SELECT predecessor, successor, "on" FROM school_links ORDER BY 1, 2')
    return [Link(**row) for row in rows]


async def root(pool: Pool, urn: str, day: date = TODAY) -> str:
    """Return what stands for the lineage of `urn`."""
    async with pool.acquire() as db:
        lineages, _ = await store.lineages(db, [urn])
    return lineages.root(urn, day)


async def test_a_pair_is_one_link_said_once(pool: Pool, made_links: Made) -> None:
    """The register has it in both schools' entries, with the last day in the one and the first in the other."""
    await imported(pool, made_links(
        ("900001", "900002", "Successor", "31-08-2016"),
        ("900002", "900001", "Predecessor", "01-09-2016"),
    ))  # fmt: skip

    assert await held(pool) == [Link("900001", "900002", AUTUMN_2016)]
    facts = await pool.fetch("SELECT key, version, data->>'successor_urn' AS became, data->>'on' AS since FROM journal")
    assert [tuple(fact) for fact in facts] == [("900001", 1, "900002", "2016-09-01")]


async def test_other_kinds_are_counted_and_not_kept(pool: Pool, made_links: Made) -> None:
    """An operator sees what was passed over, by its kind."""
    done = await imported(pool, made_links(
        ("900001", "900002", "Successor - Split School", ""),
        ("900001", "900003", "Successor - Split School", ""),
        ("900004", "900005", "Other", "01-09-2016"),
    ))  # fmt: skip

    assert done.passed_over == {"Successor - Split School": 2, "Other": 1}
    assert await held(pool) == []


async def test_bad_links_are_set_aside(pool: Pool, made_links: Made) -> None:
    """Their neighbours are kept."""
    done = await imported(pool, made_links(
        ("900001", "900001", "Successor", ""),
        ("900001", "", "Successor", ""),
        ("", "900001", "Successor", ""),
        ("900001", "900002", "Successor", "2016-09-01"),
        ("900001", "900002", "Successor", ""),
    ))  # fmt: skip

    async with pool.acquire() as db:
        assert await store.quarantine(db, done.import_id) == [
            Quarantined(2, "900001", "links-to-itself"),
            Quarantined(3, "900001", "link-urn-invalid"),
            Quarantined(4, None, "urn-invalid"),
            Quarantined(5, "900001", "link-date-invalid"),
        ]
    assert await held(pool) == [Link("900001", "900002")]


async def test_a_corrected_date_is_said_again(pool: Pool, made_links: Made) -> None:
    """The last fact for a pair holds; a file imported again says nothing."""
    await imported(pool, made_links(("900001", "900002", "Successor", "")))
    dated = made_links(("900001", "900002", "Successor", "01-09-2016"))

    first, second = await imported(pool, dated), await imported(pool, dated)

    assert (first.changed, second.unchanged) == (1, 1)
    assert await pool.fetchval("SELECT count(*) FROM journal") == 2


async def test_a_link_is_not_kept_without_its_fact(database: Callable[[str], Awaitable[str]], made_links: Made) -> None:
    """Where the fact cannot be recorded, the link is not written either, and the next import says both."""
    url, file = await database("enrolment"), made_links(("900001", "900002", "Successor", ""))
    async with asyncpg.create_pool(url, min_size=1, server_settings={"lock_timeout": "100ms"}) as hurried:
        async with hurried.acquire() as other, other.transaction():
            await journal.hold(other, ["900001"])
            with pytest.raises(asyncpg.LockNotAvailableError):
                await imported(hurried, file)

        assert await held(hurried) == []
        assert (await imported(hurried, file)).added == 1
        assert await hurried.fetchval("SELECT count(*) FROM journal JOIN outbox USING (seq)") == 1


async def test_a_file_of_something_else_is_refused(pool: Pool, made_register: Made) -> None:
    """The register in place of its links: the columns it lacks are named."""
    with pytest.raises(MissingColumns, match="LinkURN, LinkType, LinkEstablishedDate"):
        check_links(made_register({}))


async def test_the_real_links_lead_to_the_schools_of_the_extract(pool: Pool, extract: tuple[Path, Path]) -> None:
    """Chains, mergers and amalgamations of real schools."""
    await import_schools(pool, extract[0], OPERATOR)

    first = await imported(pool, extract[1])
    again = await imported(pool, extract[1])

    assert len(await held(pool)) == first.added == again.unchanged
    assert first.passed_over["Successor - Split School"] == 5
    assert again.added == again.changed == 0


async def test_a_lineage_is_found_from_any_of_its_schools(pool: Pool, made_register: Made, made_links: Made) -> None:
    """Two schools that merged into an academy which was then re-brokered are one, wherever one begins."""
    closed = {"EstablishmentStatus (code)": "2", "CloseDate": "31-08-2016"}
    await import_schools(
        pool,
        made_register({"URN": "900001"} | closed, {"URN": "900002"} | closed, {"URN": "900004"}, {"URN": "900009"}),
        OPERATOR,
    )
    await imported(pool, made_links(
        ("900001", "900003", "Successor - merged", "01-09-2016"),
        ("900002", "900003", "Successor - merged", "01-09-2016"),
        ("900003", "900004", "Successor", "01-09-2020"),
    ))  # fmt: skip

    async with pool.acquire() as db:
        lineages, family = await store.lineages(db, ["900002"])

    assert family == {"900001", "900002", "900003", "900004"}
    assert {lineages.root(urn, TODAY) for urn in family} == {"900004"}
    assert [lineages.is_open(urn, TODAY) for urn in sorted(family)] == [False, False, False, True]
    assert await root(pool, "900001", date(2016, 8, 31)) == "900001"
    assert await root(pool, "900009") == "900009"


async def test_the_policy_of_a_year_is_the_latest_before_it(pool: Pool) -> None:
    """Policies are dated rows: a new one changes no year that is over."""
    async with pool.acquire() as db:
        await db.execute(
            "INSERT INTO eligibility_policies SELECT programme, '2027/28', type_codes, phase_codes, status_codes,"
            " age_judged_type_codes, low_age, high_age, true, college_type_codes, college_phase_codes,"
            " outside_type_codes, outside_local_authority_codes, countries FROM eligibility_policies"
        )
        programme = "secondary-teaching-for-mastery"

        assert not (await store.policy(db, programme, "2026/27")).colleges
        assert (await store.policy(db, programme, "2028/29")).colleges
        with pytest.raises(store.NoPolicy):
            await store.policy(db, programme, "2013/14")
