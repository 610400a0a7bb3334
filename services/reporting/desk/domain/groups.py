"""How far each service has heard what Kafka holds, by the offsets that its consumer groups commit."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

GROUPS: Final = (
    "enrolment.hubs",
    "enrolment.facts",
    "scheduling.hubs",
    "scheduling.facts",
    "notification.facts",
    "reporting.log",
)
"""Every consumer group that there may be; one that has committed nothing yet is not shown."""

SAMPLES: Final = 3_600
"""Looks that are remembered: who is behind by more is behind by that at least."""

SILENT_SECONDS: Final = 15.0
"""Without a look for so long, what was seen last says nothing of now."""

Place = tuple[str, int]
"""A topic and a partition of it."""


@dataclass(frozen=True, slots=True)
class Standings:
    """What Kafka says at one look: how far each group has committed, and where partitions end."""

    committed: Mapping[str, Mapping[Place, int]] = field(default_factory=dict)
    ends: Mapping[Place, int] = field(default_factory=dict)

    def hearers(self, topic: str) -> list[str]:
        """Return the groups that hear a topic, in the order of `GROUPS`."""
        return [group for group in GROUPS if any(place[0] == topic for place in self.committed.get(group, ()))]

    def has_heard(self, group: str, topic: str, part: int, offset: int) -> bool:
        """Say whether a group has applied the record that stands there."""
        return self.committed.get(group, {}).get((topic, part), 0) > offset

    def left(self, group: str, topic: str | None = None) -> int:
        """Return how many records a group has not heard yet, of one topic or of all that it hears."""
        return sum(
            max(0, self.ends.get(place, 0) - offset)
            for place, offset in self.committed.get(group, {}).items()
            if topic in (None, place[0])
        )


@dataclass(frozen=True, slots=True)
class Lag:
    """How one group stands: records that it has not heard, and for how long the first of them has been there."""

    group: str
    records: int
    seconds: float

    @property
    def service(self) -> str:
        """Return the service whose group it is."""
        return self.group.partition(".")[0]


@dataclass
class Watch:
    """What was seen of Kafka, look by look; times are on the monotonic clock, in seconds."""

    now: Standings = field(default_factory=Standings)
    seen_at: float | None = None
    _ends: deque[tuple[float, Mapping[Place, int]]] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def saw(self, standings: Standings, at: float) -> None:
        """Take up one look."""
        self.now, self.seen_at = standings, at
        self._ends.append((at, standings.ends))

    def lags(self, at: float) -> list[Lag]:
        """Return how each group stands that has committed anything."""
        return [Lag(group, self.now.left(group), self._behind(group, at)) for group in GROUPS if self._hears(group)]

    def answers(self, at: float) -> bool:
        """Say whether Kafka told a moment ago."""
        return self.seen_at is not None and at - self.seen_at < SILENT_SECONDS

    def by_service(self, at: float) -> dict[str, float | None]:
        """Return for how many seconds each service has left something unheard: 0 when caught up, None if unknown."""
        found: dict[str, float | None] = {group.partition(".")[0]: None for group in GROUPS}
        for lag in self.lags(at):
            found[lag.service] = max(lag.seconds, found[lag.service] or 0.0)
        return found

    def _hears(self, group: str) -> bool:
        return bool(self.now.committed.get(group))

    def _behind(self, group: str, at: float) -> float:
        late = {place for place, offset in self.now.committed[group].items() if offset < self.now.ends.get(place, 0)}
        offsets = self.now.committed[group]
        since = next((then for then, ends in self._ends if any(ends.get(one, 0) > offsets[one] for one in late)), at)
        return at - since
