"""SQL that holds and writes meetings and the ledger of calendar entries."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from mathshubs.postgres import Db
from notification.invitations.domain.ledger import Entry, Key, Ledger, Meeting, Slot

FIND_INVITED = """
    SELECT DISTINCT person_id
      FROM invitations
     WHERE meeting_id = ANY($1::uuid[])
"""


async def invited(db: Db, meeting_ids: Collection[UUID]) -> set[UUID]:
    """Return who has an entry for any of these meetings; hold the meetings first, or more may come."""
    return {row["person_id"] for row in await db.fetch(FIND_INVITED, list(meeting_ids))}


LOAD_ENTRIES = """
    SELECT i.meeting_id, i.person_id, i.uid, i.state, i.sequence, i.starts_at, i.ends_at, i.mode, i.name, i.place
      FROM invitations i
     WHERE i.meeting_id = ANY($1::uuid[])
        OR (i.person_id = ANY($2::uuid[])
            AND EXISTS (SELECT FROM meetings m WHERE m.meeting_id = i.meeting_id AND m.ends_at > $3 AND NOT m.is_held))
"""

LOAD_MEETINGS = """
    SELECT meeting_id, starts_at, ends_at, mode, name, place, is_held, cancelled
      FROM meetings
     WHERE meeting_id = ANY($1::uuid[])
"""


async def load(db: Db, meeting_ids: Collection[UUID], person_ids: Collection[UUID], now: datetime) -> Ledger:
    """Return the ledger for these meetings, and for what these people have still to come at `now`.

    Hold the meetings, then everybody who has an entry for them and these people, before.
    """
    rows = await db.fetch(LOAD_ENTRIES, list(meeting_ids), list(person_ids), now)
    entries: dict[Key, Entry] = {(row["meeting_id"], row["person_id"]): _entry(row) for row in rows}
    found = await db.fetch(LOAD_MEETINGS, list({*meeting_ids, *(meeting_id for meeting_id, _ in entries)}))
    meetings = {row["meeting_id"]: Meeting(_slot(row), row["is_held"], row["cancelled"]) for row in found}
    return Ledger(now, meetings, entries)


def _entry(row: Record) -> Entry:
    told = None if row["name"] is None else _slot(row)
    return Entry(row["uid"], row["state"] == "invited", row["sequence"], told)


def _slot(row: Record) -> Slot:
    return Slot(row["starts_at"], row["ends_at"], row["mode"], row["name"], row["place"])


KEEP_MEETINGS = """
    INSERT INTO meetings (meeting_id, starts_at, ends_at, mode, name, place, is_held, cancelled)
    SELECT new.meeting_id, new.starts_at, new.ends_at, new.mode, new.name, new.place, new.is_held, new.cancelled
      FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::boolean[],
                  $8::text[])
           AS new (meeting_id, starts_at, ends_at, mode, name, place, is_held, cancelled)
        ON CONFLICT (meeting_id) DO UPDATE
       SET starts_at = excluded.starts_at,
           ends_at = excluded.ends_at,
           mode = excluded.mode,
           name = excluded.name,
           place = excluded.place,
           is_held = excluded.is_held,
           cancelled = excluded.cancelled
"""

KEEP_ENTRIES = """
    INSERT INTO invitations (meeting_id, person_id, uid, state, sequence, starts_at, ends_at, mode, name, place)
    SELECT new.meeting_id, new.person_id, new.uid, new.state, new.sequence,
           new.starts_at, new.ends_at, new.mode, new.name, new.place
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::timestamptz[], $7::timestamptz[],
                  $8::text[], $9::text[], $10::text[])
           AS new (meeting_id, person_id, uid, state, sequence, starts_at, ends_at, mode, name, place)
        ON CONFLICT (meeting_id, person_id) DO UPDATE
       SET state = excluded.state,
           sequence = excluded.sequence,
           starts_at = excluded.starts_at,
           ends_at = excluded.ends_at,
           mode = excluded.mode,
           name = excluded.name,
           place = excluded.place
"""


async def keep(db: Db, ledger: Ledger) -> None:
    """Write down the meetings and entries that changed."""
    if ledger.changed_meetings:
        await _keep_meetings(db, {meeting_id: ledger.meetings[meeting_id] for meeting_id in ledger.changed_meetings})
    if ledger.changed_entries:
        await _keep_entries(db, {key: ledger.entries[key] for key in ledger.changed_entries})


async def _keep_meetings(db: Db, meetings: dict[UUID, Meeting]) -> None:
    slots = [meeting.slot for meeting in meetings.values()]
    await db.execute(
        KEEP_MEETINGS,
        list(meetings),
        [s.starts_at for s in slots],
        [s.ends_at for s in slots],
        [s.mode for s in slots],
        [s.name for s in slots],
        [s.place for s in slots],
        [meeting.is_held for meeting in meetings.values()],
        [meeting.cancelled for meeting in meetings.values()],
    )


async def _keep_entries(db: Db, entries: dict[Key, Entry]) -> None:
    kept = list(entries.values())
    told = [entry.told for entry in kept]
    await db.execute(
        KEEP_ENTRIES,
        [meeting_id for meeting_id, _ in entries],
        [person_id for _, person_id in entries],
        [e.uid for e in kept],
        ["invited" if e.is_invited else "withdrawn" for e in kept],
        [e.sequence for e in kept],
        [t and t.starts_at for t in told],
        [t and t.ends_at for t in told],
        [t and t.mode for t in told],
        [t and t.name for t in told],
        [t and t.place for t in told],
    )
