"""A hub reports that a meeting was held, with its register."""

from dataclasses import replace
from datetime import timedelta

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import MeetingHeld, MeetingReportRefused
from mathshubs.events.scheduling.registers import AttendanceRecorded
from scheduling.answers import hold_meeting
from scheduling.holding import State
from scheduling.meetings.domain import Commitment, Plan, WorkGroup, calendars
from scheduling.registers.domain import Register, Row
from scheduling_examples import (
    ABOUT,
    AMINA,
    AUTUMN,
    BEN,
    CAL,
    ELM,
    FEBRUARY,
    HALF_TERM,
    LENA,
    MOORSIDE,
    NOVEMBER,
    SEPTEMBER,
    TODAY,
    at,
    group,
    hold,
    mark,
    plan,
    planned,
)

BOTH = group(amina=SEPTEMBER, ben=SEPTEMBER)


def ahead(of: WorkGroup = BOTH) -> State:
    """The autumn meeting is planned and not held yet."""
    return State(plan(planned(), of=of), {})


def nothing_planned(of: WorkGroup = BOTH) -> State:
    """Nothing is known of a meeting."""
    return State(plan(of=of), {})


def kept(register: Register) -> State:
    """The meeting was held, with this register."""
    return State(plan(planned(held=True), of=BOTH), {AUTUMN: register})


def held(**more: object) -> MeetingHeld:
    """The autumn meeting took place."""
    said: dict[str, object] = {
        **ABOUT,
        "effective_at": at(NOVEMBER),
        "work_group_id": ELM,
        "starts_at": at(NOVEMBER),
        "ends_at": at(NOVEMBER, 16),
        "mode": "face-to-face",
    }
    return MeetingHeld.model_validate({**said, **more})


def attended(person: object, status: str, *, expected: bool = True, **more: object) -> AttendanceRecorded:
    """This person attended the autumn meeting like this."""
    said = {**ABOUT, "effective_at": at(NOVEMBER), "work_group_id": ELM, "person_id": person}
    return AttendanceRecorded.model_validate({**said, "status": status, "expected": expected, **more})


def refused(reason: str, hub: str = "river-vale") -> list[Event]:
    """The report is refused with this reason."""
    return [MeetingReportRefused(effective_at=at(NOVEMBER), hub=hub, meeting_id=AUTUMN, reasons=(reason,))]


def by_person(facts: list[Event]) -> list[Event]:
    """The meeting's own fact, then the register in the order of ids."""
    return [facts[0], *sorted(facts[1:], key=lambda fact: str(fact.person_id))]  # type: ignore[attr-defined]


def test_a_held_meeting_accounts_for_every_advocate() -> None:
    """One left out of the register was absent."""
    facts = hold_meeting(ahead(), hold(marks={AMINA: mark("late", 90)}), TODAY)

    assert by_person(facts) == by_person([held(), attended(AMINA, "late", minutes=90), attended(BEN, "absent")])


def test_a_meeting_that_was_never_scheduled_is_recorded() -> None:
    """The report has all that it takes, and what was held was held."""
    facts = hold_meeting(nothing_planned(group(amina=SEPTEMBER)), hold(marks={AMINA: mark("present")}), TODAY)

    assert facts == [held(flags=("never-scheduled",)), attended(AMINA, "present")]


def test_somebody_without_a_slot_is_on_the_register_and_flagged() -> None:
    """A colleague who came along, or an advocate whose nomination is still to come; neither is lost."""
    facts = hold_meeting(ahead(group()), hold(marks={CAL: mark("present")}), TODAY)

    assert facts == [held(), attended(CAL, "present", expected=False, flags=("not-expected",))]


def test_the_lead_on_the_register_is_no_surprise() -> None:
    """Whoever led was there, and is not an advocate."""
    facts = hold_meeting(ahead(group()), hold(marks={LENA: mark("present")}), TODAY)

    assert facts == [held(), attended(LENA, "present", expected=False)]


def test_an_advocate_whose_slot_begins_later_is_not_expected() -> None:
    """Not yet, on that day."""
    facts = hold_meeting(ahead(group(amina=FEBRUARY)), hold(), TODAY)

    assert facts == [held()]


