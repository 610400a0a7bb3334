"""Hold, decide, record: one loop for every row of every service's table of answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from mathshubs import clock
from mathshubs.events import Event, Refusal
from mathshubs.hearing import Applied, Behind, Blocked, Heard, NotHeardOf, Outcome, Request, Waiting, is_blocked
from mathshubs.journal import Cause, Entry, record
from mathshubs.postgres import Db


class Held(Protocol):
    """The aggregates that a batch of requests names, held until the transaction ends."""

    def state(self, request: Any) -> Any:  # noqa: ANN401 -- each noun has its own
        """Return what the rule must know.

        Raises:
            NotHeardOf: if the request names something that nobody has reported yet.
        """

    def evolve(self, fact: Event) -> None:
        """Take up `fact`, so that the next request of the batch is decided on what it left.

        It may be of another noun whose requests are in the same batch; what is of no interest is left alone.
        """

    async def keep(self, db: Db) -> None:
        """Write what has changed."""


Hold = Callable[[Db, Sequence[Any]], Awaitable[Held]]
Rule = Callable[[Any, Any, date], Sequence[Event]]
Beside = Callable[[Event, Cause], Sequence[Entry]]


def nothing(_fact: Event, _cause: Cause) -> Sequence[Entry]:
    """Return the lines that follow a fact by which nothing else is to be published: none."""
    return ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Who holds the state that a request is decided on, and the rule that decides."""

    holds: Hold
    by: Rule
    beside: Beside = nothing
    """The lines that follow a fact into the journal, such as a person's on `people.current`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what it follows from."""

    request: Request
    cause: Cause


class Answers:
    """A service's table: request type → who holds the state, which rule decides.

    Aggregates are held in the order of the table, each kind in one sorted sweep, so that two batches
    can never wait for each other.
    """

    def __init__(self, service: str, table: Mapping[type, Answer]) -> None:
        self._service = service
        self._table = table
        self._holds = list(dict.fromkeys(answer.holds for answer in table.values()))

    async def ask(self, db: Db, request: Request, cause: Cause) -> list[Event]:
        """Decide one request in the caller's transaction and return the facts.

        Raises:
            NotHeardOf: if it names something that nobody has reported yet.
        """
        [decided] = await self._decide(db, [Asked(request, cause)], {})
        if isinstance(decided, NotHeardOf):
            raise decided
        return list(decided or ())

    async def ask_all(self, db: Db, requests: Sequence[Request], cause: Cause) -> None:
        """Decide some requests together, in their order, in the caller's transaction.

        Raises:
            NotHeardOf: if one names something that nobody has reported yet.
        """
        for decided in await self._decide(db, [Asked(request, cause) for request in requests], {}):
            if isinstance(decided, NotHeardOf):
                raise decided

    async def take(self, db: Db, heard: Sequence[Heard], blocked: Blocked) -> list[Outcome]:
        """Decide a batch in order, in the caller's transaction, and say what became of each."""
        asked = [Asked(h.request, h.cause) for h in heard]
        waits = _Waits(heard, blocked)
        decided = await self._decide(db, asked, waits)
        return [_outcome(h, d) for h, d in zip(heard, decided, strict=True)]

    async def _decide(
        self, db: Db, asked: Sequence[Asked], waits: "_Waits | Mapping[int, bool]"
    ) -> list[Sequence[Event] | NotHeardOf | None]:
        """Return each request's facts, what it waits for, or None where it is behind another of its key."""
        held = await self._hold(db, asked)
        decided: list[Sequence[Event] | NotHeardOf | None] = []
        entries: list[Entry] = []
        for place, one in enumerate(asked):
            if isinstance(waits, _Waits) and waits.is_behind(place):
                decided.append(None)
                continue
            found = self._decide_one(held, one)
            decided.append(found)
            if isinstance(found, NotHeardOf):
                if isinstance(waits, _Waits):
                    waits.now(place, found.waits_for)
            else:
                entries += self._lines(one, found)
        for kept in held.values():
            await kept.keep(db)
        await record(db, entries)
        return decided

    async def _hold(self, db: Db, asked: Sequence[Asked]) -> dict[Hold, Held]:
        held: dict[Hold, Held] = {}
        for hold in self._holds:
            requests = [one.request for one in asked if self._table[type(one.request)].holds is hold]
            if requests:
                held[hold] = await hold(db, requests)
        return held

    def _decide_one(self, held: Mapping[Hold, Held], one: Asked) -> Sequence[Event] | NotHeardOf:
        answer = self._table[type(one.request)]
        mine = held[answer.holds]
        try:
            state = mine.state(one.request)
        except NotHeardOf as missing:
            return missing
        facts = answer.by(state, one.request, clock.today())
        for fact in facts:
            for each in held.values():
                each.evolve(fact)
        return facts

    def _lines(self, one: Asked, facts: Sequence[Event]) -> list[Entry]:
        beside = self._table[type(one.request)].beside
        return [
            line for fact in facts for line in (Entry.of_fact(self._service, fact, one.cause), *beside(fact, one.cause))
        ]


class _Waits:
    """Which keys are blocked, as the batch goes on."""

    def __init__(self, heard: Sequence[Heard], blocked: Blocked) -> None:
        self._heard, self._blocked = heard, blocked

    def is_behind(self, place: int) -> bool:
        return is_blocked(self._heard[place], self._blocked)

    def now(self, place: int, awaited: str) -> None:
        self._blocked.setdefault(self._heard[place].key, awaited)


def _outcome(heard: Heard, decided: Sequence[Event] | NotHeardOf | None) -> Outcome:
    if decided is None:
        return Behind(heard)
    if isinstance(decided, NotHeardOf):
        return Waiting(heard, decided.waits_for)
    refused = tuple(reason for fact in decided if isinstance(fact, Refusal) for reason in fact.reasons)
    flags = tuple(dict.fromkeys(flag for fact in decided for flag in getattr(fact, "flags", ())))
    return Applied(heard, tuple(decided), refused, heard.flags + flags)
