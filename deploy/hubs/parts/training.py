"""Runs a Kafka of no importance once, so that the JVM keeps its classes loaded and linked for every later start.

The JVM's own AOT cache (JEP 483 and 514): a start takes half the time and half the processor time.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hubs.home import Home
from hubs.parts import jars
from hubs.parts.kafka import EmbeddedKafka
from hubs.parts.launch import Running
from hubs.parts.standing import PartDied, await_ready

LONGEST_SECONDS = 90.0  # that writing it may take, once Kafka was told to stop


def train() -> bool:
    """Make the JVM's cache for these jars and this Java, unless it is there, and say whether it is there now.

    Several may train at once: each writes a file of its own, and the last one stays. Whatever goes wrong
    costs later starts a second or two and nothing else.
    """
    kept = jars.linked()
    if kept.exists():
        return True
    home = Home(Path(tempfile.mkdtemp(prefix="hubs-")))
    home.prepare()
    try:
        written = home.root / kept.name
        with suppress(PartDied, subprocess.TimeoutExpired):
            _run(EmbeddedKafka(home), home, written)
        if written.exists():
            own = kept.with_suffix(f".{os.getpid()}")
            own.write_bytes(written.read_bytes())
            own.replace(kept)
    finally:
        home.remove()
    return kept.exists()


def _run(kafka: EmbeddedKafka, home: Home, written: Path) -> None:
    """Start it, wait until it serves, and stop it in peace; what it wrote is whole only then."""
    launch = kafka.prepare()
    java, *words = launch.argv
    running = Running(home, kafka.name, replace(launch, argv=[java, f"-XX:AOTCacheOutput={written}", *words]))
    try:
        await_ready(kafka, running)
        running.popen.terminate()
        running.popen.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        written.unlink(missing_ok=True)
        raise
    finally:
        running.kill()


if __name__ == "__main__":
    jars.classpath()
    if not jars.linked().exists():
        print("Training Kafka to start quickly, once", file=sys.stderr, flush=True)
        train()
