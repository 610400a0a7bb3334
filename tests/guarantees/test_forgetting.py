"""Whoever is forgotten stands nowhere any more once the erasure window is over, and everything still adds up."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from confluent_kafka import Producer

from enrolment.schools.importing import import_schools
from hub_clients import Client
from hubs.home import Home
from hubs.hub import NewHub, add_hubs
from hubs.invented.register import invent
from hubs.launched import Launched
from hubs.parts.kafka import Login
from hubs.proof.proving import CHECKS
from hubs.proof.quiet import quiet
from hubs.proof.system import System
from ledger import Ledger
from mathshubs.journal import Cause
from mathshubs.postgres import open_pool
from mathshubs.testing import until
from term import NOW, Term, report

WINDOW = "25s"
CANARIES = (
    "Quenby Canary",
    "quenby.canary@zzz.example",
    "quenby.new@zzz.example",
    "7654321",
    "Quenby Double",
    "quenby.double@zzz.example",
)
"""A name, two addresses and a teacher's number that nobody else has; and what her second record calls her."""
NAME, FIRST, SECOND, TRN, OTHER_NAME, OTHER = CANARIES
OFFSETS = {".index", ".timeindex"}
"""Kafka's files of numbers alone, 10 MB of zeros for each partition at first."""
TERM = Term(invent(5, hubs=1, schools_per_hub=4), groups=1, schools=2)
HUB = TERM.register.hubs[0]
BEFORE = {"enrolment", "notification", "mailbox", "kafka people.current", f"kafka hubs.{HUB.code}.events"}
FAULT = """
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF new.name LIKE '%the Third' THEN
            RAISE EXCEPTION 'no' USING ERRCODE = 'P0001';
        END IF;
        RETURN new;
    END
    $$;
    CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION fail();
"""
TABLES = """
    SELECT format('%I.%I', schemaname, tablename)
      FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


@pytest.mark.timeout(240)
async def test_nothing_of_a_forgotten_person_is_left_anywhere(own_home: Home, tmp_path: Path) -> None:
    """Reported by both doors, invited, mailed, dead, parked and merged; dumps, Kafka's disk and mailbox held her.

    She is forgotten by the reference of the record that was merged with hers: whoever asks knows one of them.
    """
    with Launched(own_home, {"HUBS_CLOCK": NOW, "HUBS_ERASURE_WINDOW": WINDOW}) as system:
        await _furnish(own_home, system.ready, tmp_path)
        async with _failing(own_home, system.ready):
            seen: set[str] = set()
            await asyncio.to_thread(_report, system.ready, tmp_path / "ledger")
            await until(
                lambda: _is_held(own_home, system.ready, seen), seconds=60, every=0.2, what=f"she stands in {BEFORE}"
            )
            await until(lambda: _is_kept(system.ready), seconds=30, what="she is merged, dead and parked")
        figures = await _figures(system.ready)

        forgotten = await asyncio.to_thread(_hubs, own_home, "forget", f"{HUB.code}:Q-2", "--why", "asked us to")
        await asyncio.to_thread(_report_again, system.ready)

        assert forgotten["ok"], forgotten
        await until(lambda: _is_answered(system.ready), seconds=30, what="her reports are refused, or died without her")
        await until(lambda: _is_gone(own_home, system.ready), seconds=60, every=1, what="the window is over")
        assert await _figures(system.ready) == figures
        assert (await asyncio.to_thread(_hubs, own_home, "rebuild", "reporting", "--check"))["equal"]
        assert (await quiet(System.of(own_home), 30)).ok, "the ticks that have the log compacted are no movement"
        checks = [await check(System.of(own_home)) for _, check in CHECKS]
        assert [check.said for check in checks if not check.ok] == []
        assert _in_files(own_home.logs) == set(), "no log ever names anybody"


async def _furnish(home: Home, ready: Mapping[str, Any], folder: Path) -> None:
    register, _ = TERM.register.write(folder)
    await asyncio.to_thread(add_hubs, home, [NewHub(HUB.code, HUB.name, HUB.region)])
    pool = await open_pool(ready["postgres"]["enrolment"], size=2)
    await import_schools(pool, register, Cause("operator:tests"))
    await pool.close()


def _report(ready: Mapping[str, Any], ledger: Path) -> None:
    """Report a Work Group in which she is an advocate, and her: by Kafka, by HTTP, badly, and in a way that fails.

    Another record of hers holds a slot of another school, until the two are merged.
    """
    [group] = TERM.reports(HUB.code)
    client = Client(HUB.code, ready, Ledger(ledger))
    her = {"person": "Q-1", "name": NAME, "trn": TRN}
    as_other = {"person": "Q-2", "name": OTHER_NAME, "email": OTHER}
    client.publish([*group[:-5], report(HUB.code, "enrolment.PersonReported", **her, email=FIRST)])
    client.publish([report(HUB.code, "enrolment.PersonReported", **as_other)])
    for advocate, school in zip(("Q-1", "Q-2"), TERM.register.open_to(HUB.code)[2:], strict=True):
        day = {"work_group": "WG-0", "school_urn": school.urn, "effective_on": "2026-09-07"}
        client.publish([report(HUB.code, "enrolment.SchoolJoinedWorkGroup", **day)])
        client.publish([report(HUB.code, "enrolment.MasteryAdvocateNominated", **day, advocate=advocate)])
    client.publish(group[-5:])
    client.close()
    client = Client(HUB.code, ready, Ledger(ledger))
    moved = {**report(HUB.code, "enrolment.PersonReported", **her, email=SECOND), "id": "her-new-address"}
    merged = report(HUB.code, "enrolment.PeopleMerged", person="Q-1", duplicate="Q-2")
    client.post([moved, merged], threading.Event())
    client.close()
    for event_id, other in (("dead", {"school_urn": "12"}), ("fails", {"name": f"{NAME} the Third"})):
        bad = report(HUB.code, "enrolment.PersonReported", **{**her, "email": SECOND, **other})
        _publish_keyed(ready, {**bad, "id": event_id}, SECOND)


def _publish_keyed(ready: Mapping[str, Any], event: Mapping[str, Any], key: str) -> None:
    """Publish under a key, and with a header, that hold an address: a key is free, and nobody judges it."""
    login = json.loads(Path(ready["credentials"]).read_text())["kafka"]["hubs"][HUB.code]
    producer = Producer(Login(ready["kafka"], login["username"], login["password"]).conf())
    words = {f"ce_{name}": str(word).encode() for name, word in event.items() if name != "data"}
    headers: list[tuple[str, str | bytes | None]] = [
        *words.items(),
        ("content-type", b"application/json"),
        ("ce_subject", key.encode()),
    ]
    producer.produce(f"hubs.{HUB.code}.events", json.dumps(event["data"]).encode(), key.encode(), headers=headers)
    assert producer.flush(30) == 0


@asynccontextmanager
async def _failing(home: Home, ready: Mapping[str, Any]) -> AsyncIterator[None]:
    """Make enrolment's table of people fail for one name, for the length of the block."""
    url = ready["postgres"]["enrolment"].rpartition("@")[2]
    owner = await asyncpg.connect(f"postgresql://postgres:{home.secrets['postgres_admin']}@{url}")
    try:
        await owner.execute(FAULT)
        yield
        await owner.execute("DROP FUNCTION fail() CASCADE")
    finally:
        await owner.close()


