"""The whole files of the register, where they lie: what the extract is too small to show."""

import csv
import json
import subprocess
import sys
import time
import timeit
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest_asyncio

from enrolment.schools import store
from enrolment.schools.domain import eligibility
from enrolment.schools.importing import import_links, import_schools
from hubs.invented.register import invent
from mathshubs.journal import Cause
from mathshubs.lineage import Lineages, Link
from mathshubs.postgres import Pool

TODAY = date(2026, 9, 14)
MOST_SECONDS, MOST_KIB = 10, 150 * 1024
COMMAND = """
import re, sys, time
from hubs.commands.register import register
began = time.monotonic()
try:
    register(sys.argv[1:])
finally:
    print(time.monotonic() - began)
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


@pytest_asyncio.fixture
async def enrolment(database: Callable[[str], Awaitable[str]]) -> str:
    """The URL of a fresh database of enrolment."""
    return await database("enrolment")


def test_the_whole_register_is_imported_in_seconds(enrolment: str, whole: tuple[Path, Path]) -> None:
    """Both files within 10 s, once Python has started, and 150 MB, all told."""
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, "import", whole[0], "--links", whole[1], "--json", "--postgres", enrolment],
        check=True,
        capture_output=True,
        text=True,
    )
    said, seconds, peak_kib = ran.stdout.splitlines()

    found = json.loads(said)
    assert (found["added"], found["quarantined"], found["missing_columns"]) == (5995, 0, [])
    assert (found["links"]["added"], found["links"]["quarantined"]) == (16808, 0)
    assert sum(found["links"]["passed_over"].values()) == 439
    assert (found["read"], found["encoding"]) == (5995, "cp1252")
    assert found["links"]["read"] == 33801 == 16808 + found["links"]["repeated"] + 439
    assert float(seconds) < MOST_SECONDS
    assert int(peak_kib) < MOST_KIB


async def test_every_real_lineage_ends_within_a_moment(
    pool_of: Callable[[str], Awaitable[Pool]], whole: tuple[Path, Path]
) -> None:
    """Chains, forks and circles of 30,000 URNs: each root is its own root, built in under 100 ms."""
    pool = await pool_of("enrolment")
    await import_links(pool, whole[1], Cause("operator:amina"))
    links = [Link(**row) for row in await pool.fetch('SELECT predecessor, successor, "on" FROM school_links')]
    urns = {urn for link in links for urn in (link.predecessor, link.successor)}

    took = min(timeit.repeat(lambda: Lineages(links, {}, {}), number=1, repeat=3, timer=time.process_time))

    lineages = Lineages(links, {}, {})
    roots = {urn: lineages.root(urn, TODAY) for urn in urns}
    assert took < 0.1
    assert [urn for urn, root in roots.items() if roots[root] != root] == []


async def test_how_many_real_schools_may_take_part(
    pool_of: Callable[[str], Awaitable[Pool]], whole: tuple[Path, Path]
) -> None:
    """Of 1,488 of a secondary phase, all; and 277 special schools, units and one college of technology by age."""
    pool = await pool_of("enrolment")
    await import_schools(pool, whole[0], Cause("operator:amina"))

    async with pool.acquire() as db:
        policy = await store.policy(db, "secondary-teaching-for-mastery", "2017/18")
        schools = (await store.hold(db, [row["urn"] for row in await db.fetch("SELECT urn FROM schools")])).values()
    eligible = [school for school in schools if not eligibility(school, date(2017, 9, 1), policy)]

    assert sum(school.phase_code in policy.phase_codes for school in eligible) == 1488
    assert sum(school.phase_code == 0 for school in eligible) == 277


def test_no_invented_school_bears_a_real_name(whole: tuple[Path, Path]) -> None:
    """Invented figures against real names look like statistics."""
    with whole[0].open(encoding="cp1252", newline="") as file:
        real = {row["EstablishmentName"].casefold() for row in csv.DictReader(file)}

    invented = {school.name.casefold() for school in invent(hubs=40).schools}

    assert invented & real == set()
