"""The supervisor: what dies is started again and said, what cannot live is given up with its reason."""

import asyncio
import json
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from hubs.home import Home
from hubs.parts.launch import LOG_LIMIT, Launch, Part
from hubs.ports import free_port
from hubs.supervisor import DEATHS, GaveUp, Supervisor
from mathshubs.testing import until

LISTEN = "import signal, socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LISTEN
CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']); " + LISTEN
BROKEN = "import sys; sys.exit('no such table: groups')"

BUILT_ON = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[2]))); " + LISTEN

TALK = """
import signal, socket, sys
listening = socket.create_server(('127.0.0.1', int(sys.argv[1])))
for said in ('word ' * 2_100_000, 'again'):
    listening.accept()
    print(said, flush=True)
signal.pause()
"""


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Listener:
    """A small real part: a process that is ready when its port is open."""

    name: str
    program: str = LISTEN
    after: Sequence[str] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 5
    ground: int = 0  # the port that it needs when it starts, for one that is built on another
    faults: int = 0  # times that preparing it fails
    may_start: threading.Event = field(default_factory=_set)

    def __post_init__(self) -> None:
        self.port = free_port()

    def prepare(self) -> Launch:
        """Return the command."""
        self.may_start.wait(60)
        self.faults -= 1
        if self.faults >= 0:
            raise RuntimeError("the disk is full")
        return Launch([sys.executable, "-c", self.program, str(self.port), str(self.ground)])

    def is_ready(self) -> bool:
        """Return whether the port is open."""
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0


class Heard:
    """Keeps what the supervisor says."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.restarts: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    def ready(self, part: Part) -> None:
        """Keep the name."""
        self.order.append(part.name)

    def waiting(self, part: Part, seconds: float, log: Path) -> None:
        """Keep what was waited for."""
        self.order.append(f"{part.name} after {seconds}, see {log}")

    def restarted(self, name: str, pid: int) -> None:
        """Pass on what serves again."""
        self.restarts.put_nowait((name, pid))


@asynccontextmanager
async def supervised(
    home: Home, *parts: Part, once_ready: Mapping[str, Callable[[], None]] | None = None
) -> AsyncIterator[tuple[Supervisor, Heard]]:
    """Start the parts, and stop them at the end."""
    heard = Heard()
    supervisor = Supervisor(home, parts, heard, once_ready)
    try:
        await supervisor.start()
        yield supervisor, heard
    finally:
        await supervisor.stop()


async def test_parts_start_after_those_that_they_build_on(own_home: Home) -> None:
    """A service that met no database would only die and be started again."""
    async with supervised(own_home, Listener("enrolment", after=["kafka"]), Listener("kafka")) as (_, heard):
        assert heard.order == ["kafka", "enrolment"]


async def test_a_part_that_is_killed_is_started_again_and_said(own_home: Home) -> None:
    """On the same address; the file of process ids already tells the new one when it is said."""
    kafka = Listener("kafka")
    async with supervised(own_home, kafka, Listener("enrolment")) as (supervisor, heard):
        before = dict(supervisor.pids)

        psutil.Process(before["kafka"]).kill()
        name, pid = await asyncio.wait_for(heard.restarts.get(), 10)

        assert (name, kafka.is_ready()) == ("kafka", True)
        assert json.loads(own_home.pids.read_text()) == {**before, "kafka": pid} != before


async def test_a_part_that_dies_five_times_unready_is_given_up(own_home: Home) -> None:
    """The reason is in its log, whose last lines the operator reads at once; the others are stopped."""
    healthy = Listener("kafka")

    with pytest.raises(GaveUp, match="no such table: groups") as gave_up:
        async with supervised(own_home, healthy, Listener("enrolment", BROKEN)):
            pass

    assert str(gave_up.value).count("no such table: groups") == DEATHS
    assert not healthy.is_ready()


async def test_a_part_that_cannot_be_prepared_has_died(own_home: Home) -> None:
    """What passes is tried again; what stays is given up with its reason, as any death is."""
    async with supervised(own_home, Listener("kafka", faults=2)) as (_, heard):
        assert heard.order == ["kafka"]

    with pytest.raises(GaveUp, match="RuntimeError: the disk is full"):
        async with supervised(own_home, Listener("kafka", faults=99)):
            pass


async def test_what_goes_wrong_once_a_part_is_ready_is_a_death_of_it(own_home: Home) -> None:
    """Postgres killed while its databases are made: it is started anew, they are made then, and nobody built on it."""
    faults = iter([psycopg.OperationalError("the server closed the connection"), None])

    def make_databases() -> None:
        if fault := next(faults):
            raise fault

    postgres, enrolment = Listener("postgres"), Listener("enrolment", after=["postgres"])
    async with supervised(own_home, enrolment, postgres, once_ready={"postgres": make_databases}) as (_, heard):
        assert heard.order == ["postgres", "enrolment"]
        assert next(faults, "made") == "made"
        assert "OperationalError: the server closed" in (own_home.logs / "postgres.log").read_text()


async def test_a_service_does_not_use_up_its_deaths_while_postgres_is_away(own_home: Home) -> None:
    """However long Postgres needs to come back, the service that builds on it is there afterwards."""
    postgres = Listener("postgres")
    enrolment = Listener("enrolment", BUILT_ON, after=["postgres"], ground=postgres.port)
    log = own_home.logs / "enrolment.log"
    async with supervised(own_home, postgres, enrolment) as (supervisor, heard):
        postgres.may_start.clear()
        for part in (postgres, enrolment):
            psutil.Process(supervisor.pids[part.name]).kill()
        await until(lambda: _are(log.read_text().count("ConnectionRefused") > DEATHS), seconds=30)
        postgres.may_start.set()

        restarted = [await asyncio.wait_for(heard.restarts.get(), 20) for _ in range(2)]

    assert {name for name, _ in restarted} == {"postgres", "enrolment"}


async def _are(so: bool) -> bool:
    return so


async def test_the_log_of_a_part_stays_bounded_while_it_runs(own_home: Home) -> None:
    """A system that runs for a year must not fill the disk with what it had to say; the latest is kept."""
    talker = Listener("kafka", TALK)
    async with supervised(own_home, talker):
        log, aside = own_home.logs / "kafka.log", own_home.logs / "kafka.log.1"
        await until(lambda: _are(aside.exists() and log.stat().st_size < LOG_LIMIT))

        assert talker.is_ready()  # whom it answers, it has one thing more to say
        await until(lambda: _are(log.read_text().endswith("again\n")))
        assert log.stat().st_size < LOG_LIMIT  # not empty where it was set aside while the part was still writing


async def test_stopping_leaves_no_process(own_home: Home) -> None:
    """Neither one that ignores the request, nor what a part has started itself."""
    stubborn = Listener("kafka", STUBBORN, stop_seconds=0.2)
    async with supervised(own_home, stubborn, Listener("postgres", CHILD)) as (supervisor, _):
        processes = [psutil.Process(pid) for pid in supervisor.pids.values()]
        processes += [child for process in processes for child in process.children(recursive=True)]
        assert len(processes) == 3

    _, alive = psutil.wait_procs(processes, timeout=5)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert not own_home.pids.exists()
