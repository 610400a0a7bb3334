"""Parts that somebody else runs: named by a setting, awaited, and left alone."""

import signal
from collections.abc import Sequence

import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from hubs.parts.kafka import Login
from hubs.parts.launch import Launch


class Elsewhere:
    """A part without a process of ours."""

    after: Sequence[str] = ()
    stop_signal = signal.SIGTERM
    stop_seconds = 0.0

    def prepare(self) -> Launch | None:
        """Return None: there is nothing to start."""
        return None


class KafkaElsewhere(Elsewhere):
    """The Kafka that HUBS_KAFKA names."""

    name = "kafka"

    def __init__(self, admin: Login) -> None:
        """Take the login that may make topics and principals."""
        self.admin = admin

    def is_ready(self) -> bool:
        """Return whether it lets us in."""
        admin = AdminClient(self.admin.conf())
        try:
            admin.list_topics(timeout=2)
        except KafkaException:
            return False
        return True


class PostgresElsewhere(Elsewhere):
    """The servers that HUBS_POSTGRES and HUBS_<SERVICE>_POSTGRES name."""

    name = "postgres"

    def __init__(self, urls: Sequence[str]) -> None:
        """Take the URL of a role that may make databases and roles, or of databases that stand ready."""
        self.urls = urls

    def is_ready(self) -> bool:
        """Return whether all let us in."""
        try:
            for url in self.urls:
                psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
