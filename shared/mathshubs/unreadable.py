"""Records whose header names are no text: aiokafka raises over one and would never get past it.

A hub's client may write such a record, Kafka takes it, and aiokafka decodes header names while it fetches,
where nothing of ours could set the record aside. So batches are read by aiokafka's own code until it raises,
and from there on by its slower Python code over a buffer in which every name decodes: the bytes that are no
text come out as lone surrogates, which `mathshubs.envelope` refuses as `header-not-utf-8`.
"""

from collections.abc import Iterator
from typing import Any, SupportsIndex, overload

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

from mathshubs.inflating import stand_ins

_FIRST_WITH_HEADERS = 2
"""Kafka's version of batches from which on records have headers."""


class _Text(bytearray):
    """Bytes of which any part decodes."""

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, index: slice, /) -> bytearray: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> int | bytearray:
        found = super().__getitem__(index)
        return _Text(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "surrogateescape")


class _Batch:
    """A batch that reads as aiokafka reads it, and on from where aiokafka raises."""

    def __init__(self, strict: Any, raw: memoryview) -> None:  # noqa: ANN401 -- C or Python, alike
        self._strict, self._raw = strict, raw

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever else the fetcher asks of a batch
        return getattr(self._strict, name)

    def __next__(self) -> Any:  # noqa: ANN401 -- a record of aiokafka's
        """Return the first record alone, as the fetcher asks of the marker that ends a transaction."""
        return next(self._strict)

    def __iter__(self) -> Iterator[Any]:
        return stand_ins(self._raw) or self._each()

    def _each(self) -> Iterator[Any]:
        given = 0
        try:
            for record in self._strict:
                yield record
                given += 1
        except (UnicodeDecodeError, CorruptRecordException):
            for place, record in enumerate(_leniently(self._raw)):
                if place >= given:
                    yield record


def _leniently(raw: memoryview) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(bytearray(raw))
    records: Iterator[Any] = iter(batch)
    batch._buffer = _Text(batch._buffer)  # noqa: SLF001 -- the one place where names are decoded
    return records


class Records(_MemoryRecordsPy):  # type: ignore[misc]
    """What one fetch brought, batch by batch, every record readable."""

    def next_batch(self) -> Any:  # noqa: ANN401 -- a batch of aiokafka's
        """Return the next batch, None after the last."""
        raw = self._next_slice
        batch = super().next_batch()
        if batch is None or raw[self.MAGIC_OFFSET] < _FIRST_WITH_HEADERS:
            return batch
        return _Batch(batch, raw)


def read_every_record() -> None:
    """Have every consumer of this process read by `Records`; aiokafka offers no other place to say so."""
    fetcher.MemoryRecords = Records
