"""A register that is put right while the clock has stepped back."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from mathshubs.postgres import Pool
from scheduling.registers.store import SUPERSEDE

NOON = datetime(2026, 9, 24, 12, tzinfo=UTC)


async def test_a_correction_stands_though_the_clock_stepped_back(
    pool_of: Callable[[str], Awaitable[Pool]],
) -> None:
    """Two machines never have quite the same time; a nomination that comes from the other must not be lost."""
    pool, group, meeting, person = await pool_of("scheduling"), uuid4(), uuid4(), uuid4()
    await pool.execute("INSERT INTO work_groups VALUES ($1, 'river-vale', 'Group', '2026/27')", group)
    await pool.execute(
        "INSERT INTO meetings (id, work_group_id, starts_at, ends_at, mode, extra, held, attended)"
        " VALUES ($1, $2, $3, $4, 'online', false, true, '{}')",
        *(meeting, group, NOON, NOON + timedelta(hours=2)),
    )
    await pool.execute(
        "INSERT INTO attendance (meeting_id, person_id, revision, status, expected, effective_at, recorded_at)"
        " VALUES ($1, $2, 1, 'present', false, $3, $3)",
        *(meeting, person, NOON),
    )

    await pool.execute(SUPERSEDE, [meeting], [person], NOON - timedelta(seconds=30))

    assert await pool.fetchval("SELECT superseded_at FROM attendance") == NOON
