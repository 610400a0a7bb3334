"""`hubs rebuild reporting`: what reporting shows is made anew from the log of facts, compared, and put in place."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from hubs.commands.speaking import Service, databases, say, speaking
from hubs.problems import pooled
from reporting.projections.rebuilding import Difference, RebuildUnderWay, Rebuilt, compare, rebuild

app = typer.Typer(no_args_is_help=True, help="Make anew what can be made from the log of facts.")
Told = Callable[[int, int], None]
CONNECTIONS = 4  # one that builds, one that reads a snapshot, one that holds hearing still, one to spare


@app.callback()
def _keep_the_name() -> None:
    """Keep `reporting` a word of its own: an app with one command would swallow it."""


@app.command(epilog="Examples: hubs rebuild reporting · hubs rebuild reporting --check --json")
def reporting(
    only_check: Annotated[bool, typer.Option("--check", help="Compare only; leave what is live as it is.")] = False,
    postgres: Annotated[
        str | None, typer.Option(help="URL of reporting's database; else that of the running system.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with every difference.")] = False,
) -> None:
    """Build reporting's projections anew from its log, compare them row for row, and put them in place.

    Pages and figures are there all the while, and facts are heard meanwhile. Ends with 0 if both were
    equal, with 1 if they differed: then it shows how, and the rebuilt ones are live. If the log itself is
    damaged, nothing is changed.
    """
    with speaking(as_json, RebuildUnderWay):
        url = postgres or databases(Service.REPORTING)["reporting"]
        rebuilt = asyncio.run(_rebuild(url, only_check=only_check))
    if as_json:
        say(_summary(rebuilt))
    else:
        typer.echo("\n".join(lines(rebuilt, only_check=only_check)))
    raise typer.Exit(1 if rebuilt.differences else 0)


def lines(rebuilt: Rebuilt, *, only_check: bool) -> Iterator[str]:
    """Yield what a person reads about a rebuild."""
    equal = not rebuilt.differences
    yield f"Made anew from {rebuilt.facts:,} facts: " + ("equal, row for row." if equal else "not equal.")
    for difference in rebuilt.differences:
        yield f"  {_said(difference)}"
    if not rebuilt.log_is_whole:
        yield "The log itself is damaged, so what was live stays. Mend: restore reporting's database from its backup."
    elif only_check:
        yield "What is live was left as it is." if equal else "Mend: hubs rebuild reporting"
    else:
        yield "What was made anew is live."


def _said(difference: Difference) -> str:
    row = json.dumps(difference.entry, default=str)
    match difference.found:
        case "live":
            return f"{difference.relation}: a row that the log does not tell of: {row}"
        case "rebuilt":
            return f"{difference.relation}: a row that was missing: {row}"
        case found:
            return f"{difference.relation}: {found}: {row}"


def _summary(rebuilt: Rebuilt) -> dict[str, Any]:
    return {
        "equal": not rebuilt.differences,
        "facts": rebuilt.facts,
        "live": rebuilt.is_live,
        "differences": [asdict(difference) for difference in rebuilt.differences],
    }


async def _rebuild(url: str, *, only_check: bool) -> Rebuilt:
    async with pooled(url, "reporting", size=CONNECTIONS) as pool:
        with _shown("Checking" if only_check else "Rebuilding") as progress:
            return await (compare if only_check else rebuild)(pool, progress)


@contextmanager
def _shown(doing: str) -> Iterator[Told]:
    """Show a bar on a terminal; elsewhere nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"{doing} reporting", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
