"""credentials.json: what integrators log in with, as `wire.md` lays it out."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from hubs.home import Home, keep
from hubs.topics import principal


@dataclass
class Credentials:
    """Principals and their passwords at Kafka, and API keys, by hub."""

    hubs: dict[str, dict[str, str]] = field(default_factory=dict)
    services: dict[str, dict[str, str]] = field(default_factory=dict)
    api_keys: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home) -> Self:
        """Read them; a home that has none yet gives empty ones."""
        if not home.credentials.exists():
            return cls()
        kept: dict[str, Any] = json.loads(home.credentials.read_text())
        return cls(kept["kafka"]["hubs"], kept["kafka"]["services"], kept["api_keys"])

    @classmethod
    @contextmanager
    def changed(cls, home: Home) -> Iterator[Self]:
        """Give them to be changed, and keep them at the end; two who change them at once take turns."""
        home.prepare()
        with (home.root / "credentials.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            credentials = cls.of(home)
            yield credentials
            kafka = {"hubs": credentials.hubs, "services": credentials.services}
            keep(home.credentials, {"kafka": kafka, "api_keys": credentials.api_keys})

    def keep_services(self, passwords: Mapping[str, str]) -> None:
        """Set what the services log in with."""
        self.services = {name: {"username": name, "password": password} for name, password in passwords.items()}

    def keep_hub(self, code: str, password: str) -> None:
        """Set what a hub's system logs in with."""
        self.hubs[code] = {"username": principal(code), "password": password}

    def hub_passwords(self) -> dict[str, str]:
        """Return each hub's password at Kafka, by code."""
        return {code: login["password"] for code, login in self.hubs.items()}
