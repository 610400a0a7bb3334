"""`hubs register import`: bring the school register to what the national files say."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from enrolment.schools import store
from enrolment.schools.importing import (
    Imported,
    MissingColumns,
    RepeatedColumns,
    check_links,
    import_links,
    import_schools,
)
from hubs.acting import operator
from hubs.commands.bringing import columns, running, set_aside, shown
from hubs.commands.speaking import say, speaking
from hubs.problems import pooled
from mathshubs.journal import Cause
from mathshubs.postgres import Pool

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
        said = asyncio.run(_import(postgres or running("enrolment"), file, links))
    if as_json:
        say(said)
    else:
        for part in filter(None, (said, said["links"])):
            typer.echo("\n".join(lines(part)))


def lines(said: dict[str, Any]) -> Iterator[str]:
    """Yield what a person reads about one imported file."""
    yield f"{said['file_name']}: {said['read']:,} rows, read as {said['encoding']}"
    yield "  " + " · ".join(f"{said[name]:,} {name}" for name in ("added", "changed", "unchanged", "quarantined"))
    yield from columns(said, "the register")
    if said["repeated"]:
        yield f"  {said['repeated']:,} rows that say a link again: each stands with both its schools"
    if kinds := said["passed_over"]:
        named = ", ".join(f"{kind} {number:,}" for kind, number in kinds.items())
        yield f"  {sum(kinds.values()):,} links of kinds that do not make one school of two: {named}"
    yield from set_aside((row["row"], f"URN {row['urn'] or 'unreadable'}", row["reason"]) for row in said["quarantine"])


async def _import(url: str, file: Path, links: Path | None) -> dict[str, Any]:
    """Import both files and return what was found: of the schools, and under `links` of the links."""
    if links:
        check_links(links)
    async with pooled(url, "enrolment", size=2) as pool:
        said = await _import_one(pool, import_schools, file, "schools")
        said["links"] = await _import_one(pool, import_links, links, "links") if links else None
        return said


async def _import_one(pool: Pool, importer: Importer, path: Path, what: str) -> dict[str, Any]:
    with shown(f"Importing {what}", path) as progress:
        imported = await importer(pool, path, Cause(f"operator:{operator()}"), progress)
    async with pool.acquire() as db:
        quarantine = await store.quarantine(db, imported.import_id)
    rows = [{"row": row.row_number, "urn": row.urn, "reason": row.reason} for row in quarantine]
    return dataclasses.asdict(imported) | {"quarantine": rows}
