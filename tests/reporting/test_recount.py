"""Every figure equals a recount of the log that shares nothing with it, whatever happened and in whatever order."""

from datetime import timedelta

import httpx
import hypothesis
from hypothesis import HealthCheck, given

from hubs.proof.figures import Door, sums
from hubs.proof.recount import COUNTS, counted, levels
from hubs.proof.recount import MEASURES as RECOUNTED
from hubs.proof.recount.tallies import Tally
from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Level, figures, members
from reporting.measures.views import survey
from reporting_figures import matter, told
from reporting_histories import forget_everything, histories, questions
from reporting_story import (
    FELLS_1,
    HIGH_FELLS,
    LATER,
    OAK_PARK,
    RIVER_VALE,
    YEAR,
    Said,
    deliver,
    formed,
    joined,
    october,
)
from reporting_year import a_whole_year, visited

settings = hypothesis.settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def differing(pool: Pool, asked: Asked) -> dict[tuple[str, str], tuple[Tally, Tally]]:
    """Return the measures and levels at which both differ."""
    async with pool.acquire() as db:
        years = await counted(db, asked.as_at, asked.known_at)
    found = {}
    for measure in RECOUNTED:
        for level in levels(measure):
            wanted = matter(years[asked.school_year].figures(measure, level))
            given = matter(await told(pool, measure, level, asked))
            if wanted != given:
                odd = {at for at in wanted.keys() | given.keys() if wanted.get(at) != given.get(at)}
                found[measure, level] = (
                    {at: wanted[at] for at in odd & wanted.keys()},
                    {at: given[at] for at in odd & given.keys()},
                )
    return found


def test_every_measure_is_recounted() -> None:
    """One that is not would be wrong unseen."""
    assert set(RECOUNTED) == set(MEASURES)
    assert all(tuple(levels(one)) == MEASURES[one].levels for one in RECOUNTED)


async def test_a_whole_year_equals_its_recount(pool: Pool) -> None:
    """With every kind of fact that a figure rests on."""
    await deliver(pool, a_whole_year().said)

    assert await differing(pool, Asked(YEAR, LATER, LATER)) == {}


async def test_a_year_that_has_ended_equals_its_recount(pool: Pool) -> None:
    """Asked about a year later, when specialists stand elsewhere."""
    await deliver(pool, a_whole_year().said)
    year_later = LATER + timedelta(days=365)

    assert await differing(pool, Asked(YEAR, year_later, year_later)) == {}


@settings
@given(histories(), questions)
async def test_any_history_equals_its_recount(pool: Pool, by_hand: Pool, history: list[Said], asked: Asked) -> None:
    """At any instant, as known at any other."""
    await forget_everything(by_hand)
    await deliver(pool, history)

    assert await differing(pool, Asked(YEAR, asked.as_at, asked.known_at)) == {}


@settings
@given(histories(), questions)
async def test_figures_agree_with_each_other(pool: Pool, by_hand: Pool, history: list[Said], asked: Asked) -> None:
    """Engaged are registered; new, continuing and returning are the engaged; hubs come to England or more."""
    await forget_everything(by_hand)
    await deliver(pool, history)
    asked = Asked(YEAR, asked.as_at, asked.known_at)

    behind = {}
    for measure in ("M1", "M2", "M3", "M6"):
        seen = await survey(pool, asked, MEASURES[measure])
        behind[measure] = {one.lineage for one in members(MEASURES[measure], Level.NATIONAL, seen)}
        by_hub = sum(one.numerator for one in figures(MEASURES[measure], Level.HUB, seen))
        assert sum(one.numerator for one in figures(MEASURES[measure], Level.NATIONAL, seen)) <= by_hub

    assert behind["M2"] <= behind["M1"]
    assert behind["M6"] == behind["M2"]
    parts = await told(pool, "M6", "national", asked)
    assert sum(numerator for _, numerator, _ in parts.values()) == len(behind["M2"])


async def test_hubs_add_up_but_for_the_schools_that_they_share(pool: Pool, visitor: httpx.AsyncClient) -> None:
    """By every count of schools, and each school that two hubs count is named with them."""
    story = october().tell(
        formed(FELLS_1, "High Fells Work Group 1", HIGH_FELLS),
        joined(FELLS_1, OAK_PARK, HIGH_FELLS),
        visited(OAK_PARK, 1, 3),
        visited(OAK_PARK, 2, 3).model_copy(update={"work_group_id": FELLS_1, "hub": HIGH_FELLS}),
    )
    await deliver(pool, story.said)
    async with pool.acquire() as db:
        recount = (await counted(db, LATER, LATER))[YEAR]
    door = Door(visitor, LATER.isoformat())

    found = {}
    for measure in COUNTS:
        by_hub, national = await door.rows(measure, YEAR, "hub"), await door.rows(measure, YEAR, "national")
        for one in sums(measure, YEAR, by_hub, national, recount.shared(measure)):
            found[measure, one.get("part")] = one
            assert one["sum of hubs"] - one["national"] == sum(len(hubs) - 1 for hubs in one["shared"].values())
    both = {OAK_PARK: [HIGH_FELLS, RIVER_VALE]}
    assert found["M1", None]["shared"] == found["M6", "new"]["shared"] == both
    assert found["M7", "development"] == {
        "measure": "M7",
        "school_year": YEAR,
        "part": "development",
        "sum of hubs": 3,
        "national": 2,
        "shared": both,
    }


async def test_a_figure_that_is_wrong_is_found(pool: Pool) -> None:
    """Somebody changed a row of a projection by hand: the recount still says what was reported."""
    await deliver(pool, october().said)
    await pool.execute("UPDATE report.joins SET hub = 'high-fells' WHERE hub = $1", RIVER_VALE)
    await pool.execute("DELETE FROM report.slots WHERE school_urn = '900001'")

    assert ("M9", "national") in await differing(pool, Asked(YEAR, LATER, LATER))
