"""Stones: who was erased, and how little may be kept of a record that names one of them.

A hub names people by its own references, so a record is taken to name whomever any of its words would refer to.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from mathshubs.envelope import CloudEvent, decode, encode
from mathshubs.events import Spoken, catalogue
from mathshubs.events.hub.people import PersonReported
from mathshubs.hearing import Record
from mathshubs.ids import References
from mathshubs.postgres import Db
from mathshubs.reports import misfit
from mathshubs.topics import hub_of

STAND_INS: Final = {"name": "erased", "email": "erased@erased.example", "trn": "0000000"}
"""What takes the place of a person's details where a record must stay one that can be read."""
SHORTEST: Final = 3
"""Characters of a word that can name somebody."""
_FREE_TEXT = {"reason", "focus", "actions", "note"}
_UNTOLD = "other"
"""What stands for words that a report must have: the code of a reason that is none of ours."""
_TRACING = ("hub", "correlationid", "traceparent")
_LONGEST = 64  # characters of a reference
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_NUMBERED = re.compile(rb'"person"\s*:\s*(\d{1,64})(?!\d)')
_BARE = re.compile(rb"[^\s\"'<>,;:=(){}\[\]\\]{1,64}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)

LAY = """
    INSERT INTO stones (person_id, erased_at)
    SELECT person_id, erased_at
      FROM unnest($1::uuid[], $2::timestamptz[]) AS erased (person_id, erased_at)
     ORDER BY person_id
        ON CONFLICT (person_id) DO NOTHING
"""


async def lay(db: Db, erased: Mapping[UUID, datetime]) -> None:
    """Remember for ever that these people were erased, and when."""
    await db.execute(LAY, list(erased), list(erased.values()))


STANDING = """
    SELECT person_id
      FROM stones
"""


async def standing(db: Db) -> frozenset[UUID]:
    """Return everybody who was erased."""
    return frozenset(row["person_id"] for row in await db.fetch(STANDING))


def people_named(record: Record, references: References) -> frozenset[UUID]:
    """Return everybody whom a record of a hub may name, by the hub's reference or by id, whatever its bytes are.

    The report of a person names that person and nobody else, whatever it is kept by and whoever is called alike.
    """
    hub = hub_of(record.topic)
    return frozenset(references.resolve(hub, "person", word) for word in _words(record))


def _words(record: Record) -> set[str]:
    event = decode(record.headers, record.value)
    if isinstance(event, CloudEvent) and event.type == PersonReported.type:
        reported = event.data.get("person")
        if isinstance(reported, str):
            return {reported}
    pieces = (record.key, *(raw for _, raw in record.headers))
    return {piece.decode("utf-8", "replace") for piece in pieces if piece} | set(_spelled(record.value or b""))


def _spelled(value: bytes) -> Iterator[str]:
    """Yield what may be references in some bytes: what JSON quotes, and in anything else what stands between marks."""
    for found in _QUOTED.finditer(value):
        if len(found[1]) <= _LONGEST * 12:  # an escape takes six bytes, and a letter outside the first plane two
            yield _unescaped(found[1].decode("utf-8", "replace"))
    yield from (found[1].decode() for found in _NUMBERED.finditer(value))
    if not _is_json(value):
        yield from (found[0].decode("utf-8", "replace") for found in _BARE.finditer(value))


def _is_json(value: bytes) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def _unescaped(spelled: str) -> str:
    if "\\" not in spelled:
        return spelled
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], spelled)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def without_details(record: Record) -> Record | None:
    """Return a record of a hub with no more in it than ids, codes and times; None if nothing of it may be kept.

    A report that can be read is cut to the fields of its type, free text apart, and goes on as before. One that
    cannot be read may hold anything of anybody, and the report of a person holds nothing else.
    """
    event = decode(record.headers, record.value)
    if not isinstance(event, CloudEvent) or event.type == PersonReported.type or misfit(hub_of(record.topic), event):
        return None
    report = catalogue()[event.type].model_validate(event.data)
    data = report.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=_FREE_TEXT) | _demanded(report)
    traced = {name: event.extensions[name] for name in _TRACING if name in event.extensions}
    headers, value = encode(replace(event, data=data, extensions=traced))
    return replace(record, key=None, headers=headers, value=value)


def _demanded(report: Spoken) -> dict[str, str]:
    """Return stand-ins for the free text without which the report could not be read again."""
    fields = type(report).model_fields
    return {name: _UNTOLD for name in sorted(_FREE_TEXT & fields.keys()) if fields[name].is_required()}


def details_in(record: Record) -> frozenset[str]:
    """Return what a report of a person says of them; nothing if it is no such report.

    Stand-ins are left out, and what is too short to name anybody: a report that died may say anything.
    """
    event = decode(record.headers, record.value)
    if not isinstance(event, CloudEvent) or event.type != PersonReported.type:
        return frozenset()
    said = {word for name in STAND_INS if isinstance(word := event.data.get(name), str) and len(word) >= SHORTEST}
    return frozenset(said - set(STAND_INS.values()))


def is_clear(record: Record) -> bool:
    """Say whether a record that names somebody erased holds no more than may be kept of it."""
    clean = without_details(record)
    return clean is not None and (clean.value, list(clean.headers)) == (record.value, list(record.headers))


def of_erased(record: Record, erased: Collection[UUID], references: References | None) -> bool:
    """Say whether a record may name anybody who was erased; one of no hub names nobody."""
    return bool(erased) and references is not None and not people_named(record, references).isdisjoint(erased)
