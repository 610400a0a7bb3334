"""What reporting gives and what a recount of the log comes to, laid out alike."""

from datetime import date, datetime

from hubs.proof.recount import counted
from hubs.proof.recount.tallies import Tally
from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Level, figures, instant_of
from reporting.measures.views import survey
from reporting_story import LATER, YEAR


async def told(pool: Pool, measure: str, level: str, asked: Asked) -> Tally:
    """Return what reporting says, as the recount lays it out: apologies as a part of their own."""
    found: Tally = {}
    for row in figures(MEASURES[measure], Level(level), await survey(pool, asked, MEASURES[measure])):
        place = row.place.name if level in {"national", "region"} else row.place.code
        found[place, row.part.code if row.part else ""] = (row.value, row.numerator, row.denominator)
        if row.apologies is not None:
            found[place, "apologies"] = (row.apologies, row.apologies, None)
    return found


def matter(tally: Tally) -> Tally:
    """Leave out what comes to nothing, and round what is no whole number."""
    return {
        at: tuple(None if one is None else round(one, 9) for one in figure)  # type: ignore[misc]
        for at, figure in tally.items()
        if figure[1] or (figure[2] and at[1] != "full-time")
    }


async def agreed(
    pool: Pool,
    measure: str,
    level: str = "national",
    *,
    as_at: date | datetime = LATER,
    known_at: date | datetime = LATER,
) -> Tally:
    """Return the figures that reporting gives and a recount comes to: they are the same."""
    asked = Asked(YEAR, instant_of(as_at), instant_of(known_at))
    given = matter(await told(pool, measure, level, asked))
    async with pool.acquire() as db:
        years = await counted(db, asked.as_at, asked.known_at)
    assert matter(years[YEAR].figures(measure, level)) == given
    return given
