"""A hub puts right what a register says of somebody."""

from dataclasses import replace
from typing import Any

import pytest

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingReportRefused
from mathshubs.events.scheduling.registers import AttendanceRecorded
from scheduling.answers import correct_attendance
from scheduling.holding import State
from scheduling.meetings.domain import Commitment, CorrectAttendance, Meeting, calendars, evolve
from scheduling.registers.domain import Row
from scheduling_examples import (
    ABOUT,
    AMINA,
    AUTUMN,
    BEN,
    CAL,
    ELM,
    HALF_TERM,
    MOORSIDE,
    NOVEMBER,
    RIVER_VALE,
    SAID,
    SEPTEMBER,
    TODAY,
    at,
    group,
    plan,
    planned,
)

REGISTER = {AMINA: Row("present", "online", 150), BEN: Row("absent", revision=3)}


def correct(person: object = AMINA, status: str = "late", **more: object) -> CorrectAttendance:
    """River Vale reports that this person attended otherwise."""
    asked: dict[str, Any] = {"hub": RIVER_VALE, "meeting_id": AUTUMN, "effective_at": SAID, "reason": "arrived-late"}
    return CorrectAttendance(**{**asked, "person_id": person, "status": status, **more})  # type: ignore[arg-type]


def kept(meeting: Meeting | None = None) -> State:
    """The autumn meeting was held, with its register."""
    both = group(amina=SEPTEMBER, ben=SEPTEMBER)
    return State(plan(meeting or planned(held=True, attended=frozenset({AMINA})), of=both), {AUTUMN: REGISTER})


def recorded(person: object, status: str, **more: object) -> AttendanceRecorded:
    """The register says this of a person now."""
    said = {**ABOUT, "effective_at": at(NOVEMBER), "work_group_id": ELM, "person_id": person, "expected": True}
    return AttendanceRecorded.model_validate({**said, "status": status, "reason": "arrived-late", **more})


def refused(reason: str, hub: str = RIVER_VALE) -> list[Event]:
    """The correction is refused with this reason."""
    return [MeetingReportRefused(effective_at=SAID, hub=hub, meeting_id=AUTUMN, reasons=(reason,))]


def test_a_correction_is_a_revision_with_its_reason() -> None:
    """How somebody came stays; for how long is not known any more."""
    assert correct_attendance(kept(), correct(), TODAY) == [recorded(AMINA, "late", mode="online", revision=2)]


def test_a_revision_follows_the_one_before() -> None:
    """However often a row was put right."""
    assert correct_attendance(kept(), correct(BEN, "present"), TODAY) == [recorded(BEN, "present", revision=4)]


def test_somebody_who_was_away_after_all_came_by_no_means() -> None:
    """Nor are they among those who were in the meeting any more."""
    [said] = correct_attendance(kept(), correct(AMINA, "apologies"), TODAY)

    assert said == recorded(AMINA, "apologies", revision=2)
    assert evolve(kept().plan, said).meetings[AUTUMN].attended == frozenset()


def test_what_stands_there_already_is_left_alone() -> None:
    """The reason alone changes nothing."""
    assert correct_attendance(kept(), correct(AMINA, "present"), TODAY) == []


def test_somebody_who_was_left_out_is_added() -> None:
    """They held no slot, and the flag says so."""
    [said] = correct_attendance(kept(), correct(CAL, "present"), TODAY)

    assert said == recorded(CAL, "present", expected=False, flags=("not-expected",))


@pytest.mark.parametrize(
    ("meeting", "reason"), [(planned(), "not-held-yet"), (planned(cancelled="snow"), "meeting-cancelled")]
)
def test_a_meeting_without_a_register_has_nothing_to_put_right(meeting: Meeting, reason: str) -> None:
    """Ahead or cancelled, nobody attended it."""
    state = State(kept(meeting).plan, {})

    assert correct_attendance(state, correct(), TODAY) == refused(reason)


def test_another_hub_cannot_put_a_register_right() -> None:
    """Nor anybody one of a meeting that was refused."""
    assert correct_attendance(kept(), correct(hub=MOORSIDE), TODAY) == refused("not-your-meeting", MOORSIDE)
    assert correct_attendance(State(plan(), {}), correct(), TODAY) == refused("meeting-refused")


def test_an_advocate_who_was_in_two_meetings_at_once_is_flagged() -> None:
    """One of the two registers is mistaken, and a hub can say which."""
    in_another = Commitment(BEN, HALF_TERM, at(NOVEMBER, 15), at(NOVEMBER, 17))
    state = replace(kept(), plan=replace(kept().plan, calendars=calendars([in_another])))

    [said] = correct_attendance(state, correct(BEN, "present"), TODAY)

    assert said == recorded(BEN, "present", revision=4, flags=("advocate-clash",))
