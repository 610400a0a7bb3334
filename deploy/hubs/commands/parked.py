"""`hubs parked`: keys that wait or fail, and letting one go on."""

import asyncio
import dataclasses
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from hubs.commands.speaking import AsJson, By, Service, Why, databases, printable, say, speaking
from hubs.problems import connected
from mathshubs.operating import parkedkeys
from mathshubs.operating.parkedkeys import ParkedKey, Released

app = typer.Typer(no_args_is_help=True, help="Keys whose records wait, since the first of them waits or fails.")


@app.command("list", epilog="Example: hubs parked list --service scheduling --json")
def find(
    service: Annotated[Service | None, typer.Option(help="One service's alone.")] = None, as_json: AsJson = False
) -> None:
    """List parked keys, longest parked first. A poisoned one goes on only when it is released."""
    with speaking(as_json):
        found = asyncio.run(_find(databases(service)))
    if as_json:
        say({"keys": [_line(name, key) for name, keys in found.items() for key in keys]})
        return
    for line in _lines(found):
        typer.echo(printable(line))


async def _find(urls: dict[str, str]) -> dict[str, list[ParkedKey]]:
    found = {}
    for name, url in urls.items():
        async with connected(url) as db:
            found[name] = await parkedkeys.find(db)
    return found


def _line(service: str, key: ParkedKey) -> dict[str, Any]:
    moments = ("parked_at", "due_at", "expires_at")
    spelled = {name: getattr(key, name).isoformat() for name in moments}
    return {"service": service, **dataclasses.asdict(key), **spelled}


def _lines(found: dict[str, list[ParkedKey]]) -> Iterator[str]:
    if not any(found.values()):
        yield "Nothing is parked."
    for service, keys in found.items():
        for key in keys:
            late = " · OVERDUE" if key.overdue else ""
            many = f"{key.records} record{'s' if key.records > 1 else ''}"
            yield f"{service} {key.key} · {key.state}{late} · {many} · {key.reason} · {key.attempts} attempts"
            yield f"    since {key.parked_at:%d %b %Y %H:%M} · {key.place} · {key.consumer}"


@app.command(epilog="Example: hubs parked release scheduling meeting:0198… --why 'mended in release 1.4'")
def release(
    service: Annotated[Service, typer.Argument(help="The service that keeps it.", metavar="SERVICE")],
    key: Annotated[str, typer.Argument(help="The key, as the list spells it.", metavar="KEY")],
    by: By,
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Have a key's first record tried again, what is behind it after it in order, and say what came of it."""
    with speaking(as_json):
        came = asyncio.run(_release(databases(service)[service], key, by, why))
    if as_json:
        say({"service": service.value, "key": key, "released": [dataclasses.asdict(one) for one in came]})
    else:
        for one in came:
            typer.echo(printable(_went(key, one)))
    if not all(one.is_settled for one in came):
        raise typer.Exit(1)


async def _release(url: str, key: str, by: str, why: str) -> list[Released]:
    async with connected(url) as db:
        return await parkedkeys.release(db, key, by=by, why=why)


def _went(key: str, one: Released) -> str:
    if one.outcome == "failing":
        return f"{key}: still being tried, or {one.consumer.partition('.')[0]} is not running ({one.reason})"
    words = {"poisoned": "fails again, poisoned", "waiting": "still waits", "dead": "set aside as a dead letter"}
    said = words.get(one.outcome, one.outcome)
    left = f"; {one.left} of its records still parked" if one.left else ""
    return f"{key}: {said}{f' ({one.reason})' if one.reason else ''}{left}"
