"""`hubs check`: does everything add up?"""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Any

import typer

from hubs.commands.speaking import AsJson, say, speaking
from hubs.home import Home
from hubs.proof.proving import prove
from hubs.proof.system import Check, System

LISTED = ("dead letters", "refusals", "waiting")  # no failures, and worth knowing


def check(as_json: AsJson = False) -> None:
    """Prove of the running system that everything adds up, once it is quiet; it goes on meanwhile.

    Waits up to a minute until nothing moves, and ends within two. Each line is a check of its own: what one part
    says against what another knows. Ends with 1 if any of them fails.

    Examples:
        hubs check

        hubs check --json | tail -1
    """
    with speaking(as_json):
        system = System.of(Home.at())
    checks = asyncio.run(prove(system, _nothing if as_json else _line))
    if as_json:
        say(proof(checks))
    if not all(one.ok for one in checks):
        raise typer.Exit(1)


def proof(checks: Sequence[Check]) -> dict[str, Any]:
    """Return the checks as the last line of a proof spells them."""
    return {
        "event": "proof",
        "ok": all(one.ok for one in checks),
        "checks": [dataclasses.asdict(one) for one in checks],
    }


def _nothing(_: Check) -> None:
    """Say nothing until the end."""


def _line(made: Check) -> None:
    typer.echo(f"  {'✓' if made.ok else '✗'} {made.said}")
    for name, examples in made.figures.items():
        if isinstance(examples, list) and examples and (not made.ok or name in LISTED):
            typer.echo(f"      {name}: {examples[0]}{' …' if len(examples) > 1 else ''}")
