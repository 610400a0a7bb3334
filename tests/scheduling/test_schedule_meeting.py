"""A hub reports that a Work Group is to meet, or that a meeting has moved."""

from dataclasses import replace

import pytest

from mathshubs.events import Event
from mathshubs.events.scheduling.meetings import (
    MeetingReportRefused,
    MeetingRescheduled,
    MeetingScheduled,
    PersonInvited,
    PersonUninvited,
)
from scheduling.meetings.domain import Commitment, calendars, evolve, reschedule_meeting, schedule_meeting
from scheduling_examples import (
    ABOUT,
    AMINA,
    AUTUMN,
    ELM,
    FEBRUARY,
    HALF_TERM,
    LENA,
    MOORSIDE,
    NOVEMBER,
    SAID,
    SEPTEMBER,
    TODAY,
    at,
    group,
    plan,
    planned,
    reschedule,
    schedule,
)

LENA_IS_INVITED = PersonInvited(**ABOUT, effective_at=SAID, person_id=LENA, role="lead")
AMINA_IS_INVITED = PersonInvited(**ABOUT, effective_at=SAID, person_id=AMINA, role="advocate")
AMINA_IS_NOT = PersonUninvited(**ABOUT, effective_at=SAID, person_id=AMINA)


def scheduled(**more: object) -> MeetingScheduled:
    """The autumn meeting is planned."""
    said: dict[str, object] = {
        **ABOUT,
        "effective_at": SAID,
        "work_group_id": ELM,
        "work_group_name": "Elm",
        "starts_at": at(NOVEMBER),
        "ends_at": at(NOVEMBER, 16),
        "mode": "face-to-face",
        "place": "Elm Park School",
    }
    return MeetingScheduled.model_validate({**said, **more})


def moved(**more: object) -> MeetingRescheduled:
    """The autumn meeting is to be in February."""
    said: dict[str, object] = {
        **ABOUT,
        "effective_at": SAID,
        "work_group_id": ELM,
        "starts_at": at(FEBRUARY),
        "ends_at": at(FEBRUARY, 16),
    }
    return MeetingRescheduled.model_validate({**said, **more})


def refused(reason: str, hub: str = "river-vale") -> list[Event]:
    """The report is refused with this reason."""
    return [MeetingReportRefused(effective_at=SAID, hub=hub, meeting_id=AUTUMN, reasons=(reason,))]


def test_a_meeting_is_planned_and_its_people_invited() -> None:
    """The lead as lead, each advocate whose slot has begun, and no one whose slot begins later."""
    elm = group(amina=SEPTEMBER, ben=FEBRUARY)

    facts = schedule_meeting(plan(of=elm), schedule(), TODAY)

    assert facts == [scheduled(), AMINA_IS_INVITED, LENA_IS_INVITED]


def test_a_slot_that_begins_on_the_day_itself_counts() -> None:
    """An advocate is one from the first minute of that day, in London."""
    elm = group(lead=None, amina=NOVEMBER)

    assert AMINA_IS_INVITED in schedule_meeting(plan(of=elm), schedule(), TODAY)


def test_a_lead_who_holds_a_slot_is_invited_once() -> None:
    """Two invitations to one meeting would be two entries in one calendar."""
    elm = group(lead=AMINA, amina=SEPTEMBER)

    facts = schedule_meeting(plan(of=elm), schedule(), TODAY)

    assert facts == [scheduled(), PersonInvited(**ABOUT, effective_at=SAID, person_id=AMINA, role="lead")]


def test_how_to_join_stays_out_of_the_fact() -> None:
    """Whoever has the address of an online meeting can walk into it, and facts are kept for ever."""
    facts = schedule_meeting(plan(), schedule(join_url="https://meet.example/s3cret", mode="online"), TODAY)

    assert facts[0] == scheduled(mode="online", can_be_joined_online=True)
    assert "s3cret" not in repr([fact.model_dump_json() for fact in facts])


def test_a_report_of_another_hubs_work_group_is_refused() -> None:
    """Only the hub that formed it may report on it."""
    assert schedule_meeting(plan(), schedule(hub=MOORSIDE), TODAY) == refused("not-your-work-group", MOORSIDE)


def test_a_meeting_of_another_work_group_is_refused() -> None:
    """One reference cannot stand for two meetings."""
    assert schedule_meeting(plan(elsewhere=frozenset({AUTUMN})), schedule(), TODAY) == refused(
        "meeting-of-another-group"
    )


def test_the_same_meeting_reported_again_changes_nothing() -> None:
    """Hub systems send what they have once more after a repair."""
    assert schedule_meeting(plan(planned(place="Elm Park School")), schedule(), TODAY) == []


def test_a_known_meeting_scheduled_at_other_times_has_moved() -> None:
    """Some hub systems know no move: they send the meeting anew, and its people must hear of it once."""
    known = planned(place="Elm Park School", invited={LENA: "lead"})

    assert schedule_meeting(plan(known), schedule(FEBRUARY), TODAY) == [moved()]


@pytest.mark.parametrize(
    "other",
    [{"place": "Oak Hall"}, {"mode": "hybrid"}, {"extra": True}, {"place": "Oak Hall", "starts_at": at(NOVEMBER, 14)}],
    ids=["another place", "another mode", "an extra one", "another place and time"],
)
def test_a_known_meeting_with_other_details_is_planned_anew(other: dict[str, object]) -> None:
    """The whole of it is said once more, so that every calendar entry shows where it is now; nobody is asked twice."""
    known = planned(place="Elm Park School", invited={LENA: "lead"})

    facts = schedule_meeting(plan(known), schedule(NOVEMBER, **other), TODAY)

    assert facts == [scheduled(**other)]
    assert schedule_meeting(evolve(plan(known), facts[0]), schedule(NOVEMBER, **other), TODAY) == []


