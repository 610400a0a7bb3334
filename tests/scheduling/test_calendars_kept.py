"""Calendars as they are kept, on a real Postgres."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from mathshubs.postgres import Pool
from scheduling.calendars.domain import Calendar, Days, Layer, Membership, Term, half_term
from scheduling.calendars.store import load
from scheduling_calendars import In

GROUP, OTHER = UUID(int=1), UUID(int=2)
OAK, ELM, YEAR = "136771", "148232", "2026/27"
IMPORT = """
    INSERT INTO imported_dates (whose, school_year, kind, half_term, from_on, to_on)
    VALUES ($1, $2, $3, $4, $5, $6)
"""


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Scheduling's tables, empty but for policies."""
    return await pool_of("scheduling")


async def test_a_calendar_has_what_is_known_of_its_schools_nearest_first(pool: Pool) -> None:
    """What a hub reported stands before what was imported of the school, and that before its authority's."""
    term, holiday, inset = date(2026, 9, 3), date(2026, 10, 26), date(2026, 9, 2)
    async with pool.acquire() as db:
        await db.execute(IMPORT, "860", YEAR, "term", 1, term, term)
        await db.execute(IMPORT, OAK, YEAR, "inset", None, inset, inset)
        await db.execute("INSERT INTO reported_calendars VALUES ('river-vale', $1, $2)", OAK, YEAR)
        await db.execute(
            "INSERT INTO reported_closures VALUES ('river-vale', $1, $2, 'holiday', $3, $3)", OAK, YEAR, holiday
        )

        found = await load(
            db,
            [
                Membership(GROUP, "river-vale", YEAR, (In(OAK), In(ELM))),
                Membership(OTHER, "moorside", YEAR, (In(OAK, local_authority_code=None),)),
            ],
        )

    authority = Layer(terms=(Term(Days(term, term), 1),))
    own = Layer(insets=(Days(inset, inset),))
    reported = Layer(holidays=(Days(holiday, holiday),))
    usual = found[GROUP].usual
    assert len(usual) == 6
    assert found == {
        GROUP: Calendar(
            "river-vale",
            YEAR,
            reported={OAK: reported},
            imported={OAK: (own, authority), ELM: (authority,)},
            of_record=OAK,
            usual=usual,
        ),
        OTHER: Calendar("moorside", YEAR, imported={OAK: (own,)}, of_record=OAK, usual=usual),
    }


async def test_a_group_without_schools_counts_the_usual_half_terms(pool: Pool) -> None:
    """Of each year: that of 2030/31 has no dates of its own yet."""
    async with pool.acquire() as db:
        found = await load(db, [Membership(GROUP, "river-vale", YEAR), Membership(OTHER, "river-vale", "2030/31")])

    assert half_term(date(2026, 11, 2), found[GROUP]) == 2
    assert half_term(date(2031, 1, 6), found[OTHER]) == 3


@pytest.mark.parametrize(
    "row",
    [
        ("860", YEAR, "term", None, date(2026, 12, 1), date(2026, 12, 20)),  # overlaps another term
        ("860", YEAR, "holiday", None, date(2026, 10, 30), date(2026, 10, 26)),
        ("860", YEAR, "holiday", None, date(2026, 8, 30), date(2026, 9, 1)),
        ("860", YEAR, "holiday", None, date(2027, 8, 30), date(2027, 9, 1)),
        ("860", YEAR, "holiday", 1, date(2026, 10, 26), date(2026, 10, 30)),
        ("86", YEAR, "inset", None, date(2026, 9, 2), date(2026, 9, 2)),
    ],
)
async def test_the_table_keeps_no_dates_that_make_no_calendar(pool: Pool, row: tuple[object, ...]) -> None:
    """Whatever the code in front of it should let through."""
    async with pool.acquire() as db:
        await db.execute(IMPORT, "860", YEAR, "term", None, date(2026, 9, 3), date(2026, 12, 18))

        with pytest.raises((asyncpg.CheckViolationError, asyncpg.ExclusionViolationError, asyncpg.DataError)):
            await db.execute(IMPORT, *row)
