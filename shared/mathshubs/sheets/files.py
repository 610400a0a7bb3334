"""A file of CSV as a stream of rows: mapped by header, with what cannot be read set aside."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self

from mathshubs.sheets.lines import REPLACED, cells, encoding_of, rows

Progress = Callable[[int, int], None]
"""Told now and then how many bytes of how many have been read."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"))


def unseen(_done: int, _total: int) -> None:
    """Show nobody how far an import is."""


class MissingColumns(ValueError):
    """The file lacks columns that it cannot be read without; the message says which file to take."""

    def __init__(self, columns: Sequence[str], path: Path, advice: str) -> None:
        super().__init__(f"{path.name} lacks {', '.join(columns)}.\n{advice}")
        self.columns = tuple(columns)


class RepeatedColumns(ValueError):
    """A column that is needed stands twice in the header, and nothing says which of them is meant."""

    def __init__(self, columns: Sequence[str], path: Path) -> None:
        super().__init__(f"{path.name} has more than once: {', '.join(columns)}")
        self.columns = tuple(columns)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one kind of file: all that are known, those needed, those read where present."""

    known: tuple[str, ...]
    needed: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    advice: str = ""
    """What to do about a file that lacks what is needed."""

    @property
    def read(self) -> tuple[str, ...]:
        """Return the columns whose cells are handed on, in this order."""
        return (*self.needed, *self.wanted)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row in the order of `Layout.read`; with a problem, what could be read of them.

    `number` is that of its line in the file, the first of several: the header is 1.
    """

    number: int
    cells: tuple[str, ...]
    problem: str | None = None


class Sheet:
    """One open file, read once from top to bottom, never held whole.

    Cells of other columns than those of the layout are never looked at. A column that is wanted and
    absent gives empty cells. `encoding` is what it was found to be written in, `read` how many rows were
    yielded so far, those with a problem among them.

    Raises:
        MissingColumns: on opening, if a needed column is absent.
        RepeatedColumns: on opening, if a column that is read stands more than once.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.size = path.stat().st_size
        self.encoding = encoding_of(path)
        self.read = 0
        self._layout = layout
        self._bytes = path.open("rb")
        self._text = TextIOWrapper(self._bytes, encoding=self.encoding, errors="replace", newline="")
        try:
            self._header = _header(self._text.readline())
            self._check()
        except ValueError:
            self._text.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._text.close()

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the known columns that this file has not."""
        return tuple(name for name in self._layout.known if name not in self._header)

    @property
    def extra(self) -> tuple[str, ...]:
        """Return the columns of this file that are not known."""
        return tuple(name for name in self._header if name not in self._layout.known)

    @property
    def done(self) -> int:
        """Return how many of `size` bytes have been read."""
        return self._bytes.tell()

    def has(self, column: str) -> bool:
        """Say whether the file has this column."""
        return column in self._header

    def rows(self) -> Iterator[Row]:
        """Yield each row that is not blank; one that cannot be read has a problem."""
        pick = _picker([self._header.index(name) if self.has(name) else None for name in self._layout.read])
        for number, found, problem in rows(self._text, len(self._header), first=2):
            self.read += 1
            yield Row(number, (), problem) if problem else _clean(number, pick(found))

    def _check(self) -> None:
        if absent := [name for name in self._layout.needed if name not in self._header]:
            raise MissingColumns(absent, self.path, self._layout.advice)
        if repeated := [name for name in self._layout.read if self._header.count(name) > 1]:
            raise RepeatedColumns(repeated, self.path)


def _header(line: str) -> list[str]:
    """Return the names of the columns; none of a line that cannot be read, so that all of them are missing."""
    try:
        return [name.strip() for name in cells(line)]
    except csv.Error:
        return []


def _picker(columns: Sequence[int | None]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return what takes the cells at `columns` from a row, with an empty one for None."""
    pick = itemgetter(*(-1 if column is None else column for column in columns))
    return lambda fields: pick([*fields, ""])


def _clean(number: int, cells: tuple[str, ...]) -> Row:
    """Take out stray white space, and set aside a row with characters that no name is written with."""
    tidy = tuple(" ".join(cell.translate(_INVISIBLE).split()) for cell in cells)
    whole = "".join(tidy)
    if REPLACED in whole or not whole.isprintable():
        return Row(number, tidy, "characters-unreadable")
    return Row(number, tidy)
