"""How one system's parts reach each other: ports, logins, URLs, and each service's environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Self

from hubs import ports
from hubs.home import SERVICES, Home, keep
from hubs.parts.kafka import ADMIN, Login
from hubs.parts.postgres import service_url
from hubs.told import databases as ready_databases
from hubs.topics import Layout
from mathshubs.settings import Settings


@dataclass(frozen=True)
class Wiring:
    """Where everything is. `kafka` and `postgres` are the admin's; a service gets its own."""

    home: Home
    ports: Mapping[str, int]
    kafka: Login
    postgres: str  # a superuser's URL, on the server that holds the databases not named in `databases`
    databases: Mapping[str, str]  # those that stand ready elsewhere, by service
    smtp: str  # host:port
    public_url: str
    layout: Layout

    @classmethod
    def of(cls, home: Home) -> Self:
        """Choose free ports; take what runs elsewhere from HUBS_KAFKA, HUBS_[<SERVICE>_]POSTGRES and HUBS_SMTP."""
        told, databases = os.environ, ready_databases(SERVICES)
        elsewhere = [part for part in ("kafka", "postgres", "smtp") if told.get(f"HUBS_{part.upper()}")]
        if databases.keys() == set(SERVICES):
            elsewhere.append("postgres")
        chosen = ports.choose({name: port for name, port in ports.USUAL.items() if name not in elsewhere})
        if own := told.get("HUBS_SECRET"):
            home.adopt(own)
        secrets = home.secrets
        admin = secrets["postgres_admin"]
        return cls(
            home,
            chosen,
            kafka=kafka_told() or Login(f"127.0.0.1:{chosen['kafka']}", ADMIN, secrets["kafka_admin"]),
            postgres=told.get("HUBS_POSTGRES")
            or f"postgresql://postgres:{admin}@127.0.0.1:{chosen.get('postgres')}/postgres",
            databases=databases,
            smtp=told.get("HUBS_SMTP") or f"127.0.0.1:{chosen['smtp']}",
            public_url=told.get("HUBS_PUBLIC_URL") or f"http://127.0.0.1:{chosen['caddy']}",
            layout=layout_told(),
        )

    @property
    def url(self) -> str:
        """Return the origin's address on this machine."""
        return f"http://127.0.0.1:{self.ports['caddy']}"

    @property
    def bounces(self) -> str:
        """Return where notification receives bounces, which the local mailbox sends to some addresses' mail."""
        return os.environ.get("HUBS_BOUNCES") or f"127.0.0.1:{self.ports['bounces']}"

    def postgres_url(self, service: str, role: str = "app") -> str:
        """Return the URL of a service's database for its `app` or `owner` role."""
        ready = self.databases.get(service) if role == "app" else None
        return ready or service_url(self.postgres, self.home.secrets, service, role)

    def environment(self, service: str) -> dict[str, str]:
        """Return what a service must be told beside who it is."""
        return {
            "HUBS_HOME": str(self.home.root),
            "HUBS_KAFKA": self.kafka.bootstrap,
            "HUBS_KAFKA_USERNAME": service,
            "HUBS_KAFKA_PASSWORD": self.home.secrets[f"kafka_{service}"],
            "HUBS_POSTGRES": self.postgres_url(service),
            "HUBS_SECRET": self.home.secrets["secret"],
            "HUBS_SMTP": self.smtp,
            "HUBS_BOUNCES": self.bounces,
            "HUBS_MAILBOX": str("smtp" in self.ports).lower(),
            "HUBS_PUBLIC_URL": self.public_url,
        }

    def keep(self) -> None:
        """Leave in the home what its commands need while the system runs."""
        layout = asdict(self.layout) | {"erasure_window": self.layout.erasure_window.total_seconds()}
        keep(self.home.admin, {"kafka": asdict(self.kafka), "postgres": self.postgres, "layout": layout})


@dataclass(frozen=True)
class Reach:
    """How a command reaches the parts of a running system: as `Wiring.keep` left it, or as HUBS_… tells."""

    kafka: Login
    postgres: str
    layout: Layout

    @classmethod
    def of(cls, home: Home) -> Self:
        """Read it.

        Raises:
            NotRunning: if nothing runs in this home, and no setting names a system elsewhere.
        """
        home.running()
        if not home.is_held():
            return cls(kafka_told() or Login(""), os.environ.get("HUBS_POSTGRES", ""), layout_told())
        kept: dict[str, Any] = json.loads(home.admin.read_text())
        layout = kept["layout"] | {"erasure_window": timedelta(seconds=kept["layout"]["erasure_window"])}
        return cls(Login(**kept["kafka"]), kept["postgres"], Layout(**layout))


def layout_told() -> Layout:
    """Return how topics are to be made by this process's settings."""
    told = Settings()
    return Layout(told.topic_prefix, told.erasure_window, replication=told.kafka_replication)


def kafka_told() -> Login | None:
    """Return the admin's login at the Kafka that HUBS_KAFKA names, if it names one."""
    named = os.environ.get("HUBS_KAFKA")
    if not named:
        return None
    told, login = Settings(), Login.parse(named)
    username = login.username or told.kafka_username or None
    password = login.password or told.kafka_password.get_secret_value() or None
    return Login(login.bootstrap, username, password, tls=told.kafka_tls, ca=told.kafka_ca)
