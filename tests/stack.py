"""The services as real processes on a real Kafka and Postgres, for one test: start, kill, ask, report, read.

    async def test_it(stack: Stack) -> None:
        await stack.start("enrolment", "scheduling")
        river_vale = await stack.hub("river-vale")
        await river_vale.post(event)

`stack` shares Kafka and Postgres with other tests, under a prefix of its own; `own_stack` has both to itself,
as `own_stack.kafka` and `own_stack.postgres`, for tests that stop or kill them. Logs are shown when a test fails.
"""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from confluent_kafka import Message

from enrolment.hubs.domain import Hub
from enrolment.hubs.store import register_hub
from hub_system import HubSystem, read_all
from hubs.devstack import QUICK
from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.parts.launch import Part, Running
from hubs.parts.mailbox import Mailbox
from hubs.parts.postgres import EmbeddedPostgres
from hubs.parts.services import ServicePart
from hubs.parts.standing import await_ready
from hubs.ports import free_port
from hubs.proof.system import System
from mathshubs.ids import References
from mathshubs.keys import Keys
from mathshubs.postgres import Pool, migrate, open_pool
from own_bus import OwnBus

Database = Callable[[str], Awaitable[str]]
KILLED = QUICK | {"synchronous_commit": "on"}
"""These parts are killed: what Postgres had said was committed must be there when it is back."""
_FAILED = pytest.StashKey[bool]()


@dataclass
class Stack:
    """One test's system. Addresses stay for the test, whatever is killed and started behind them."""

    home: Home
    bus: OwnBus
    database: Database
    kafka: EmbeddedKafka | None = None
    postgres: EmbeddedPostgres | None = None
    settings: dict[str, str] = field(default_factory=dict)
    """Further HUBS_… variables of every service, such as HUBS_FAULT or HUBS_CLOCK; read at each start."""
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _parts: dict[str, Part] = field(default_factory=dict)
    _running: dict[str, Running] = field(default_factory=dict)
    _databases: dict[str, str] = field(default_factory=dict)
    _pools: dict[str, Pool] = field(default_factory=dict)
    _hubs: dict[str, HubSystem] = field(default_factory=dict)

    async def open(self) -> None:
        """Make the topics, and a principal for each service."""
        await asyncio.to_thread(self.bus.make)

    async def close(self) -> None:
        """Stop every process and leave nothing on a shared Kafka."""
        for hub in self._hubs.values():
            await hub.close()
        await asyncio.gather(*(asyncio.to_thread(running.kill) for running in self._running.values()))
        for pool in self._pools.values():
            pool.terminate()
        if self.kafka is None:
            await asyncio.to_thread(self.bus.sweep)

    async def start(self, *services: str, instance: int = 1) -> None:
        """Start these services' processes and return when each says that it is ready."""
        await asyncio.gather(*(self._start(service, instance) for service in services))

    async def launch(self, service: str, instance: int = 1) -> None:
        """Start a process, notification beside a mailbox, and do not wait: what it needs may be away."""
        if service == "notification":
            await self._start_mailbox()
        part = await self._part(service, instance)
        self._running[part.name] = Running(self.home, part.name, part.prepare())

    async def kill(self, service: str, instance: int = 1) -> None:
        """End a process as a power cut would."""
        await asyncio.to_thread(self._running.pop(_name(service, instance)).kill)

    async def stop(self, service: str, instance: int = 1) -> None:
        """Ask a process to stop and wait until it has."""
        await asyncio.to_thread(self._running.pop(_name(service, instance)).stop)

    async def restart(self, service: str, instance: int = 1) -> None:
        """Kill a process and start it again."""
        await self.kill(service, instance)
        await self.start(service, instance=instance)

    async def ready(self, service: str, instance: int = 1) -> None:
        """Wait until a process says that it is ready."""
        name = _name(service, instance)
        await asyncio.to_thread(await_ready, self._parts[name], self._running[name])

    def pid(self, service: str, instance: int = 1) -> int:
        """Return a process's id."""
        return self._running[_name(service, instance)].pid

    def signal(self, service: str, sign: signal.Signals, instance: int = 1) -> None:
        """Send a signal to a process, such as SIGSTOP and SIGCONT."""
        os.kill(self.pid(service, instance), sign)

    def has_died(self, service: str, instance: int = 1) -> bool:
        """Say whether a process has ended, such as at a fault point."""
        return self._running[_name(service, instance)].died()

    def url(self, service: str, instance: int = 1) -> str:
        """Return the address of a service's HTTP door."""
        part = self._parts[_name(service, instance)]
        assert isinstance(part, ServicePart)
        return part.url

    @property
    def system(self) -> System:
        """Return where its parts are, as the proof of a running system reads it."""
        mailbox = self._parts.get("mailbox")
        inbox = f"http://127.0.0.1:{mailbox.port}/inbox" if isinstance(mailbox, Mailbox) else None
        services = ((name, self._parts[name]) for name in self._running)  # who was stopped for good tells no clock
        http = {name: part.url for name, part in services if isinstance(part, ServicePart)}
        return System(self._databases, self.bus.login, self.bus.prefix, http, inbox, References(self.secret))

    def log(self, service: str, instance: int = 1) -> str:
        """Return what a process has logged."""
        return (self.home.logs / f"{_name(service, instance)}.log").read_text()

    async def pool(self, service: str) -> Pool:
        """Return a pool on a service's database, with its app role."""
        if service not in self._pools:
            self._pools[service] = await open_pool(await self._database(service))
        return self._pools[service]

    async def hub(self, code: str, name: str = "", region: str = "South East") -> HubSystem:
        """Let a hub in, if it is not yet, and return its system: an API key, a Kafka login, its topics."""
        if code not in self._hubs:
            await asyncio.to_thread(self.bus.admit, code)
            hub = Hub(code, name or f"{code.title()} Maths Hub", region)
            key = await register_hub(await self.pool("enrolment"), Keys(self.secret), hub, by="tests", fresh_key=True)
            self._hubs[code] = HubSystem(self, code, key or "")
        return self._hubs[code]

    async def records(self, topic: str, who: str = "admin") -> list[Message]:
        """Return every committed record that stands on a topic now, in order of partition and offset."""
        return await asyncio.to_thread(read_all, self.bus.login_of(who), self.bus.prefix, topic)

    async def mail(self) -> list[dict[str, Any]]:
        """Return every message that the mailbox has received, oldest first."""
        mailbox = self._parts["mailbox"]
        assert isinstance(mailbox, Mailbox)
        async with httpx.AsyncClient() as client:
            answer = await client.get(
                f"http://127.0.0.1:{mailbox.port}/inbox/messages", headers={"accept": "application/json"}
            )
        found: list[dict[str, Any]] = answer.json()
        return found

    async def _start(self, service: str, instance: int) -> None:
        await self.launch(service, instance)
        await self.ready(service, instance)

    async def _part(self, service: str, instance: int) -> ServicePart:
        name = _name(service, instance)
        before = self._parts.get(name)
        port = before.port if isinstance(before, ServicePart) else free_port()
        part = ServicePart(service, port, await self._environment(service), instance=instance)
        self._parts[name] = part
        return part

    async def _environment(self, service: str) -> dict[str, str]:
        mailbox = self._parts.get("mailbox")
        smtp = f"127.0.0.1:{mailbox.smtp_port}" if isinstance(mailbox, Mailbox) else "127.0.0.1:9"
        kafka = self.bus.settings_of(service)
        return {
            "HUBS_HOME": str(self.home.root),
            "HUBS_KAFKA": kafka.kafka,
            "HUBS_KAFKA_USERNAME": kafka.kafka_username,
            "HUBS_KAFKA_PASSWORD": kafka.kafka_password.get_secret_value(),
            "HUBS_POSTGRES": await self._database(service),
            "HUBS_SECRET": self.secret,
            "HUBS_SMTP": smtp,
            "HUBS_TOPIC_PREFIX": self.bus.prefix,
            **self.settings,
        }

    async def _start_mailbox(self) -> None:
        if "mailbox" not in self._parts:
            mailbox = Mailbox(self.home, free_port(), free_port())
            running = Running(self.home, mailbox.name, mailbox.prepare())
            self._parts["mailbox"], self._running["mailbox"] = mailbox, running
            await asyncio.to_thread(await_ready, mailbox, running)

    async def _database(self, service: str) -> str:
        if service not in self._databases:
            self._databases[service] = await self.database(service)
        return self._databases[service]


