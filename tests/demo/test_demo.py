"""`hubs demo`, played once for real at its smallest: what it says, what it leaves, and what its proof is worth."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer

from hubs.commands.demo import KEPT, finish
from hubs.demo.ending import ending
from hubs.demo.running import Running
from hubs.demo.script import year
from hubs.demo.stage import SETTINGS
from hubs.demo.stops import QUESTIONING
from hubs.demo.telling import Json
from hubs.home import Home
from hubs.launched import Launched
from hubs.parts.launch import leftovers

DEMO = [sys.executable, "-m", "hubs.cli", "demo", "--json"]
SEED, HUBS = 3, 2
# Some two minutes on a quiet machine, and more on one that runs other tests beside it.
pytestmark = pytest.mark.timeout(500)


@dataclass(frozen=True)
class Played:
    """One run that has ended."""

    returncode: int
    said: list[dict[str, Any]]
    home: Home


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play it, and keep what it leaves until this module's tests are done."""
    folder = tmp_path_factory.mktemp("demo")
    asked = ["--keep", "--seed", f"{SEED}", "--hubs", f"{HUBS}"]
    done = subprocess.run([*DEMO, *asked], cwd=folder, capture_output=True, text=True, check=False)
    home = Home.at(folder / KEPT)
    yield Played(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], home)
    home.remove()


def test_the_year_ends_in_a_proof_that_holds(played: Played) -> None:
    """The last line is the proof, and the status says the same."""
    proof = played.said[-1]

    assert [(check["said"], check["figures"]) for check in proof["checks"] if not check["ok"]] == []
    assert (proof["event"], proof["ok"], played.returncode) == ("proof", True, 0)
    assert {"accepted = answered", "mail = schedule", "forgotten", "receipts = script", "figures = papers"} <= {
        check["name"] for check in proof["checks"]
    }


def test_every_stop_of_the_script_was_played(played: Played) -> None:
    """In order, each with as many reports as it has."""
    told = [(one["said"], one["reports"]) for one in played.said if one["event"] == "stop"]

    assert told == [(stop.title, stop.reports) for stop in year(SEED, HUBS).stops]


def test_nothing_is_left_running(played: Played) -> None:
    """Every process that was started has been stopped."""
    assert leftovers(played.home) == []
    assert not played.home.is_held()


def test_a_proof_that_fails_ends_with_1(played: Played) -> None:
    """What was kept comes up again where it stood; somebody deletes a register's mark from reporting by hand."""
    with Launched(played.home, SETTINGS | {"HUBS_CLOCK": QUESTIONING.isoformat()}) as up:
        running = Running(played.home, up.ready)
        with psycopg.connect(up.ready["postgres"]["reporting"]) as db:
            gone = db.execute(
                "DELETE FROM projections_1.attendance WHERE ctid = (SELECT min(ctid) FROM projections_1.attendance)"
            )
            assert gone.rowcount == 1
        checks = asyncio.run(ending(year(SEED, HUBS), running))

    assert "reporting = rebuild" in {check.name for check in checks if not check.ok}
    with pytest.raises(typer.Exit) as left:
        finish(Json(lambda _: None), checks, [])
    assert left.value.exit_code == 1


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    """Whoever has seen enough need not look for processes afterwards, or for a folder to remove."""
    with subprocess.Popen(DEMO, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        said = map(json.loads, iter(running.stdout.readline, ""))
        ready = next(line for line in said if line["event"] == "ready")
        os.kill(running.pid, signal.SIGINT)
        _, complaints = running.communicate(timeout=60)
    home = Home(Path(ready["credentials"]).parent)

    assert (running.returncode, complaints.strip()) == (130, "Stopped. Nothing is left running.")
    assert leftovers(home) == []
    assert not home.root.exists()
