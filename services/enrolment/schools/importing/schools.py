"""The register's full extract, one school to a row: streamed, compared, said."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from enrolment.schools import domain, store
from enrolment.schools.domain import School, Status
from enrolment.schools.importing.files import ADVICE, calendar_day, known_columns
from enrolment.schools.importing.runs import Imported, Run, batches
from enrolment.schools.store import Quarantined
from mathshubs.events import Event
from mathshubs.journal import Cause
from mathshubs.postgres import Db, Pool
from mathshubs.sheets import Layout, Progress, Row, Sheet, unseen

COUNTRY = "Country (name)"
CHANGED = "LastChangedDate"
LAYOUT = Layout(
    known=known_columns(),
    needed=(
        "URN",
        "EstablishmentName",
        "LA (code)",
        "LA (name)",
        "GOR (name)",
        "TypeOfEstablishment (code)",
        "PhaseOfEducation (code)",
        "EstablishmentStatus (code)",
        "StatutoryLowAge",
        "StatutoryHighAge",
        "OpenDate",
        "CloseDate",
    ),
    wanted=(COUNTRY, CHANGED),
    advice=ADVICE,
)
_URN = re.compile(r"[0-9]{6}")
_NUMBER = re.compile(r"[0-9]{1,3}")
_STATUSES = frozenset(Status)
_LONGEST_NAME = 255
_OLDEST = 99


class NotAnEntry(ValueError):
    """A row says what no entry of the register says; the message is the reason's code."""


@dataclass(frozen=True, slots=True)
class Read:
    """One school as a row of the file has it, and when the register says that it last changed."""

    school: School
    changed_on: date | None


async def import_schools(pool: Pool, path: Path, cause: Cause, progress: Progress = unseen) -> Imported:
    """Bring the register to what the file at `path` says, and say what changed.

    Schools that the file does not name are left as they are. Of two rows with one URN the first counts and
    the other is set aside, so that importing a file again finds nothing to change. Batches are committed as
    they are read: an import that is broken off is mended by running it again.

    Raises:
        MissingColumns, RepeatedColumns: if this is no file that can be read; nothing is changed.
        ImportUnderWay: if another import is running.
    """
    with Sheet(path, LAYOUT) as file:
        async with store.alone(pool) as db:
            run = Run(db, file, "schools", cause)
            await run.begin()
            for batch in batches(read(file)):
                async with db.transaction():
                    await _keep(db, run, batch, keeps_country=not file.has(COUNTRY))
                progress(file.done, file.size)
            return await run.end()


def read(file: Sheet) -> Iterator[Read | Quarantined]:
    """Yield each row as a school, or set aside with the reason."""
    first_seen: set[str] = set()
    for row in file.rows():
        urn = row.cells[0] if row.cells and _URN.fullmatch(row.cells[0]) else None
        try:
            entry = _entry(row, first_seen)
        except NotAnEntry as wrong:
            yield Quarantined(row.number, urn, str(wrong))
        else:
            first_seen.add(entry.school.urn)
            yield entry


async def _keep(db: Db, run: Run, batch: list[Read | Quarantined], *, keeps_country: bool) -> None:
    """Write what a batch changes, and say it; where the file tells no country, the one held stays."""
    entries = [row for row in batch if isinstance(row, Read)]
    held = await store.hold(db, [entry.school.urn for entry in entries])
    changed: list[School] = []
    facts: list[Event] = []
    for entry in entries:
        before, now = held.get(entry.school.urn), entry.school
        if keeps_country and before:
            now = replace(now, country=before.country)
        run.count(before, now)
        if before != now:
            changed.append(now)
            facts += domain.changes(before, now, min(entry.changed_on or run.begun.file_date, run.begun.file_date))
    await store.put(db, changed)
    await run.say(facts)
    await run.set_aside([row for row in batch if isinstance(row, Quarantined)])


def _entry(row: Row, seen: AbstractSet[str]) -> Read:
    if row.problem:
        raise NotAnEntry(row.problem)
    said = dict(zip(LAYOUT.read, row.cells, strict=True))
    school = School(
        urn=_urn(said["URN"], seen),
        name=_name(said["EstablishmentName"]),
        local_authority_code=f"{_number(said['LA (code)'], 'local-authority-code-invalid'):03}",
        local_authority_name=said["LA (name)"],
        region=said["GOR (name)"] or None,
        country=said[COUNTRY] or None,
        type_code=_number(said["TypeOfEstablishment (code)"], "type-code-invalid"),
        phase_code=_number(said["PhaseOfEducation (code)"], "phase-code-invalid"),
        status_code=_status(said["EstablishmentStatus (code)"]),
        low_age=_age(said["StatutoryLowAge"]),
        high_age=_age(said["StatutoryHighAge"]),
        opened_on=_day(said["OpenDate"], "open-date-invalid"),
        closed_on=_day(said["CloseDate"], "close-date-invalid"),
    )
    return Read(school, _day_if_any(said[CHANGED]))


def _urn(cell: str, seen: AbstractSet[str]) -> str:
    if not _URN.fullmatch(cell):
        raise NotAnEntry("urn-invalid")
    if cell in seen:
        raise NotAnEntry("urn-repeated")
    return cell


def _name(cell: str) -> str:
    if not cell:
        raise NotAnEntry("name-missing")
    if len(cell) > _LONGEST_NAME:
        raise NotAnEntry("name-too-long")
    return cell


def _number(cell: str, reason: str) -> int:
    if not _NUMBER.fullmatch(cell):
        raise NotAnEntry(reason)
    return int(cell)


def _status(cell: str) -> int:
    code = _number(cell, "status-code-invalid")
    if code not in _STATUSES:
        raise NotAnEntry("status-code-invalid")
    return code


def _age(cell: str) -> int | None:
    if not cell:
        return None
    age = _number(cell, "age-invalid")
    if age > _OLDEST:
        raise NotAnEntry("age-invalid")
    return age


def _day(cell: str, reason: str) -> date | None:
    try:
        return calendar_day(cell)
    except ValueError:
        raise NotAnEntry(reason) from None


def _day_if_any(cell: str) -> date | None:
    try:
        return calendar_day(cell)
    except ValueError:
        return None
