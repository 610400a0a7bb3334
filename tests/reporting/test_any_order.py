"""Whatever order the topics are heard in, and however often a record comes, the figures are those of the log."""

import hypothesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Level, figures
from reporting.measures.views import survey
from reporting.projections.rebuilding import check
from reporting.projections.store import COLUMNS
from reporting_histories import forget_everything, histories, orders, questions, recounted
from reporting_story import Said, deliver

settings = hypothesis.settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TABLES = tuple(COLUMNS)


async def figures_of(pool: Pool, asked: Asked) -> dict[Level, dict[str, tuple[int, int, int, int]]]:
    """Return every figure that there is: by level and code, M1, M2, and what M9 is made of."""
    seen = await survey(pool, asked)
    found: dict[Level, dict[str, tuple[int, int, int, int]]] = {}
    for level in Level:
        registered, engaged, rates = (figures(MEASURES[name], level, seen) for name in ("M1", "M2", "M9"))
        found[level] = {
            one.place.code: (one.numerator, two.numerator, rate.numerator, rate.denominator or 0)
            for one, two, rate in zip(registered, engaged, rates, strict=True)
        }
    return found


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


@settings
@given(histories(), questions)
async def test_figures_are_those_that_a_plain_count_of_the_log_gives(
    pool: Pool, by_hand: Pool, history: list[Said], asked: Asked
) -> None:
    """By somebody with a pencil: each hub, region and authority, at any instant, as known at any other."""
    await forget_everything(by_hand)
    await deliver(pool, history)

    counted = await recounted(pool, asked)

    nothing = (0, 0, 0, 0)
    for level, by_code in (await figures_of(pool, asked)).items():
        assert by_code == dict.fromkeys(by_code, nothing) | counted.get(level, {}), level


@hypothesis.settings(settings, max_examples=6)
@given(st.data())
async def test_made_anew_from_the_log_it_is_what_is_live(pool: Pool, by_hand: Pool, data: st.DataObject) -> None:
    """Row for row, whatever order it was heard in."""
    history: list[Said] = data.draw(histories())
    await forget_everything(by_hand)
    await deliver(pool, data.draw(orders(history)), most=data.draw(st.integers(1, 9)))

    assert await check(pool) == ()
