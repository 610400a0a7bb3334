"""Topics, principals and access lists of one test's own, on a Kafka that others share."""

import secrets
from dataclasses import dataclass, field

from confluent_kafka.admin import AclBindingFilter, AclOperation, AclPermissionType, ResourcePatternType, ResourceType
from pydantic import SecretStr

from hubs.home import SERVICES
from hubs.parts.kafka import Login
from hubs.topics import (
    Layout,
    allow,
    connect,
    ensure_principals,
    ensure_topics,
    hub_grants,
    hub_topics,
    principal,
    service_grants,
    system_topics,
)
from mathshubs.settings import Settings


@dataclass
class OwnBus:
    """Everything under one prefix, the names of principals too, so that no other test's is touched."""

    login: Login
    prefix: str = field(default_factory=lambda: f"t{secrets.token_hex(4)}.")
    _passwords: dict[str, str] = field(default_factory=dict)

    def make(self) -> None:
        """Make the topics that every system has, and a principal for each service."""
        admin = connect(self.login)
        ensure_topics(admin, system_topics(Layout(self.prefix)))
        self._passwords |= {service: secrets.token_urlsafe(12) for service in SERVICES}
        if self.login.username:
            ensure_principals(admin, {self.prefix + who: password for who, password in self._passwords.items()})
            allow(admin, {self.prefix + service: service_grants(service, Layout(self.prefix)) for service in SERVICES})

    def admit(self, code: str) -> None:
        """Make a hub's topics, its principal, and everybody's access to them."""
        admin, who = connect(self.login), principal(code)
        ensure_topics(admin, hub_topics(code, Layout(self.prefix)))
        self._passwords[who] = secrets.token_urlsafe(12)
        if self.login.username:
            ensure_principals(admin, {self.prefix + who: self._passwords[who]})
            grants = hub_grants(code, Layout(self.prefix))
            allow(admin, {self.prefix + name: granted for name, granted in grants.items()})

    def sweep(self) -> None:
        """Leave no topic and no access list behind."""
        admin = connect(self.login)
        topics = [name for name in admin.list_topics(timeout=5).topics if name.startswith(self.prefix)]
        for deleted in admin.delete_topics(topics).values() if topics else ():
            deleted.exception(10)
        if self.login.username:
            for swept in admin.delete_acls([_acls_of(self.prefix + who) for who in self._passwords]).values():
                swept.exception(10)

    def login_of(self, who: str) -> Login:
        """Return how `who` logs in: a service, `hub-<code>`, or `admin`."""
        if who == "admin" or not self.login.username:
            return self.login
        return Login(self.login.bootstrap, self.prefix + who, self._passwords[who])

    def settings_of(self, who: str) -> Settings:
        """Return the same login as settings, of which `mathshubs.bus.connection` makes those of a client."""
        login = self.login_of(who)
        return Settings(
            service=who,
            kafka=login.bootstrap,
            kafka_username=login.username or "",
            kafka_password=SecretStr(login.password or ""),
            topic_prefix=self.prefix,
        )


def _acls_of(who: str) -> AclBindingFilter:
    anything = (ResourceType.ANY, None, ResourcePatternType.ANY)
    return AclBindingFilter(*anything, f"User:{who}", None, AclOperation.ANY, AclPermissionType.ANY)  # type: ignore[arg-type]
