"""`hubs calendar import`: bring term dates, holidays and INSET days to what a file says."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from hubs.acting import operator
from hubs.commands.bringing import columns, running, set_aside, shown
from hubs.commands.speaking import say, speaking
from hubs.problems import pooled
from hubs.proof.system import number
from mathshubs.sheets import MissingColumns, RepeatedColumns
from scheduling.calendars import store
from scheduling.calendars.importing import import_dates

app = typer.Typer(no_args_is_help=True, help="Calendars of local authorities and schools.")


@app.callback()
def _keep_the_name() -> None:
    """Keep `import` a word of its own: an app with one command would swallow it."""


@app.command("import", epilog="Example: hubs calendar import term-dates-2026-27.csv")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Dates of calendars, one to a row, as CSV."),
    ],
    postgres: Annotated[
        str | None, typer.Option(help="URL of scheduling's database; else that of the running system.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with every row set aside.")] = False,
) -> None:
    """Import term dates of local authorities, and of schools that set their own.

    Columns: local_authority_code (three digits) or school_urn; school_year (2026/27); from and to, both days
    included (2026-09-03 or 03/09/2026); kind (term, holiday or inset); half_term (1 to 6, where the calendar
    counts in halves). Which days lie in no term are holidays; of terms without numbers the half-terms are worked out.

    What the file says of a calendar is all of it: what it says no more is removed, and calendars that it does not
    name stay. A bad row is set aside with its reason and stops no other. Importing a file again changes nothing.
    """
    with speaking(as_json, MissingColumns, RepeatedColumns, store.ImportUnderWay):
        said = asyncio.run(_import(postgres or running("scheduling"), file))
    if as_json:
        say(said)
    else:
        typer.echo("\n".join(lines(said)))


def lines(said: dict[str, Any]) -> Iterator[str]:
    """Yield what a person reads about an imported file."""
    of = f"{number(said['read'], 'row')} of {number(said['calendars'], 'calendar')}"
    yield f"{said['file_name']}: {of}, read as {said['encoding']}"
    counts = ("added", "changed", "unchanged", "quarantined", *(["removed"] if said["removed"] else []))
    yield "  " + " · ".join(f"{said[name]:,} {name}" for name in counts)
    yield from columns(said, "a calendar")
    yield from set_aside((row["row"], _whose(row["whose"]), row["reason"]) for row in said["quarantine"])


def _whose(code: str | None) -> str:
    if code is None:
        return "nobody's that can be read"
    return f"local authority {code}" if len(code) == 3 else f"URN {code}"  # noqa: PLR2004 -- its digits


async def _import(url: str, file: Path) -> dict[str, Any]:
    async with pooled(url, "scheduling", size=2) as pool:
        with shown("Importing calendars", file) as progress:
            imported = await import_dates(pool, file, f"operator:{operator()}", progress)
        async with pool.acquire() as db:
            quarantine = await store.quarantine(db, imported.import_id)
    rows = [{"row": row.row_number, "whose": row.whose, "reason": row.reason} for row in quarantine]
    return dataclasses.asdict(imported) | {"quarantine": rows}
