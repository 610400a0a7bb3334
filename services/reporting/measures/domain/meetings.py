"""Meetings: whether Work Groups meet each half-term, how they meet, and how soon hubs tell of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reporting.measures.domain.figures import BY_HUB, Measure, Subject
from reporting.measures.domain.parts import Part, Unit, Value, divided, how_many, ratio, total
from reporting.measures.domain.places import Level, Place

MODES: Final = {"face-to-face": "Face to face", "online": "Online", "hybrid": "Hybrid"}


@dataclass(frozen=True, slots=True)
class GroupYear:
    """One Work Group that runs or has completed: its held meetings, and whether one was in each that is over.

    `met_each_half_term` is None where no half-term is over.
    """

    id: str
    name: str
    places: Mapping[Level, Place]
    stage: str | None
    held: int
    met_each_half_term: bool | None

    kind = "work_group"


@dataclass(frozen=True, slots=True)
class Gathering:
    """One held meeting: its mode, and how many advocates attended in which."""

    id: str
    name: str
    places: Mapping[Level, Place]
    stage: str | None
    mode: str
    attended: Mapping[str, int]

    kind = "meeting"


@dataclass(frozen=True, slots=True)
class Recording:
    """How a hub's reports fare: one fact's delay, one mark of a register, or one meeting that waits for its register.

    `delay` is the time from when it was true to when it was recorded, in seconds, never less than 0.
    """

    kind: str
    id: str
    name: str
    places: Mapping[Level, Place]
    stage: str | None
    delay: float | None = None
    is_mark: bool = False
    is_corrected: bool = False
    is_unclosed: bool = False


def _held_in(mode: str) -> Part:
    return how_many(f"meetings-{mode}", f"Meetings: {MODES[mode].lower()}", lambda meeting: meeting.mode == mode)


def _attended_in(mode: str) -> Part:
    return total(
        f"attendances-{mode}",
        f"Attendances: {MODES[mode].lower()}",
        lambda meeting: meeting.attended.get(mode, 0),
        lambda meeting: meeting.attended.get(mode, 0) > 0,
    )


def _has_delay(recording: Recording) -> bool:
    return recording.delay is not None


def percentile(amounts: Sequence[float], hundredths: int) -> float | None:
    """Return the smallest of `amounts` that so many hundredths of them do not exceed; None where there are none."""
    in_order = sorted(amounts)
    return in_order[-(-len(in_order) * hundredths // 100) - 1] if in_order else None


def _delay(code: str, name: str, hundredths: int) -> Part:
    def reckon(seen: Sequence[Recording]) -> Value:
        delays = [one.delay for one in seen if one.delay is not None]
        return Value(percentile(delays, hundredths), len(delays))

    return Part(code, name, Unit.SECONDS, _has_delay, reckon)


def _corrections(seen: Sequence[Recording]) -> Value:
    marks = [one for one in seen if one.is_mark]
    return divided(sum(one.is_corrected for one in marks), len(marks))


MEETINGS: Final = (
    Measure(
        "M10",
        "Cadence",
        "Of the Work Groups that run on the day asked about or have completed, those with a held meeting in every "
        "half-term of the school year that is over by that day, by the dates of policy (the last is over with the "
        "year; until the first is, there is no rate); and held meetings to a group. A group of which nothing is said "
        "runs from its first held meeting; one that was disbanded is left out, and its meetings too. A meeting counts "
        "for the half-term that its group's calendars gave it, and for none where they gave none.",
        Subject.GROUPS,
        (
            ratio(
                "met",
                "Met each half-term",
                lambda group: group.met_each_half_term is not None,
                lambda group: group.met_each_half_term,
                lambda _: 1,
            ),
            ratio(
                "mean", "Meetings to a group", lambda _: True, lambda group: group.held, lambda _: 1, unit=Unit.NUMBER
            ),
        ),
        levels=BY_HUB,
    ),
    Measure(
        "M11",
        "Delivery mix",
        "Held meetings by mode; and attendances (present, late or in part) of advocates who were expected, by the mode "
        "in which each attended, which is that of the meeting where nothing else was said. Of two records of one "
        "person the mark that was recorded last stands.",
        Subject.MEETINGS,
        (*map(_held_in, MODES), *map(_attended_in, MODES)),
        levels=BY_HUB,
    ),
    Measure(
        "M20",
        "Quality of reports",
        "Time from when something was true to when it was recorded, of joins, nominations, withdrawals, held "
        "meetings, visits and open lessons: the median and the 95th percentile, each by nearest rank. Marks of "
        "registers that were ever corrected, with a reason given, divided by all marks, one for each record of a "
        "person at a meeting, guests too; a register or a slot that was reported late corrects nothing. Meetings whose "
        "register has not come in 14 days, by policy.",
        Subject.REPORTS,
        (
            _delay("median", "Median delay", 50),
            _delay("p95", "95th percentile of delay", 95),
            Part("corrections", "Corrections", Unit.RATE, lambda one: one.is_corrected, _corrections),
            how_many("unclosed", "Registers not sent", lambda one: one.is_unclosed),
        ),
        levels=BY_HUB,
        by_stage=False,
    ),
)
