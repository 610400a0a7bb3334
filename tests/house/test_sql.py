"""Every statement in the code is prepared against the migrated schema."""

import importlib
import pkgutil
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest

from mathshubs.postgres import Pool
from reporting.projections.rebuilding import prepare

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
SERVICES = ("enrolment", "scheduling", "notification", "reporting")
UNNAMED = re.compile(r"SELECT\s+\*|\w\.\*|INSERT INTO [\w.]+(\s+AS \w+)?\s+(VALUES|SELECT)\b")
BEFORE = {"enrolment/0010_schools.sql", "enrolment/0030_participation.sql"}  # migrations stay as they were applied
SEARCHED = {"reporting": "projections_1, public"}  # tables that stand in the schema of the live projections

FOR_SOME = {  # what operators' commands ask of some services alone; the rest they ask of every one
    "enrolment": {
        "forgetting.erasing.BORNE",
        "proof.answers.ARRIVALS",
        "proof.calendars.ADDRESSES",
        "proof.forgotten.ARRIVED",
        "proof.forgotten.STILL_NAMED",
        "proof.quiet.ARRIVALS",
    },
    "scheduling": {"proof.calendars.AHEAD", "proof.calendars.INVITED"},
    "notification": {
        "forgetting.knowing.NAMED",
        "proof.calendars.DELIVERIES",
        "proof.calendars.UIDS",
        "proof.calendars.UNREACHABLE",
        "proof.forgotten.ADDRESSED",
        "proof.forgotten.STILL_NAMED",
        "proof.mail.THEIRS",
        "proof.quiet.MAIL",
        "proof.reminders.CHANGES",
        "proof.reminders.REMINDERS",
    },
    "reporting": {
        "proof.facts.KEPT",
        "proof.facts.LOGGED",
        "proof.facts.STRANGERS",
        "proof.quiet.POSITIONS",
        "proof.recount.facts.HALF_TERMS",
        "proof.recount.facts.POLICIES",
        "proof.recount.facts.SAID",
        "proof.recount.register.LINKS",
        "proof.recount.register.POPULATION",
        "proof.recount.register.SCHOOLS",
    },
    "each column": {"forgetting.searching.COUNT"},  # its test runs it
}


def modules(package: str) -> Iterator[ModuleType]:
    """Return every module of a package."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def statements(package: str) -> dict[str, str]:
    """Return the SQL that stands in a package, by where it stands."""
    return {
        f"{module.__name__}.{name}": text
        for module in modules(package)
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str) and STATEMENT.match(text)
    }


def asked_by_operators(service: str) -> dict[str, str]:
    """Return the SQL that operators' commands run in a service's database, by where it stands."""
    others = set().union(*FOR_SOME.values()) - FOR_SOME[service]
    return {name: text for name, text in statements("hubs").items() if name.removeprefix("hubs.") not in others}


@pytest.mark.parametrize("service", SERVICES)
async def test_each_statement_fits_the_schema(service: str, pool_of: Callable[[str], Awaitable[Pool]]) -> None:
    """A column that was renamed shows here, not in the night."""
    pool, wrong = await pool_of(service), []
    if service == "reporting":
        await prepare(pool)  # it makes these itself, at its first start
    for name, text in (statements("mathshubs") | statements(service) | asked_by_operators(service)).items():
        async with pool.acquire() as db:
            await db.execute("SELECT set_config('search_path', $1, false)", SEARCHED.get(service, "public"))
            try:
                await db.prepare(text)
            except asyncpg.PostgresError as error:
                wrong.append(f"{name}: {error}")

    assert wrong == []


def test_columns_are_named() -> None:
    """A column that is added later neither rides along nor shifts the others."""
    rooms = [Path(importlib.import_module(package).__path__[0]) for package in ("mathshubs", *SERVICES)]
    made = {f"{room.name}/{path.name}": path.read_text() for room in rooms for path in room.glob("migrations/*.sql")}
    asked = {name: text for package in ("mathshubs", "hubs", *SERVICES) for name, text in statements(package).items()}

    assert {name for name, text in (made | asked).items() if UNNAMED.search(text)} == BEFORE


def test_there_are_statements_to_look_at() -> None:
    """Or the test above would hold for nothing."""
    assert all(statements(service) for service in SERVICES)
    assert {f"hubs.{name}" for names in FOR_SOME.values() for name in names} <= statements("hubs").keys()
