"""The year's script: what is reported, commanded and clicked, and when; a function of seed and number of hubs alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from random import Random

from hubs.demo import stops
from hubs.demo.acts import Act, Sent
from hubs.demo.inventing import network
from hubs.demo.network import Network
from hubs.demo.script.changes import changes
from hubs.demo.script.flagged import expecting, flags
from hubs.demo.script.joining import joining
from hubs.demo.script.meetings import meetings
from hubs.demo.script.specialists import specialists
from hubs.demo.script.support import support
from hubs.demo.script.titles import title
from hubs.demo.script.wrong import bad, disordered, repeated


@dataclass(frozen=True)
class Stop:
    """One instant at which the clock stands, what happens then, and what that is called."""

    at: datetime
    title: str
    acts: tuple[Act, ...]

    @property
    def reports(self) -> int:
        """Return how many reports are sent then, second deliveries left out."""
        return sum(isinstance(act, Sent) for act in self.acts)

    @property
    def held(self) -> int:
        """Return how many meetings are reported as held then."""
        return sum(isinstance(act, Sent) and act.kind == "MeetingHeld" for act in self.acts)


@dataclass(frozen=True)
class Script:
    """The whole year, in the order in which it is played."""

    network: Network
    stops: tuple[Stop, ...]

    @property
    def acts(self) -> Iterator[tuple[datetime, Act]]:
        """Yield every act with its instant."""
        for stop in self.stops:
            yield from ((stop.at, act) for act in stop.acts)

    @cached_property
    def sent(self) -> list[Sent]:
        """Return everything that must be answered by a receipt, once."""
        return [act for _, act in self.acts if isinstance(act, Sent)]


def year(seed: int, hubs: int) -> Script:
    """Return the year that `seed` stands for: pure, so the same numbers play the same year.

    Raises:
        ValueError: if the number of hubs is not from 2 to 40.
    """
    who = network(seed, hubs)
    chance = Random(seed)  # noqa: S311 -- chooses, protects nothing
    reported = [*joining(who), *changes(who), *specialists(who), *support(who), *meetings(who)]
    expected = flags(who)
    in_turn = disordered(sorted((expecting(line, expected) for line in reported), key=_when), chance)
    lines = sorted([*in_turn, *bad(who), *repeated(in_turn, chance)], key=_when)
    acts: Mapping[datetime, tuple[Act, ...]] = {
        when: tuple(act for _, act in group) for when, group in groupby(lines, key=_when)
    }
    told_at = ((when, acts.get(when, ())) for when in _instants(who, acts))
    return Script(who, tuple(Stop(when, title(when, then), then) for when, then in told_at))


def _when(line: tuple[datetime, object]) -> datetime:
    return line[0]


def _instants(who: Network, acts: Mapping[datetime, object]) -> list[datetime]:
    """Return where the clock stands: wherever something happens, and wherever reminders fall due."""
    days = {meeting.day for group in who.groups for meeting in group.meetings}
    return sorted({*acts, *stops.for_meetings(days | stops.usual_days()), stops.COMPLETING})
