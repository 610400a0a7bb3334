"""`hubs up`: everything, on this machine, until told to stop."""

import asyncio
import os
from typing import Annotated, Any

import typer

from hubs.home import Home
from hubs.hub import add_hubs, invented
from hubs.parts import jars
from hubs.up import keep_up
from hubs.voices import Json, Plain


def up(
    as_json: Annotated[bool, typer.Option("--json", help="Print the ready line and restarts as JSON, alone.")] = False,
    seed_hubs: Annotated[int, typer.Option(min=0, max=40, help="Add this many invented hubs.", metavar="N")] = 0,
) -> None:
    """Start everything the system needs, and keep it running until Ctrl-C.

    Nothing need be installed: Kafka is fetched once (44 MB), the rest is here. Data, logs and
    credentials are kept in HUBS_HOME (.hubs). What already runs elsewhere is used if HUBS_KAFKA,
    HUBS_POSTGRES or HUBS_SMTP names it.

    Examples:
        hubs up

        HUBS_HOME=/tmp/trial hubs up --seed-hubs 3

        hubs up --json | head -1
    """
    home = Home.at()
    voice = Json() if as_json else Plain()
    if not os.environ.get("HUBS_KAFKA"):
        jars.classpath()

    def on_ready(line: dict[str, Any]) -> None:
        add_hubs(home, invented(seed_hubs))
        voice.serving(line)

    asyncio.run(keep_up(home, voice, on_ready))