def _name(service: str, instance: int) -> str:
    return service if instance == 1 else f"{service}-{instance}"


@pytest_asyncio.fixture
async def stack(
    kafka: Login, database: Database, own_home: Home, request: pytest.FixtureRequest
) -> AsyncIterator[Stack]:
    """A system of this test's own on the shared Kafka and Postgres."""
    one = Stack(own_home, OwnBus(kafka), database)
    async for ready in _opened(one, request):
        yield ready


@pytest_asyncio.fixture
async def own_stack(own_home: Home, request: pytest.FixtureRequest) -> AsyncIterator[Stack]:
    """A system with a Kafka and a Postgres of its own, which the test may stop, kill and start again."""
    with _own_parts(own_home) as (kafka, postgres):

        async def database(service: str) -> str:
            await asyncio.to_thread(migrate, postgres.service_url(service, "owner"), service)
            return postgres.service_url(service)

        await asyncio.to_thread(postgres.make_databases)
        one = Stack(own_home, OwnBus(kafka.admin), database, kafka, postgres)
        async for ready in _opened(one, request):
            yield ready


@contextmanager
def _own_parts(home: Home) -> Iterator[tuple[EmbeddedKafka, EmbeddedPostgres]]:
    kafka, postgres = EmbeddedKafka(home), EmbeddedPostgres(home, settings=KILLED)
    try:
        postgres.start()
        kafka.start()
        yield kafka, postgres
    finally:
        kafka.stop()
        postgres.stop()


async def _opened(stack: Stack, request: pytest.FixtureRequest) -> AsyncIterator[Stack]:
    try:
        await stack.open()
        yield stack
    finally:
        await stack.close()
        if request.node.stash.get(_FAILED, False):
            for log in sorted(stack.home.logs.glob("*.log")):
                lines = log.read_text(errors="replace").splitlines()[-80:]
                sys.stdout.write(f"\n--- {log.name}\n" + "\n".join(lines))  # pytest shows it with the failure


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, so that its logs are shown."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report
