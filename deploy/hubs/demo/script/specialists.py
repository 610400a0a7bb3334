"""What hubs report of specialists: their past in September, and each step of the year at the next stop after it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Final

from hubs.demo import stops
from hubs.demo.acts import Line, report
from hubs.demo.network import Network
from hubs.demo.script.joining import named_by
from mathshubs.clock import london_day

INSTANTS: Final = sorted(
    {stops.FORMING, *stops.CLOSING, *stops.PLANNING[1:], stops.NEW_YEAR, stops.APRIL, stops.LATE_APRIL}
)
SAID: Final = [london_day(instant) for instant in INSTANTS]


def specialists(network: Network) -> Iterator[Line]:
    """Yield the steps of every specialist's way, in their order."""
    for one in network.specialists:
        seen: Counter[str] = Counter()
        for day, kind, more in one.steps:
            said_at = INSTANTS[bisect_left(SAID, day)]
            seen[kind] += 1
            hub = one.moves[1] if one.moves and day >= one.moves[0] else one.teacher.hub
            about = f"{one.teacher.reference}/{seen[kind]}"
            told = {"person": named_by(hub, one.teacher), "effective_on": day.isoformat(), **more}
            yield said_at, report(hub, f"enrolment.{kind}", said_at, about, **told)
