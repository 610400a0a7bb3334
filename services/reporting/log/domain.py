"""One fact as the log keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mathshubs.hearing import Heard


@dataclass(frozen=True, slots=True)
class LoggedFact:
    """A fact with where it was heard; `recorded_at` is when its owner recorded it, never when we heard it."""

    topic: str
    part: int
    offset: int
    source: str
    event_id: str
    type: str
    key: str
    version: int
    """Of the aggregate named by `key`: facts of one aggregate are in its order."""
    hub: str | None
    school_year: str | None
    effective_at: datetime
    recorded_at: datetime
    correlation: str | None
    data: Mapping[str, Any]

    @classmethod
    def of(cls, heard: Heard) -> "LoggedFact":
        """Return what the log keeps of a fact that was heard, whether its type is known or not."""
        record, event, fact = heard.record, heard.event, heard.request
        sequence = event.extensions.get("sequence", "")
        return cls(
            topic=record.topic,
            part=record.part,
            offset=record.offset,
            source=event.source,
            event_id=event.id,
            type=event.type,
            key=heard.key,
            version=int(sequence) if sequence.isdecimal() else 0,
            hub=fact.hub,
            school_year=fact.school_year,
            effective_at=fact.effective_at,
            recorded_at=event.time,
            correlation=event.extensions.get("correlationid"),
            data=event.data,
        )
