"""Where a running system's parts are, and what one check comes to."""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import asyncpg
import httpx

from hubs.forgetting.remembering import unfinished
from hubs.home import Home
from hubs.parts.http import trust
from hubs.parts.kafka import Login
from hubs.problems import connected
from hubs.proof.bus import Bus
from hubs.wiring import Reach
from mathshubs.ids import References

SHOWN = 10  # of each kind of difference


@dataclass(frozen=True, slots=True)
class System:
    """The parts of a running system, as a command reaches them; databases with their services' app roles."""

    postgres: Mapping[str, str]
    kafka: Login
    prefix: str
    http: Mapping[str, str]
    inbox: str | None
    """The local mailbox; None where mail leaves by another server."""
    references: References = field(repr=False)
    unfinished: frozenset[str] = frozenset()
    """Whom this home began to forget and has not shown to be forgotten."""
    deadline: float = math.inf
    """When no more may be asked of Kafka, by the monotonic clock."""

    @classmethod
    def of(cls, home: Home) -> Self:
        """Read it from the home.

        Raises:
            NotRunning: if nothing runs there.
        """
        ready, reach = home.running(), Reach.of(home)
        inbox = ready["inbox"] if "mailbox" in ready["pids"] else None
        references = References(home.secrets["secret"])
        return cls(
            ready["postgres"], reach.kafka, reach.layout.prefix, ready["http"], inbox, references, unfinished(home)
        )

    @property
    def bus(self) -> Bus:
        """Return Kafka, as an admin sees it."""
        return Bus(self.kafka, self.prefix, self.deadline)

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Give a connection to one service's database, which sees what stands at this moment and changes nothing."""
        async with connected(self.postgres[service]) as db, db.transaction(isolation="repeatable_read", readonly=True):
            yield db

    async def fetch(self, service: str, statement: str, *given: object) -> list[asyncpg.Record]:
        """Return what one statement finds in one service's database."""
        async with self.database(service) as db:
            return await db.fetch(statement, *given)

    async def clock(self) -> str:
        """Return the instant at which reporting stands, RFC 3339."""
        async with httpx.AsyncClient(verify=trust(), timeout=10) as client:
            answer = await client.get(f"{self.http['reporting']}/livez")
        return str(answer.json()["clock"])


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it holds, what it comes to in words, and its figures with examples of what differs."""

    name: str
    ok: bool
    said: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def number(count: int, one: str, many: str = "") -> str:
    """Return `1 mail`, `1,204 mails`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def cause(wrong: BaseException) -> str:
    """Return what an error says, or what it is where it says nothing, as one that ran out of time does."""
    return str(wrong) or type(wrong).__name__


def some(found: Any) -> list[Any]:  # noqa: ANN401 -- anything that can be put in order
    """Return examples in a steady order, a few at most."""
    return sorted(found)[:SHOWN]
