"""`hubs up` as a process of its own: who holds a home, what is left behind, what is picked up again."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator

import httpx
import psutil
import psycopg
import pytest
from confluent_kafka.admin import AdminClient

from hubs import ports
from hubs.home import SERVICES, Home, NotRunning
from hubs.hub import NewHub, add_hubs
from hubs.launched import Launched
from hubs.parts.kafka import Login
from hubs.parts.launch import leftovers
from hubs.topics import connect
from hubs.wiring import Reach

# The command without the four services, which other tests start: what is tried here is underneath them.
PARTS_ALONE = """
import asyncio
from hubs.home import Home
from hubs.up import keep_up
from hubs.voices import Json

asyncio.run(keep_up(Home.at(), Json(), Json().serving, services=()))
"""
PARTS = {"postgres", "kafka", "caddy", "mailbox"}


PUT_ASIDE = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"  # as a script's shell does with `&`


def launched(home: Home, *, put_aside: bool = False) -> Launched:
    """Return a `hubs up` of the parts alone."""
    return Launched(home, command=["-c", (PUT_ASIDE if put_aside else "") + PARTS_ALONE])


@pytest.fixture(scope="module")
def up(home: Home) -> Iterator[Launched]:
    """A running system in a home of its own."""
    own = Home(home.root / "up")
    with launched(own) as running:
        yield running
    own.remove()


def test_the_ready_line_says_where_everything_is(up: Launched) -> None:
    """Each address answers when the line is printed; other commands find the same line in the home."""
    line = up.ready

    assert line == up.home.running()
    assert line["pids"].keys() == PARTS == up.pids().keys()
    assert httpx.get(line["inbox"], headers={"Accept": "application/json"}).status_code == 200
    host, port = line["smtp"].split(":")
    with socket.create_connection((host, int(port))) as smtp:
        assert smtp.recv(4).startswith(b"220")


def test_what_opens_doors_is_for_its_owner_alone(up: Launched) -> None:
    """Passwords lie in the home; nobody else on the machine reads them there."""
    kept = [path for path in up.home.root.glob("*.json") if path != up.home.pids]

    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert stat.S_IMODE(up.home.root.stat().st_mode) == 0o700


def test_a_second_start_says_who_holds_the_home(up: Launched) -> None:
    """Two systems over the same data would destroy it; the operator learns which process to stop."""
    second = hubs(up, "up", "--json")

    assert (second.returncode, second.stdout) == (1, "")
    assert f"process {up.popen.pid}" in second.stderr


def hubs(up: Launched, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run another command on the same home."""
    command = [sys.executable, "-m", "hubs.cli", *words]
    return subprocess.run(command, env=up.env, capture_output=True, text=True, timeout=60, check=False)


def test_a_hub_that_is_added_can_report_at_once(up: Launched) -> None:
    """Its login is in credentials.json when the command ends; adding it again changes nothing."""
    words = ("hub", "add", "elm-ridge", "--name", "Elm Ridge Maths Hub", "--json")

    said = json.loads(hubs(up, *words).stdout)
    first = json.loads(up.home.credentials.read_text())
    again = hubs(up, *words)

    assert (said["writes"], said["reads"]) == ("hubs.elm-ridge.events", "hubs.elm-ridge.receipts")
    assert (again.returncode, json.loads(up.home.credentials.read_text())) == (0, first)
    assert first["kafka"]["services"].keys() == set(SERVICES)
    login = Login(up.ready["kafka"], **first["kafka"]["hubs"]["elm-ridge"])
    assert said["writes"] in AdminClient(login.conf()).list_topics(timeout=10).topics


def test_a_code_that_could_not_be_a_topic_is_misuse(up: Launched) -> None:
    """The message says what a code looks like."""
    refused = hubs(up, "hub", "add", "River Vale", "--name", "River Vale Maths Hub")

    assert (refused.returncode, "such as river-vale" in refused.stderr) == (2, True)


def test_a_part_that_is_killed_is_said_and_answers_where_it_was(up: Launched) -> None:
    """One line of JSON on stdout; addresses stay for the run."""
    os.kill(up.pids()["mailbox"], signal.SIGKILL)
    said = up.event()

    assert said == {"event": "restarted", "name": "mailbox", "pid": up.pids()["mailbox"]}
    assert httpx.get(up.ready["inbox"], headers={"Accept": "application/json"}).status_code == 200


def test_after_kill_9_of_the_supervisor_the_next_start_goes_on(up: Launched) -> None:
    """What it left behind is stopped, what was kept is there, and INT stops it whole, even in a script's background."""
    add_hubs(up.home, [NewHub("river-vale", "River Vale Maths Hub")])
    with psycopg.connect(Reach.of(up.home).postgres, autocommit=True) as admin:
        admin.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    left = [psutil.Process(pid) for pid in up.pids().values()]

    up.kill()
    with pytest.raises(NotRunning):
        up.home.running()
    with launched(up.home, put_aside=True) as again:
        assert not any(process.is_running() for process in left)
        with psycopg.connect(Reach.of(up.home).postgres) as admin:
            assert admin.execute("SELECT answer FROM kept").fetchone() == (42,)
        topics = connect(Reach.of(up.home).kafka).list_topics(timeout=5).topics.keys()
        assert {"hubs.river-vale.events", "hubs.river-vale.receipts"} <= topics
        assert again.stop(signal.SIGINT) == 0

    assert leftovers(up.home) == []
    assert not up.home.pids.exists()


def test_a_port_that_is_taken_is_replaced_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A sandbox is a second `hubs up` beside the first; its operator reads where it listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        chosen = ports.choose({"caddy": taken})

    assert taken not in chosen.values()
    assert capsys.readouterr().err == f"Port {taken} is taken; caddy listens on {chosen['caddy']} instead.\n"


def test_two_that_start_at_once_do_not_choose_the_same_ports(capsys: pytest.CaptureFixture[str]) -> None:
    """A broker binds its port seconds after it was chosen; whoever starts meanwhile must not take it."""
    script = "from hubs import ports; print(ports.choose({'kafka': %d})['kafka'], flush=True); input()"
    port = ports.free_port()
    ports.release([port])
    command = [sys.executable, "-c", script % port]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert int(first.stdout.readline()) == port

        assert ports.choose({"kafka": port})["kafka"] != port
        first.kill()

    assert ports.choose({"kafka": port})["kafka"] == port
    assert "kafka listens on" in capsys.readouterr().err


def test_a_home_in_which_nothing_runs_says_how_to_start(own_home: Home) -> None:
    """Every other command needs a running system."""
    with pytest.raises(NotRunning, match="hubs up"):
        own_home.running()
