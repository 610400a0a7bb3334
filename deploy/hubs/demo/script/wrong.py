"""What goes wrong on the way: refused and bad reports, deliveries that come twice or out of turn."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Final

from hubs.demo import stops
from hubs.demo.acts import Again, Line, Sent, TurnedBack, report
from hubs.demo.network import Network
from hubs.demo.script.joining import joined

REPEATED: Final = 0.05
"""The share of reports that are delivered twice."""
SWAPPED: Final = 0.05
"""The share of reports that change places with the next one of their hub."""
WAITS: Final = frozenset(
    {
        "WorkGroupFormed",
        "SchoolJoinedWorkGroup",
        "MasteryAdvocateNominated",
        "MeetingScheduled",
        "MeetingHeld",
        "SupportVisitCompleted",
    }
)
"""Reports that may come before what they follow from: they wait for it, or need nothing of the same day."""


def bad(network: Network) -> Iterator[Line]:
    """Yield what cannot be applied: refused with a reason, set aside with one, turned back at the door."""
    first, second = (network.of(hub.code)[0] for hub in network.hubs[:2])
    independent = next(one for one in network.register.schools if one.hub == first.hub and one.kind[2] == "3")
    refused = joined(first, independent, stops.JOINING, "2026-09-14")
    yield stops.JOINING, replace(refused, outcome="refused", code="school-not-state-funded")
    told = {"person": "T-99", "name": "Cut Off", "email": "cut.off@example.example"}
    cut = report(first.hub, "enrolment.PersonReported", stops.JOINING, "cut-off", **told)
    yield stops.JOINING, replace(cut, outcome="dead", code="not-json", cut_at=20)
    postponed = report(second.hub, "scheduling.MeetingPostponed", stops.JOINING, "WG-1-1", meeting="WG-1-1")
    yield stops.JOINING, replace(postponed, outcome="dead", code="unknown-type")
    again = joined(second, second.places[0].school, stops.JOINING, "2026-09-08")
    yield stops.JOINING, replace(again, outcome="dead", code="id-reused")
    lacking = {"work_group": first.reference, "school_urn": "none of six digits"}
    back = report(first.hub, "enrolment.SchoolJoinedWorkGroup", stops.JOINING, "turned-back", **lacking)
    yield stops.JOINING, TurnedBack(replace(back, outcome="rejected", code="bad-data"))


def disordered(lines: Iterable[Line], chance: Random) -> list[Line]:
    """Return the acts with some reports delivered before the one that went ahead of them."""
    told = list(lines)
    for place in range(len(told) - 1):
        (when, one), (then, other) = told[place], told[place + 1]
        if when == then and _may_change_places(one, other) and chance.random() < SWAPPED:
            told[place], told[place + 1] = told[place + 1], told[place]
    return told


def _may_change_places(one: object, other: object) -> bool:
    both = (one, other)
    return all(isinstance(sent, Sent) and sent.outcome == "taken" and sent.kind in WAITS for sent in both)


def repeated(lines: Iterable[Line], chance: Random) -> list[Line]:
    """Return the second deliveries: of one report in twenty that is taken."""
    good = [(when, one) for when, one in lines if isinstance(one, Sent) and one.outcome == "taken"]
    chosen = chance.sample(range(len(good)), round(len(good) * REPEATED))
    return [(good[place][0], Again(good[place][1])) for place in sorted(chosen)]
