"""How the demonstration speaks: a line with a tick for each step for people, or one JSON object a line."""

import json
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, Final, Protocol

from rich.console import Console

from hubs.proof.system import Check
from mathshubs.clock import LONDON

HEADER: Final = "Maths Hubs demo · all people, schools and figures are invented · nothing is sent to anyone"
WIDTH: Final = 80
SAID: Final = WIDTH - 4 - 8
"""Columns between the tick and the seconds."""


class Telling(Protocol):
    """What can be told."""

    def begin(self) -> None:
        """Say what this is."""

    def doing(self, what: str) -> AbstractContextManager[None]:
        """Say what is under way, for the length of a block."""

    def act(self, stands: datetime, title: str) -> None:
        """Say what day it is, and what happens."""

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

    def act(self, stands: datetime, title: str) -> None:
        """Say where the clock stands."""
        self._say("act", clock=stands.isoformat(), said=title)

    def step(self, said: str, notes: Sequence[str] = (), **figures: object) -> None:
        """Say what was done, with its figures."""
        self._say(
            "step", said=said, notes=list(notes), figures=figures, seconds=round(self._seconds() - self._began, 1)
        )

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

    def _say(self, event: str, **more: object) -> None:
        self._write(json.dumps({"event": event, **more}, default=str))


class Plain:
    """Lines of 80 columns; colour only where the console has it, and moving signs only on a terminal."""

    def __init__(self, console: Console | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(highlight=False, markup=False, soft_wrap=True)
        self._seconds, self._began = seconds, seconds()

    def begin(self) -> None:
        """Say what this is."""
        self._lines(*textwrap.wrap(HEADER, WIDTH), "")

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show what is under way, on a terminal."""
        if not self._console.is_terminal:
            yield
            return
        with self._console.status(f"  {what}"):
            yield

    def act(self, stands: datetime, title: str) -> None:
        """Say what day it is."""
        day = stands.astimezone(LONDON)
        self._lines("", f"  {day:%a} {day.day} {day:%b %Y} · {title}")

    def step(self, said: str, notes: Sequence[str] = (), **_: object) -> None:
        """Say what was done, and when that was."""
        self._ticked("✓", said, f"{self._seconds() - self._began:.1f} s")
        for note in notes:
            self._lines(*textwrap.wrap(note, WIDTH, initial_indent="      ", subsequent_indent="        "))

    def serving(self, ready: Mapping[str, Any]) -> None:
        """Say what to open."""
        self._lines("", f"  Open          {ready['url']}", f"  Inbox         {ready['inbox']}", "")

    def proving(self) -> None:
        """Say that the checks begin."""
        self._lines("", "  The half-term is over. Checking that everything adds up:")

    def check(self, made: Check) -> None:
        """Say what one check comes to, with examples where it fails."""
        self._ticked("✓" if made.ok else "✗", made.said)
        if made.ok:
            return
        for name, found in made.figures.items():
            if isinstance(found, list) and found:
                self._lines(
                    *textwrap.wrap(f"{name}: {found[0]}", WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 8)
                )

    def wrong(self, cause: str, mend: str, log: str) -> None:
        """Say what went wrong, how to mend it, and where to read more."""
        self._lines("")
        self._ticked("✗", cause)
        self._lines(f"      Mend: {mend}", f"      Log:  {log}")

    def end(self, proof: Mapping[str, Any], notes: Sequence[str]) -> None:
        """Say whether it holds, and what to do next."""
        failed = sum(not one["ok"] for one in proof["checks"])
        many = len(proof["checks"])
        said = f"All {many} checks hold." if not failed else f"{failed} of {many} checks failed."
        self._lines("", f"  {said} ({self._seconds() - self._began:.0f} s)", *(f"  {note}" for note in notes))

    def _ticked(self, sign: str, said: str, after: str = "") -> None:
        first, *more = textwrap.wrap(said, SAID) or [""]
        colour = "green" if sign == "✓" else "red"
        self._console.print("  ", end="")
        self._console.print(sign, style=colour, end=" ")
        self._console.print(f"{first:<{SAID}}{after:>8}".rstrip())
        self._lines(*(f"    {line}" for line in more))

    def _lines(self, *lines: str) -> None:
        for line in lines:
            self._console.print(line)
