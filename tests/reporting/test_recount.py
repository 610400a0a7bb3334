"""Every figure equals a recount of the log that shares nothing with it, whatever happened and in whatever order."""

from datetime import timedelta

import hypothesis
from hypothesis import HealthCheck, given

from hubs.proof.recount import MEASURES as RECOUNTED
from hubs.proof.recount import counted, levels
from hubs.proof.recount.tallies import Tally
from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Level, figures, members
from reporting.measures.views import survey
from reporting_histories import forget_everything, histories, questions
from reporting_story import LATER, RIVER_VALE, YEAR, Said, deliver, october
from reporting_year import a_whole_year

settings = hypothesis.settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def told(pool: Pool, measure: str, level: str, asked: Asked) -> Tally:
    """Return what reporting says, as the recount lays it out."""
    rows = figures(MEASURES[measure], Level(level), await survey(pool, asked, MEASURES[measure]))
    by_name = level in {"national", "region"}
    return {
        (row.place.name if by_name else row.place.code, row.part.code if row.part else ""): (
            row.value,
            row.numerator,
            row.denominator,
        )
        for row in rows
    }


def matter(tally: Tally) -> Tally:
    """Leave out what comes to nothing, and round what is no whole number."""
    return {
        at: tuple(None if one is None else round(one, 9) for one in figure)  # type: ignore[misc]
        for at, figure in tally.items()
        if figure[1] or (figure[2] and at[1] != "full-time")
    }


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


async def test_a_figure_that_is_wrong_is_found(pool: Pool) -> None:
    """Somebody changed a row of a projection by hand: the recount still says what was reported."""
    await deliver(pool, october().said)
    await pool.execute("UPDATE report.joins SET hub = 'high-fells' WHERE hub = $1", RIVER_VALE)
    await pool.execute("DELETE FROM report.slots WHERE school_urn = '900001'")

    assert ("M9", "national") in await differing(pool, Asked(YEAR, LATER, LATER))
