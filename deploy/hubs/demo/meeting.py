"""A Work Group's meetings in the year: planned, moved, snowed off, cancelled for a strike, and who came to each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from hubs.demo import stops
from hubs.demo.network import CAME, Correction, Group, Meeting, Register, Teacher
from hubs.demo.terms import HALF_TERMS, SLOTS, meets_on

MARKS: Final = ("present",) * 14 + ("late", "partial", "apologies", "absent")
WEEK: Final = timedelta(days=7)
SPRING_1, SPRING_2 = 2, 3
NORTHERN: Final = 3
"""The first regions in the order of hubs, in which snow fell."""
OF_THURSDAY: Final = tuple(slot for slot, (days, _, _) in enumerate(SLOTS) if days)
SELDOM_SEEN: Final = (1, 2, 3)
"""Half-terms in which nobody of one school comes."""


def meetings_of(group: Group, hub: int, chance: Random) -> tuple[Meeting, ...]:
    """Return a Work Group's meetings in order; `hub` is the place of its hub in the order of hubs."""
    made = [one for half_term in range(len(HALF_TERMS)) for one in _of_half_term(group, hub, half_term)]
    return tuple(one if one.cancelled_at else replace(one, register=_register(group, hub, one, chance)) for one in made)


def _of_half_term(group: Group, hub: int, half_term: int) -> Iterator[Meeting]:
    planned = _planned(group, half_term)
    if half_term in stops.MOVING and _moves(group, hub, half_term):
        why = ("lead-unavailable", "venue-unavailable", "advocates-unavailable")[half_term % 3]
        yield _moved(planned, stops.MOVING[half_term], why)
    elif half_term == SPRING_1 and hub % 9 < NORTHERN and group.number in OF_THURSDAY:
        yield replace(planned, cancelled_at=stops.SNOW, why_cancelled="snow")
        if group.number == OF_THURSDAY[0]:
            yield _instead(planned, stops.register_due(planned.planned_on))
    elif half_term == SPRING_2 and hub % 2 == 0 and group.number == OF_THURSDAY[0]:
        yield _moved(planned, stops.STRIKE, "travel")
    elif half_term == SPRING_2 and hub % 2 == 0 and group.number == OF_THURSDAY[1]:
        yield replace(planned, cancelled_at=stops.STRIKE, why_cancelled="strike")
    else:
        yield planned


def _planned(group: Group, half_term: int) -> Meeting:
    day = meets_on(half_term, group.number)
    said_at = stops.PLANNING[half_term // 2]
    reference = f"{group.reference}-{half_term + 1}"
    return Meeting(reference, half_term, group.number, day, said_at, group.mode, group.lead(day))


def _moves(group: Group, hub: int, half_term: int) -> bool:
    """Say whether a meeting moves: those on Tuesdays, here and there."""
    return (half_term, group.number, hub % 2) in {(0, 0, 0), (1, 1, 1), (4, 0, 0)}


def _moved(planned: Meeting, at: datetime, why: str) -> Meeting:
    return replace(planned, moved_on=planned.planned_on + WEEK, moved_at=at, why_moved=why)


def _instead(cancelled: Meeting, at: datetime) -> Meeting:
    """Return the meeting that takes the place of a cancelled one, a week later."""
    return replace(
        cancelled,
        reference=f"{cancelled.reference}-again",
        planned_on=cancelled.planned_on + WEEK,
        said_at=at,
        cancelled_at=None,
        why_cancelled="",
    )


def _register(group: Group, hub: int, meeting: Meeting, chance: Random) -> Register:
    marks: dict[Teacher, str] = {}
    for place, one in enumerate(group.places):
        for number, teacher in enumerate(one.advocates(meeting.day)):
            mark = chance.choice(MARKS)
            marks[teacher] = _scripted(group, hub, meeting, place, number) or mark
    guests = chance.randint(1, 6) if chance.random() < 0.1 else None  # noqa: PLR2004 -- one meeting in ten
    said_at = _said_at(group, hub, meeting)
    return Register(said_at, marks, guests, tuple(_corrections(hub, group, meeting, marks, chance)))


def _scripted(group: Group, hub: int, meeting: Meeting, place: int, number: int) -> str | None:
    """Return the mark that the story needs: of a school that is seldom seen, and of one that just completes."""
    if (group.number, place) == (2, 3) and meeting.half_term in SELDOM_SEEN:
        return "apologies" if number else "absent"
    if (hub, group.number, place) == (0, 0, 2):
        return ("present" if not number else "absent") if meeting.half_term != 1 else "absent"
    return None


def _said_at(group: Group, hub: int, meeting: Meeting) -> datetime:
    """Return when the register comes in: mostly on the next day, some at the half-term's end, February's in April."""
    if meeting.half_term == SPRING_2 and group.number == 0 and hub % 3 == 0:
        return stops.APRIL
    if group.number == 1 and (hub + meeting.half_term) % 5 == 0:
        return stops.CLOSING[meeting.half_term]
    return stops.register_due(meeting.day)


def _corrections(
    hub: int, group: Group, meeting: Meeting, marks: dict[Teacher, str], chance: Random
) -> Iterator[Correction]:
    """Yield what is put right later: here and there a mark, and after completion the one that it hung on."""
    last = len(HALF_TERMS) - 1
    if (hub, group.number, meeting.half_term) == (0, 0, last):
        [teacher] = [who for who, mark in marks.items() if mark in CAME and who in _of(group, 2, meeting.day)]
        yield Correction(stops.QUESTIONING, teacher, "absent", "register-mistake")
    elif group.number == 3 and (hub + meeting.half_term) % 3 == 0:  # noqa: PLR2004 -- some of the fourth Work Groups'
        teacher = chance.choice(sorted(marks, key=lambda who: who.reference))
        wrong = marks[teacher] in CAME
        said_at = stops.CLOSING[min(meeting.half_term + 1, last)]
        yield Correction(
            said_at, teacher, "apologies" if wrong else "late", "apologies-received" if wrong else "arrived-late"
        )


def _of(group: Group, place: int, day: date) -> list[Teacher]:
    return group.places[place].advocates(day)
