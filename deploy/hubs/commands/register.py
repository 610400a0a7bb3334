"""`hubs register import`: bring the school register to what the national files say."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from enrolment.schools import store
from enrolment.schools.importing import (
    Imported,
    MissingColumns,
    RepeatedColumns,
    check_links,
    import_links,
    import_schools,
    unseen,
)
from hubs.acting import operator
from hubs.clocks import stand_with
from hubs.commands.speaking import say, speaking
from hubs.home import Home
from hubs.problems import pooled
from mathshubs.journal import Cause
from mathshubs.postgres import Pool

SHOWN = 10  # rows set aside that a person is shown; --json has them all

register = typer.Typer(no_args_is_help=True, help="The school register.")

Importer = Callable[[Pool, Path, Cause, Callable[[int, int], None]], Awaitable[Imported]]


@register.callback()
def _keep_the_name() -> None:
    """Keep `import` a word of its own: an app with one command would swallow it."""


@register.command(
    "import",
    epilog="Example: hubs register import edubasealldata20260901.csv --links links_edubasealldata20260901.csv",
)
def import_files(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="The register: all establishments, as CSV."),
    ],
    links: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="Predecessors and successors, as CSV."),
    ] = None,
    postgres: Annotated[
        str | None, typer.Option(help="URL of enrolment's database; else that of the running system.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with every row set aside.")] = False,
) -> None:
    """Import the school register of Get Information About Schools, and what schools became.

    Only what changed is written and said. A bad row is set aside with its reason and stops no other. Importing
    a file again changes nothing.
    """
    with speaking(as_json, MissingColumns, RepeatedColumns, store.ImportUnderWay):
        said = asyncio.run(_import(postgres or _running(), file, links))
    if as_json:
        say(said)
    else:
        for part in filter(None, (said, said["links"])):
            typer.echo("\n".join(lines(part)))


def lines(said: dict[str, Any]) -> Iterator[str]:
    """Yield what a person reads about one imported file."""
    yield f"{said['file_name']}: {said['read']:,} rows, read as {said['encoding']}"
    yield "  " + " · ".join(f"{said[name]:,} {name}" for name in ("added", "changed", "unchanged", "quarantined"))
    if said["missing_columns"]:
        yield f"  Columns that the register usually has, and this file has not: {', '.join(said['missing_columns'])}"
    if said["extra_columns"]:
        yield f"  Columns that are not known, and were not read: {', '.join(said['extra_columns'])}"
    if said["repeated"]:
        yield f"  {said['repeated']:,} rows that say a link again: each stands with both its schools"
    if kinds := said["passed_over"]:
        named = ", ".join(f"{kind} {number:,}" for kind, number in kinds.items())
        yield f"  {sum(kinds.values()):,} links of kinds that do not make one school of two: {named}"
    for row in said["quarantine"][:SHOWN]:
        yield f"  Set aside: row {row['row']:,}, URN {row['urn'] or 'unreadable'}: {row['reason']}"
    if more := len(said["quarantine"]) - SHOWN:
        yield from [f"  … and {more:,} more; --json lists them all"] if more > 0 else []


def _running() -> str:
    """Return the running system's database, and stand where its clock stands.

    Raises:
        NotRunning: if nothing runs in this home.
    """
    home = Home.at()
    url: str = home.running()["postgres"]["enrolment"]
    asyncio.run(stand_with(home))
    return url


async def _import(url: str, file: Path, links: Path | None) -> dict[str, Any]:
    """Import both files and return what was found: of the schools, and under `links` of the links."""
    if links:
        check_links(links)
    async with pooled(url, "enrolment", size=2) as pool:
        said = await _import_one(pool, import_schools, file, "schools")
        said["links"] = await _import_one(pool, import_links, links, "links") if links else None
        return said


async def _import_one(pool: Pool, importer: Importer, path: Path, what: str) -> dict[str, Any]:
    with _shown(f"Importing {what}", path) as progress:
        imported = await importer(pool, path, Cause(f"operator:{operator()}"), progress)
    async with pool.acquire() as db:
        quarantine = await store.quarantine(db, imported.import_id)
    rows = [{"row": row.row_number, "urn": row.urn, "reason": row.reason} for row in quarantine]
    return dataclasses.asdict(imported) | {"quarantine": rows}


@contextmanager
def _shown(doing: str, path: Path) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; elsewhere one plain line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console.print(f"{doing} from {path.name}", highlight=False, soft_wrap=True)
        yield unseen
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(doing)
        yield lambda done, total: bar.update(task, completed=done, total=total)
