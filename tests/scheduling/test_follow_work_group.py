"""Enrolment says who leads a Work Group and who its advocates are; its meetings follow."""

from mathshubs.events.scheduling.meetings import PersonInvited, PersonUninvited
from mathshubs.events.scheduling.registers import AttendanceRecorded
from scheduling.answers import State, nominate_advocate
from scheduling.meetings.domain import Meeting, WorkGroup, first_heard, follow_work_group, heard
from scheduling.registers.domain import Register, Row
from scheduling_examples import (
    ABOUT,
    AMINA,
    AUTUMN,
    CAL,
    ELM,
    FEBRUARY,
    LENA,
    NOVEMBER,
    SAID,
    SEPTEMBER,
    SPRING,
    TODAY,
    at,
    formed,
    group,
    nominated,
    plan,
    planned,
)


def after(fact: object, *meetings: Meeting, of: WorkGroup | None = None, register: Register | None = None) -> State:
    """The state in which enrolment's fact is taken up and its rule is asked."""
    registers = {AUTUMN: register} if register is not None else {}
    return State(heard(plan(*meetings, of=of), fact), registers)  # type: ignore[arg-type]


def amina_is_invited(**more: object) -> PersonInvited:
    """Amina is to come to the autumn meeting."""
    said = {**ABOUT, "effective_at": at(SEPTEMBER, 0), "person_id": AMINA, "role": "advocate"}
    return PersonInvited.model_validate({**said, **more})


def amina_attended(status: str, revision: int = 1) -> AttendanceRecorded:
    """Amina was expected at the autumn meeting, and attended like this."""
    said = {**ABOUT, "effective_at": at(NOVEMBER), "work_group_id": ELM, "person_id": AMINA, "expected": True}
    return AttendanceRecorded.model_validate({**said, "status": status, "revision": revision})


def test_a_new_advocate_is_invited_to_what_is_ahead() -> None:
    """From the day on which their slot begins."""
    autumn, spring = planned(invited={LENA: "lead"}), planned(FEBRUARY, SPRING, invited={LENA: "lead"})

    facts = nominate_advocate(after(nominated(AMINA), autumn, spring), nominated(AMINA), TODAY)

    assert facts == [amina_is_invited(), amina_is_invited(meeting_id=SPRING)]


def test_a_new_advocate_is_not_invited_to_what_comes_before_their_slot() -> None:
    """Nor expected there."""
    fact = nominated(AMINA, FEBRUARY)

    assert nominate_advocate(after(fact, planned(invited={LENA: "lead"})), fact, TODAY) == []


def test_an_advocate_who_is_named_twice_is_invited_once() -> None:
    """And keeps the earlier of the two days."""
    elm = group(amina=SEPTEMBER)
    invited = planned(invited={LENA: "lead", AMINA: "advocate"})
    fact = nominated(AMINA, FEBRUARY)

    assert nominate_advocate(after(fact, invited, of=elm), fact, TODAY) == []
    assert heard(plan(of=elm), fact).group == elm


def test_an_advocate_named_after_a_meeting_is_added_to_its_register() -> None:
    """They held a slot that day and nobody marked them: absent, so that the rate counts them."""
    state = after(nominated(AMINA), planned(held=True), register={})

    assert nominate_advocate(state, nominated(AMINA), TODAY) == [amina_attended("absent")]


def test_an_advocate_named_after_a_meeting_gets_the_mark_that_was_sent() -> None:
    """It stood there as that of somebody not expected; a new row says so, and the old one stays."""
    state = after(nominated(AMINA), planned(held=True), register={AMINA: Row("present", expected=False)})

    assert nominate_advocate(state, nominated(AMINA), TODAY) == [amina_attended("present", revision=2)]


def test_nobody_is_invited_to_a_meeting_that_was_held() -> None:
    """The invitation would be to the past."""
    state = after(nominated(AMINA), planned(held=True), register={AMINA: Row("absent")})

    assert nominate_advocate(state, nominated(AMINA), TODAY) == []


def test_a_nomination_that_clashes_flags_the_invitation() -> None:
    """Nobody refuses it: the school has named its teacher."""
    spring = planned(NOVEMBER, SPRING, hour=15, invited={LENA: "lead"})
    facts = nominate_advocate(after(nominated(AMINA), planned(invited={LENA: "lead"}), spring), nominated(AMINA), TODAY)

    assert facts[1] == amina_is_invited(meeting_id=SPRING, flags=("advocate-clash",))


def test_a_work_group_begins_without_meetings() -> None:
    """Its name, its hub and its lead are what scheduling keeps of it."""
    assert first_heard(formed()) == plan()
    assert follow_work_group(first_heard(formed()), formed(), TODAY) == []


def test_another_lead_takes_the_place_of_the_first() -> None:
    """One comes, one goes, the advocates stay."""
    state = after(formed(lead=CAL), planned(invited={LENA: "lead"}))

    assert follow_work_group(state.plan, formed(lead=CAL), TODAY) == [
        PersonUninvited(**ABOUT, effective_at=SAID, person_id=LENA),
        PersonInvited(**ABOUT, effective_at=SAID, person_id=CAL, role="lead"),
    ]
