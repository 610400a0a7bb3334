"""Batches that are small on Kafka and huge once they are read: found out before anything is made of them.

Kafka checks the size of what it is sent, compressed. With `compression.type=uncompressed` it would check the real
one, but unpacks all of it to do so: a record of 150 MB took a broker with a heap of 512 MB down.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cramjam

from mathshubs.envelope import MOST_BYTES

MOST_INFLATED: Final = 16_000_000
"""Bytes that one batch may come to: a client gathers a megabyte at most before it packs it."""
_HEADER: Final = struct.Struct(">qiibIhiqqqhii")
"""As KIP-98 has it: the attributes are the sixth field, the number of records the last; then come the records."""
_GZIP, _LZ4, _ZSTD = 1, 3, 4
_CODECS: Final[Mapping[int, Any]] = {_GZIP: cramjam.gzip, _LZ4: cramjam.lz4, _ZSTD: cramjam.zstd}
"""By number; snappy, 2, makes 26 MB at most of what Kafka takes."""
_CODEC, _APPENDED = 0x07, 0x08
_TIMES: Final = {_GZIP: 1_032, _LZ4: 255}
"""By how much a codec can shrink what is all alike; what cannot become too large is not looked at."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """One record of a batch that was not read, in the shape of aiokafka's: too large, whatever it was."""

    offset: int
    timestamp: int
    timestamp_type: int
    value: bytes
    key: None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    checksum: None = None


def stand_ins(raw: memoryview) -> Iterator[StandIn] | None:
    """Return a record for each of a batch that is too large once it is read; None if it is not.

    Each holds the beginning of the batch, in bytes that are one too many for an event.
    """
    if len(raw) < _HEADER.size:
        return None
    first, *_, attributes, last, _, latest, _, _, _, _ = _HEADER.unpack_from(raw)
    beginning = _beginning(attributes & _CODEC, raw[_HEADER.size :])
    if beginning is None:
        return None
    kind = 1 if attributes & _APPENDED else 0
    return (StandIn(first + place, latest, kind, beginning) for place in range(last + 1))


def _beginning(codec: int, packed: memoryview) -> bytes | None:
    """Return how a batch begins if it is too large once it is read."""
    if codec not in _CODECS or len(packed) * _TIMES.get(codec, MOST_INFLATED) <= MOST_INFLATED:
        return None
    room = bytearray(MOST_INFLATED)  # of which the machine gives only as much as is written
    try:
        _CODECS[codec].decompress_into(packed, room)
    except cramjam.DecompressionError:  # no room for it: Kafka and the checksum have seen that it is whole
        return bytes(room[: MOST_BYTES + 1])
    return None
