"""One import of a file of term dates from its beginning to its end."""

from collections.abc import Iterator
from pathlib import Path

from mathshubs import clock
from mathshubs.ids import new_id
from mathshubs.postgres import Pool
from mathshubs.sheets import MissingColumns, Progress, Row, Sheet, unseen
from scheduling.calendars import store
from scheduling.calendars.domain import bring
from scheduling.calendars.importing.rows import ADVICE, LAYOUT, WHOSE, read
from scheduling.calendars.store import Imported


async def import_dates(pool: Pool, path: Path, by: str, progress: Progress = unseen) -> Imported:
    """Bring the calendars that the file at `path` names to what it says of them, all at once or not at all.

    Calendars that it does not name are left as they are. Meetings that are planned already keep the flags that
    they have; what is planned or moved from now on is judged by the new dates.

    Args:
        by: who asks, such as `operator:jo`.

    Raises:
        MissingColumns, RepeatedColumns: if this is no file that can be read; nothing is changed.
        ImportUnderWay: if another import of calendars is running.
    """
    with Sheet(path, LAYOUT) as file:
        if not any(file.has(column) for column in WHOSE):
            raise MissingColumns([" or ".join(WHOSE)], path, ADVICE)
        found = read(_shown(file, progress))
        async with store.alone(pool) as db, db.transaction():
            held = await store.hold_dates(db, found.names)
            said = [dates for of_one in found.dates.values() for dates in of_one]
            brought = bring(held, said, found.broken)
            await store.keep_dates(db, held, brought.now)
            imported = Imported(
                import_id=new_id(),
                file_name=path.name,
                encoding=file.encoding,
                missing_columns=file.missing,
                extra_columns=file.extra,
                read=file.read,
                added=brought.tally["added"],
                changed=brought.tally["changed"],
                unchanged=brought.tally["unchanged"],
                removed=brought.tally["removed"],
                quarantined=len(found.quarantined),
                calendars=len({dates.name for dates in said}),
            )
            await store.keep_import(db, imported, found.quarantined, by=by, at=clock.now())
            return imported


def _shown(file: Sheet, progress: Progress) -> Iterator[Row]:
    for row in file.rows():
        progress(file.done, file.size)
        yield row
