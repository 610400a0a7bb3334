"""Histories of two Work Groups, and every order in which they may legally arrive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from hypothesis import strategies as some

from mathshubs.events import Event
from scheduling_wire import (
    MOORSIDE,
    RIVER_VALE,
    Report,
    assigned,
    cancelled,
    corrected,
    formed,
    held,
    nominated,
    person,
    rescheduled,
    scheduled,
    vacated,
    withdrew,
)

_TAGS = count()
_DAYS = [date(2024, 9, 17), date(2024, 9, 18), date(2024, 11, 12)]
_SLOTS = [date(2024, 9, 2), date(2024, 9, 18), date(2024, 11, 12)]
_PEOPLE = ["lena", "amina", "ben", "cal"]
Said = Report | Event


@dataclass(frozen=True)
class History:
    """Streams that each arrive in their order; `tag` makes its ids its own, so that many fit one database."""

    tag: str
    streams: tuple[tuple[Said, ...], ...]

    def in_order(self) -> list[Said]:
        """Return the history as it happened: what enrolment says first."""
        return [said for stream in self.streams for said in stream]

    def who(self, name: str) -> str:
        """Return how the hubs of this history call a person."""
        return f"{name}-{self.tag}"


@dataclass(frozen=True)
class Arrival:
    """One thing that is said, the how-manieth of its history, and whether what is parked is looked at after it."""

    place: int
    said: Said
    looks: bool


@some.composite
def histories(draw: some.DrawFn) -> History:
    """Two Work Groups of two hubs that share their lead and an advocate, with up to two meetings each."""
    tag = str(next(_TAGS))
    history = History(tag, ())
    streams: list[tuple[Said, ...]] = []
    for hub in (RIVER_VALE, MOORSIDE):
        streams.append(tuple(_facts(draw, history, hub)))
        streams += [tuple(_reports(draw, history, hub, number)) for number in range(draw(some.integers(1, 2)))]
    facts_first = sorted(streams, key=lambda stream: isinstance(stream[0], Report))
    return History(tag, tuple(facts_first))


def _facts(draw: some.DrawFn, history: History, hub: str) -> Iterator[Event]:
    lead = person(history.who("lena")) if draw(some.booleans()) else None
    yield formed(f"WG-{history.tag}", lead, hub)
    named = draw(some.lists(some.sampled_from(_PEOPLE), max_size=3, unique=True))
    for name in named:
        yield nominated(f"WG-{history.tag}", person(history.who(name)), draw(some.sampled_from(_SLOTS)), hub)
    for name in draw(some.lists(some.sampled_from(_PEOPLE), max_size=2, unique=True)):
        day, who = draw(some.sampled_from(_SLOTS)), person(history.who(name))
        if draw(some.booleans()):
            yield assigned(f"WG-{history.tag}", who, day, hub)
        elif name in named:
            yield vacated(f"WG-{history.tag}", who, day, hub)
            yield nominated(f"WG-{history.tag}", who, draw(some.sampled_from(_SLOTS)), hub)
    if draw(some.integers(0, 3)) == 0:
        yield withdrew(f"WG-{history.tag}", draw(some.sampled_from(_SLOTS)), hub)


def _reports(draw: some.DrawFn, history: History, hub: str, number: int) -> Iterator[Report]:
    meeting, group = f"M-{number}-{history.tag}", f"WG-{history.tag}"
    times = draw(some.lists(_times(), min_size=1, max_size=3))
    was_held = draw(some.booleans())
    if len(times) > 1 or not was_held:
        yield scheduled(meeting, group, *times[0], hub)
    for moved_to in times[1:]:
        place = draw(some.sampled_from([None, "Elm Park", "Oak Hall"]))
        yield scheduled(meeting, group, *moved_to, hub, place=place) if place else rescheduled(meeting, *moved_to, hub)
    if (len(times) > 1 or not was_held) and draw(some.integers(0, 3)) == 0:
        yield cancelled(meeting, "snow", hub)
        if draw(some.booleans()):
            yield scheduled(meeting, group, *draw(_times()), hub)
    names = some.sampled_from(_PEOPLE).map(lambda name: str(person(history.who(name))))
    if was_held:
        statuses = some.sampled_from(["present", "late", "apologies", "absent"])
        at = draw(some.sampled_from([times[-1], draw(_times())]))
        yield held(meeting, group, *at, draw(some.dictionaries(names, statuses, max_size=3)), hub=hub)
        for who in draw(some.lists(names, max_size=2)):
            yield corrected(meeting, who, draw(statuses), hub=hub)


@some.composite
def _times(draw: some.DrawFn) -> tuple[str, str]:
    day, hour = draw(some.sampled_from(_DAYS)), draw(some.sampled_from([9, 10, 14]))
    starts_at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return starts_at.isoformat(), (starts_at + timedelta(hours=2)).isoformat()


@some.composite
def arrivals(draw: some.DrawFn, history: History) -> Sequence[Arrival]:
    """Any merging of the streams, each in its own order, with anything said again at any time after."""
    places = {id(said): place for place, said in enumerate(history.in_order())}
    left = [list(stream) for stream in history.streams]
    arrived: list[Said] = []
    while any(left):
        stream = draw(some.sampled_from([stream for stream in left if stream]))
        arrived.append(stream.pop(0))
        if draw(some.integers(0, 4)) == 0:
            arrived.append(draw(some.sampled_from(arrived)))
    return [Arrival(places[id(said)], said, draw(some.integers(0, 3)) == 0) for said in arrived]
