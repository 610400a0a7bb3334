"""An operator, in a home that something runs in."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from hubs.home import Home, keep
from mathshubs.postgres import open_pool
from operators_desk import Desk, Operator
from stores import Database


@pytest.fixture
def held_home(own_home: Home) -> Iterator[Home]:
    """A home that something runs in."""
    with own_home.claimed():
        yield own_home


@pytest_asyncio.fixture
async def desk(held_home: Home, database: Database) -> AsyncIterator[Desk]:
    """An operator, and enrolment's database, which the running system says that it has."""
    url = await database("enrolment")
    pool = await open_pool(url)
    keep(held_home.ready, {"postgres": {"enrolment": url}, "http": {}})
    yield Desk(Operator(held_home), pool)
    await pool.close()
