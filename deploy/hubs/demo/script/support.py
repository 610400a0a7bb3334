"""What hubs report beside meetings: visits, open lessons, when schools are closed, and who would take part."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from hubs.demo import stops
from hubs.demo.acts import Line, report
from hubs.demo.network import Group, Network, Place, Teacher
from hubs.demo.script.joining import PROGRAMME, person
from hubs.demo.terms import SCHOOL_YEAR, Closure
from hubs.invented.register import InventedHub
from mathshubs.clock import london_day

TRAINS_ON: Final = date(2026, 11, 19)
"""A school's own training day, on which its Work Group meets all the same."""
VISITED: Final = {"development": (0, 2, 4), "embedding": (1, 3, 5), "sustaining": (3,)}
"""The half-terms in which a school is visited, by stage."""
HOURS: Final = {"development": 3.0, "embedding": 6.0, "sustaining": 2.5}
LESSON_IN: Final = (3, 4)
"""Half-terms in which lessons are opened: in spring and early summer."""


def support(network: Network) -> Iterator[Line]:
    """Yield all of it."""
    for hub in network.hubs:
        yield from _calendars(network.of(hub.code))
        yield from _interest(network, hub)
    for group in network.groups:
        for place in group.places:
            yield from _visits(group, place)
        yield from _lessons(group)


def _calendars(groups: list[Group]) -> Iterator[Line]:
    """Yield when the first school of each Work Group is closed: as its authority says, with a day of its own."""
    for group in groups:
        place = group.places[0]
        own = [Closure(TRAINS_ON, TRAINS_ON, "inset")] if group.number == 2 else []  # noqa: PLR2004 -- meets that day
        closed = [
            {"from": one.first.isoformat(), "to": one.last.isoformat(), "kind": one.kind}
            for one in (*place.pattern.closed, *own)
        ]
        told = {"school_urn": place.school.urn, "school_year": SCHOOL_YEAR, "closed": closed}
        yield (
            stops.JOINING,
            report(group.hub, "scheduling.SchoolCalendarReported", stops.JOINING, place.school.urn, **told),
        )


def _visits(group: Group, place: Place) -> Iterator[Line]:
    """Yield the visits to a school while it takes part."""
    for half_term in VISITED[group.stage]:
        said_at = stops.CLOSING[half_term]
        held_on = london_day(said_at) - timedelta(days=6)
        if not place.advocates(held_on) or not place.pattern.is_open(held_on):
            held_on -= timedelta(days=14)
        if not place.advocates(held_on) or not place.pattern.is_open(held_on):
            continue
        visit = f"V-{group.number + 1}-{place.school.urn}-{half_term + 1}"
        yield (
            said_at,
            report(
                group.hub,
                "scheduling.SupportVisitCompleted",
                said_at,
                visit,
                visit=visit,
                work_group=group.reference,
                school_urn=place.school.urn,
                held_on=held_on.isoformat(),
                hours=HOURS[group.stage],
                mode="face-to-face",
                focus="Planning a sequence of lessons on ratio",
            ),
        )


def _lessons(group: Group) -> Iterator[Line]:
    """Yield a lesson that a Work Group's first school opens to the others, and to one from outside."""
    if group.stage == "sustaining":
        return
    half_term = LESSON_IN[group.number % 2]
    said_at = stops.CLOSING[half_term]
    host, *others = group.places
    held_on = london_day(said_at) - timedelta(days=5 if half_term == LESSON_IN[0] else 12)
    there: list[tuple[Place, Teacher]] = [(place, who) for place in others for who in place.advocates(held_on)[:1]]
    observers: list[dict[str, str]] = [
        {"person": who.reference, "school_urn": place.school.urn} for place, who in there
    ]
    observers.append({"school_urn": host.school.urn})
    lesson = f"OL-{group.number + 1}"
    yield (
        said_at,
        report(
            group.hub,
            "scheduling.OpenLessonHeld",
            said_at,
            lesson,
            lesson=lesson,
            school_urn=host.school.urn,
            work_group=group.reference,
            held_on=held_on.isoformat(),
            mode="face-to-face",
            observers=observers,
        ),
    )


def _interest(network: Network, hub: InventedHub) -> Iterator[Line]:
    """Yield a school that would take part next year, with whom to ask there."""
    said_at = stops.CLOSING[3]
    school = network.idle(hub.code)[0]
    who = Teacher(hub.code, "C-1", "Head of Mathematics", f"head.of.maths@{hub.code}.example", school.urn)
    yield said_at, person(who, said_at, "contact")
    told = {"interest": "EOI-1", "school_urn": school.urn, "contact": who.reference, "programme": PROGRAMME}
    yield (
        said_at,
        report(hub.code, "enrolment.InterestExpressed", said_at, "EOI-1", **told, note="Heard of it at a conference"),
    )
