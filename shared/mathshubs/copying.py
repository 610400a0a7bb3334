"""Copies: what another service said, written down set-wise, one statement to a kind of fact."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from mathshubs.events import Event
from mathshubs.hearing import Applied, Behind, Blocked, Heard, Outcome, is_blocked
from mathshubs.postgres import Db

Copy = Callable[[Db, Sequence[Heard]], Awaitable[None]]
"""Writes down facts of one kind, in the caller's transaction, keys sorted."""


class Copies:
    """A service's table: kind of fact → how it is written down, in the order of the table."""

    def __init__(self, table: Mapping[type[Event], Copy]) -> None:
        self._table = table

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        """Write a batch down, kind by kind, and say that each took effect or is behind a parked one."""
        outcomes: list[Outcome] = [Behind(h) if is_blocked(h, blocked) else Applied(h) for h in heard]
        for kind, copy in self._table.items():
            mine = [o.heard for o in outcomes if isinstance(o, Applied) and type(o.heard.request) is kind]
            if mine:
                await copy(db, mine)
        return outcomes
