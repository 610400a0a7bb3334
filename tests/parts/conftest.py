"""Embedded parts of a test's own: these tests kill and search them, so none is shared with other tests."""

from collections.abc import Iterator
from typing import TypeVar

import pytest

from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka
from hubs.parts.postgres import EmbeddedPostgres

P = TypeVar("P", EmbeddedKafka, EmbeddedPostgres)


@pytest.fixture(scope="session")
def own_kafka(home: Home) -> Iterator[EmbeddedKafka]:
    """An embedded Kafka with passwords and access lists, whatever HUBS_TEST_KAFKA says."""
    kafka = EmbeddedKafka(Home(home.root / "parts"))
    yield from _up(kafka)


@pytest.fixture(scope="session")
def own_postgres(home: Home) -> Iterator[EmbeddedPostgres]:
    """An embedded Postgres that holds the services' databases, whatever HUBS_TEST_POSTGRES says."""
    postgres = EmbeddedPostgres(Home(home.root / "parts"))
    for standing in _up(postgres):
        standing.make_databases()
        yield standing
    postgres.home.remove()


def _up(part: P) -> Iterator[P]:
    part.home.prepare()
    try:
        part.start()
        yield part
    finally:
        part.stop()
