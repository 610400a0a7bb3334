"""What notification has said, as its journal has it."""

import json
from typing import Any

from mathshubs.postgres import Pool

SAID = """
    SELECT type, data, correlation_id, causation_id
      FROM journal
     WHERE type NOT LIKE '%PersonForgotten%'
     ORDER BY seq
"""


async def said(pool: Pool) -> list[tuple[str, str]]:
    """Return what was said, in order: each fact and its status, reason or kind."""
    found = []
    for row in await pool.fetch(SAID):
        told = json.loads(row["data"])
        word = told.get("status") or told.get("reason") or told.get("by") or told.get("kind") or ""
        found.append((row["type"].split(".")[-2], word))
    return found


async def data(pool: Pool, kind: str) -> list[dict[str, Any]]:
    """Return the facts of one kind."""
    rows = await pool.fetch("SELECT data FROM journal WHERE type LIKE $1 ORDER BY seq", f"%.{kind}.%")
    return [json.loads(row["data"]) for row in rows]
