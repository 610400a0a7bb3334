"""The hubs' own systems: librdkafka and HTTP, which know nothing but the ready line and `credentials.json`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from enum import Enum
from itertools import cycle
from pathlib import Path
from typing import Any, Final, Self

import httpx
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, Producer, TopicPartition

from hubs.demo.acts import Sent
from hubs.parts.http import trust

SECONDS: Final = 20.0  # for one answer
AT_ONCE: Final = 100  # events of one request
STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"


class NotTaken(RuntimeError):
    """A door did not take what a hub sent; the message says which, and what it answered."""


class Way(Enum):
    """How a hub's system reports."""

    BINARY = "by Kafka, binary"
    STRUCTURED = "by Kafka, structured"
    HTTP = "by HTTP"


class HubSystem:
    """One hub's system."""

    def __init__(self, hub: str, ready: Mapping[str, Any], credentials: Mapping[str, Any], way: Way) -> None:
        login = credentials["kafka"]["hubs"][hub]
        self.hub, self.way = hub, way
        self._conf: dict[str, Any] = {
            "bootstrap.servers": ready["kafka"],
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": login["username"],
            "sasl.password": login["password"],
            "log_level": 0,
        }
        self._producer = Producer({**self._conf, "enable.idempotence": True, "message.timeout.ms": int(SECONDS * 1000)})
        authorised = {"authorization": f"Bearer {credentials['api_keys'][hub]}"}
        self._http = httpx.Client(verify=trust(), base_url=ready["url"], headers=authorised, timeout=SECONDS)

    @classmethod
    def all(cls, hubs: Iterable[str], ready: Mapping[str, Any]) -> dict[str, Self]:
        """Return a system for each hub; they report in the three ways by turns."""
        credentials, ways = json.loads(Path(ready["credentials"]).read_text()), cycle(Way)
        return {hub: cls(hub, ready, credentials, way) for hub, way in zip(hubs, ways, strict=False)}

    def deliver(self, sent: Sequence[Sent], again: Sequence[Sent] = ()) -> None:
        """Send events in order by this hub's own door, then some a second time by HTTP.

        By Kafka those would overtake what HTTP has taken and not published yet: there is no order between the doors.

        Raises:
            NotTaken: if one of them is not taken.
        """
        if self.way is Way.HTTP:
            self.post(sent)
        else:
            self.publish(sent)
        self.post(again)

    def publish(self, sent: Sequence[Sent]) -> None:
        """Send events by Kafka, in order, and wait until the broker has each.

        Raises:
            NotTaken: if it takes one of them not.
        """
        failed: list[str] = []

        def taken(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                failed.append(error.str())

        for one in sent:
            value, headers = self._record(one)
            self._producer.produce(f"hubs.{self.hub}.events", value, headers=headers, on_delivery=taken)
        left = self._producer.flush(SECONDS)
        if left or failed:
            raise NotTaken(f"Kafka did not take {left + len(failed)} reports of {self.hub}: {', '.join(set(failed))}")

    def _record(self, sent: Sent) -> tuple[bytes, list[tuple[str, str | bytes | None]]]:
        if self.way is Way.STRUCTURED:
            return json.dumps(sent.event).encode(), [("content-type", STRUCTURED)]
        headers: list[tuple[str, str | bytes | None]] = [
            (f"ce_{name}", word) for name, word in sent.event.items() if name != "data"
        ]
        data = json.dumps(sent.event["data"]).encode()
        return data[: sent.cut_at], [*headers, ("content-type", "application/json")]

    def post(self, sent: Sequence[Sent]) -> None:
        """Send events by HTTP, in order, in as few batches as there must be.

        Raises:
            NotTaken: if one of them is not recorded.
        """
        for start in range(0, len(sent), AT_ONCE):
            batch = [one.event for one in sent[start : start + AT_ONCE]]
            answer = self._http.post("/v1/events", content=json.dumps(batch), headers={"content-type": BATCH})
            outcomes = [one["outcome"] for one in answer.json()["receipts"]] if answer.is_success else []
            if not outcomes or "rejected" in outcomes:
                raise NotTaken(f"HTTP did not take reports of {self.hub}: {answer.status_code} {answer.text[:200]}")

    def turned_back(self, sent: Sent) -> tuple[int, list[str]]:
        """Send one event by HTTP that is bad; return the status and the codes of its problem."""
        answer = self._http.post("/v1/events", content=json.dumps(sent.event), headers={"content-type": STRUCTURED})
        return answer.status_code, [error["code"] for error in answer.json().get("errors", [])]

    def receipts(self) -> list[dict[str, Any]]:
        """Return the receipts that this hub was given, in order; one that Kafka carries twice is there once."""
        topic = f"hubs.{self.hub}.receipts"
        conf = {**self._conf, "group.id": f"hubs.{self.hub}.reader", "enable.partition.eof": True}
        with closing(Consumer({**conf, "enable.auto.commit": False})) as consumer:
            consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
            found: dict[object, dict[str, Any]] = {}
            while (message := consumer.poll(SECONDS)) is not None:
                if message.error() is None:
                    found[dict(message.headers() or ())["ce_id"]] = json.loads(message.value() or b"")
                else:
                    return list(found.values())
        raise NotTaken(f"Kafka does not show {self.hub} its receipts; see that it runs")

    def close(self) -> None:
        """Let its connections go."""
        self._http.close()
        self._producer.flush(1)
