"""SQL that holds and writes specialists, the steps of their two lifecycles, and when they may lead."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Final
from uuid import UUID

import asyncpg

from enrolment.specialists.domain import (
    ACCREDITATION,
    PROGRAMME,
    Known,
    Policy,
    Request,
    Specialist,
    evolve,
    lapses_on,
)
from mathshubs import journal
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonErased, PersonMerged, PersonRegistered
from mathshubs.events.enrolment.specialists import Interval, LeadStanding, OfSpecialist
from mathshubs.postgres import Db, write_rows

_KINDS: Final = {kind.__name__: kind for kind in (*PROGRAMME.values(), *ACCREDITATION.values())}
_NUMBERS: Final = ("cohort", "year", "gate", "workshop")
"""Of these fields of a step's fact at most one is its kind's own; it stands in the column `number`."""


class Held:
    """The specialists whom a batch names, as they are after each of its facts."""

    def __init__(
        self, policies: tuple[Policy, ...], people: Mapping[UUID, Known], specialists: Mapping[UUID, Specialist]
    ) -> None:
        self.policies = policies
        self._people = dict(people)
        self._loaded, self._now = specialists, dict(specialists)

    def state(self, ask: Request) -> Known:
        """Return what is known; nobody is waited for."""
        known = self._people.get(ask.person_id, Known(self.policies))
        return replace(known, specialist=self._now.get(ask.person_id))

    @property
    def all(self) -> Mapping[UUID, Specialist]:
        """Return everybody who is held, as they are now."""
        return self._now

    def evolve(self, fact: Event) -> None:
        """Take up what was decided, of people too; whoever stays takes on the steps of a duplicate."""
        match fact:
            case PersonMerged(person_id=duplicate, into_id=into) if duplicate in self._now and into not in self._now:
                self._now[into] = self._now.pop(duplicate).of(into)
            case PersonRegistered(hub=str(hub)):
                self._people[fact.person_id] = Known(self.policies, person_hub=hub)
            case PersonErased(hub=str(hub)):
                self._people[fact.person_id] = Known(self.policies, person_hub=hub, is_erased=True)
            case OfSpecialist() | LeadStanding():
                if after := evolve(self._now.get(fact.person_id), fact):
                    self._now[fact.person_id] = after

    async def keep(self, db: Db) -> None:
        """Write what is another than before."""
        await _drop(db, [id_ for id_ in self._loaded if id_ not in self._now])
        changed = {id_: now for id_, now in self._now.items() if now != self._loaded.get(id_)}
        before = {id_: self._loaded.get(id_, Specialist(now.hub)) for id_, now in changed.items()}
        await write_rows(db, PUT, [(i, s.hub, s.lapse_said_of, lapses_on(s)) for i, s in sorted(changed.items())])
        await write_rows(
            db, PUT_STEPS, [row for id_, now in changed.items() for row in _new_rows(id_, before[id_], now)]
        )
        moved = {id_: now.intervals for id_, now in changed.items() if now.intervals != before[id_].intervals}
        await _put_standing(db, {id_: days or () for id_, days in moved.items()})


POLICIES = """
    SELECT from_year, leads_from_year, accreditation, caseload_groups
      FROM lead_policies
     WHERE programme = 'secondary-teaching-for-mastery'
"""
PEOPLE = """
    SELECT person_id, hub, erased_at IS NOT NULL AS is_erased
      FROM people
     WHERE person_id = ANY($1::uuid[])
"""


async def hold(db: Db, requests: Sequence[Request]) -> Held:
    """Hold the specialists whom `requests` name until the transaction ends, whether they are known yet or not."""
    ids = {ask.person_id for ask in requests}
    await journal.hold(db, {str(id_) for id_ in ids})
    policies = await policies_of(db)
    people = {
        row["person_id"]: Known(policies, person_hub=row["hub"], is_erased=row["is_erased"])
        for row in await db.fetch(PEOPLE, ids)
    }
    return Held(policies, people, await load(db, ids))


async def policies_of(db: Db) -> tuple[Policy, ...]:
    """Return what it takes to lead, of every school year that has a policy of its own."""
    return tuple(Policy(**row) for row in await db.fetch(POLICIES))


SPECIALISTS = """
    SELECT person_id, hub, lapse_said_of
      FROM specialists
     WHERE person_id = ANY($1::uuid[])
"""
STEPS = """
    SELECT person_id, lifecycle, step, hub, effective_on, number, expires_on, reason
      FROM specialist_steps
     WHERE person_id = ANY($1::uuid[])
     ORDER BY person_id, lifecycle, effective_on, place
"""
STANDING = """
    SELECT person_id, from_on, until_on
      FROM lead_standing
     WHERE person_id = ANY($1::uuid[])
     ORDER BY person_id, from_on
