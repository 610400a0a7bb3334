"""SQL that loads and writes on which days people may lead, set-wise."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from asyncpg import Range

from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.enrolment.specialists import Interval, LeadStanding
from mathshubs.events.spoken import PersonId
from mathshubs.postgres import Db, write_rows
from scheduling.meetings.domain import Standings

_DAY = timedelta(days=1)

LOAD_STANDINGS = """
    SELECT person_id, may_lead
      FROM lead_standings
     WHERE person_id = ANY($1::uuid[])
"""


async def load_standings(db: Db, people: Collection[PersonId]) -> Standings:
    """Return on which days each of `people` may lead of whom enrolment has said it."""
    rows = await db.fetch(LOAD_STANDINGS, list(people))
    return {row["person_id"]: tuple(_interval(days) for days in row["may_lead"]) for row in rows}


def _interval(days: "Range[date]") -> Interval:
    """Return days with their last, where Postgres has the first that is not one of them."""
    return Interval(from_on=days.lower, until_on=days.upper - _DAY if days.upper else None)


PUT_STANDINGS = """
    INSERT INTO lead_standings (person_id, may_lead)
    SELECT person_id, may_lead::datemultirange
      FROM unnest($1::uuid[], $2::text[]) AS said (person_id, may_lead)
        ON CONFLICT (person_id) DO UPDATE
       SET may_lead = excluded.may_lead
"""


async def hold_standings(db: Db, said: Sequence[LeadStanding]) -> "Told":
    """Hold those of whom enrolment says on which days they may lead."""
    await journal.hold(db, {f"standing:{fact.person_id}" for fact in said})
    return Told()


class Told:
    """What enrolment says in a batch of who may lead."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said: dict[PersonId, LeadStanding] = {}

    def state(self, fact: LeadStanding) -> None:
        """Take up what is said, in place of what was said before of the same person."""
        self._said[fact.person_id] = fact

    def evolve(self, fact: Event) -> None:
        """No fact of ours changes who may lead."""

    async def keep(self, db: Db) -> None:
        """Write what was said last of each."""
        await write_rows(db, PUT_STANDINGS, [(one, _spelled(fact.intervals)) for one, fact in self._said.items()])


def _spelled(intervals: Collection[Interval]) -> str:
    held = (one for one in intervals if one.until_on is None or one.from_on <= one.until_on)
    return "{" + ",".join(f"[{one.from_on},{one.until_on or ''}]" for one in held) + "}"
