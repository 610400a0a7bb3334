"""A bus of one test's own: topics under a prefix, and the settings of a service that uses them."""

import secrets
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from hubs.parts.kafka import Login
from hubs.topics import Layout, connect, ensure_topics, hub_topics, system_topics
from mathshubs.settings import Settings

HUB = "river-vale"


@pytest.fixture
def bus(kafka: Login) -> Callable[..., Settings]:
    """Make the topics of a system with one hub, and give the settings of a service on it, logged in as admin."""
    prefix = f"t{secrets.token_hex(4)}."
    layout = Layout(prefix)
    ensure_topics(connect(kafka), [*system_topics(layout), *hub_topics(HUB, layout)])

    def of(service: str, instance: int = 1) -> Settings:
        return Settings(
            service=service,
            instance=instance,
            kafka=kafka.bootstrap,
            kafka_username=kafka.username or "",
            kafka_password=SecretStr(kafka.password or ""),
            topic_prefix=prefix,
        )

    return of
