"""`hubs clock`: where a driven clock stands, and moving it."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from hubs import clocks
from hubs.commands.speaking import AsJson, say, speaking
from hubs.home import Home
from hubs.problems import Misuse
from mathshubs.clock import LONDON

app = typer.Typer(no_args_is_help=True, help="The clock of a system that was started with HUBS_CLOCK.")


class NoInstant(Misuse):
    """What was given names no instant; write it with date, time and offset."""


@app.command("to", epilog="Example: hubs clock to 2026-11-19T09:00:00+00:00")
def to(
    instant: Annotated[str, typer.Argument(help="RFC 3339 with offset; no earlier than the clock stands.")],
    as_json: AsJson = False,
) -> None:
    """Move the clock forward for every process at once; ends when every service stands there."""
    with speaking(as_json):
        wanted, home = _instant(instant), Home.at()
        before = asyncio.run(clocks.move(home.clock, home.running()["http"], wanted))
    if as_json:
        say({"from": before.isoformat(), "to": wanted.isoformat()})
    else:
        typer.echo(f"It is {_spoken(wanted)}; it was {_spoken(before)}.")


@app.command("show", epilog="Example: hubs clock show --json")
def show(as_json: AsJson = False) -> None:
    """Say where the clock stands."""
    with speaking(as_json):
        stands = asyncio.run(clocks.standing(Home.at().running()["http"]))
    if as_json:
        say({"clock": stands.isoformat()})
    else:
        typer.echo(f"It is {_spoken(stands)}.")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise NoInstant(f"{text!r} names no instant; write it with its offset, such as 2026-11-19T09:00:00+00:00")
    return instant


def _spoken(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%A %d %B %Y, %H:%M:%S %Z}"