"""


async def load(db: Db, ids: Collection[UUID]) -> dict[UUID, Specialist]:
    """Return these specialists, those of them that there are."""
    rows = {row["person_id"]: row for row in await db.fetch(SPECIALISTS, ids)}
    steps: dict[tuple[UUID, str], tuple[OfSpecialist, ...]] = {
        key: tuple(map(_step, same))
        for key, same in groupby(await db.fetch(STEPS, ids), key=lambda row: (row["person_id"], row["lifecycle"]))
    }
    standing = {
        id_: tuple(Interval(from_on=row["from_on"], until_on=row["until_on"]) for row in same)
        for id_, same in groupby(await db.fetch(STANDING, ids), key=lambda row: row["person_id"])
    }
    return {
        id_: Specialist(
            hub=row["hub"],
            programme=steps.get((id_, "programme"), ()),
            accreditation=steps.get((id_, "accreditation"), ()),
            lapse_said_of=row["lapse_said_of"],
            intervals=standing.get(id_, ()),
        )
        for id_, row in rows.items()
    }


def _step(row: asyncpg.Record) -> OfSpecialist:
    kind = _KINDS[row["step"]]
    own: dict[str, object] = {name: row["number"] for name in _NUMBERS if name in kind.model_fields}
    own |= {name: row[name] for name in ("expires_on", "reason") if name in kind.model_fields}
    return kind.model_validate(
        {
            "effective_at": start_of(row["effective_on"]),
            "hub": row["hub"],
            "person_id": row["person_id"],
            "effective_on": row["effective_on"],
            **own,
        }
    )


DROP_STANDING = """
    DELETE FROM lead_standing
     WHERE person_id = ANY($1::uuid[])
"""
DROP_STEPS = """
    DELETE FROM specialist_steps
     WHERE person_id = ANY($1::uuid[])
"""
DROP = """
    DELETE FROM specialists
     WHERE person_id = ANY($1::uuid[])
"""


async def _drop(db: Db, ids: Sequence[UUID]) -> None:
    """Take out those whose steps are another's now."""
    if ids:
        for statement in (DROP_STANDING, DROP_STEPS, DROP):
            await db.execute(statement, ids)


PUT = """
    INSERT INTO specialists (person_id, hub, lapse_said_of, lapses_on)
    SELECT person_id, hub, lapse_said_of, lapses_on
      FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[])
        AS specialist (person_id, hub, lapse_said_of, lapses_on)
        ON CONFLICT (person_id) DO UPDATE
       SET hub = excluded.hub,
           lapse_said_of = excluded.lapse_said_of,
           lapses_on = excluded.lapses_on
"""
PUT_STEPS = """
    INSERT INTO specialist_steps (person_id, lifecycle, place, step, hub, effective_on, number, expires_on, reason)
    SELECT person_id, lifecycle, place, step, hub, effective_on, number, expires_on, reason
      FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::date[],
                  $7::smallint[], $8::date[], $9::text[])
        AS taken (person_id, lifecycle, place, step, hub, effective_on, number, expires_on, reason)
"""


def _new_rows(person_id: UUID, before: Specialist, now: Specialist) -> Iterable[tuple[object, ...]]:
    """Yield a row for each step that was taken since `before`; its place is that of its telling."""
    for lifecycle, known, steps in (
        ("programme", before.programme, now.programme),
        ("accreditation", before.accreditation, now.accreditation),
    ):
        new = (step for step in steps if step not in known)
        for place, step in enumerate(new, start=len(known) + 1):
            yield (person_id, lifecycle, place, *_columns(step))


def _columns(step: OfSpecialist) -> tuple[object, ...]:
    number = next((value for name in _NUMBERS if (value := getattr(step, name, None))), None)
    own = (number, getattr(step, "expires_on", None), getattr(step, "reason", None))
    return type(step).__name__, step.hub, step.effective_on, *own


PUT_STANDING = """
    INSERT INTO lead_standing (person_id, from_on, until_on)
    SELECT person_id, from_on, until_on
      FROM unnest($1::uuid[], $2::date[], $3::date[]) AS interval (person_id, from_on, until_on)
"""


async def _put_standing(db: Db, moved: Mapping[UUID, Sequence[Interval]]) -> None:
    if moved:
        await db.execute(DROP_STANDING, list(moved))
    rows = [(id_, day.from_on, day.until_on) for id_, days in moved.items() for day in days]
    await write_rows(db, PUT_STANDING, rows)


DUE = """
    SELECT person_id
      FROM specialists
     WHERE lapses_on <= $1
     ORDER BY person_id
"""


async def due_to_lapse(db: Db, today: date) -> list[UUID]:
    """Return those whose accreditation has run out by `today`, which is not said yet."""
    return [row["person_id"] for row in await db.fetch(DUE, today)]
