"""Every statement in the code is prepared against the migrated schema."""

import importlib
import pkgutil
import re
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType

import asyncpg
import pytest

from mathshubs.postgres import Pool

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
SERVICES = ("enrolment", "scheduling", "notification", "reporting")


def modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def statements(package: str) -> dict[str, str]:
    return {
        f"{module.__name__}.{name}": text
        for module in modules(package)
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str) and STATEMENT.match(text)
    }


@pytest.mark.parametrize("service", SERVICES)
async def test_each_statement_fits_the_schema(service: str, pool_of: Callable[[str], Awaitable[Pool]]) -> None:
    """A column that was renamed shows here, not in the night."""
    pool, wrong = await pool_of(service), []
    for name, text in (statements("mathshubs") | statements(service)).items():
        async with pool.acquire() as db:
            try:
                await db.prepare(text)
            except asyncpg.PostgresError as error:
                wrong.append(f"{name}: {error}")

    assert wrong == []


def test_there_are_statements_to_look_at() -> None:
    """Or the test above would hold for nothing."""
    assert all(statements(service) for service in SERVICES)
