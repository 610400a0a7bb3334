"""Enrolment says who leads a Work Group and who its advocates are; its meetings follow."""

from datetime import date, timedelta

from mathshubs.events.scheduling.meetings import PersonInvited, PersonUninvited
from mathshubs.events.scheduling.registers import AttendanceRecorded
from scheduling.answers import follow_work_group
from scheduling.holding import State
from scheduling.meetings.domain import Meeting, Member, WorkGroup, first_heard, heard
from scheduling.registers.domain import Register, Row
from scheduling_examples import (
    ABOUT,
    AMINA,
    AUTUMN,
    BEN,
    CAL,
    ELM,
    ELM_PARK,
    FEBRUARY,
    LENA,
    NOVEMBER,
    SAID,
    SEPTEMBER,
    SPRING,
    TODAY,
    assigned,
    at,
    formed,
    group,
    joined,
    nominated,
    plan,
    planned,
    vacated,
    withdrew,
)

DAY = timedelta(days=1)


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

    facts = follow_work_group(after(nominated(AMINA), autumn, spring), nominated(AMINA), TODAY)

    assert facts == [amina_is_invited(), amina_is_invited(meeting_id=SPRING)]


def test_a_new_advocate_is_not_invited_to_what_comes_before_their_slot() -> None:
    """Nor expected there."""
    fact = nominated(AMINA, FEBRUARY)

    assert follow_work_group(after(fact, planned(invited={LENA: "lead"})), fact, TODAY) == []


def test_an_advocate_who_is_named_twice_is_invited_once() -> None:
    """And keeps the earlier of the two days."""
    elm = group(amina=SEPTEMBER)
    invited = planned(invited={LENA: "lead", AMINA: "advocate"})
    fact = nominated(AMINA, FEBRUARY)

    assert follow_work_group(after(fact, invited, of=elm), fact, TODAY) == []
    assert heard(plan(of=elm), fact).group == elm


def test_an_advocate_named_after_a_meeting_is_added_to_its_register() -> None:
    """They held a slot that day and nobody marked them: absent, so that the rate counts them."""
    state = after(nominated(AMINA), planned(held=True), register={})

    assert follow_work_group(state, nominated(AMINA), TODAY) == [amina_attended("absent")]


def test_an_advocate_named_after_a_meeting_gets_the_mark_that_was_sent() -> None:
    """It stood there as that of somebody not expected; a new row says so, and the old one stays."""
    state = after(nominated(AMINA), planned(held=True), register={AMINA: Row("present", expected=False)})

    assert follow_work_group(state, nominated(AMINA), TODAY) == [amina_attended("present", revision=2)]


def test_nobody_is_invited_to_a_meeting_that_was_held() -> None:
    """The invitation would be to the past."""
    state = after(nominated(AMINA), planned(held=True), register={AMINA: Row("absent")})

    assert follow_work_group(state, nominated(AMINA), TODAY) == []


def test_a_nomination_that_clashes_flags_the_invitation() -> None:
    """Nobody refuses it: the school has named its teacher."""
    spring = planned(NOVEMBER, SPRING, hour=15, invited={LENA: "lead"})
    facts = follow_work_group(after(nominated(AMINA), planned(invited={LENA: "lead"}), spring), nominated(AMINA), TODAY)

    assert facts[1] == amina_is_invited(meeting_id=SPRING, flags=("advocate-clash",))


def test_a_work_group_begins_without_meetings() -> None:
    """Its name, its hub and its lead are what scheduling keeps of it."""
    assert first_heard(formed()) == plan()
    assert follow_work_group(State(first_heard(formed()), {}), formed(), TODAY) == []


def test_another_lead_takes_the_place_of_the_first() -> None:
    """One comes, one goes, the advocates stay."""
    state = after(formed(lead=CAL), planned(invited={LENA: "lead"}))

    assert follow_work_group(state, formed(lead=CAL), TODAY) == [
        PersonUninvited(**ABOUT, effective_at=SAID, person_id=LENA),
        PersonInvited(**ABOUT, effective_at=SAID, person_id=CAL, role="lead"),
    ]


def is_invited(person: object, role: str, day: date, **more: object) -> PersonInvited:
    """This person is to come to the autumn meeting."""
    said = {**ABOUT, "effective_at": at(day, 0), "person_id": person, "role": role}
    return PersonInvited.model_validate({**said, **more})


