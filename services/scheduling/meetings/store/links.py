"""SQL that withholds links to meetings that name somebody."""

from collections.abc import Collection
from urllib.parse import unquote_plus

from mathshubs import journal
from mathshubs.postgres import Db
from mathshubs.redaction import any_of

LINKS = """
    SELECT id, work_group_id, join_url
      FROM meetings
     WHERE join_url IS NOT NULL
"""
WITHHOLD = """
    UPDATE meetings
       SET join_url = NULL
     WHERE id = ANY($1::uuid[])
       AND join_url = ANY($2::text[])
"""


async def withhold(db: Db, words: Collection[str]) -> int:
    """Blank each link that holds any of `words`, however a URL spells it; return how many did."""
    named = any_of(words)
    rows = [row async for row in db.cursor(LINKS) if named.search(f"{row['join_url']} {unquote_plus(row['join_url'])}")]
    if rows:
        await journal.hold(db, {f"work_group:{row['work_group_id']}" for row in rows})
        await db.execute(WITHHOLD, [row["id"] for row in rows], [row["join_url"] for row in rows])
    return len(rows)
