"""SQL that holds and writes what hubs reported of schools' calendars."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from mathshubs import journal
from mathshubs.events import Event
from mathshubs.events.scheduling.calendars import Closure, SchoolCalendarRecorded
from mathshubs.postgres import Db, write_rows
from scheduling.calendars.domain import RecordCalendar

Name = tuple[str, str, str]
"""Hub, school and school year."""
Closures = Mapping[Name, tuple[Closure, ...]]


async def hold(db: Db, asked: Sequence[RecordCalendar]) -> "Reported":
    """Hold the calendars that `asked` is about until the transaction ends, whether they are known yet or not."""
    names = {_name(ask) for ask in asked}
    await journal.hold(db, {f"calendar:{'/'.join(name)}" for name in names})
    return Reported(await _load(db, sorted(names)))


LOAD_CALENDARS = """
    SELECT known.hub, known.school_urn, known.school_year
      FROM reported_calendars AS known
      JOIN unnest($1::text[], $2::text[], $3::text[]) AS named (hub, school_urn, school_year)
     USING (hub, school_urn, school_year)
"""
LOAD_CLOSURES = """
    SELECT closed.hub, closed.school_urn, closed.school_year, closed.kind, closed.from_on, closed.to_on
      FROM reported_closures AS closed
      JOIN unnest($1::text[], $2::text[], $3::text[]) AS named (hub, school_urn, school_year)
     USING (hub, school_urn, school_year)
     ORDER BY closed.from_on, closed.kind
"""


async def _load(db: Db, names: Sequence[Name]) -> Closures:
    columns = [list(column) for column in zip(*names, strict=True)]
    found: dict[Name, list[Closure]] = defaultdict(list)
    for row in await db.fetch(LOAD_CLOSURES, *columns):
        closure = Closure(from_on=row["from_on"], to_on=row["to_on"], kind=row["kind"])
        found[row["hub"], row["school_urn"], row["school_year"]].append(closure)
    known = [(row["hub"], row["school_urn"], row["school_year"]) for row in await db.fetch(LOAD_CALENDARS, *columns)]
    return {name: tuple(found[name]) for name in known}


KEEP_CALENDARS = """
    INSERT INTO reported_calendars (hub, school_urn, school_year)
    SELECT hub, school_urn, school_year
      FROM unnest($1::text[], $2::text[], $3::text[]) AS said (hub, school_urn, school_year)
        ON CONFLICT (hub, school_urn, school_year) DO NOTHING
"""
DROP_CLOSURES = """
    DELETE FROM reported_closures
     USING unnest($1::text[], $2::text[], $3::text[]) AS said (hub, school_urn, school_year)
     WHERE reported_closures.hub = said.hub
       AND reported_closures.school_urn = said.school_urn
       AND reported_closures.school_year = said.school_year
"""
KEEP_CLOSURES = """
    INSERT INTO reported_closures (hub, school_urn, school_year, kind, from_on, to_on)
    SELECT hub, school_urn, school_year, kind, from_on, to_on
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[])
        AS closed (hub, school_urn, school_year, kind, from_on, to_on)
"""


class Reported:
    """What hubs said of schools' calendars, as a batch goes on."""

    def __init__(self, known: Closures) -> None:
        """Take what hubs said last."""
        self._before, self._now = known, dict(known)

    def state(self, ask: RecordCalendar) -> tuple[Closure, ...] | None:
        """Return what the hub said of this school and year last; None if it said nothing."""
        return self._now.get(_name(ask))

    def evolve(self, fact: Event) -> None:
        """Take up a calendar that is recorded."""
        if isinstance(fact, SchoolCalendarRecorded) and fact.school_year:
            self._now[fact.hub, fact.school_urn, fact.school_year] = fact.closed

    async def keep(self, db: Db) -> None:
        """Write what has changed."""
        changed = {name: closed for name, closed in self._now.items() if closed != self._before.get(name)}
        await write_rows(db, KEEP_CALENDARS, list(changed))
        await write_rows(db, DROP_CLOSURES, list(changed))
        rows = [(*name, one.kind, one.from_on, one.to_on) for name, closed in changed.items() for one in closed]
        await write_rows(db, KEEP_CLOSURES, rows)


def _name(ask: RecordCalendar) -> Name:
    return ask.hub, ask.school_urn, ask.school_year