async def _is_held(home: Home, ready: Mapping[str, Any], seen: set[str]) -> bool:
    """Say whether she has been seen in every store by now: what hubs sent may be over before the mail is there."""
    seen |= await _holding(home, ready)
    return seen >= BEFORE


async def _is_kept(ready: Mapping[str, Any]) -> bool:
    dead = await _count(ready, "SELECT count(*) FROM dead_letters")
    merged = await _count(ready, "SELECT count(*) FROM people WHERE merged_into IS NOT NULL")
    return bool(dead and merged and await _count(ready, "SELECT count(*) FROM parked WHERE state = 'poisoned'"))


async def _is_gone(home: Home, ready: Mapping[str, Any]) -> bool:
    return await _holding(home, ready) == set()


async def _count(ready: Mapping[str, Any], statement: str) -> Any:  # noqa: ANN401 -- whatever it counts
    db = await asyncpg.connect(ready["postgres"]["enrolment"])
    try:
        return await db.fetchval(statement)
    finally:
        await db.close()


def _report_again(ready: Mapping[str, Any]) -> None:
    """Report her once more, badly: her hub's system has not heard that she is forgotten."""
    her = {"person": "Q-1", "name": NAME, "trn": TRN, "email": SECOND, "school_urn": "12"}
    _publish_keyed(ready, {**report(HUB.code, "enrolment.PersonReported", **her), "id": "again"}, SECOND)


