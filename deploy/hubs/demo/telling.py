"""How the demonstration speaks to programs: one JSON object a line; to people see `spoken`."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC
from typing import Any, Final, Protocol

from hubs.demo.script import Stop
from hubs.proof.system import Check

HEADER: Final = "Maths Hubs demo · all people, schools and figures are invented · nothing is sent to anyone"


class Telling(Protocol):
    """What can be told."""

    def begin(self) -> None:
        """Say what this is."""

    def doing(self, what: str) -> AbstractContextManager[None]:
        """Say what is under way, for the length of a block."""

    def stop(self, stop: Stop) -> AbstractContextManager[None]:
        """Say what day it is and what happens, and once that has come to rest, that it has."""

    def step(self, said: str, notes: Sequence[str] = (), **figures: object) -> None:
        """Say what was done, and more about it in lines of their own."""

    def serving(self, ready: Mapping[str, Any]) -> None:
        """Say what can be opened."""

    def proving(self) -> None:
        """Say that the checks begin."""

    def check(self, made: Check) -> None:
        """Say what one check comes to."""

    def wrong(self, cause: str, mend: str, log: str) -> None:
        """Say what went wrong, how to mend it, and where to read more."""

    def end(self, proof: Mapping[str, Any], notes: Sequence[str]) -> None:
        """Say what it all comes to."""


class Json:
    """One object a line; the last one is the proof."""

    def __init__(self, write: Callable[[str], None], seconds: Callable[[], float] = time.monotonic) -> None:
        self._write, self._seconds, self._began = write, seconds, seconds()

    def begin(self) -> None:
        """Say what this is."""
        self._say("demo", said=HEADER)

    def doing(self, what: str) -> AbstractContextManager[None]:  # noqa: ARG002 -- a program waits for what was done
        """Say nothing."""
        return nullcontext()

    @contextmanager
    def stop(self, stop: Stop) -> Iterator[None]:
        """Say where the clock stood, once all is quiet there."""
        yield
        clock = stop.at.astimezone(UTC).isoformat()
        self._say("stop", clock=clock, said=stop.title, reports=stop.reports, seconds=self._elapsed())

    def step(self, said: str, notes: Sequence[str] = (), **figures: object) -> None:
        """Say what was done, with its figures."""
        self._say("step", said=said, notes=list(notes), figures=figures, seconds=self._elapsed())

    def serving(self, ready: Mapping[str, Any]) -> None:
        """Say where everything is, as `hubs up` does."""
        self._say("ready", **{name: word for name, word in ready.items() if name != "event"})

    def proving(self) -> None:
        """Say nothing: the proof is one object."""

    def check(self, made: Check) -> None:
        """Say nothing: the proof is one object."""

    def wrong(self, cause: str, mend: str, log: str) -> None:
        """Say what went wrong."""
        self._say("failed", cause=cause, mend=mend, log=log)

    def end(self, proof: Mapping[str, Any], notes: Sequence[str]) -> None:  # noqa: ARG002 -- for people
        """Say the proof."""
        self._write(json.dumps(proof, default=str))

    def _elapsed(self) -> float:
        return round(self._seconds() - self._began, 1)

    def _say(self, event: str, **more: object) -> None:
        self._write(json.dumps({"event": event, **more}, default=str))
