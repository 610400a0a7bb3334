"""How what was counted is put in its places."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

LEVELS: Final = ("national", "hub", "region", "local_authority")

Counted = tuple[float | None, float, float | None]
"""Value, numerator and denominator."""
Tally = dict[tuple[str, str], Counted]
"""By place and part."""
Pairs = Iterable[tuple[str, Any]]
"""What counts, each with its place."""


def gathered(pairs: Pairs) -> Mapping[str, set[Any]]:
    """Return what is in each place, each once."""
    found: defaultdict[str, set[Any]] = defaultdict(set)
    for place, thing in pairs:
        found[place].add(thing)
    return found


def summed(pairs: Pairs) -> Mapping[str, float]:
    """Return the sum of each place."""
    found: defaultdict[str, float] = defaultdict(int)
    for place, amount in pairs:
        found[place] += amount
    return found


def listed(pairs: Pairs) -> Mapping[str, list[Any]]:
    """Return all that is in each place."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for place, thing in pairs:
        found[place].append(thing)
    return found


def number(part: str, pairs: Pairs) -> Tally:
    """Count things, each once to a place."""
    return {(place, part): (len(things), len(things), None) for place, things in gathered(pairs).items()}


def amount(part: str, pairs: Pairs) -> Tally:
    """Add up amounts."""
    return {(place, part): (total, total, None) for place, total in summed(pairs).items()}


def part_of(part: str, top: Mapping[str, Any], bottom: Mapping[str, Any]) -> Tally:
    """Divide, place by place; sets are counted."""

    def size(found: Any) -> float:  # noqa: ANN401 -- a set or a number
        return len(found) if isinstance(found, set) else found

    tally: Tally = {}
    for place in top.keys() | bottom.keys():
        over, under = size(top.get(place, 0)), size(bottom.get(place, 0))
        tally[place, part] = (over / under if under else None, over, under)
    return tally


def median_of(part: str, pairs: Pairs) -> Tally:
    """Return the median of amounts."""
    tally: Tally = {}
    for place, amounts in listed(pairs).items():
        in_order, half = sorted(amounts), len(amounts) // 2
        value = in_order[half] if len(amounts) % 2 else (in_order[half - 1] + in_order[half]) / 2
        tally[place, part] = (value, len(amounts), None)
    return tally