async def _is_answered(ready: Mapping[str, Any]) -> bool:
    """Say whether what was parked of her is refused now that she is gone, and every letter of her is empty."""
    refused = await _count(ready, REFUSED)
    letters = await _count(ready, "SELECT count(*) FROM dead_letters WHERE state = 'discarded' AND value IS NULL")
    return bool(refused == 1 and letters == 2 and not await _count(ready, "SELECT count(*) FROM parked"))


REFUSED = """
    SELECT count(*)
      FROM journal
     WHERE data ->> 'event_id' = 'fails'
       AND data ->> 'outcome' = 'refused'
       AND data #>> '{reasons,0,code}' = 'person-erased'
"""


async def _holding(home: Home, ready: Mapping[str, Any]) -> set[str]:
    """Return the stores that hold any canary, spelled in any way in which they keep words."""
    dumps = {service: await _dump(url) for service, url in ready["postgres"].items()}
    found = {service for service, dump in dumps.items() if _names_her(dump)}
    return found | await asyncio.to_thread(_in_files, home.kept)


async def _dump(url: str) -> bytes:
    """Return every table of a database as its owner's role may copy it, bytes as they are."""
    dump = bytearray()

    async def more(piece: bytes) -> None:
        dump.extend(piece)

    db = await asyncpg.connect(url)
    try:
        for (table,) in await db.fetch(TABLES):
            if await db.fetchval("SELECT has_table_privilege($1, 'SELECT')", table):
                await db.copy_from_query(f"SELECT * FROM {table}", output=more, format="binary")
    finally:
        await db.close()
    return bytes(dump)


def _in_files(folder: Path) -> set[str]:
    """Return the stores below a folder that hold her: `kafka` and the topic of each log, else the folder's name."""
    found = set()
    for path in folder.rglob("*"):
        try:
            held = path.is_file() and path.suffix not in OFFSETS and _names_her(path.read_bytes())
        except FileNotFoundError:  # compacted, rolled or removed meanwhile
            continue
        if held:
            top = path.relative_to(folder).parts[0]
            found.add(f"kafka {path.parent.name.rpartition('-')[0]}" if top == "kafka" else top)
    return found


def _names_her(content: bytes) -> bool:
    folded = content.lower()
    return any(spelled in content or spelled.lower() in folded for spelled in SPELLED)


def _spelled() -> Iterator[bytes]:
    """Yield the canaries as they are, in hexadecimal, and in base 64 wherever they begin."""
    for canary in (one.encode() for one in CANARIES):
        yield canary
        yield canary.hex().encode()
        for before in range(3):
            yield base64.b64encode(bytes(before) + canary)[(0, 2, 3)[before] : -4]


SPELLED = tuple(_spelled())


async def _figures(ready: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures at every level, without how fresh they are."""
    found = {}
    async with httpx.AsyncClient(base_url=ready["url"], timeout=20) as client:
        for measure in ("M1", "M2", "M9"):
            for level in ("national", "hub", "region", "local_authority"):
                asked = {"measure": measure, "level": level, "school_year": "2026/27"}
                answer = (await client.get("/v1/figures", params=asked)).json()
                found[f"{measure} {level}"] = answer["rows"]
    return found


def _hubs(home: Home, *words: str) -> dict[str, Any]:
    """Run a command of an operator's and return the last line that it says."""
    env = os.environ | {"HUBS_HOME": str(home.root)}
    argv = [sys.executable, "-m", "hubs.cli", *words, "--json"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
