"""Keep real bytes of every type on the wire: `python tests/house/collect.py HOME` reads a running system's topics.

A file that is there is never written again: what was once sent must stay readable.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from hubs.home import Home
from hubs.parts.kafka import Login

GOLDEN = Path(__file__).parent / "golden"
TOPICS = ("enrolment.facts", "scheduling.facts", "notification.facts", "reporting.facts", "people.current")


def collect(home: Home) -> list[str]:
    """Keep the first record of each type that has no file yet; return the types that are new."""
    new = []
    for record in _records(home):
        sent = dict(record.headers() or [])
        headers = {name: value.decode() for name, value in sent.items() if isinstance(value, bytes)}
        path = GOLDEN / f"{headers.get('ce_type')}.json"
        value = record.value()
        if headers.get("ce_type") and isinstance(value, bytes) and not path.exists():
            kept = {"headers": headers, "value": value.decode()}
            path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
            new.append(path.stem)
    return new


def _records(home: Home) -> Iterator[Message]:
    login = Login(home.running()["kafka"], "admin", home.secrets["kafka_admin"])
    consumer = Consumer(
        {**login.conf(), "group.id": "collect", "enable.partition.eof": True, "enable.auto.commit": False}
    )
    known = consumer.list_topics(timeout=10).topics
    names = [name for name in known if name in TOPICS or name.endswith(".events")]
    parts = [TopicPartition(name, part, OFFSET_BEGINNING) for name in names for part in known[name].partitions]
    consumer.assign(parts)
    left = len(parts)
    while left:
        message = consumer.poll(10)
        error = message.error() if message else None
        if error and error.code() == KafkaError._PARTITION_EOF:
            left -= 1
        elif message:
            yield message
    consumer.close()


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    print("\n".join(collect(Home(Path(sys.argv[1])))))  # noqa: T201 -- a command
