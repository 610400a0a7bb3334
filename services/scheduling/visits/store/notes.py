"""SQL that takes words out of the notes of visits."""

from collections.abc import Collection

from mathshubs.postgres import Db, write_rows
from mathshubs.redaction import any_of, redacted

NOTES = """
    SELECT id, focus, actions
      FROM visits
     WHERE focus IS NOT NULL
        OR actions IS NOT NULL
     ORDER BY id
       FOR UPDATE
"""
REDACT = """
    UPDATE visits
       SET focus = clean.focus,
           actions = clean.actions,
           redacted = true
      FROM unnest($1::uuid[], $2::text[], $3::text[]) AS clean (id, focus, actions)
     WHERE visits.id = clean.id
"""


async def redact(db: Db, words: Collection[str]) -> int:
    """Take `words` out of what visits were about and what was agreed; return of how many visits."""
    named = any_of(words)
    found = [row async for row in db.cursor(NOTES) if named.search(f"{row['focus'] or ''}\n{row['actions'] or ''}")]
    await write_rows(
        db, REDACT, [(row["id"], _clean(row["focus"], words), _clean(row["actions"], words)) for row in found]
    )
    return len(found)


def _clean(text: str | None, words: Collection[str]) -> str | None:
    return None if text is None else redacted(text.encode(), words).decode()
