"""The register's links file: what each school became, each pair once."""

import re
from collections import Counter
from pathlib import Path

from enrolment.schools import domain, store
from enrolment.schools.importing.files import ADVICE, calendar_day
from enrolment.schools.importing.runs import Imported, Run, batches
from enrolment.schools.store import Quarantined
from mathshubs.journal import Cause
from mathshubs.lineage import Link
from mathshubs.postgres import Db, Pool
from mathshubs.sheets import Layout, Progress, Row, Sheet, unseen

NEEDED = ("URN", "LinkURN", "LinkType", "LinkEstablishedDate")
LAYOUT = Layout(("URN", "LinkURN", "LinkName", "LinkType", "LinkEstablishedDate"), NEEDED, advice=ADVICE)
_URN = re.compile(r"[0-9]{6}")


class Found:
    """What a links file says: the links that join, the rows set aside; how many said one again or joined nothing."""

    def __init__(self) -> None:
        self.links: dict[tuple[str, str], Link] = {}
        self.repeated = 0
        self.passed_over: Counter[str] = Counter()
        self.quarantined: list[Quarantined] = []

    def add(self, row: Row) -> None:
        """Take in one row; two rows of the same pair are one link."""
        urn = row.cells[0] if row.cells and _URN.fullmatch(row.cells[0]) else None
        if reason := _reason(row):
            self.quarantined.append(Quarantined(row.number, urn, reason))
            return
        one, other, kind, on = row.cells
        link = domain.joining(one, other, kind, calendar_day(on))
        if link is None:
            self.passed_over[kind] += 1
            return
        pair = (link.predecessor, link.successor)
        self.repeated += pair in self.links
        self.links[pair] = domain.paired(self.links.get(pair, link), link)


def check_links(path: Path) -> None:
    """See that the file at `path` is one of links before anything is changed.

    Raises:
        MissingColumns, RepeatedColumns: if it is not.
    """
    with Sheet(path, LAYOUT):
        pass


async def import_links(pool: Pool, path: Path, cause: Cause, progress: Progress = unseen) -> Imported:
    """Bring the links to what the file at `path` says, and say which schools were replaced by which.

    The two rows of a pair lie far apart, so the pairs are held in memory (17,000 in 2025). Links that the
    file does not name are left as they are. Schools of a link need not stand in the register.

    Raises:
        MissingColumns, RepeatedColumns: if this is no file that can be read; nothing is changed.
        ImportUnderWay: if another import is running.
    """
    with Sheet(path, LAYOUT) as file:
        found = read(file)
        async with store.alone(pool) as db:
            run = Run(db, file, "links", cause)
            await run.begin()
            await run.set_aside(found.quarantined)
            done = 0
            for batch in batches(link for _, link in sorted(found.links.items())):
                async with db.transaction():
                    await _keep(db, run, batch)
                done += len(batch)
                progress(done, len(found.links))
            return await run.end(found.repeated, dict(found.passed_over.most_common()))


def read(file: Sheet) -> Found:
    """Read the whole file, each pair into one link."""
    found = Found()
    for row in file.rows():
        found.add(row)
    return found


async def _keep(db: Db, run: Run, batch: list[Link]) -> None:
    held = await store.hold_links(db, {link.predecessor for link in batch})
    known = [(held.get((link.predecessor, link.successor)), link) for link in batch]
    for before, now in known:
        run.count(before, now)
    await store.put_links(db, [now for before, now in known if before != now])
    await run.say(fact for before, now in known for fact in domain.replacement(before, now))


def _reason(row: Row) -> str | None:
    """Return why a row says no link that the register could mean, if it does not."""
    if row.problem:
        return row.problem
    urn, linked, _, on = row.cells
    if not _URN.fullmatch(urn):
        return "urn-invalid"
    if not _URN.fullmatch(linked):
        return "link-urn-invalid"
    if urn == linked:
        return "links-to-itself"
    try:
        calendar_day(on)
    except ValueError:
        return "link-date-invalid"
    return None
