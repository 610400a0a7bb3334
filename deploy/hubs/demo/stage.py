"""Starts the system that the year is played on, plays it, and says what went wrong if anything did."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Final

import asyncpg
import httpx
import psycopg
from confluent_kafka import KafkaException

from hubs.demo.clients import NotTaken
from hubs.demo.ending import ending
from hubs.demo.playing import play
from hubs.demo.running import NotSo, Running
from hubs.demo.script import Script
from hubs.demo.stops import STARTS
from hubs.demo.telling import Telling
from hubs.home import Home
from hubs.launched import Launched, WentWrong
from hubs.parts import jars
from hubs.problems import Problem
from hubs.proof.system import Check

SETTINGS: Final = {"HUBS_CLOCK": STARTS.isoformat(), "HUBS_DEMO": "true", "HUBS_LIVE_MAIL": "false"}
AWAY: Final = (NotTaken, Problem, OSError, httpx.HTTPError, asyncpg.PostgresError, psycopg.Error, KafkaException)


def demonstrate(script: Script, home: Home, telling: Telling, pause: float = 0.0) -> list[Check]:
    """Play a year on a system of its own in `home`, and return the checks of what it came to.

    What goes wrong on the way is told, and is a check that failed. Nothing is left running.
    """
    try:
        with started(home, telling) as running:
            with closing(play(script, running, telling, pause)) as year:  # Ctrl-C may come before it has begun
                asyncio.run(year)
            telling.proving()
            return asyncio.run(ending(script, running, telling.check))
    except NotSo as wrong:
        return _failed(telling, str(wrong), wrong.mend, wrong.log)
    except jars.JarsUnavailable as wrong:
        cause, _, mend = str(wrong).partition("\n")
        return _failed(telling, cause, mend, "none: nothing was started")
    except WentWrong as wrong:
        said = str(wrong).strip().splitlines()[-1]
        return _failed(telling, f"The system stopped: {said}", "see what else it wrote", str(home.logs / "up.log"))
    except AWAY as wrong:
        cause = f"A part does not answer: {type(wrong).__name__} {wrong}".strip()
        return _failed(telling, cause, "see in its log why it stopped", str(home.logs))


def _failed(telling: Telling, cause: str, mend: str, log: str) -> list[Check]:
    telling.wrong(cause, mend, log)
    return [Check("year", ok=False, said=cause, figures={"mend": mend, "log": log})]


@contextmanager
def started(home: Home, telling: Telling) -> Iterator[Running]:
    """Start `hubs up` as a process of its own, and stop it at the end of the block, however that ends.

    Raises:
        JarsUnavailable: if Kafka is not here yet and cannot be fetched.
        WentWrong: if it does not start; the message holds what it wrote.
    """
    jars.classpath()
    with ExitStack() as stack:
        with telling.doing("Starting Kafka, Postgres, Caddy, a mailbox and four services"):
            up = stack.enter_context(Launched(home, SETTINGS))
        taken = re.findall(r"^Port (\d+) is taken", (home.logs / "up.log").read_text(), re.MULTILINE)
        telling.step(
            "Started: Kafka, Postgres, Caddy, a mailbox and four services",
            [f"free ports in place of those that are taken: {', '.join(taken)}"] if taken else [],
            parts=list(up.ready["pids"]),
            taken_ports=taken,
        )
        telling.serving(up.ready)
        yield Running(home, up.ready)
