"""One real Kafka and one real Postgres for the whole run."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from docker.errors import DockerException
from testcontainers.community.kafka import KafkaContainer
from testcontainers.community.postgres import PostgresContainer

import docker
from hubs.devstack import QUICK
from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.parts.postgres import EmbeddedPostgres


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, or it runs alone at the end while the other workers have nothing left."""
    items.sort(key=lambda item: not {"guarantees", "demo"} & {*item.path.parts})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Start both before the workers, which find them in their settings; several workers are for whole runs."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    home = stack.enter_context(_home())
    os.environ["HUBS_TEST_KAFKA"] = str(stack.enter_context(_kafka(home)))
    os.environ["HUBS_TEST_POSTGRES"] = stack.enter_context(_postgres(home))


@pytest.fixture(scope="session")
def home() -> Iterator[Home]:
    """A home that lasts for the run, for the parts that no setting names."""
    with _home() as home:
        yield home


@pytest.fixture(scope="session")
def kafka(home: Home) -> Iterator[Login]:
    """The admin's login at a real Kafka: HUBS_TEST_KAFKA, else a container, else embedded."""
    with _kafka(home) as login:
        yield login


@pytest.fixture(scope="session")
def postgres(home: Home) -> Iterator[str]:
    """A superuser's URL at a real Postgres: HUBS_TEST_POSTGRES, else a container, else embedded."""
    with _postgres(home) as url:
        yield url


@pytest.fixture
def own_home() -> Iterator[Home]:
    """A home for one test alone, gone afterwards."""
    with _home() as home:
        yield home


@contextmanager
def _home() -> Iterator[Home]:
    """Make a home for the length of the block; short of path, as sockets and people like it."""
    home = Home(Path(tempfile.mkdtemp(prefix="hubs-")))
    home.prepare()
    try:
        yield home
    finally:
        home.remove()


@contextmanager
def _kafka(home: Home) -> Iterator[Login]:
    with ExitStack() as stack:
        if named := os.environ.get("HUBS_TEST_KAFKA"):
            yield Login.parse(named)
        elif contained := _kafka_container(stack):
            yield contained
        else:
            embedded = EmbeddedKafka(home)
            stack.callback(embedded.stop)
            embedded.start()
            yield embedded.admin


@contextmanager
def _postgres(home: Home) -> Iterator[str]:
    with ExitStack() as stack:
        if named := os.environ.get("HUBS_TEST_POSTGRES"):
            yield named
        elif contained := _postgres_container(stack):
            yield contained
        else:
            embedded = EmbeddedPostgres(home, settings=QUICK)
            stack.callback(embedded.stop)
            embedded.start()
            yield embedded.url


def _engine_answers() -> bool:
    if not shutil.which("docker"):
        return False
    try:
        docker.from_env(timeout=2).ping()
    except DockerException:
        return False
    return True


def _kafka_container(stack: ExitStack) -> Login | None:
    """Return a Kafka in a container; without passwords, since tests of access lists bring their own."""
    if not _engine_answers():
        return None
    container = KafkaContainer("confluentinc/cp-kafka:8.1.0").with_kraft()
    container.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
    container.with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
    try:
        return Login(stack.enter_context(container).get_bootstrap_server())
    except DockerException as error:
        warnings.warn(f"The container of Kafka did not start, so it runs embedded: {error}", stacklevel=1)
        return None


def _postgres_container(stack: ExitStack) -> str | None:
    if not _engine_answers():
        return None
    container = PostgresContainer("postgres:18", username="postgres", dbname="postgres", driver=None)
    try:
        return stack.enter_context(container).get_connection_url()
    except DockerException as error:
        warnings.warn(f"The container of Postgres did not start, so it runs embedded: {error}", stacklevel=1)
        return None
