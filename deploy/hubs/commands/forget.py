"""`hubs forget`: erase a person, and show that they are gone."""

import asyncio
import dataclasses
from typing import Annotated, Any

import typer

from hubs import clocks
from hubs.commands.speaking import AsJson, By, Why, say, speaking
from hubs.forgetting.erasing import Erased, forget, known_words, resolve
from hubs.forgetting.evidence import Store, evidence
from hubs.home import Home
from hubs.problems import Misuse
from hubs.proof.system import System
from hubs.wiring import Reach

REST = (
    "What Postgres has not yet reused in its pages and its write-ahead log, and backups, are not searched:\n"
    "they hold what was erased until they are written over, or expire."
)


class ReasonNamesThem(Misuse):
    """The reason names the person whom it is about, and would be kept for ever."""


def forget_person(
    person: Annotated[str, typer.Argument(help="Their id, or HUB:REFERENCE as the hub reported them.")],
    by: By,
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Erase a person everywhere, then search every store for their name and address and say what was found.

    Figures stay as they are: facts name people by ids alone. This cannot be undone. Run again, it finishes what
    was interrupted.

    Examples:
        hubs forget river-vale:T-204 --why "asked us to on 3 March"

        hubs forget 3f0c2e6e-8a57-5d0e-9d52-0d4a4b3c2f11 --why "asked us to" --json
    """
    with speaking(as_json):
        erased, stores = asyncio.run(_forget(Home.at(), person, by, why))
    ok = all(store.ok for store in stores)
    if as_json:
        say(_report(erased, stores, ok=ok))
    else:
        _print(erased, stores)
    if not ok:
        raise typer.Exit(1)


async def _forget(home: Home, person: str, by: str, why: str) -> tuple[Erased, list[Store]]:
    system, layout, secret = System.of(home), Reach.of(home).layout, home.secrets["secret"]
    person_id = resolve(person, secret)
    words, _ = await known_words(system, person_id)
    if any(word.casefold() in why.casefold() for word in words):
        raise ReasonNamesThem("The reason names the person, and it is kept for ever. Give one without their name.")
    await clocks.stand_with(home)
    erased = await forget(system, person_id, by=by, why=why, secret=secret)
    return erased, await evidence(system, home, layout, erased)


def _report(erased: Erased, stores: list[Store], *, ok: bool) -> dict[str, Any]:
    shown = [dataclasses.asdict(store) for store in stores]
    return {
        "event": "forgotten",
        "person_id": str(erased.person_id),
        "ok": ok,
        "scrubbed": erased.scrubbed,
        "stores": shown,
    }


def _print(erased: Erased, stores: list[Store]) -> None:
    typer.echo(f"{erased.person_id} is forgotten by every service.")
    for store in stores:
        typer.echo(f"  {'✓' if store.ok else '✗'} {store.store}: {store.said}")
    typer.echo(REST)
