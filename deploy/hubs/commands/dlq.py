"""`hubs dlq`: what could not be applied, and what an operator does about it."""

import asyncio
import base64
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from hubs.commands.speaking import AsJson, By, Service, Why, databases, printable, say, speaking
from hubs.problems import connected
from mathshubs.operating import letters
from mathshubs.operating.letters import CameOf, Letter
from mathshubs.operating.reading import text_of

app = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be applied, with its reason.")


class Which(StrEnum):
    """Letters by what became of them."""

    DEAD = "dead"
    RETRYING = "retrying"
    RETRIED = "retried"
    DISCARDED = "discarded"
    ALL = "all"


OfService = Annotated[Service, typer.Argument(help="The service that keeps the letter.", metavar="SERVICE")]
Ids = Annotated[list[int], typer.Argument(help="Letters by their numbers in that service.", metavar="ID…")]


@app.command("list", epilog="Example: hubs dlq list --service scheduling --state all --json")
def find(
    service: Annotated[Service | None, typer.Option(help="One service's alone.")] = None,
    state: Annotated[Which, typer.Option(help="Those that nobody has dealt with, or others.")] = Which.DEAD,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The latest of each service, so many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List dead letters, latest first."""
    with speaking(as_json):
        found = asyncio.run(_find(databases(service), None if state is Which.ALL else state.value, limit))
    if as_json:
        listed = [_line(name, letter) for name, (some, _) in found.items() for letter in some]
        say({"letters": listed, "left_off": sum(number - len(some) for some, number in found.values())})
        return
    for line in _lines(found):
        typer.echo(printable(line))


async def _find(urls: dict[str, str], state: Any, most: int) -> dict[str, tuple[list[Letter], int]]:  # noqa: ANN401 -- a state, checked by typer
    found = {}
    for name, url in urls.items():
        async with connected(url) as db:
            found[name] = await letters.find(db, state, most)
    return found


def _line(service: str, letter: Letter) -> dict[str, Any]:
    return {
        "service": service,
        "id": letter.id,
        "state": letter.state,
        "died_at": letter.died_at.isoformat(),
        "hub": letter.hub or None,
        "code": letter.code,
        "message": letter.message,
        "path": letter.path or None,
        "type": letter.type,
        "event_id": letter.event_id,
        "source": letter.source,
        "topic": letter.record.topic,
        "partition": letter.record.part,
        "offset": letter.record.offset,
        "consumer": letter.consumer,
        "attempts": letter.attempts,
        "action_by": letter.action_by,
        "action_at": letter.action_at and letter.action_at.isoformat(),
        "action_why": letter.action_why,
    }


def _lines(found: dict[str, tuple[list[Letter], int]]) -> Iterator[str]:
    if not any(some for some, _ in found.values()):
        yield "No dead letters."
    for service, (some, number) in found.items():
        for letter in some:
            when = letter.died_at.strftime("%d %b %Y %H:%M")
            kind = (letter.type or "unreadable").removeprefix("uk.mathshubs.")
            yield " · ".join((f"{service} {letter.id}", letter.state, when, letter.hub or "a fact", letter.code, kind))
            yield f"    {letter.message}{' at ' + letter.path if letter.path else ''} · {letter.place}"
        if number > len(some):
            yield f"{service}: {number - len(some):,} more; --limit shows further back"


@app.command(epilog="Example: hubs dlq show enrolment 17")
def show(
    service: OfService,
    letter_id: Annotated[int, typer.Argument(help="The letter's number in that service.", metavar="ID")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Show one letter with what it holds, which may name people: that you looked is written down."""
    with speaking(as_json):
        letter, history = asyncio.run(_show(databases(service)[service], letter_id, by))
    record = letter.record
    if as_json:
        headers = [[name, _told(value)] for name, value in record.headers]
        held = {"key": _told(record.key), "headers": headers, "value": _told(record.value)}
        whole = {"bytes": letter.whole_bytes, "sha256": (letter.whole_sha256 or b"").hex()}
        cut = {"cut_from": whole} if letter.whole_bytes else {}
        say({**_line(service.value, letter), **held, **cut, "history": history})
        return
    for line in _whole(service.value, letter, history):
        typer.echo(printable(line))


async def _show(url: str, letter_id: int, by: str) -> tuple[Letter, list[dict[str, Any]]]:
    async with connected(url) as db:
        return await letters.shown(db, letter_id, by=by)


def _told(content: bytes | None) -> dict[str, str] | None:
    """Return bytes as text where they are, else in base64."""
    if content is None:
        return None
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _whole(service: str, letter: Letter, history: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from _lines({service: ([letter], 1)})
    yield f"    event {letter.event_id or 'without id'} from {letter.source or 'nowhere'} · {letter.attempts} attempts"
    for done in history:
        why = f": {done['why']}" if done["why"] else ""
        yield f"    {done['action']} by {done['taken_by']}, {done['taken_at']:%d %b %Y %H:%M}{why}"
    yield ""
    for name, value in letter.record.headers:
        yield f"{name}: {text_of(value)}"
    yield ""
    yield text_of(letter.record.value)
    if letter.whole_bytes:
        yield f"… the beginning of {letter.whole_bytes:,} bytes whose SHA-256 is {(letter.whole_sha256 or b'').hex()}"


@app.command(epilog="Example: hubs dlq retry scheduling 17 18 --why 'the mapping of statuses was mended'")
def retry(service: OfService, ids: Ids, by: By, why: Why, as_json: AsJson = False) -> None:
    """Have the service apply letters again, as if they came now, and say what came of each.

    Mend first what the reason names. One that fails again is dead again, and the hub hears of either.
    """
    with speaking(as_json):
        came = asyncio.run(_retry(databases(service)[service], ids, by, why))
    if as_json:
        say({"retried": [_outcome(service.value, one) for one in came]})
    else:
        for one in came:
            typer.echo(printable(_tried(service.value, one)))
    if not all(one.is_settled for one in came):
        raise typer.Exit(1)


async def _retry(url: str, ids: Sequence[int], by: str, why: str) -> list[CameOf]:
    async with connected(url) as db:
        return await letters.retry(db, ids, by=by, why=why)


def _outcome(service: str, one: CameOf) -> dict[str, Any]:
    return {"service": service, "id": one.letter.id, "outcome": one.outcome, "reasons": one.reasons}


def _tried(service: str, one: CameOf) -> str:
    why = "; ".join(f"{reason['code']}: {reason['message']}" for reason in one.reasons)
    if one.outcome == "retrying":
        return f"{service} {one.letter.id}: not tried yet; {service} does so once it runs again"
    words = "dead again" if one.outcome == "dead" else one.outcome
    return f"{service} {one.letter.id}: {words}{f' ({why})' if why else ''}"


@app.command(epilog="Example: hubs dlq discard enrolment 17 --why 'a trial of the hub'")
def discard(service: OfService, ids: Ids, by: By, why: Why, as_json: AsJson = False) -> None:
    """Close letters for good, all of those named or none; they stay listed under --state discarded."""
    with speaking(as_json):
        closed = asyncio.run(_discard(databases(service)[service], ids, by, why))
    if as_json:
        say({"discarded": [{"service": service.value, "id": letter.id} for letter in closed]})
        return
    for letter in closed:
        typer.echo(printable(f"{service} {letter.id}: discarded ({letter.code})"))


async def _discard(url: str, ids: Sequence[int], by: str, why: str) -> list[Letter]:
    async with connected(url) as db:
        return await letters.discard(db, ids, by=by, why=why)
