"""`hubs hub key …`: API keys are issued, listed and revoked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Column, Table

from enrolment.hubs import store
from hubs.acting import operator
from hubs.commands.speaking import AsJson, say, speaking
from hubs.home import Home
from hubs.hub import enrolment
from mathshubs.clock import LONDON
from mathshubs.keys import NATIONAL, Keys
from mathshubs.postgres import Pool

app = typer.Typer(help="The API keys that hubs report with.", no_args_is_help=True)
T = TypeVar("T")


@app.command(epilog="Example: hubs hub key issue river-vale")
def issue(
    code: Annotated[str, typer.Argument(help=f"The hub's code, or `{NATIONAL}` for a key that only reads.")],
    as_json: AsJson = False,
) -> None:
    """Issue a further key to a hub, and print it this once: it is kept nowhere.

    The keys that it has go on. To replace one, issue another, put it in place, and revoke the first.
    """
    hub = None if code == NATIONAL else code
    key = _ask(lambda pool, keys: store.issue_key(pool, keys, hub, by=operator()), as_json=as_json)
    if as_json:
        say({"hub": code, "key": key})
    else:
        typer.echo(key)


@app.command(epilog="Example: hubs hub key revoke 0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e")
def revoke(
    key_id: Annotated[UUID, typer.Argument(help="The key's id, as `hubs hub key list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Make a key worth nothing from now on; revoking it again changes nothing."""
    revoked = _ask(lambda pool, _: store.revoke_key(pool, key_id, by=operator()), as_json=as_json)
    if as_json:
        say({"key_id": key_id, "revoked": revoked})
    else:
        typer.echo("Revoked." if revoked else "It was revoked before.")


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys that were issued: whose, when, and whether they still count. The keys themselves are not kept."""
    keys = _ask(lambda pool, _: store.list_keys(pool), as_json=as_json)
    if as_json:
        say([{**asdict(key), "hub": key.hub or NATIONAL} for key in keys])
    elif keys:
        Console().print(_table(keys))
    else:
        typer.echo("No key has been issued. Add a hub with `hubs hub add CODE --name NAME`.")


def _table(keys: list[store.IssuedKey]) -> Table:
    key_id = Column("Key id", no_wrap=True, min_width=36)  # an id cut short could not be revoked
    table = Table("Hub", key_id, "Issued", "Revoked", box=None)
    for key in keys:
        times = [
            at.astimezone(LONDON).strftime("%-d %b %Y %H:%M") if at else "" for at in (key.issued_at, key.revoked_at)
        ]
        table.add_row(key.hub or NATIONAL, str(key.key_id), *times)
    return table


def _ask(what: Callable[[Pool, Keys], Awaitable[T]], *, as_json: bool) -> T:
    """Ask the running system's enrolment; what it does not know is said, and ends with 1."""
    with speaking(as_json, store.UnknownHub, store.UnknownKey):
        return asyncio.run(_asked(what))


async def _asked(what: Callable[[Pool, Keys], Awaitable[T]]) -> T:
    async with enrolment(Home.at()) as (pool, keys):
        return await what(pool, keys)
