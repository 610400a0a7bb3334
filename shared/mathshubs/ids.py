"""Ids: what a hub calls by its own reference, and what we make ourselves."""

from uuid import UUID, uuid5

import uuid_utils.compat as uuid_utils

_NAMESPACE = UUID("9d0f6a52-3a5e-5f0b-9c43-6f1a2c1e7b44")
_DERIVED = 5


def new_id() -> UUID:
    """Return a fresh UUIDv7: ours, and in order of making."""
    return UUID(int=uuid_utils.uuid7().int)


class References:
    """What hubs' references stand for, the same at both doors and in every service."""

    def __init__(self, secret: str) -> None:
        self._namespace = uuid5(_NAMESPACE, secret)

    def resolve(self, hub: str, kind: str, reference: str) -> UUID:
        """Return the id of the `kind` that `hub` calls `reference`.

        A reference that is one of our ids (a version 5 UUID, as receipts give it) stands for that thing;
        anything else is the hub's own, so two hubs may use the same one.
        """
        return _ours(reference) or uuid5(self._namespace, f"{hub}\n{kind}\n{reference}")

    def unnamed(self, hub: str, word: str) -> str:
        """Return what stands for a hub's own id where it is kept for ever: a UUID as it is, else one made of it.

        Whoever knows the id finds it again; whoever does not learns nothing from it.
        """
        return str(_uuid(word) or self.resolve(hub, "event", word))


def derived(*parts: str) -> UUID:
    """Return the id that always belongs to `parts`, such as that of a receipt for one report."""
    return uuid5(_NAMESPACE, "\n".join(parts))


def _ours(reference: str) -> UUID | None:
    given = _uuid(reference)
    return given if given and given.version == _DERIVED and str(given) == reference.lower() else None


def _uuid(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
