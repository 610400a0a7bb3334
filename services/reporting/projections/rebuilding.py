"""Building the projections again from the log, beside those that are live: to check them, or to take their place."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import asyncpg
from pydantic import ValidationError

from mathshubs.events import Event
from mathshubs.postgres import Db, Pool
from reporting.log import store as log
from reporting.log.domain import LoggedFact
from reporting.projections import domain, store

BATCH: Final = 5_000
SHOWN: Final = 20
"""Differences of one kind that are named; more of the same teach nobody anything."""
PATIENCE_SECONDS: Final = 3_600.0

Progress = Callable[[int, int], None]
"""Told how many facts have been projected, and of how many."""


def _quietly(_done: int, _total: int) -> None:
    """Tell nobody."""


class RebuildUnderWay(RuntimeError):
    """Another rebuild or check is running; try again when it has ended."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as the log says, or is not in the log though it was."""

    relation: str
    """Table of the projections, or `event_log`."""
    found: str
    """`live`: only the live projections have it; `rebuilt`: only the log says it. Of the log itself: `missing`,
    `changed`, or `unreadable`, since it does not fit its type."""
    entry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of a rebuild, or of a check that left everything as it was."""

    facts: int
    differences: tuple[Difference, ...]
    is_live: bool = False
    """Whether the rebuilt ones are. Not where the log itself is damaged: what was live then knows more than it."""

    @property
    def log_is_whole(self) -> bool:
        """Say whether nothing is missing from the log, changed in it or unreadable."""
        return all(difference.relation != "event_log" for difference in self.differences)


async def check(pool: Pool) -> tuple[Difference, ...]:
    """Return what differs between the live projections and the log, or is damaged in the log; nothing if all is whole.

    Raises:
        RebuildUnderWay: if another rebuild or check is running.
    """
    return (await compare(pool)).differences


async def compare(pool: Pool, progress: Progress = _quietly) -> Rebuilt:
    """Build the projections anew, compare them row for row with those that are live, and drop them again.

    Nobody who reads or hears waits for longer than the last few facts take. Of differences of one kind in one
    table, `SHOWN` at most come back; none if log and projections are whole and equal.

    Raises:
        RebuildUnderWay: if another rebuild or check is running.
    """
    async with _beside(pool) as building:
        await building.catch_up(progress)
        differences = tuple(await building.compare())
        return Rebuilt(building.position, differences)


async def rebuild(pool: Pool, progress: Progress = _quietly) -> Rebuilt:
    """Build the projections anew from the log, compare, and have them take the place of those that are live.

    Readers see the old ones until the very moment when they see the new ones; facts are heard meanwhile.

    Raises:
        RebuildUnderWay: if another rebuild or check is running.
    """
    async with _beside(pool) as building:
        await building.catch_up(progress)
        compared = Rebuilt(building.position, tuple(await building.compare()))
        if compared.log_is_whole:
            await building.take_over()
        return replace(compared, facts=building.position, is_live=compared.log_is_whole)


async def prepare(pool: Pool) -> None:
    """See that there are live projections, and of this code's layout: empty at the first start, else from the log.

    To be called before hearing; safe to call from several processes, one of which makes them.

    Raises:
        RebuildUnderWay: if another process makes them now; try again when it has ended.
    """
    await store.begin(pool)
    if await _are_up_to_date(pool):
        return
    async with _beside(pool) as building:
        if not await _are_up_to_date(pool):
            await building.catch_up()
            await building.take_over()


async def _are_up_to_date(pool: Pool) -> bool:
    async with pool.acquire() as db:
        return await store.are_of_this_layout(db)


TRY_TO_BE_ALONE = "SELECT pg_try_advisory_lock(hashtextextended('rebuild-projections', 0))"
NO_LONGER_ALONE = "SELECT pg_advisory_unlock(hashtextextended('rebuild-projections', 0))"
DROP_ALL_BUT_LIVE = "SELECT drop_projections_but(number) FROM live_projections"


@asynccontextmanager
async def _beside(pool: Pool) -> AsyncIterator["_Building"]:
    """Give empty projections beside the live ones; whichever are not live at the end are dropped."""
    async with pool.acquire() as db:
        if not await db.fetchval(TRY_TO_BE_ALONE):
            raise RebuildUnderWay("another rebuild or check is running; try again when it has ended")
        try:
            await db.execute(DROP_ALL_BUT_LIVE)
            live = await store.live(db)
            async with db.transaction():
                await store.create(db, live + 1)
            yield _Building(pool, db, live, live + 1)
        finally:
            with suppress(asyncpg.LockNotAvailableError):  # somebody reads on and on: the next rebuild drops them
                await db.execute(DROP_ALL_BUT_LIVE)
            await db.execute(NO_LONGER_ALONE)


HOLD_STILL = "LOCK TABLE live_projections IN EXCLUSIVE MODE"
CHANGE_OVER = "LOCK TABLE live_projections IN ACCESS EXCLUSIVE MODE"
NO_LONGER_THAN = "SET LOCAL idle_in_transaction_session_timeout = '60s'"
"""Long enough for the few facts that are left; a rebuild whose process is stopped must not hold up hearing for ever."""
DIFFERING = "SELECT relation, side, entry FROM differing_projections($1, $2, $3)"


@dataclass
class _Building:
    """Projections in the making; `db` is the connection that nobody else uses meanwhile."""

    pool: Pool
    db: Db
    live: int
    number: int
    position: int = 0
    unreadable: dict[int, str] = field(default_factory=dict)
    """Facts of the log that do not fit their type: somebody has changed them, or the type; by position."""

    async def catch_up(self, progress: Progress = _quietly) -> None:
        """Project what the log has beyond our position, until there is no more."""
        while True:
            while await log.give_positions(self.db):
                pass
            total = await log.head(self.db)
            if not await self._project_on():
                return
            progress(self.position, max(total, self.position))

    async def _project_on(self) -> bool:
        logged = await log.read_on(self.db, self.position, BATCH)
        facts = [(one, fact) for position, one in logged if (fact := self._read(position, one)) is not None]
        async with self.db.transaction():
            await store.add(self.db, self.number, facts)
        self.position = logged[-1][0] if logged else self.position
        return bool(logged)

    def _read(self, position: int, logged: LoggedFact) -> Event | None:
        try:
            return domain.read(logged)
        except ValidationError:
            self.unreadable[position] = logged.type
            return None

    @asynccontextmanager
    async def _caught_up(self, lock: str) -> AsyncIterator[Db]:
        """Hold `lock` for the length of the block, with every fact projected that was heard before it.

        It is caught up with before, so that under the lock only what was heard in that moment is left.
        """
        await self.catch_up()
        async with self.pool.acquire() as guard, guard.transaction():
            await guard.execute(NO_LONGER_THAN)
            await guard.execute(lock)
            await self.catch_up()
            yield guard

    async def compare(self) -> list[Difference]:
        """Compare both sets as they are at one instant, row for row, and look over the log itself.

        Hearing stands still only while the last facts are caught up with; the comparison reads a snapshot
        of that instant.
        """
        async with AsyncExitStack() as stack:
            reader = await stack.enter_async_context(self.pool.acquire())
            async with self._caught_up(HOLD_STILL):
                await stack.enter_async_context(reader.transaction(isolation="repeatable_read", readonly=True))
                await reader.execute("SELECT 1")  # the snapshot is taken here
            return await self._differences(reader)

    async def _differences(self, reader: Db) -> list[Difference]:
        damage = await log.damage(reader, SHOWN, PATIENCE_SECONDS)
        rows = await reader.fetch(DIFFERING, self.live, self.number, SHOWN, timeout=PATIENCE_SECONDS)
        unreadable = list(self.unreadable.items())[:SHOWN]
        return [
            *(Difference("event_log", "unreadable", {"position": place, "type": kind}) for place, kind in unreadable),
            *(
                Difference("event_log", hurt.found, {"position": hurt.position})
                for hurt in damage
                if hurt.position not in self.unreadable
            ),
            *(Difference(row["relation"], row["side"], json.loads(row["entry"])) for row in rows),
        ]

    async def take_over(self) -> None:
        """Go live, at once for readers and for what is heard."""
        await store.analyse(self.db, self.number)
        async with self._caught_up(CHANGE_OVER) as guard:
            await store.go_live(guard, self.number)
