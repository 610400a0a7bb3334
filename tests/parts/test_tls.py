"""A Kafka elsewhere, behind TLS: commands and services log in, and trust no broker that cannot prove itself."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka, Login
from hubs.topics import connect, ensure_topics
from hubs.wiring import Wiring
from mathshubs.bus import consumer_broker, producer
from mathshubs.settings import Settings


class Guarded(EmbeddedKafka):
    """A Kafka whose clients come in through TLS, with a certificate that it has signed itself."""

    @property
    def certificate(self) -> Path:
        """Return the certificate's file: whom to trust."""
        return self.home.root / "broker.crt"

    @property
    def admin(self) -> Login:
        """Return the admin's login, which trusts this certificate."""
        return replace(super().admin, tls=True, ca=str(self.certificate))

    def _settings(self) -> Mapping[str, object]:
        return {
            **super()._settings(),
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:SASL_PLAINTEXT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.home.root / "broker.pem",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.certificate,
        }


def signed(home: Home, name: str) -> Path:
    """Make a key and a certificate for 127.0.0.1, and return the certificate."""
    if not shutil.which("openssl"):
        pytest.fail("Mend: apt-get install openssl")
    key, certificate = home.root / f"{name}.key", home.root / f"{name}.crt"
    made = f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -days 2 -subj /CN={name}"
    subprocess.run([*made.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    (home.root / f"{name}.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
    return certificate


@pytest.fixture(scope="module")
def guarded(home: Home) -> Iterator[Guarded]:
    """A Kafka behind TLS."""
    own = Home(home.root / "tls")
    own.prepare()
    signed(own, "broker")
    kafka = Guarded(own)
    try:
        kafka.start()
        yield kafka
    finally:
        kafka.stop()


def told(kafka: Guarded, trusting: Path) -> Settings:
    """Return a service's settings for this Kafka."""
    return Settings(
        kafka=kafka.bootstrap,
        kafka_username="admin",
        kafka_password=kafka.home.secrets["kafka_admin"],
        kafka_tls=True,
        kafka_ca=str(trusting),
    )


async def test_a_service_speaks_and_hears_through_tls(guarded: Guarded) -> None:
    """Its producer and its consumers log in as they do without."""
    ensure_topics(connect(guarded.admin), [NewTopic("said", 1, 1, config={})])
    settings, heard = told(guarded, guarded.certificate), asyncio.Queue[bytes]()
    sending, hearing = producer(settings), consumer_broker(settings)
    hearing.subscriber("said", auto_offset_reset="earliest")(heard.put)

    await sending.start()
    await sending.send_and_wait("said", b"in confidence")
    await hearing.start()

    assert await asyncio.wait_for(heard.get(), 20) == b"in confidence"
    await hearing.stop()
    await sending.stop()


async def test_a_broker_that_nobody_vouches_for_is_not_spoken_to(guarded: Guarded) -> None:
    """A password sent to an impostor is a password lost."""
    stranger = signed(guarded.home, "stranger")

    sending = producer(told(guarded, stranger))

    with pytest.raises(KafkaConnectionError):
        await sending.start()
    await sending.stop()
    with pytest.raises(KafkaException):
        await asyncio.to_thread(AdminClient(replace(guarded.admin, ca=str(stranger)).conf()).list_topics, timeout=3)


def test_commands_log_in_as_the_settings_say(guarded: Guarded, own_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `hubs up` is told of a Kafka elsewhere, its services are told too, and later commands find it kept."""
    monkeypatch.setenv("HUBS_KAFKA", f"admin:{guarded.home.secrets['kafka_admin']}@{guarded.bootstrap}")
    monkeypatch.setenv("HUBS_KAFKA_TLS", "true")
    monkeypatch.setenv("HUBS_KAFKA_CA", str(guarded.certificate))

    login = Wiring.of(own_home).kafka

    assert login == guarded.admin
    assert AdminClient(login.conf()).list_topics(timeout=10).brokers
