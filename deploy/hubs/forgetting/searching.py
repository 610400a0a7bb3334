"""Searches stores for words that must stand in none of them: every column that can hold some, and files."""

import base64
import json
import mmap
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from mathshubs.postgres import Db

SEARCHED = """
    SELECT format('%I.%I', n.nspname, c.relname) AS place, quote_ident(a.attname) AS named, a.attname, t.typname
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE c.relkind = 'r'
       AND n.nspname NOT LIKE 'pg\\_%'
       AND n.nspname <> 'information_schema'
       AND t.typname IN ('text', '_text', 'varchar', 'bpchar', 'json', 'jsonb', 'bytea', 'name')
       AND has_table_privilege(c.oid, 'SELECT')
     ORDER BY n.nspname, c.relname, a.attnum
"""
PUBLIC = {
    *("schools.name", "schools.local_authority_name", "hubs.name", "work_groups.name"),
    *("meetings.name", "meetings.place", "invitations.name", "invitations.place", "deliveries.name"),
    "deliveries.place",
}
"""Columns of words that everybody reads: what hubs call their Work Groups and where they meet, and the register's."""
FACTS = {"journal.data", "event_log.data"}
"""Columns of facts, which hold words in these fields alone."""
PUBLIC_FIELDS = ("name", "work_group_name", "place", "local_authority_name")
COUNT = "SELECT count(*) FROM {place} WHERE {searched} ~* $1 OR {searched} ~ $2"
SURE = 8  # characters of base64: fewer would be found by chance
NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Found:
    """In how many rows of which columns words were found."""

    columns: int = 0
    """How many were searched."""
    hidden: dict[str, int] = field(default_factory=dict)
    """Where no word of a person may stand."""
    public: dict[str, int] = field(default_factory=dict)
    """Where a hub, or the register, wrote them for everybody to read."""


async def search(db: Db, words: Collection[str]) -> Found:
    """Search each column that can hold any of `words`.

    Words count where they stand alone, in whatever case, in plain text, in JSON and as kept bytes.
    """
    columns = await db.fetch(SEARCHED)
    found = Found(len(columns))
    for column in columns:
        name = f"{column['place'].removeprefix('public.')}.{column['attname']}"
        bare = ".".join(name.split(".")[-2:])
        rows = await _rows(db, column, words)
        hidden = 0 if bare in PUBLIC else rows
        if rows and bare in FACTS:
            hidden = await _rows(db, column, words, "({named} - $3::text[])::text", PUBLIC_FIELDS)
        if hidden:
            found.hidden[name] = hidden
        if rows - hidden:
            found.public[name] = rows - hidden
    return found


async def _rows(
    db: Db, column: asyncpg.Record, words: Collection[str], searched: str = "{named}::text", *given: object
) -> int:
    """Return in how many rows any of `words` stands in a column, or in what is `searched` of it."""
    is_bytes = column["typname"] == "bytea"
    read = ("encode({named}, 'escape')" if is_bytes else searched).format(named=column["named"])
    spelled = _pattern(_as_escaped_bytes(words) if is_bytes else _as_text(words))
    packed = NEVER if is_bytes else _any_of({one for word in words for one in _packed(word)})
    rows: int = await db.fetchval(COUNT.format(place=column["place"], searched=read), spelled, packed, *given)
    return rows


def _pattern(spelled: Collection[str]) -> str:
    """Match any of these where it stands alone, as Postgres's regular expressions say it: Ann is not in Anna."""
    return f"(?<![[:alnum:]])({_any_of(spelled)})(?![[:alnum:]])"


def _any_of(spelled: Collection[str]) -> str:
    return "|".join(map(re.escape, sorted(spelled))) or NEVER


def _as_text(words: Collection[str]) -> set[str]:
    """Return words as text and JSON spell them."""
    return set(words) | {json.dumps(word)[1:-1] for word in words}


def _as_escaped_bytes(words: Collection[str]) -> set[str]:
    """Return words as Postgres escapes bytes: what is not ASCII in octal, a backslash doubled."""
    plain = {word.encode() for word in words} | {json.dumps(word)[1:-1].encode() for word in words}
    return {"".join(_escaped(byte) for byte in word) for word in plain}


def _escaped(byte: int) -> str:
    if byte in (0, *range(128, 256)):
        return f"\\{byte:03o}"
    return "\\\\" if byte == ord("\\") else chr(byte)


def _packed(word: str) -> Iterator[str]:
    """Yield the characters of base64, in which headers are kept, that stand for `word` wherever it begins."""
    content = word.encode()
    for before in range(3):
        spelled = base64.b64encode(bytes(before) + content).decode().rstrip("=")
        first = (0, 2, 3)[before]
        last = len(spelled) - (0 if (before + len(content)) % 3 == 0 else 1)
        if last - first >= SURE:
            yield spelled[first:last]


def files_with(folder: Path, words: Collection[str], files: str = "*") -> list[str]:
    """Return the `files` below a folder in which any of `words` stands, as it is or as JSON spells it.

    A number is not found within a longer one.
    """
    spelled = {one.encode() for word in words for one in (word, json.dumps(word)[1:-1])}
    alone = [rb"(?<![\d.])%s(?!\d)" % one if one.isdigit() else re.escape(one) for one in sorted(spelled)]
    wanted = re.compile(b"|".join(alone), re.IGNORECASE)
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob(files) if path.is_file() and _holds(path, wanted)
    )


def _holds(path: Path, wanted: re.Pattern[bytes]) -> bool:
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return False
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return wanted.search(content) is not None
    except FileNotFoundError:  # compacted or rolled away meanwhile
        return False
