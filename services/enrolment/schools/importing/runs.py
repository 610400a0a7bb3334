"""One import from its beginning to its end: alone, in batches, each with its facts in one transaction."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from enrolment.schools import store
from mathshubs import clock, journal
from mathshubs.events import Event
from mathshubs.ids import new_id
from mathshubs.journal import Cause, Entry
from mathshubs.postgres import Db
from mathshubs.sheets import Sheet

BATCH = 2000
_DATE_IN_NAME = re.compile(r"(20\d\d)(\d\d)(\d\d)")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found: counts of the rows that it read, and of what became of each.

    Every row is counted once: `read` is the sum of `added`, `changed`, `unchanged`, `quarantined`, `repeated`
    (links alone: the second row of a pair) and `passed_over` (links that join no lineages, by their kind).
    `encoding` is what the file was found to be written in.
    """

    import_id: UUID
    kind: str
    file_name: str
    file_date: date
    missing_columns: tuple[str, ...]
    extra_columns: tuple[str, ...]
    encoding: str
    read: int
    added: int
    changed: int
    unchanged: int
    quarantined: int
    repeated: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)


class Run:
    """One import under way: what it has counted, and where what it says is kept."""

    def __init__(self, db: Db, file: Sheet, kind: str, cause: Cause) -> None:
        self._db, self._file, self._cause = db, file, cause
        self.begun = store.Import(
            id=new_id(),
            kind=kind,
            file_name=file.path.name,
            file_date=date_of(file.path),
            began_at=clock.now(),
            missing_columns=file.missing,
            extra_columns=file.extra,
        )
        self.tally: Counter[str] = Counter()

    async def begin(self) -> None:
        """Write that the import has begun."""
        await store.begin_import(self._db, self.begun)

    async def say(self, facts: Iterable[Event]) -> None:
        """Record `facts` in their order, in the transaction under way."""
        await journal.record(self._db, [Entry.of_fact("enrolment", fact, self._cause) for fact in facts])

    async def set_aside(self, rows: Sequence[store.Quarantined]) -> None:
        """Keep which rows were set aside."""
        self.tally["quarantined"] += len(rows)
        await store.set_aside(self._db, self.begun.id, rows)

    def count(self, held: object | None, now: object) -> None:
        """Count one row that was known as `held`, or not at all."""
        self.tally["added" if held is None else "unchanged" if held == now else "changed"] += 1

    async def end(self, repeated: int = 0, passed_over: Mapping[str, int] | None = None) -> Imported:
        """Write that the import has ended, and return what it found."""
        counts = {name: self.tally[name] for name in ("added", "changed", "unchanged", "quarantined")}
        await store.end_import(self._db, self.begun.id, clock.now(), **counts)
        return Imported(
            import_id=self.begun.id,
            kind=self.begun.kind,
            file_name=self.begun.file_name,
            file_date=self.begun.file_date,
            missing_columns=self.begun.missing_columns,
            extra_columns=self.begun.extra_columns,
            encoding=self._file.encoding,
            read=self._file.read,
            repeated=repeated,
            passed_over=dict(passed_over or {}),
            **counts,
        )


def date_of(path: Path) -> date:
    """Return the day of an extract by its name (`edubasealldata20170701.csv`), today where it has none."""
    today = clock.today()
    if found := _DATE_IN_NAME.search(path.stem):
        try:
            return min(date(*map(int, found.groups())), today)
        except ValueError:
            return today
    return today


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield `rows` in lists of `size`, the last one shorter."""
    coming = iter(rows)
    while batch := list(islice(coming, size)):
        yield batch