def is_not_invited(person: object, day: date, meeting: object = AUTUMN) -> PersonUninvited:
    """This person is not to come any more."""
    said = {**ABOUT, "meeting_id": meeting, "effective_at": at(day, 0), "person_id": person}
    return PersonUninvited.model_validate(said)


BOTH_ADVOCATES = group(amina=SEPTEMBER, ben=SEPTEMBER)
EVERYBODY = {LENA: "lead", AMINA: "advocate", BEN: "advocate"}


def test_who_gives_up_a_slot_is_invited_no_more_from_that_day() -> None:
    """The meeting before it they still come to; the first day without a slot is the first without them."""
    autumn, spring = planned(invited=EVERYBODY), planned(FEBRUARY, SPRING, invited=EVERYBODY)
    fact = vacated(AMINA, FEBRUARY)

    facts = follow_work_group(after(fact, autumn, spring, of=BOTH_ADVOCATES), fact, TODAY)

    assert facts == [is_not_invited(AMINA, FEBRUARY, SPRING)]


def test_whoever_takes_the_slot_over_is_invited_to_what_is_ahead() -> None:
    """The day of the change belongs to the new holder alone."""
    elm = heard(plan(of=group(amina=SEPTEMBER)), vacated(AMINA, NOVEMBER)).group
    autumn, spring = planned(invited={LENA: "lead"}), planned(FEBRUARY, SPRING, invited={LENA: "lead"})
    fact = nominated(CAL, NOVEMBER)

    facts = follow_work_group(after(fact, autumn, spring, of=elm), fact, TODAY)

    assert facts == [
        is_invited(CAL, "advocate", NOVEMBER),
        is_invited(CAL, "advocate", NOVEMBER, meeting_id=SPRING),
    ]


def test_a_school_that_leaves_takes_its_advocates_along() -> None:
    """From the day on which it takes part no more."""
    fact = withdrew(NOVEMBER)

    facts = follow_work_group(after(fact, planned(invited=EVERYBODY), of=BOTH_ADVOCATES), fact, TODAY)

    assert sorted(facts, key=str) == sorted([is_not_invited(AMINA, NOVEMBER), is_not_invited(BEN, NOVEMBER)], key=str)


def test_a_new_lead_leads_from_their_day_on() -> None:
    """Each meeting is led by whoever leads the group on its day, also when that is heard of late."""
    autumn, spring = planned(invited={LENA: "lead"}), planned(FEBRUARY, SPRING, invited={LENA: "lead"})
    fact = assigned(CAL, FEBRUARY)

    facts = follow_work_group(after(fact, autumn, spring), fact, TODAY)

    assert facts == [
        is_not_invited(LENA, FEBRUARY, SPRING),
        is_invited(CAL, "lead", FEBRUARY, meeting_id=SPRING),
    ]


def test_a_slot_given_up_before_the_meeting_leaves_the_register_as_marked() -> None:
    """Heard of after the register: a new row says that nobody was expected, and how they attended stands."""
    fact = vacated(AMINA, NOVEMBER)
    state = after(fact, planned(held=True), of=group(amina=SEPTEMBER), register={AMINA: Row("present")})

    [revised] = follow_work_group(state, fact, TODAY)

    assert revised == AttendanceRecorded(
        **ABOUT,
        effective_at=at(NOVEMBER),
        work_group_id=ELM,
        person_id=AMINA,
        status="present",
        expected=False,
        revision=2,
        flags=("not-expected",),
    )


def test_whoever_comes_back_holds_a_slot_on_the_days_of_each() -> None:
    """Between them, none."""
    elm = group(amina=SEPTEMBER)
    for fact in (vacated(AMINA, NOVEMBER), nominated(AMINA, FEBRUARY)):
        elm = heard(plan(of=elm), fact).group

    days = (SEPTEMBER, NOVEMBER - DAY, NOVEMBER, FEBRUARY - DAY, FEBRUARY)
    assert [bool(elm.slots_on(day)) for day in days] == [True, True, False, False, True]


def test_schools_are_members_by_days() -> None:
    """With the local authority whose terms they keep."""
    elm = heard(heard(plan(), joined()), withdrew(FEBRUARY)).group

    assert elm.members == (Member(ELM_PARK, SEPTEMBER, FEBRUARY - DAY, "330"),)


def test_a_slot_that_was_given_up_before_it_began_was_never_held() -> None:
    """Nobody is expected for a day on which they held nothing."""
    assert heard(plan(of=group(amina=NOVEMBER)), vacated(AMINA, SEPTEMBER)).group.slots == ()
