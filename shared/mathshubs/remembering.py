"""What was heard before is known by its id: only what is new goes on."""

import hashlib
from collections.abc import Sequence

from mathshubs import settling, telling
from mathshubs.hearing import Heard, Hearing, Outcome, Passing, Record, SetAside
from mathshubs.postgres import Db

REMEMBER = """
    INSERT INTO inbox (consumer, hub, source, event_id, fingerprint)
    SELECT $1, new.hub, new.source, new.event_id, new.fingerprint
      FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) AS new (hub, source, event_id, fingerprint)
     ORDER BY new.hub, new.source, new.event_id
        ON CONFLICT (consumer, hub, source, event_id) DO NOTHING
 RETURNING hub, source, event_id
"""

REMEMBERED = """
    SELECT known.hub, known.source, known.event_id, known.fingerprint
      FROM unnest($2::text[], $3::text[], $4::text[]) AS asked (hub, source, event_id)
      JOIN inbox known
        ON known.consumer = $1
       AND known.hub = asked.hub
       AND known.source = asked.source
       AND known.event_id = asked.event_id
"""


async def hear(db: Db, hearing: Hearing, records: Sequence[Record], *, firm: bool) -> bool:
    """Read, deduplicate, apply and answer `records`; say whether something parked may now go on."""
    read = [hearing.reader.read(record) for record in records]
    fresh = await _fresh(db, hearing, [r for r in read if r is not None])
    heard = [r for r in fresh if isinstance(r, Heard)]
    outcomes: list[Outcome] = [r for r in fresh if isinstance(r, SetAside)]
    if heard:
        outcomes += await settling.settle(db, hearing, heard, firm=firm)
    again = await settling.keep(db, hearing, outcomes)
    telling.tell(hearing, outcomes)
    return again


Read = Heard | Passing | SetAside
Identity = tuple[str, str, str]


async def _fresh(db: Db, hearing: Hearing, read: Sequence[Read]) -> list[Read]:
    """Return what was not heard before; the same id with other content comes back set aside."""
    firsts: dict[Identity, tuple[Read, bytes]] = {}
    repeats: list[tuple[Identity, Read, bytes]] = []
    for one in read:
        identity = _identity(one)
        if identity is None:
            continue
        mark = _fingerprint(one)
        if identity in firsts:
            repeats.append((identity, one, mark))
        else:
            firsts[identity] = (one, mark)
    new = await _remember(db, hearing.consumer, firsts)
    repeats += [(identity, *first) for identity, first in firsts.items() if identity not in new]
    kept = await _remembered(db, hearing.consumer, {identity for identity, _, _ in repeats})
    reused = {id(one): _reused(one) for identity, one, mark in repeats if kept[identity] != mark}
    dropped = {id(one) for _, one, _ in repeats}
    return [reused.get(id(one), one) for one in read if id(one) not in dropped or id(one) in reused]


async def _remember(db: Db, consumer: str, firsts: dict[Identity, tuple[Read, bytes]]) -> set[Identity]:
    columns = list(zip(*firsts, strict=True)) or [(), (), ()]
    marks = [mark for _, mark in firsts.values()]
    rows = await db.fetch(REMEMBER, consumer, *(list(column) for column in columns), marks)
    return {(row["hub"], row["source"], row["event_id"]) for row in rows}


async def _remembered(db: Db, consumer: str, asked: set[Identity]) -> dict[Identity, bytes | None]:
    if not asked:
        return {}
    rows = await db.fetch(REMEMBERED, consumer, *(list(column) for column in zip(*asked, strict=True)))
    return {(row["hub"], row["source"], row["event_id"]): row["fingerprint"] for row in rows}


def _identity(one: Read) -> Identity | None:
    match one:
        case SetAside(hub=hub, source=str(source), event_id=str(event_id)):
            return hub, source, event_id
        case SetAside():
            return None
        case Heard(hub=hub, event=event) | Passing(hub=hub, event=event):
            return hub, event.source, event.id


def _fingerprint(one: Read) -> bytes:
    if isinstance(one, Heard) and not one.hub:
        return b""  # our own services never use an id twice
    if one.event is None:
        return hashlib.sha256(one.record.value or b"").digest()
    return one.event.fingerprint(one.hub)


def _reused(one: Read) -> Read:
    """An id that was used before for something else: whoever answers this type sets it aside."""
    if isinstance(one, Passing):
        return one
    identity = _identity(one)
    hub, source, event_id = identity or ("", None, None)
    silent = one.silent if isinstance(one, SetAside) else False
    words = "an event with this source and id was sent before with other content; give it an id of its own"
    return SetAside(one.record, "id-reused", words, "$.id", hub, event_id, source, silent)
