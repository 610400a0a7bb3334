"""Kafka starts from classes that were linked once; what does not fit would be passed over in silence."""

import subprocess

from hubs.home import Home
from hubs.parts.kafka import EmbeddedKafka
from hubs.parts.training import train


def test_kafka_starts_from_what_its_training_left(own_home: Home) -> None:
    """With the jars, the Java and the options that it is started with, or each start would cost as before."""
    assert train()
    launch = EmbeddedKafka(own_home).prepare()
    *java, _, _ = map(str, launch.argv)

    told = subprocess.run([*java, "-XX:AOTMode=on", "-version"], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout + told.stderr
    assert any(word.startswith("-XX:AOTCache=") for word in java)
