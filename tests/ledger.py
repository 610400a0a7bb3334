"""A ledger outside the system: what was accepted, written down with an fsync before it counts."""

import json
import os
from pathlib import Path
from typing import Any


class Ledger:
    """Append-only; one line for each report that a door said it had taken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab")
        self.size = 0

    def accepted(self, hub: str, event: dict[str, Any], door: str) -> None:
        """Write down that `door` took the event."""
        self._file.write(json.dumps([hub, event["source"], event["id"], door]).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.size += 1

    def is_longer_than(self, size: int) -> bool:
        """Say whether anything was taken since it had `size` lines."""
        return self.size > size

    def events(self) -> set[tuple[str, str, str]]:
        """Return each report that was taken, by hub, source and id, as it stands on disk."""
        with self._path.open() as lines:
            return {(hub, source, event_id) for hub, source, event_id, _ in map(json.loads, lines)}
