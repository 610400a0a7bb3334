"""Reporting on a database of its own, ready to hear."""

from collections.abc import Awaitable, Callable

import pytest_asyncio

from mathshubs.postgres import Pool
from reporting.projections.store import prepare


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """A pool on reporting's database, with empty projections."""
    pool = await pool_of("reporting")
    await prepare(pool)
    return pool
