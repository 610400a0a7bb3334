"""How far a consumer group has heard what Kafka holds: what it is behind, and what has stopped moving."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition

from mathshubs import clock

LOOK_SECONDS: Final = 1.0
"""Between two looks at where the topics end."""
SILENT_AFTER_SECONDS: Final = 15.0
"""Without an answer of Kafka's for so long, nobody can say how far behind we are."""
LOST_AFTER_SECONDS: Final = 60.0
"""A consumer that had no answer for so long from a Kafka that answered others will have none any more."""
STUCK_AFTER_SECONDS: Final = 60.0
"""A partition with more to hear that has not moved for so long does not move by itself."""


@dataclass
class Standing:
    """How one partition stands; `heard` is the next offset to be heard, `end` where Kafka's last answer put the end."""

    heard: int
    moved_at: float
    """On the monotonic clock: when `heard` last rose, or all was heard."""
    end: int | None = None
    complete_until: float | None = None
    """On the machine's clock: all that Kafka took until then was heard."""

    @property
    def is_caught_up(self) -> bool:
        """Say whether nothing was left to hear at the last look."""
        return self.end is not None and self.heard >= self.end


@dataclass
class Progress:
    """What is assigned to one consumer group's part in this process, and how that moves."""

    silent_after: float = SILENT_AFTER_SECONDS
    lost_after: float = LOST_AFTER_SECONDS
    stuck_after: float = STUCK_AFTER_SECONDS
    _standing: dict[TopicPartition, Standing] = field(default_factory=dict)
    _answered_at: float = field(default_factory=time.monotonic)
    _others_since: float | None = None
    """Since when Kafka has answered others and not us."""

    def began(self, heard: Mapping[TopicPartition, int]) -> None:
        """Take up an assignment: of each partition, the next offset to be heard."""
        now = self._answered_at = time.monotonic()
        before, self._standing = self._standing, {}
        for partition, offset in heard.items():
            known = before.get(partition)
            if known is None or known.heard != offset:
                known = Standing(offset, now)  # one that did not move elsewhere either is not new here
            self._standing[partition] = known

    def went_back(self, heard: Mapping[TopicPartition, int]) -> None:
        """Take note of where Postgres says to go on, which is no progress."""
        for partition, offset in heard.items():
            if standing := self._standing.get(partition):
                standing.heard = offset

    def heard(self, records: Iterable[ConsumerRecord]) -> None:
        """Take note of what was applied, by the time at which Kafka took it."""
        last = {TopicPartition(record.topic, record.partition): record for record in records}
        for partition, record in last.items():
            if standing := self._standing.get(partition):
                standing.heard, standing.moved_at = record.offset + 1, time.monotonic()
                standing.complete_until = max(record.timestamp / 1000, standing.complete_until or 0)

    def passed(self, partition: TopicPartition, offset: int) -> None:
        """Take note that no record stands before `offset` that was not heard."""
        if standing := self._standing.get(partition):
            standing.heard = max(standing.heard, offset)

    def next_offset(self, partition: TopicPartition) -> int:
        """Return the next offset to be heard; 0 of what is not assigned."""
        standing = self._standing.get(partition)
        return standing.heard if standing else 0

    def ended(self, ends: Mapping[TopicPartition, int], asked_at: float) -> None:
        """Take Kafka's answer to a look: where each partition ended, `asked_at` on the machine's clock."""
        now = self._answered_at = time.monotonic()
        self._others_since = None
        for partition, end in ends.items():
            if standing := self._standing.get(partition):
                standing.end = end
                if standing.is_caught_up:
                    standing.moved_at, standing.complete_until = now, asked_at

    def behind_seconds(self, prefix: str = "") -> dict[str, float | None]:
        """Return, by topic, for how long it may hold something unheard: 0 when caught up, None while that is unknown.

        Without an answer of Kafka's it grows: what was complete some minutes ago is some minutes old.
        """
        found: dict[str, float | None] = {}
        for partition, standing in self._standing.items():
            topic = partition.topic.removeprefix(prefix)
            one, so_far = self._behind(standing), found.get(topic, 0.0)
            found[topic] = None if one is None or so_far is None else max(one, so_far)
        return found

    def _behind(self, standing: Standing) -> float | None:
        if standing.is_caught_up and time.monotonic() - self._answered_at < 5 * LOOK_SECONDS:
            return 0.0
        return standing.complete_until and max(0.0, clock.wall_seconds() - standing.complete_until)

    @property
    def partitions(self) -> set[TopicPartition]:
        """What was assigned last."""
        return set(self._standing)

    @property
    def is_silent(self) -> bool:
        """Say whether Kafka has not answered for so long that nobody can say how far behind we are."""
        return self._silent_seconds > self.silent_after

    @property
    def is_lost(self) -> bool:
        """Say whether Kafka has answered others for so long, and never us, that it will answer us no more."""
        return self._others_since is not None and time.monotonic() - self._others_since > self.lost_after

    def others_answered(self, *, answered: bool) -> None:
        """Take note of whether Kafka, silent to us, answers somebody else the same question."""
        self._others_since = (self._others_since or time.monotonic()) if answered else None

    @property
    def _silent_seconds(self) -> float:
        return time.monotonic() - self._answered_at if self._standing else 0.0

    def check(self) -> dict[str, Any]:
        """Return what readiness says of it: red, with words, while Kafka is silent or a partition does not move."""
        now = time.monotonic()
        stuck = {f"{tp.topic}/{tp.partition}": now - s.moved_at for tp, s in self._standing.items() if _has_more(s)}
        stuck = {name: seconds for name, seconds in stuck.items() if seconds > self.stuck_after}
        found: dict[str, Any] = {"ok": True, "partitions": len(self._standing)}
        if self.is_silent:
            found |= {"ok": False, "why": f"Kafka has not answered for {self._silent_seconds:.0f} s"}
        elif stuck:
            name, seconds = max(stuck.items(), key=lambda one: one[1])
            found |= {"ok": False, "why": f"{name} holds more and has not moved for {seconds:.0f} s"}
        return found


def _has_more(standing: Standing) -> bool:
    return standing.end is not None and standing.heard < standing.end
