"""Reporting has heard all that was said, and has made of it what a rebuild makes."""

import json
from typing import Any

from asyncpg import Record

from hubs.proof.system import SHOWN, Check, System, number, some
from mathshubs.postgres import open_pool
from reporting.projections.rebuilding import RebuildUnderWay, check

SAID = """
    SELECT event_id::text AS event_id, md5(jsonb_build_array(type, key, version, recorded_at, data)::text) AS content
      FROM journal
     WHERE topic = $1
"""
LOGGED = """
    SELECT event_id, md5(jsonb_build_array(type, key, version, recorded_at, data)::text) AS content
      FROM event_log
     WHERE source = $1
"""
SPOKEN = """
    SELECT event_id::text AS event_id, type, key, version, recorded_at, data
      FROM journal
     WHERE event_id::text = ANY($1::text[])
"""
KEPT = """
    SELECT event_id, type, key, version, recorded_at, data
      FROM event_log
     WHERE event_id = ANY($1::text[])
"""
STRANGERS = """
    SELECT DISTINCT source
      FROM event_log
     WHERE source <> ALL($1::text[])
"""


async def every_fact_is_logged(system: System) -> Check:
    """Compare the journals of all services with reporting's log, fact by fact, both ways."""
    missing: set[str] = set()
    unsaid: set[str] = set()
    changed: set[str] = set()
    facts = 0
    for service in system.postgres:
        said = await _contents(system, service, SAID, f"{service}.facts")
        logged = await _contents(system, "reporting", LOGGED, f"/{service}")
        facts += len(said)
        missing |= said.keys() - logged.keys()
        unsaid |= logged.keys() - said.keys()
        differing = [name for name, content in said.items() if logged.get(name, content) != content]
        changed |= await _truly_changed(system, service, differing)
    sources = [f"/{service}" for service in system.postgres]
    strangers = [row["source"] for row in await system.fetch("reporting", STRANGERS, sources)]
    figures = {"facts": facts, "missing": some(missing), "unsaid": some(unsaid), "changed": some(changed)}
    if not (missing or unsaid or changed or strangers):
        said_words = f"{number(facts, 'fact')} in four journals stand in reporting's log, word for word"
        return Check("facts = log", ok=True, said=said_words, figures=figures)
    words = (
        f"Of {number(facts, 'fact')} reporting's log lacks {len(missing):,}, has {len(changed):,} changed, "
        f"and has {len(unsaid):,} that nobody said"
    )
    return Check("facts = log", ok=False, said=words, figures=figures | {"strangers": strangers[:SHOWN]})


async def _contents(system: System, service: str, statement: str, of: str) -> dict[str, str]:
    return {row["event_id"]: row["content"] for row in await system.fetch(service, statement, of)}


async def _truly_changed(system: System, service: str, names: list[str]) -> set[str]:
    """Leave out those that differ in spelling alone: 1.0 is 1 on the way through Kafka."""
    if not names:
        return set()
    said = {row["event_id"]: _meaning(row) for row in await system.fetch(service, SPOKEN, names)}
    kept = {row["event_id"]: _meaning(row) for row in await system.fetch("reporting", KEPT, names)}
    return {name for name in names if said.get(name) != kept.get(name)}


def _meaning(row: Record) -> tuple[Any, ...]:
    return (row["type"], row["key"], row["version"], row["recorded_at"], json.loads(row["data"]))


async def reporting_equals_a_rebuild(system: System) -> Check:
    """Build reporting's projections anew beside the live ones and compare them row for row."""
    name = "reporting = rebuild"
    pool = await open_pool(system.postgres["reporting"], size=4)
    try:
        differences = await check(pool)
    except RebuildUnderWay as busy:
        return Check(name, ok=False, said=f"Not compared: {busy}")
    finally:
        await pool.close()
    if not differences:
        return Check(name, ok=True, said="Reporting equals a rebuild, row for row, and its log is without a gap")
    shown = [{"table": one.relation, "found": one.found, "row": one.entry} for one in differences[:SHOWN]]
    tables = sorted({one.relation for one in differences})
    said = f"Reporting differs from a rebuild in {', '.join(tables)}: {number(len(differences), 'row')} or more"
    return Check(name, ok=False, said=said, figures={"differences": shown})