def test_what_a_second_report_leaves_out_stays() -> None:
    """A hub system that knows no link must not take away the one that people were given."""
    known = plan(planned(place="Elm Park School", join_url="https://meet.example/s3cret"))
    hybrid = schedule(place=None, mode="hybrid")

    [said, *_] = schedule_meeting(known, hybrid, TODAY)

    assert said == scheduled(mode="hybrid", can_be_joined_online=True)
    assert evolve(known, said).meetings[AUTUMN].join_url == "https://meet.example/s3cret"


def test_a_meeting_that_becomes_face_to_face_loses_its_link() -> None:
    """Or people would be led into an empty room."""
    known = plan(replace(planned(place="Elm Park School", join_url="https://meet.example/s3cret"), mode="online"))

    [said, *_] = schedule_meeting(known, schedule(), TODAY)

    assert said == scheduled()
    assert evolve(known, said).meetings[AUTUMN].join_url is None


def test_other_details_of_a_meeting_that_was_held_matter_to_nobody() -> None:
    """It is as it was held; the same times are no news."""
    assert schedule_meeting(plan(planned(held=True)), schedule(place="Oak Hall"), TODAY) == []


@pytest.mark.parametrize(
    ("busy", "flag"), [(LENA, "lead-clash"), (AMINA, "advocate-clash")], ids=["the lead", "an advocate"]
)
def test_a_meeting_at_the_time_of_another_is_recorded_and_flagged(busy: object, flag: str) -> None:
    """It is what the hub says has been arranged; refusing it would not make it untrue."""
    in_another = Commitment(busy, HALF_TERM, at(NOVEMBER, 15), at(NOVEMBER, 17))  # type: ignore[arg-type]
    elm = replace(plan(of=group(amina=SEPTEMBER)), calendars=calendars([in_another]))

    facts = schedule_meeting(elm, schedule(), TODAY)

    assert facts[0] == scheduled(flags=(flag,))
    assert [fact for fact in facts[1:] if fact.flags == (flag,) and fact.person_id == busy]  # type: ignore[attr-defined]


def test_a_meeting_that_begins_as_another_ends_does_not_clash() -> None:
    """A lead may go from one to the next."""
    before = Commitment(LENA, HALF_TERM, at(NOVEMBER, 11), at(NOVEMBER))

    facts = schedule_meeting(replace(plan(), calendars=calendars([before])), schedule(), TODAY)

    assert facts == [scheduled(), LENA_IS_INVITED]


def test_a_moved_meeting_keeps_its_people() -> None:
    """Who was told of it is told where it went by the move itself."""
    known = planned(invited={LENA: "lead", AMINA: "advocate"})

    facts = reschedule_meeting(plan(known, of=group(amina=SEPTEMBER)), reschedule(FEBRUARY, reason="travel"), TODAY)

    assert facts == [moved(reason="travel")]


def test_a_meeting_moved_before_a_slot_begins_lets_the_advocate_go() -> None:
    """And the other way round, one moved to after it begins invites them."""
    elm = group(amina=NOVEMBER)
    later, sooner = planned(invited={LENA: "lead", AMINA: "advocate"}), planned(SEPTEMBER, invited={LENA: "lead"})

    assert reschedule_meeting(plan(later, of=elm), reschedule(SEPTEMBER), TODAY)[1:] == [AMINA_IS_NOT]
    assert reschedule_meeting(plan(sooner, of=elm), reschedule(NOVEMBER), TODAY)[1:] == [AMINA_IS_INVITED]


def test_a_move_to_the_same_times_changes_nothing() -> None:
    """No calendar entry moves to where it is."""
    assert reschedule_meeting(plan(planned()), reschedule(NOVEMBER), TODAY) == []
    assert reschedule_meeting(plan(planned(held=True)), reschedule(NOVEMBER), TODAY) == []


def test_a_meeting_that_was_held_can_no_longer_move() -> None:
    """Whichever way the move is reported."""
    held = plan(planned(held=True))

    assert reschedule_meeting(held, reschedule(FEBRUARY), TODAY) == refused("meeting-already-held")
    assert schedule_meeting(held, schedule(FEBRUARY), TODAY) == refused("meeting-already-held")


def test_another_hubs_meeting_cannot_be_moved() -> None:
    """The meeting is named by its id alone, and belongs to the hub of its Work Group."""
    asked = reschedule(FEBRUARY, hub=MOORSIDE)

    assert reschedule_meeting(plan(planned()), asked, TODAY) == refused("not-your-meeting", MOORSIDE)


def test_a_move_that_would_clash_is_recorded_and_flagged() -> None:
    """As a meeting that is planned so."""
    in_another = Commitment(LENA, HALF_TERM, at(FEBRUARY), at(FEBRUARY, 16))
    elm = replace(plan(planned(invited={LENA: "lead"})), calendars=calendars([in_another]))

    assert reschedule_meeting(elm, reschedule(FEBRUARY), TODAY) == [moved(flags=("lead-clash",))]


def test_a_request_never_shows_how_to_join() -> None:
    """Requests are printed when something fails, and logs are read by many."""
    assert "s3cret" not in repr(schedule(join_url="https://meet.example/s3cret"))


def test_what_keeps_reports_of_one_meeting_in_order() -> None:
    """All wait with their meeting; only what can bring it is let past."""
    key = f"meeting:{AUTUMN}"

    assert (schedule().key, schedule().makes) == (key, key)
    assert (reschedule(FEBRUARY).key, reschedule(FEBRUARY).makes) == (key, None)
