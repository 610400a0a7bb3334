"""The lines of a CSV file: in which encoding they stand, and which of them make one row."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

CODEC = "cp1252"
"""That of the school register, and of spreadsheets on Windows."""
REPLACED = "\ufffd"
"""What stands for bytes that mean nothing in the file's encoding."""
_MOST_LINES = 20  # of one cell: an address may be written on several
_CHUNK = 1 << 20
_BEYOND_ASCII = re.compile(rf"[^\x00-\x7f{REPLACED}]")


def encoding_of(path: Path) -> str:
    """Return how the file at `path` is written: `utf-8-sig`, `utf-8` or `cp1252`.

    A byte order mark decides. Without one it is UTF-8 if more of its letters beyond ASCII are whole in
    UTF-8 than are broken: one broken letter must not turn all the good ones into others.
    """
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
            return "utf-8-sig"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        whole = broken = 0
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            text = decoder.decode(chunk)
            if not text.isascii():
                broken += text.count(REPLACED)
                whole += len(_BEYOND_ASCII.findall(text))
    return "utf-8" if whole > broken else CODEC


def cells(line: str, further: Iterable[str] = ()) -> list[str]:
    """Return the cells of the row that begins with `line`; `further` are asked for while a quoted cell is open.

    Raises:
        csv.Error: if a quotation mark stands where none may, or is never closed.
    """
    return next(csv.reader(chain([line], further), strict=True))


def rows(lines: Iterable[str], width: int, first: int) -> Iterator[tuple[int, list[str], str | None]]:
    """Yield the number of each row's line, counted from `first`, its `width` cells, and no problem.

    A row goes on in the next lines where a quoted cell holds line breaks, but never into a line that is a
    row of its own: so a stray quotation mark costs the line it stands in and no other. What cannot be read
    has no cells and a problem, `quote-misplaced` or `wrong-number-of-fields`. Blank lines are passed over.
    """
    coming = _Coming(iter(lines), width, first)
    for number, line in coming:
        try:
            found = cells(line, coming.lend())
        except csv.Error:
            coming.take_back()
            yield number, [], "quote-misplaced"
            continue
        if len(found) == width:
            yield number, found, None
        elif found:
            coming.take_back()
            yield number, [], "wrong-number-of-fields"


class _Coming:
    """Lines yet to be read; those lent to an open cell are taken back unless they belong to it."""

    def __init__(self, lines: Iterator[str], width: int, first: int) -> None:
        self._lines, self._width = lines, width
        self._number = first - 1
        self._back: deque[str] = deque()
        self._lent: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while (line := self._next()) is not None:
            self._lent = []
            yield self._number, line

    def lend(self) -> Iterator[str]:
        """Yield the lines that an open cell may go on with."""
        while len(self._lent) < _MOST_LINES and (line := self._next()) is not None:
            if self._is_row(line):
                self._put_back([line])
                return
            self._lent.append(line)
            yield line

    def take_back(self) -> None:
        """Read again, each on its own, what was lent."""
        self._put_back(self._lent)

    def _next(self) -> str | None:
        line = self._back.popleft() if self._back else next(self._lines, None)
        if line is not None:  # the end is looked for more than once, and is no line
            self._number += 1
        return line

    def _put_back(self, lines: list[str]) -> None:
        self._number -= len(lines)
        self._back.extendleft(reversed(lines))

    def _is_row(self, line: str) -> bool:
        try:
            return len(cells(line)) == self._width
        except csv.Error:
            return False
