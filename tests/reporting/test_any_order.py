"""Whatever order the topics are heard in, and however often a record comes, the figures are the same."""

from dataclasses import replace

import hypothesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Figure, Level, figures
from reporting.measures.views import survey
from reporting.projections.rebuilding import check
from reporting.projections.store import COLUMNS
from reporting_histories import forget_everything, histories, orders, questions
from reporting_story import Said, deliver

settings = hypothesis.settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TABLES = tuple(COLUMNS)


async def figures_of(pool: Pool, asked: Asked) -> dict[str, list[Figure]]:
    """Return every figure that there is, by hub and in England, without its parts' rules."""
    return {
        f"{measure.id} {level}": [
            replace(one, part=None) for one in figures(measure, level, await survey(pool, asked, measure))
        ]
        for measure in MEASURES.values()
        for level in (Level.NATIONAL, Level.HUB)
    }


async def tables_of(pool: Pool) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every projection."""
    return {
        table: [tuple(row) for row in await pool.fetch(f"SELECT * FROM report.{table} ORDER BY event_id")]
        for table in TABLES
    }


@settings
@given(st.data())
async def test_any_order_gives_the_same_tables_and_figures(pool: Pool, by_hand: Pool, data: st.DataObject) -> None:
    """Interleaved, repeated and cut into batches at random; order per key kept, as Kafka does."""
    history: list[Said] = data.draw(histories())
    asked = data.draw(questions)
    await forget_everything(by_hand)
    await deliver(pool, history)
    expected = await tables_of(pool), await figures_of(pool, asked)

    await forget_everything(by_hand)
    await deliver(pool, data.draw(orders(history)), most=data.draw(st.integers(1, 9)))

    assert (await tables_of(pool), await figures_of(pool, asked)) == expected


@hypothesis.settings(settings, max_examples=6)
@given(st.data())
async def test_made_anew_from_the_log_it_is_what_is_live(pool: Pool, by_hand: Pool, data: st.DataObject) -> None:
    """Row for row, whatever order it was heard in."""
    history: list[Said] = data.draw(histories())
    await forget_everything(by_hand)
    await deliver(pool, data.draw(orders(history)), most=data.draw(st.integers(1, 9)))

    assert await check(pool) == ()
