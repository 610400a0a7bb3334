"""A hub reports that a meeting does not take place."""

from datetime import datetime
from typing import Any

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import (
    MeetingCancelled,
    MeetingHeld,
    MeetingReportRefused,
    MeetingScheduled,
    PersonInvited,
)
from scheduling.answers import follow_work_group
from scheduling.holding import State
from scheduling.meetings.domain import (
    CancelMeeting,
    Commitment,
    Plan,
    calendars,
    cancel_meeting,
    evolve,
    heard,
    hold_meeting,
    reschedule_meeting,
    schedule_meeting,
)
from scheduling_examples import (
    ABOUT,
    AMINA,
    AUTUMN,
    ELM,
    FEBRUARY,
    LENA,
    MOORSIDE,
    NOVEMBER,
    RIVER_VALE,
    SAID,
    SEPTEMBER,
    TODAY,
    at,
    group,
    hold,
    nominated,
    plan,
    planned,
    reschedule,
    schedule,
)

LED_BY_LENA = Commitment(LENA, AUTUMN, at(NOVEMBER), at(NOVEMBER, 16))


def cancel(**more: object) -> CancelMeeting:
    """River Vale reports that snow keeps everybody at home."""
    asked: dict[str, Any] = {"hub": RIVER_VALE, "meeting_id": AUTUMN, "effective_at": SAID, "reason": "snow"}
    return CancelMeeting(**{**asked, **more})


def cancelled() -> MeetingCancelled:
    """The autumn meeting does not take place."""
    said = {**ABOUT, "effective_at": SAID, "work_group_id": ELM, "reason": "snow"}
    return MeetingCancelled.model_validate({**said, "starts_at": at(NOVEMBER), "ends_at": at(NOVEMBER, 16)})


def called_off() -> Plan:
    """The autumn meeting, cancelled."""
    return plan(planned(place="Elm Park School", cancelled="snow"), of=group(amina=SEPTEMBER))


def refused(reason: str, hub: str = RIVER_VALE, since: datetime = SAID) -> list[Event]:
    """The report is refused with this reason."""
    return [MeetingReportRefused(effective_at=since, hub=hub, meeting_id=AUTUMN, reasons=(reason,))]


def test_a_cancelled_meeting_is_said_once_and_frees_everybody() -> None:
    """One fact tells all: an uninvitation for each person beside it would be two mails of one thing."""
    elm = Plan(group(), {AUTUMN: planned(invited={LENA: "lead"})}, calendars=calendars([LED_BY_LENA]))

    facts = cancel_meeting(elm, cancel(), TODAY)

    assert facts == [cancelled()]
    after = evolve(elm, facts[0])
    assert after.meetings[AUTUMN] == planned(cancelled="snow")
    assert after.calendars == {LENA: {}}
    assert cancel_meeting(after, cancel(reason="strike"), TODAY) == []


def test_what_was_held_cannot_be_called_off() -> None:
    """Its register stands; what is wrong there is put right by name."""
    assert cancel_meeting(plan(planned(held=True)), cancel(), TODAY) == refused("meeting-already-held")


def test_only_the_hub_whose_meeting_it_is_may_call_it_off() -> None:
    """And nobody may one that was refused."""
    assert cancel_meeting(plan(planned()), cancel(hub=MOORSIDE), TODAY) == refused("not-your-meeting", MOORSIDE)
    assert cancel_meeting(plan(), cancel(), TODAY) == refused("meeting-refused")


def test_a_cancelled_meeting_cannot_move() -> None:
    """Nobody would know whether it takes place; it is planned anew or not at all."""
    assert reschedule_meeting(called_off(), reschedule(FEBRUARY), TODAY) == refused("meeting-cancelled")
    assert reschedule_meeting(called_off(), reschedule(NOVEMBER), TODAY) == refused("meeting-cancelled")


def test_a_cancelled_meeting_is_planned_anew() -> None:
    """Also at its old time and place, and everybody is invited again, since nobody was any more."""
    for day in (NOVEMBER, FEBRUARY):
        [said, *invited] = schedule_meeting(called_off(), schedule(day), TODAY)

        assert isinstance(said, MeetingScheduled)
        assert {fact.person_id for fact in invited if isinstance(fact, PersonInvited)} == {AMINA, LENA}
        assert evolve(called_off(), said).meetings[AUTUMN].is_ahead


def test_nobody_is_invited_to_a_cancelled_meeting() -> None:
    """An advocate who is named later neither."""
    state = State(heard(called_off(), nominated(LENA)), {})

    assert follow_work_group(state, nominated(LENA), TODAY) == []


def test_a_cancelled_meeting_that_was_held_all_the_same_is_recorded() -> None:
    """Two came through the snow: what was held was held, and the flag tells the hub of its contradiction."""
    [said] = hold_meeting(called_off(), hold(), TODAY)

    assert isinstance(said, MeetingHeld)
    assert said.flags == ("was-cancelled",)
    after = evolve(called_off(), said).meetings[AUTUMN]
    assert (after.held, after.cancelled) == (True, None)
