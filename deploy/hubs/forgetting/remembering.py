"""What a person was called, remembered by the home until every store is shown to be clear of it.

Without it an erasure that broke off could not be shown to be complete: the tables that knew the words are empty.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID

from hubs.home import Home, keep


@dataclass(frozen=True, slots=True)
class Remembered:
    """One person's erasure, begun and not yet shown to be complete; a file that its owner alone may read."""

    person_id: UUID
    folder: Path = field(repr=False)

    @classmethod
    def of(cls, home: Home, person_id: UUID) -> Self:
        """Return where this home remembers the person."""
        return cls(person_id, _folder(home))

    @property
    def words(self) -> frozenset[str]:
        """What the person was called when their erasure began; nothing if none is unfinished."""
        return frozenset(json.loads(self._path.read_text())) if self._path.exists() else frozenset()

    def keep(self, words: Collection[str]) -> None:
        """Remember these words through whatever breaks off the erasure."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        keep(self._path, sorted(words))

    def drop(self) -> None:
        """Forget them: every store is clear."""
        self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.person_id}.json"


def unfinished(home: Home) -> frozenset[str]:
    """Return the ids of those whose erasure was begun here and not shown to be complete."""
    return frozenset(path.stem for path in _folder(home).glob("*.json"))


def _folder(home: Home) -> Path:
    return home.root / "forgetting"
