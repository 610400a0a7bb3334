"""The whole system: which parts there are, and what is done once each is ready."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hubs import topics
from hubs.credentials import Credentials
from hubs.home import SERVICES, Home
from hubs.parts.caddy import Caddy
from hubs.parts.elsewhere import KafkaElsewhere, PostgresElsewhere
from hubs.parts.kafka import EmbeddedKafka
from hubs.parts.launch import Part
from hubs.parts.mailbox import Mailbox
from hubs.parts.postgres import EmbeddedPostgres, make_databases
from hubs.parts.services import ServicePart
from hubs.supervisor import Supervisor, Voice
from hubs.wiring import Wiring
from mathshubs.postgres import migrate


class System:
    """One home's parts under one supervisor."""

    def __init__(
        self, home: Home, voice: Voice, services: Sequence[str] = SERVICES, parts: Sequence[Part] = ()
    ) -> None:
        """Take fewer `services`, or further `parts`, in tests."""
        self.home = home
        self.wiring = Wiring.of(home)
        self.serving = [self.service(name, self.wiring.ports[name]) for name in services]
        ours = [self._postgres(), self._kafka(), *self._mailbox(), self._caddy(), *self.serving, *parts]
        once_ready: dict[str, Callable[[], None]] = {"postgres": self._databases, "kafka": self._topics}
        self.supervisor = Supervisor(home, ours, voice, once_ready)

    def service(self, name: str, port: int, instance: int = 1) -> ServicePart:
        """Return a process of the service `name`, wired to this system."""
        after = ("postgres", "kafka")
        return ServicePart(name, port, self.wiring.environment(name), instance=instance, after=after)

    def ready_line(self) -> dict[str, Any]:
        """Return the line that says where everything is; `wire.md` promises its fields."""
        return {
            "event": "ready",
            "url": self.wiring.url,
            "http": {part.name: part.url for part in self.serving},
            "kafka": self.wiring.kafka.bootstrap,
            "postgres": {service: self.wiring.postgres_url(service) for service in SERVICES},
            "smtp": self.wiring.smtp,
            "inbox": f"{self.wiring.url}/inbox",
            "credentials": str(self.home.credentials),
            "pids": self.supervisor.pids,
        }

    def _kafka(self) -> Part:
        wiring = self.wiring
        if "kafka" not in wiring.ports:
            return KafkaElsewhere(wiring.kafka)
        ports = wiring.ports
        return EmbeddedKafka(self.home, ports["kafka"], ports["controller"], wiring.layout.erasure_window)

    def _postgres(self) -> Part:
        if "postgres" not in self.wiring.ports:
            servers = [self.wiring.postgres] if self._to_make() else []
            return PostgresElsewhere([*servers, *self.wiring.databases.values()])
        return EmbeddedPostgres(self.home, self.wiring.ports["postgres"])

    def _mailbox(self) -> list[Part]:
        ports = self.wiring.ports
        return [Mailbox(self.home, ports["mailbox"], ports["smtp"], self.wiring.bounces)] if "smtp" in ports else []

    def _caddy(self) -> Part:
        names = [*SERVICES, "mailbox"]
        upstreams = {name: f"127.0.0.1:{self.wiring.ports[name]}" for name in names}
        return Caddy(self.home, self.wiring.ports["caddy"], upstreams)

    def _to_make(self) -> list[str]:
        """Return the services whose databases do not stand ready elsewhere."""
        return [service for service in SERVICES if service not in self.wiring.databases]

    def _databases(self) -> None:
        """Make the databases and bring each service's up to this version, by its owner role."""
        services = self._to_make()
        make_databases(self.wiring.postgres, self.home.secrets, services)
        with ThreadPoolExecutor(len(SERVICES)) as threads:
            owners = [self.wiring.postgres_url(service, "owner") for service in services]
            list(threads.map(migrate, owners, services))

    def _topics(self) -> None:
        """Make topics and principals, those of the hubs too: this Kafka may be a new one."""
        wiring = self.wiring
        services = {service: self.home.secrets[f"kafka_{service}"] for service in SERVICES}
        admin = topics.connect(wiring.kafka)
        topics.ensure_system(admin, services, wiring.layout)
        with Credentials.changed(self.home) as credentials:
            credentials.keep_services(services)
            topics.ensure_hubs(admin, credentials.hub_passwords(), wiring.layout)
