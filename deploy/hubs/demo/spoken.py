"""How the demonstration speaks to people: a line with a tick for each step, and on a terminal a year that goes on."""

import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console

from hubs.demo.bar import Bar, spelled
from hubs.demo.script import Stop
from hubs.demo.telling import HEADER
from hubs.proof.system import Check, number

WIDTH: Final = 80
SAID: Final = WIDTH - 4 - 8
"""Columns between the tick and the seconds."""


class Plain:
    """Lines of 80 columns; colour only where the console has it, and moving signs only on a terminal."""

    def __init__(self, console: Console | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(highlight=False, markup=False, soft_wrap=True)
        self._bar = Bar(self._console)
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

    @contextmanager
    def stop(self, stop: Stop) -> Iterator[None]:
        """Show the year going on, on a terminal; elsewhere say what day it was, once all is quiet on it."""
        if self._console.is_terminal:
            self._bar.show(stop)
            yield
            return
        yield
        reports = f" · {number(stop.reports, 'report')}" if stop.reports else ""
        self._ticked("✓", f"{spelled(stop.at)} · {stop.title}{reports}", f"{self._seconds() - self._began:.1f} s")

    def step(self, said: str, notes: Sequence[str] = (), **_: object) -> None:
        """Say what was done, and when that was."""
        self._ticked("✓", said, f"{self._seconds() - self._began:.1f} s")
        for note in notes:
            self._lines(*textwrap.wrap(note, WIDTH, initial_indent="      ", subsequent_indent="        "))

    def serving(self, ready: Mapping[str, Any]) -> None:
        """Say what to open."""
        url = ready["url"]
        self._lines("", f"  Open          {url}", f"  Live year     {url}/live", f"  Inbox         {ready['inbox']}")
        self._lines(f"  Operations    {url}/ops", "")

    def proving(self) -> None:
        """Say that the checks begin."""
        self._bar.rest()
        self._lines("", "  The year is over. Checking that everything adds up:")

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
        self._bar.rest()
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
