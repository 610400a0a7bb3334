"""Hub systems of another stack than ours, which read nothing but `credentials.json`: librdkafka and HTTP."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import KafkaError, Message, Producer

from ledger import Ledger

AGAIN = (httpx.TransportError,)
_TRIES_FOR_SECONDS = 120


class Client:
    """One hub's system: it sends its reports in order by one door, again and again until each is taken."""

    def __init__(self, hub: str, ready: Mapping[str, Any], ledger: Ledger) -> None:
        credentials = json.loads(Path(ready["credentials"]).read_text())
        login = credentials["kafka"]["hubs"][hub]
        self.hub, self._ledger, self._url = hub, ledger, ready["url"]
        self._key = credentials["api_keys"][hub]
        self._lock = threading.Lock()
        self._http = httpx.Client(timeout=10)
        self._producer = Producer(
            {
                "bootstrap.servers": ready["kafka"],
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": login["username"],
                "sasl.password": login["password"],
                "enable.idempotence": True,
                "message.timeout.ms": _TRIES_FOR_SECONDS * 1000,
                "log_level": 0,
            }
        )

    def publish(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Send events by Kafka, in order; the ledger has each once the broker says that it has it."""
        for event in events:
            headers = {f"ce_{name}": str(word).encode() for name, word in event.items() if name != "data"}
            self._producer.produce(
                f"hubs.{self.hub}.events",
                json.dumps(event["data"]).encode(),
                headers=[*headers.items(), ("content-type", b"application/json")],
                on_delivery=self._taken(event),
            )
        self._producer.poll(0.1)

    def _taken(self, event: Mapping[str, Any]) -> Callable[[KafkaError | None, Message], None]:
        def taken(error: KafkaError | None, _: Message) -> None:
            assert error is None, error
            with self._lock:
                self._ledger.accepted(self.hub, dict(event), "kafka")

        return taken

    def post(self, events: Sequence[Mapping[str, Any]], stop: threading.Event) -> None:
        """Send events by HTTP until they are taken; what is unsure is sent again under the same ids."""
        while not stop.wait(0.05):
            try:
                answer = self._http.post(
                    f"{self._url}/v1/events",
                    content=json.dumps(events),
                    headers={
                        "authorization": f"Bearer {self._key}",
                        "content-type": "application/cloudevents-batch+json",
                    },
                )
            except AGAIN:
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                said = [receipt["outcome"] for receipt in answer.json()["receipts"]]
                assert set(said) <= {"recorded", "duplicate"}, answer.text
                with self._lock:
                    for event in events:
                        self._ledger.accepted(self.hub, dict(event), "http")
                return
            assert answer.status_code in (502, 503), answer.text

    def close(self) -> None:
        """Wait until Kafka has taken everything."""
        left = self._producer.flush(_TRIES_FOR_SECONDS)
        assert left == 0, f"Kafka did not take {left} reports"
        self._http.close()
