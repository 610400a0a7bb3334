"""`hubs forget`: erase a person, and show that they are gone."""

import asyncio
import dataclasses
from typing import Annotated, Any

import typer

from hubs import clocks
from hubs.commands.speaking import AsJson, By, Why, say, speaking
from hubs.forgetting.erasing import Erased, forget
from hubs.forgetting.evidence import Store, evidence
from hubs.forgetting.knowing import look_up, resolve
from hubs.forgetting.remembering import Remembered
from hubs.home import Home
from hubs.problems import Misuse, Problem
from hubs.proof.proving import AWAY
from hubs.proof.system import System
from hubs.wiring import Reach

REST = (
    "What Postgres has not yet reused in its pages and its write-ahead log, and backups, are not searched:\n"
    "they hold what was erased until they are written over, or expire."
)
IN_PUBLIC = (
    "What a hub wrote in public stands in facts, which nothing can change. Ask it to name nobody in what it calls\n"
    "its Work Groups, and in where they meet; a meeting's place it can send anew for those that are ahead."
)


class ReasonNamesThem(Misuse):
    """The reason names the person whom it is about, and would be kept for ever."""


class PartAway(Problem):
    """A part of the system did not answer; run it again, and it goes on where it stopped."""


def forget_person(
    person: Annotated[str, typer.Argument(help="Their id, or HUB:REFERENCE as the hub reported them.")],
    by: By,
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Erase a person everywhere, then search every store for their name, address and number and say what was found.

    Also whose reports were never accepted, because they died or wait. Figures stay as they are: facts name people
    by ids alone. What a hub wrote in public is kept and listed. This cannot be undone. Run again, it finishes what
    was interrupted, and searches for the same words.

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
    try:
        return await _erase(System.of(home), home, person, by, why)
    except Problem:
        raise
    except AWAY as wrong:
        what = f"A part of the system does not answer ({type(wrong).__name__})"
        raise PartAway(f"{what}; what was begun is finished when this is run again.") from wrong


async def _erase(system: System, home: Home, person: str, by: str, why: str) -> tuple[Erased, list[Store]]:
    person_id = resolve(person, system.references)
    remembered = Remembered.of(home, person_id)
    known = await look_up(system, person_id, remembered.words)
    if known.in_words(why):
        raise ReasonNamesThem(
            "The reason names the person, if only in part, and it is kept for ever. Give one without their name."
        )
    await clocks.stand_with(home)
    remembered.keep(known.words)
    erased = await forget(system, known, by=by, why=why)
    stores = await evidence(system, home, Reach.of(home).layout, erased)
    if all(store.ok for store in stores):
        remembered.drop()
    return erased, stores


def _report(erased: Erased, stores: list[Store], *, ok: bool) -> dict[str, Any]:
    shown = [dataclasses.asdict(store) for store in stores]
    return {
        "event": "forgotten",
        "person_id": str(erased.person_id),
        "ok": ok,
        "scrubbed": erased.scrubbed,
        "stores": shown,
        **({"advice": IN_PUBLIC.replace("\n", " ")} if any(store.public for store in stores) else {}),
    }


def _print(erased: Erased, stores: list[Store]) -> None:
    typer.echo(f"{erased.person_id} is forgotten by every service.")
    for store in stores:
        typer.echo(f"  {'✓' if store.ok else '✗'} {store.store}: {store.said}")
    if any(store.public for store in stores):
        typer.echo(IN_PUBLIC)
    typer.echo(REST)
