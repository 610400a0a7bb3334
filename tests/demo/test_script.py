"""The year is a function of its seed, and has in it what it is shown for."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs.demo import stops
from hubs.demo.acts import Again, Forget, ImportRegister, Sent, TurnedBack, Unsubscribe
from hubs.demo.oracle import figures
from hubs.demo.script import Script, year
from hubs.demo.script.support import TRAINS_ON
from hubs.demo.terms import BANK_HOLIDAYS, ENDS, PATTERNS, reminders, times
from mathshubs.clock import london_day

SMALL, WHOLE = 2, 40
NOT_IN_THE_CATALOGUE = {"MeetingPostponed"}
OF_THE_WIRE = {
    *("PersonReported", "WorkGroupFormed", "LeadSpecialistAssigned", "SchoolJoinedWorkGroup"),
    *("MasteryAdvocateNominated", "MasteryAdvocateReplaced", "SchoolWithdrewFromWorkGroup"),
    *("SpecialistNominated", "SpecialistAcceptedOnProgramme", "SpecialistYearStarted", "SpecialistGatePassed"),
    *("SpecialistDeferred", "SpecialistReturned", "MasterySpecialistDesignated", "SpecialistLeftProgramme"),
    *("PDLeadProgrammeStarted", "PDLeadWorkshopAttended", "AccreditationEvidenceSubmitted", "PDLeadAccredited"),
    *("AccreditationReferred", "PDLeadReregistered", "PDLeadAccreditationLapsed", "InterestExpressed"),
    *("MeetingScheduled", "MeetingRescheduled", "MeetingCancelled", "MeetingHeld", "AttendanceCorrected"),
    *("PeopleMerged", "SupportVisitCompleted", "OpenLessonHeld", "SchoolCalendarReported"),
}


@pytest.fixture(scope="module")
def whole() -> Script:
    """The year of the whole network."""
    return year(7, WHOLE)


def test_the_same_seed_plays_the_same_year() -> None:
    """A figure that is talked about can be had again, anywhere."""
    assert year(7, SMALL).stops == year(7, SMALL).stops
    assert year(7, SMALL).stops != year(8, SMALL).stops
    assert figures(year(7, SMALL).network, year(7, SMALL).network.groups) == figures(
        year(7, SMALL).network, year(7, SMALL).network.groups
    )


def test_the_whole_network_has_its_size(whole: Script) -> None:
    """Forty hubs, 180 Work Groups of four schools, two advocates to a school."""
    groups = whole.network.groups
    autumn = date(2026, 9, 15)

    assert len(groups) == 180
    assert {len(group.places) for group in groups} == {4}
    assert {len(place.advocates(autumn)) for group in groups for place in group.places} == {2}
    assert len({place.school.urn for group in groups for place in group.places}) == 720
    assert Counter(Counter(group.hub for group in groups).values()) == {4: 20, 5: 20}
    assert len({hub.region for hub in whole.network.hubs}) == 9


@pytest.mark.parametrize("hubs", [SMALL, 8, WHOLE])
def test_every_type_that_the_wire_lets_a_hub_report_occurs(hubs: int) -> None:
    """However small the network: nobody's report is first made by a stranger."""
    played = year(7, hubs)

    assert {sent.kind for sent in played.sent} == OF_THE_WIRE | NOT_IN_THE_CATALOGUE
    assert {type(act) for _, act in played.acts} >= {Again, TurnedBack, ImportRegister, Forget, Unsubscribe}
    assert Counter(one.code for one in played.sent if one.outcome == "dead") == {
        "not-json": 1,
        "unknown-type": 1,
        "id-reused": 1,
    }


@settings(max_examples=5, deadline=None)
@given(st.integers(min_value=0, max_value=10**6))
def test_nobody_is_in_two_meetings_at_once(seed: int) -> None:
    """Neither a lead of several Work Groups nor an advocate, whatever moves and whoever goes to another hub."""
    network = year(seed, 4).network
    held = [
        (london_day(datetime.fromisoformat(span[0])), *span, meeting, group)
        for group in network.groups
        for meeting, register in group.held()
        for span in [_span(meeting.day, meeting.slot)]
    ]
    by_day: dict[date, list[tuple[str, str, set[str]]]] = {}
    for day, starts, ends, meeting, group in held:
        people = {who.email for _, who in group.advocates(meeting.day)} | {group.lead(meeting.day).email}
        by_day.setdefault(day, []).append((starts, ends, people))

    clashes = [
        one[2] & other[2]
        for those in by_day.values()
        for one, other in combinations(those, 2)
        if one[0] < other[1] and other[0] < one[1]
    ]

    assert set[str]().union(*clashes) == set()


def _span(day: date, slot: int) -> tuple[str, str]:
    told = times(day, slot)
    return told["starts_at"], told["ends_at"]


