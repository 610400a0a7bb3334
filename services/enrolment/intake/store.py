"""SQL that holds and writes interests and the areas of hubs, and takes out what was written beside them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from enrolment.intake.domain import Area, ExpressInterest, Intake, Interest, evolve
from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.spoken import Programme
from mathshubs.postgres import Db, Pool, write_rows

Judged = tuple[str, date, Programme, str]
"""A school's URN with the day, the programme and the school year for which it is judged."""
Judge = Callable[[Db, Collection[str], Collection[Judged]], Awaitable[Mapping[Judged, tuple[str, ...]]]]
"""Says why each school that the register has may not take part."""


class Held:
    """The interests that a batch names, as they are after each of its facts."""

    def __init__(self, intake: Intake) -> None:
        self._loaded = self._now = intake
        self._notes: dict[UUID, str | None] = {}

    def state(self, ask: ExpressInterest) -> Intake:
        """Return what is known; nothing is waited for."""
        if ask.interest_id not in self._now.interests:
            self._notes[ask.interest_id] = ask.note
        return self._now

    def evolve(self, fact: Event) -> None:
        """Take up what was decided."""
        self._now = evolve(self._now, fact)

    async def keep(self, db: Db) -> None:
        """Write what is new, with what was written beside it, since no fact carries that."""
        new = sorted(self._now.interests.keys() - self._loaded.interests.keys())
        rows = [(id_, *_columns(self._now.interests[id_]), self._notes.get(id_)) for id_ in new]
        await write_rows(db, PUT, rows)


def holding(judge: Judge) -> Callable[[Db, Sequence[ExpressInterest]], Awaitable[Held]]:
    """Return the hold of interests; what the register says of a school's eligibility comes by `judge`."""

    async def hold(db: Db, requests: Sequence[ExpressInterest]) -> Held:
        subjects = {f"interest-in:{':'.join(ask.subject)}" for ask in requests}
        await journal.hold(db, {str(ask.interest_id) for ask in requests} | subjects)
        intake = await load(db, requests)
        candidates = {(ask.school_urn, ask.day, ask.programme, ask.subject.school_year) for ask in requests}
        reasons = await judge(db, {ask.school_urn for ask in requests}, candidates)
        return Held(Intake(intake.authorities, reasons, intake.areas, intake.interests, intake.people, intake.erased))

    return hold


INTERESTS = """
    SELECT interest_id, hub, school_urn, contact_id, programme, school_year, effective_at, repeats, routed_to
      FROM interests
     WHERE interest_id = ANY($1::uuid[])
        OR school_urn = ANY($2::text[])
"""
AUTHORITIES = """
    SELECT urn, local_authority_code
      FROM schools
     WHERE urn = ANY($1::text[])
"""
AREAS = """
    SELECT hub, local_authority_code, from_on, until_on
      FROM hub_areas
"""
CONTACTS = """
    SELECT person_id, erased_at IS NOT NULL AS is_erased
      FROM people
     WHERE person_id = ANY($1::uuid[])
"""


async def load(db: Db, requests: Sequence[ExpressInterest]) -> Intake:
    """Return what is known of what `requests` name, but for who is eligible."""
    urns = {ask.school_urn for ask in requests}
    interests = {}
    for row in await db.fetch(INTERESTS, {ask.interest_id for ask in requests}, urns):
        columns = dict(row)
        interest_id = columns.pop("interest_id")
        interests[interest_id] = Interest(**columns)
    contacts = await db.fetch(CONTACTS, {ask.contact_id for ask in requests})
    return Intake(
        authorities={row["urn"]: row["local_authority_code"] for row in await db.fetch(AUTHORITIES, urns)},
        areas=tuple(Area(**row) for row in await db.fetch(AREAS)),
        interests=interests,
        people=frozenset(row["person_id"] for row in contacts if not row["is_erased"]),
        erased=frozenset(row["person_id"] for row in contacts if row["is_erased"]),
    )


PUT = """
    INSERT INTO interests (interest_id, hub, school_urn, contact_id, programme, school_year, effective_at, repeats,
                           routed_to, note)
    SELECT interest_id, hub, school_urn, contact_id, programme, school_year, effective_at, repeats, routed_to, note
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[],
                  $8::boolean[], $9::text[], $10::text[])
        AS expressed (interest_id, hub, school_urn, contact_id, programme, school_year, effective_at, repeats,
                      routed_to, note)
"""


def _columns(one: Interest) -> tuple[object, ...]:
    said = (one.hub, one.school_urn, one.contact_id, one.programme, one.school_year, one.effective_at)
    return (*said, one.repeats, one.routed_to)


COVER = """
    INSERT INTO hub_areas (hub, local_authority_code, from_on)
    SELECT $1, code, $3
      FROM unnest($2::text[]) AS code
     WHERE NOT EXISTS (
               SELECT
                 FROM hub_areas AS area
                WHERE area.hub = $1
                  AND area.local_authority_code = code
                  AND area.until_on IS NULL)
"""


async def cover(pool: Pool, hub: str, local_authority_codes: Collection[str], from_on: date) -> None:
    """Let a hub cover these local authorities from a day on; those that it covers already it goes on to cover."""
    await pool.execute(COVER, hub, sorted(set(local_authority_codes)), from_on)


FORGET_NOTES = """
    UPDATE interests
       SET note = NULL
     WHERE note IS NOT NULL
       AND (contact_id = $1
            OR EXISTS (SELECT FROM unnest($2::text[]) AS word WHERE strpos(lower(note), lower(word)) > 0))
"""


async def forget_notes(db: Db, contact_id: UUID, words: Collection[str]) -> int:
    """Take out what was written beside interests of this contact, or holds any of `words`; return how many."""
    done: str = await db.execute(FORGET_NOTES, contact_id, list(words))
    return int(done.rpartition(" ")[2])