def test_the_day_it_was_held_decides_who_was_expected() -> None:
    """Not the day that it had been planned for."""
    state = State(plan(planned(SEPTEMBER), of=group(amina=NOVEMBER)), {})

    assert hold_meeting(state, hold(NOVEMBER), TODAY) == [held(), attended(AMINA, "absent")]


def test_the_same_register_again_changes_nothing() -> None:
    """Hub systems send what they have once more after a repair; an advocate left out is the same as one absent."""
    register = {AMINA: Row("present"), BEN: Row("absent")}

    assert hold_meeting(kept(register), hold(marks={AMINA: mark("present")}), TODAY) == []
    again = hold(marks={AMINA: mark("present"), BEN: mark("absent")})
    assert hold_meeting(kept(register), again, TODAY) == []


def test_another_register_of_a_held_meeting_is_refused() -> None:
    """What puts a register right names its reason, so that a figure that changes can be explained."""
    register = {AMINA: Row("present"), BEN: Row("absent")}

    assert hold_meeting(kept(register), hold(marks={AMINA: mark("late")}), TODAY) == refused("meeting-already-held")


def test_a_meeting_is_not_held_twice_at_different_times() -> None:
    """A meeting is held once."""
    asked = hold(ends_at=at(NOVEMBER, 17))

    assert hold_meeting(kept({}), asked, TODAY) == refused("meeting-already-held")


def test_an_empty_register_is_a_register() -> None:
    """Held with nobody there yet on it, the meeting still cannot be held again with others."""
    state = State(plan(planned(held=True)), {AUTUMN: {}})

    assert hold_meeting(state, hold(), TODAY) == []
    assert hold_meeting(state, hold(marks={CAL: mark("present")}), TODAY) == refused("meeting-already-held")


def test_a_meeting_cannot_have_been_held_before_it_starts() -> None:
    """Judged when the report is heard, by the clock."""
    asked = hold(heard_at=at(NOVEMBER) - timedelta(seconds=1))

    assert hold_meeting(ahead(), asked, TODAY) == refused("not-held-yet")
    assert hold_meeting(ahead(group()), hold(heard_at=at(NOVEMBER)), TODAY) == [held()]


def test_another_hubs_work_group_cannot_be_reported_on() -> None:
    """Nor its register."""
    asked = hold(hub=MOORSIDE, marks={AMINA: mark("present")})

    assert hold_meeting(nothing_planned(), asked, TODAY) == refused("not-your-work-group", MOORSIDE)


def test_a_meeting_of_another_work_group_cannot_be_held() -> None:
    """One reference cannot stand for two meetings."""
    state = State(plan(elsewhere=frozenset({AUTUMN})), {})

    assert hold_meeting(state, hold(), TODAY) == refused("meeting-of-another-group")


def in_another(person: object) -> Plan:
    """The autumn meeting, at whose time this person is in another."""
    commitment = Commitment(person, HALF_TERM, at(NOVEMBER, 15), at(NOVEMBER, 17))  # type: ignore[arg-type]
    return replace(plan(planned(), of=group(amina=SEPTEMBER)), calendars=calendars([commitment]))


def test_whoever_led_two_meetings_at_once_is_flagged() -> None:
    """The one who led it, whom the hub names, and not the lead that the group has."""
    state = State(in_another(CAL), {})

    assert hold_meeting(state, hold(led_by_id=CAL), TODAY)[0] == held(led_by_id=CAL, flags=("lead-clash",))
    assert hold_meeting(state, hold(), TODAY)[0] == held()


def test_an_advocate_is_in_a_held_meeting_only_if_they_came() -> None:
    """Apologies because of the other meeting are no clash."""
    state = State(in_another(AMINA), {})

    came, sent_apologies = hold(marks={AMINA: mark("partial")}), hold(marks={AMINA: mark("apologies")})
    assert hold_meeting(state, came, TODAY)[0] == held(flags=("advocate-clash",))
    assert hold_meeting(state, sent_apologies, TODAY)[0] == held()
