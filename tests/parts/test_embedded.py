"""The embedded Kafka and Postgres: they hold what they were given, and let in whom they should."""

import stat

import psutil
import psycopg
import pytest
from confluent_kafka import KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.parts.postgres import EmbeddedPostgres


def test_a_killed_postgres_comes_back_on_its_port_with_what_it_held(own_postgres: EmbeddedPostgres) -> None:
    """Killed in the middle of a session: the restart waits for the old backends, and commits are kept."""
    open_session = psycopg.connect(own_postgres.url)
    with psycopg.connect(own_postgres.url, autocommit=True) as admin:
        admin.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    own_postgres.kill()
    own_postgres.start()

    with psycopg.connect(own_postgres.url) as admin:
        assert admin.execute("SELECT answer FROM kept").fetchone() == (42,)
    with pytest.raises(psycopg.OperationalError):
        open_session.execute("SELECT 1")


def test_postgres_runs_unprivileged_whoever_starts_it(own_postgres: EmbeddedPostgres) -> None:
    """Postgres refuses to run as root; its data lies where its user may go, and nobody else."""
    assert own_postgres.running
    user = psutil.Process(own_postgres.running.pid).uids().real
    folder = own_postgres.folder.stat()

    assert user != 0
    assert (folder.st_uid, stat.S_IMODE(folder.st_mode)) == (user, 0o700)


def test_each_service_enters_its_own_database_alone(own_postgres: EmbeddedPostgres) -> None:
    """Services learn of each other through facts; a password for one database opens no other."""
    url = own_postgres.service_url("scheduling")

    with psycopg.connect(url) as own:
        assert own.execute("SELECT current_database()").fetchone() == ("scheduling",)
    for database in ("enrolment", "notification", "reporting", "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(url, dbname=database)


def test_a_service_works_on_tables_that_it_cannot_change(own_postgres: EmbeddedPostgres) -> None:
    """The owner migrates; the app reads and writes rows, and makes no tables."""
    with psycopg.connect(own_postgres.service_url("enrolment", "owner")) as owner:
        owner.execute("CREATE TABLE groups (id bigint GENERATED ALWAYS AS IDENTITY, name text)")

    with psycopg.connect(own_postgres.service_url("enrolment"), autocommit=True) as app:
        app.execute("INSERT INTO groups (name) VALUES ('River Vale 3')")
        assert app.execute("SELECT name FROM groups").fetchall() == [("River Vale 3",)]
        for forbidden in ("DROP TABLE groups", "CREATE TABLE more (id int)", "CREATE SCHEMA more"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_what_a_role_might_do_in_an_earlier_version_is_taken_back(own_postgres: EmbeddedPostgres) -> None:
    """A home keeps its databases; the next start must not leave them as open as they were."""
    with psycopg.connect(own_postgres.url, dbname="scheduling", autocommit=True) as admin:
        admin.execute("GRANT CREATE ON DATABASE scheduling TO scheduling_app")
        admin.execute("GRANT CREATE ON SCHEMA public TO scheduling_app")

    own_postgres.make_databases()

    with psycopg.connect(own_postgres.service_url("scheduling"), autocommit=True) as app:
        for forbidden in ("CREATE TABLE more (id int)", "CREATE SCHEMA more"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_reporting_makes_a_schema_beside_the_live_one(own_postgres: EmbeddedPostgres) -> None:
    """A rebuild fills tables of its own, by the role that works, and swaps them in."""
    with psycopg.connect(own_postgres.service_url("reporting")) as app:
        app.execute("CREATE SCHEMA rebuilt CREATE TABLE figures (value int)")


def test_a_killed_kafka_comes_back_on_its_port_with_what_it_held(own_kafka: EmbeddedKafka) -> None:
    """An acknowledged record outlives `kill -9`; clients find the broker where it was."""
    admin = AdminClient(own_kafka.admin.conf())
    admin.create_topics([NewTopic("kept", 1)])["kept"].result(10)
    _say(own_kafka.admin, "kept")

    own_kafka.kill()
    own_kafka.start()

    assert _say(own_kafka.admin, "kept") == 1


def _say(login: Login, topic: str) -> int:
    """Return the offset at which Kafka kept a record."""
    said: list[Message] = []
    producer = Producer({**login.conf(), "acks": "all", "message.timeout.ms": 20_000})
    producer.produce(topic, b"said", on_delivery=lambda _, record: said.append(record))
    producer.flush(20)
    assert said[0].error() is None
    return said[0].offset() or 0


@pytest.mark.parametrize("door", ["port", "controller_port"])
@pytest.mark.parametrize("password", [None, "guessed"])
def test_nobody_enters_kafka_without_a_password(own_kafka: EmbeddedKafka, door: str, password: str | None) -> None:
    """Neither by the clients' door nor by the controller's, which could do everything."""
    login = Login(f"127.0.0.1:{getattr(own_kafka, door)}", password and "admin", password)
    admin = AdminClient(login.conf())

    with pytest.raises(KafkaException):
        admin.list_topics(timeout=1)