def test_specialists_lead_two_to_four_work_groups(whole: Script) -> None:
    """Before anybody changes hub."""
    led = Counter(group.lead(date(2026, 10, 1)).email for group in whole.network.groups)

    assert set(led.values()) == {2, 3, 4}


def test_the_clock_stops_twice_a_day_at_most(whole: Script) -> None:
    """And not so often in all that the year would take long."""
    days = Counter(london_day(stop.at) for stop in whole.stops)

    assert max(days.values()) <= 2
    assert len(whole.stops) <= 80
    assert [stop.at for stop in whole.stops] == sorted(stop.at for stop in whole.stops)


def test_the_clock_stands_wherever_a_reminder_falls_due(whole: Script) -> None:
    """Else people would be reminded late, on a clock that jumps."""
    days = {london_day(stop.at) for stop in whole.stops}
    meetings = {meeting.day for group in whole.network.groups for meeting in group.meetings}

    assert [day for meeting in meetings for day in reminders(meeting) if day not in days] == []


def test_meetings_are_on_days_on_which_all_schools_are_open(whole: Script) -> None:
    """But for the one on a school's own training day, which is there to be flagged."""
    days = {meeting.day for group in whole.network.groups for meeting in group.meetings}

    assert [day for day in days if day in BANK_HOLIDAYS or any(not one.is_open(day) for one in PATTERNS)] == []
    assert TRAINS_ON in days
    assert len({place.school.authority[0] for group in whole.network.groups for place in group.places}) == 80


@pytest.mark.parametrize("hubs", [SMALL, 8])
def test_one_report_in_twenty_is_delivered_twice(hubs: int) -> None:
    """Because that is Kafka."""
    played = year(7, hubs)
    again = [act for _, act in played.acts if isinstance(act, Again)]

    assert len(again) == pytest.approx(len(played.sent) / 20, abs=1)


def test_some_nominations_come_before_their_school_has_joined(whole: Script) -> None:
    """They wait, and are applied when it has."""
    early = 0
    for stop in whole.stops[:2]:
        seen: set[tuple[str, str]] = set()
        for act in stop.acts:
            if isinstance(act, Sent) and act.kind == "SchoolJoinedWorkGroup":
                seen.add((act.hub, act.content["school_urn"]))
            elif isinstance(act, Sent) and act.kind == "MasteryAdvocateNominated":
                early += (act.hub, act.content["school_urn"]) not in seen

    assert early > 0


def test_februarys_registers_arrive_in_april_and_a_vacancy_lasts(whole: Script) -> None:
    """What was known in March stays known, and thirty days are over."""
    late = [
        meeting.day
        for group in whole.network.groups
        for meeting, register in group.held()
        if register.said_at == stops.APRIL
    ]
    slots = [slot for group in whole.network.groups for place in group.places for slot in place.slots]
    vacant = {slot.until_on for slot in slots if slot.until_on and slot.reason != "left-school"}

    assert {day.month for day in late} == {2}
    assert min(vacant) + timedelta(days=30) < date(2027, 2, 1)


def test_no_register_is_reported_before_its_meeting_ended(whole: Script) -> None:
    """A meeting cannot be held before it starts."""
    held = [(meeting, register) for group in whole.network.groups for meeting, register in group.held()]

    assert [one for one, register in held if london_day(register.said_at) <= one.day] == []
    assert [one for one, register in held if any(put.said_at < register.said_at for put in register.corrections)] == []


def test_each_report_has_an_id_of_its_own(whole: Script) -> None:
    """But for the one that uses another's."""
    ids = Counter((one.hub, one.event["id"]) for one in whole.sent if one.outcome != "dead")

    assert set(ids.values()) == {1}


def test_everybody_is_invented(whole: Script) -> None:
    """Addresses end in a domain that nobody can have; no two people share a name."""
    people = [one.content for one in whole.sent if one.kind == "PersonReported" and one.outcome == "taken"]
    named = {(one["name"]) for one in people if one["name"] != "Head of Mathematics"}
    slots = [slot.teacher for group in whole.network.groups for place in group.places for slot in place.slots]

    assert all(one["email"].endswith(".example") for one in people)
    assert len({who.name for who in slots}) == len(slots)
    assert len(named) == len(slots) + len(whole.network.specialists)


def test_what_is_amiss_in_the_story_must_be_flagged() -> None:
    """Each code that the story is told for stands on a report, so that the proof holds receipts against it."""
    codes = {one.code for one in year(7, SMALL).sent if one.outcome == "flagged"}

    assert codes == {"no-lead", "inset-day", "changed-hub", "lead-not-in-standing"}


def test_the_two_schools_that_become_one_are_in_two_hubs(whole: Script) -> None:
    """So that the hubs' sum exceeds the national count by what they share."""
    network = whole.network
    hubs = [figures(network, network.of(hub.code)).registered for hub in network.hubs]

    assert sum(hubs) - figures(network, network.groups).registered == 1
    assert len(ENDS) == 6
