"""What needs a hub lead: each task comes with what calls for it and goes with what settles it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import httpx

from mathshubs.events import Event
from mathshubs.events.enrolment.intake import InterestRoutedToHub
from mathshubs.events.enrolment.participation import (
    AdvocateSlotLeftVacant,
    AdvocateSlotVacated,
    CompletionQuestioned,
    LeadSpecialistAssigned,
    SchoolCompletedStage,
    SchoolWithdrewFromWorkGroup,
    WorkGroupStandingChanged,
)
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.specialists import Interval, LeadStanding
from mathshubs.events.notification.deliveries import AddressFailed, AddressReplaced
from mathshubs.events.scheduling.meetings import Closed, MeetingCancelled, MeetingRescheduled
from mathshubs.events.scheduling.registers import AbsencesRunning
from mathshubs.events.scheduling.visits import SupportVisitCompleted
from mathshubs.postgres import Pool
from reading_pages import words_of
from reporting.desk.domain import Names
from reporting.desk.domain.record import Noted, record_of
from reporting.desk.domain.tasks import tasks
from reporting.desk.views.tasks import hub_record
from reporting_story import (
    AMINA,
    ASH_GROVE,
    BEN,
    CHLOE,
    DEV,
    ELM_PARK,
    FELLS_1,
    GROUP_3,
    HIGH_FELLS,
    NOVEMBER,
    OAK_PARK,
    OCTOBER,
    RIVER_VALE,
    SEPTEMBER,
    YEAR,
    deliver,
    formed,
    held,
    joined,
    named,
    nominated,
    october,
    scheduled,
)

REPORT = "0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e"
NAMES = Names(
    {ELM_PARK: "Elm Park School", OAK_PARK: "Oak Park School", ASH_GROVE: "Ash Grove School"},
    {},
    {RIVER_VALE: "River Vale Maths Hub"},
)
MEETING, PRIYA = named("november meeting"), named("priya")
ABOUT: dict[str, Any] = {"effective_at": OCTOBER, "hub": RIVER_VALE, "school_year": YEAR}
OF_SCHOOL: dict[str, Any] = {**ABOUT, "work_group_id": GROUP_3, "school_urn": ELM_PARK}
STAGE: dict[str, Any] = {"lineage": ELM_PARK, "programme": "secondary-teaching-for-mastery", "stage": "development"}
LED = LeadSpecialistAssigned(**ABOUT, work_group_id=GROUP_3, lead_id=PRIYA, effective_on=SEPTEMBER.date())
VACANT = AdvocateSlotLeftVacant(**OF_SCHOOL, slot=2, vacant_since=date(2026, 9, 20), effective_on=OCTOBER.date())
FAILED = AddressFailed(effective_at=OCTOBER, person_id=AMINA, by="bounce")
TAKING_PART: tuple[Event, ...] = (
    formed(GROUP_3, "River Vale Work Group 3", RIVER_VALE),
    LED,
    joined(GROUP_3, ELM_PARK, RIVER_VALE),
    joined(GROUP_3, OAK_PARK, RIVER_VALE),
    *(nominated(GROUP_3, ELM_PARK, person, RIVER_VALE) for person in (AMINA, BEN)),
    *(nominated(GROUP_3, OAK_PARK, person, RIVER_VALE) for person in (CHLOE, DEV)),
)
"""A Work Group with a lead and both slots of both schools taken: nothing to do."""


def to_do(*facts: Event, at: datetime = NOVEMBER) -> list[tuple[str, date]]:
    """Return what River Vale has to do when these facts follow on a Work Group that wants for nothing."""
    return [(task.said, task.since) for task in found(*TAKING_PART, *facts, at=at)]


def found(*facts: Event, at: datetime = NOVEMBER) -> list[Any]:
    """Return tasks as they stand at an instant."""
    return tasks(
        record_of([Noted(fact, REPORT) for fact in facts], RIVER_VALE), NAMES, at, RIVER_VALE, register_days=14
    )


def meets(at: datetime, **more: Any) -> Event:  # noqa: ANN401 -- any field of a meeting
    """The November meeting is planned."""
    return scheduled(MEETING, GROUP_3, RIVER_VALE, at).model_copy(update=more)


def test_a_work_group_that_wants_for_nothing_gives_nobody_a_task() -> None:
    """An empty list is worth more than a full one that nobody reads."""
    assert to_do() == []


def test_a_slot_that_stays_vacant_until_somebody_is_named() -> None:
    """It counts from the day on which the advocate left, not from when we noticed."""
    said = "Elm Park School has one advocate too few in River Vale Work Group 3"

    assert to_do(VACANT) == [(said, date(2026, 9, 20))]
    assert to_do(VACANT, nominated(GROUP_3, ELM_PARK, named("eve"), RIVER_VALE)) == []
    assert to_do(VACANT, nominated(GROUP_3, OAK_PARK, named("eve"), RIVER_VALE)) == [(said, date(2026, 9, 20))]


def test_a_school_that_withdrew_leaves_nothing_to_do() -> None:
    """Neither its vacancy, nor its advocate's address, nor its absences, nor the hours that it had."""
    away = AbsencesRunning(**OF_SCHOOL, person_id=AMINA, meetings=2, since=OCTOBER.date())
    left = SchoolWithdrewFromWorkGroup(**OF_SCHOOL, **STAGE, reason="staffing", effective_on=OCTOBER.date())

    when: dict[str, Any] = {"visit_id": named("visit"), "held_on": OCTOBER.date(), "mode": "online"}
    visit = SupportVisitCompleted(**OF_SCHOOL, **when, hours=6, entitled_hours=18, used_hours=20)

    assert len(to_do(VACANT, FAILED, away, visit)) == 4
    assert to_do(VACANT, FAILED, away, visit, left) == []


def standing(state: str, *, at_risk: bool = False) -> WorkGroupStandingChanged:
    """How the Work Group stands from now on."""
    return WorkGroupStandingChanged(
        **ABOUT, work_group_id=GROUP_3, state=state, at_risk=at_risk, schools=1, effective_on=OCTOBER.date()
    )


def test_a_group_at_risk_until_it_is_not() -> None:
    """With how many schools are left."""
    said = "River Vale Work Group 3 is at risk: it has 1 active school"

    assert to_do(standing("running", at_risk=True)) == [(said, OCTOBER.date())]
    assert to_do(standing("running", at_risk=True), standing("running")) == []
    assert to_do(standing("running", at_risk=True), VACANT, standing("disbanded")) == []


def test_a_group_without_a_lead() -> None:
    """Until the day from which somebody leads it."""
    without = formed(GROUP_3, "River Vale Work Group 3", RIVER_VALE)
    from_december = LED.model_copy(update={"effective_on": date(2026, 12, 1)})

    assert [task.said for task in found(without)] == ["River Vale Work Group 3 has no lead"]
    assert [task.code for task in found(without, from_december)] == ["group-without-lead"]
    assert found(without, from_december, at=NOVEMBER + timedelta(days=30)) == []


def test_a_school_that_waits_for_an_answer() -> None:
    """Until it joins a Work Group, of whichever hub; what was routed elsewhere is another hub's."""
    routed = InterestRoutedToHub(**ABOUT, interest_id=named("interest"), school_urn=ASH_GROVE, by="local-authority")
    elsewhere = routed.model_copy(update={"hub": HIGH_FELLS})

    assert to_do(routed) == [("Ash Grove School would like to take part and is in no Work Group", OCTOBER.date())]
    assert to_do(routed, joined(FELLS_1, ASH_GROVE, HIGH_FELLS)) == []
    assert to_do(elsewhere) == []


def test_a_school_that_took_part_years_ago_waits_for_an_answer_too() -> None:
    """It wants to come back; that it joined once does not answer it."""
    routed = InterestRoutedToHub(**ABOUT, interest_id=named("interest"), school_urn=ASH_GROVE, by="local-authority")
    once = joined(named("long ago"), ASH_GROVE, HIGH_FELLS, on=date(2024, 9, 16), school_year="2024/25")
    back = joined(FELLS_1, ASH_GROVE, HIGH_FELLS)

    assert [since for _, since in to_do(once, routed)] == [OCTOBER.date()]
    assert to_do(once, routed, back) == []
    assert to_do(back, once, routed) == []


def test_a_register_that_does_not_come() -> None:
    """Fourteen days after the meeting's end, by the time to which it was moved last."""
    ends = OCTOBER + timedelta(hours=2, minutes=30)
    moved = MeetingRescheduled(
        **ABOUT, meeting_id=MEETING, work_group_id=GROUP_3, starts_at=NOVEMBER, ends_at=NOVEMBER + timedelta(hours=2)
    )
    late = ends + timedelta(days=14, seconds=1)
    said = "The register of River Vale Work Group 3's meeting of Thursday 8 October has not come"

    assert to_do(meets(OCTOBER), at=late - timedelta(seconds=1)) == []
    assert to_do(meets(OCTOBER), at=late) == [(said, OCTOBER.date())]
    assert to_do(meets(OCTOBER), held(MEETING, GROUP_3, RIVER_VALE, OCTOBER), at=late) == []
    assert to_do(meets(OCTOBER), moved, at=late) == []


async def test_how_late_a_register_may_be_is_policy(pool: Pool, by_hand: Pool) -> None:
    """As in the figures of data quality; a year that has begun keeps its own."""
    await by_hand.execute(
        "INSERT INTO figure_policies (programme, from_year, slots, half_terms, register_days, final_month, final_day) "
        "SELECT programme, '2027/28', slots, half_terms, 21, final_month, final_day FROM figure_policies"
    )

    days = [(await hub_record(pool, RIVER_VALE, at))[2] for at in (NOVEMBER, NOVEMBER + timedelta(days=365))]

    assert days == [14, 21]


def test_a_cancelled_meeting_wants_no_register() -> None:
    """Nobody met, so nobody can say who was there."""
    gone = MeetingCancelled(
        **ABOUT, meeting_id=MEETING, work_group_id=GROUP_3, starts_at=OCTOBER, ends_at=OCTOBER, reason="snow"
    )

    assert to_do(meets(OCTOBER), gone, at=NOVEMBER + timedelta(days=60)) == []


def test_a_meeting_on_a_closed_day() -> None:
    """With whose day it is, while it lies ahead; since it was planned for that day."""
    closed = (Closed(school_urn=OAK_PARK, on=NOVEMBER.date(), why="inset"),)
    planned = meets(NOVEMBER, closed=closed)
    said = "River Vale Work Group 3 is to meet 2pm to 4.30pm, Thursday 12 November, an INSET day of Oak Park School"

    assert to_do(planned, at=OCTOBER) == [(said, SEPTEMBER.date())]
    assert to_do(planned, at=NOVEMBER) == []


def test_a_lead_who_may_not_lead_on_that_day() -> None:
    """Accreditation that lapses before a meeting is seen before it, not after."""
    lapses = LeadStanding(
        **ABOUT, person_id=PRIYA, intervals=(Interval(from_on=date(2025, 9, 1), until_on=date(2026, 10, 31)),)
    )
    renewed = lapses.model_copy(update={"intervals": (Interval(from_on=date(2025, 9, 1)),)})
    said = "The lead of River Vale Work Group 3 may not lead its meeting of Thursday 12 November"

    assert to_do(meets(NOVEMBER), lapses, at=OCTOBER) == [(said, OCTOBER.date())]
    assert to_do(meets(NOVEMBER), lapses, renewed, at=OCTOBER) == []
    assert to_do(meets(NOVEMBER), at=OCTOBER) == []


def test_a_completion_that_a_correction_undoes() -> None:
    """Until it is completed again."""
    counted: dict[str, Any] = {**OF_SCHOOL, **STAGE, "held": 4, "needed": 5, "effective_on": OCTOBER.date()}
    said = "Elm Park School was said to have completed its stage, and came to 4 of the 5 meetings needed"

    assert to_do(CompletionQuestioned(**counted)) == [(said, OCTOBER.date())]
    assert to_do(CompletionQuestioned(**counted), SchoolCompletedStage(**counted)) == []


def test_people_whom_no_mail_reaches() -> None:
    """An advocate or a lead, never by name, until another address works or they are no advocate any more."""
    another = AddressReplaced(effective_at=NOVEMBER, person_id=AMINA)
    left = AdvocateSlotVacated(**OF_SCHOOL, person_id=AMINA, reason="left-school", effective_on=OCTOBER.date())
    of_lead = FAILED.model_copy(update={"person_id": PRIYA})
    said = "No mail reaches an advocate of Elm Park School in River Vale Work Group 3"

    assert to_do(FAILED) == [(said, OCTOBER.date())]
    assert to_do(of_lead) == [("No mail reaches the lead of River Vale Work Group 3", OCTOBER.date())]
    for settled in (another, left, PersonErased(effective_at=NOVEMBER, person_id=AMINA)):
        assert to_do(FAILED, settled) == []


def test_a_run_of_absences_until_somebody_comes_again() -> None:
    """Of an advocate, or of the whole school."""
    run: dict[str, Any] = {**OF_SCHOOL, "meetings": 2, "since": OCTOBER.date()}
    again = {**run, "meetings": 0}

    assert [said for said, _ in to_do(AbsencesRunning(**run), AbsencesRunning(**run, person_id=AMINA))] == [
        "An advocate of Elm Park School was away from 2 meetings of River Vale Work Group 3 running",
        "Elm Park School was away from 2 meetings of River Vale Work Group 3 running",
    ]
    assert to_do(AbsencesRunning(**run), AbsencesRunning(**again)) == []


def test_a_school_that_had_more_support_than_it_is_entitled_to() -> None:
    """Where its stage gives it a number of hours at all."""
    visit: dict[str, Any] = {
        **OF_SCHOOL,
        "visit_id": named("visit"),
        "held_on": OCTOBER.date(),
        "hours": 6,
        "mode": "online",
    }

    assert [said for said, _ in to_do(SupportVisitCompleted(**visit, entitled_hours=18, used_hours=19.5))] == [
        "Elm Park School in River Vale Work Group 3 has had 19.5 hours of support of the 18 it is entitled to"
    ]
    assert to_do(SupportVisitCompleted(**visit, entitled_hours=18, used_hours=18)) == []
    assert to_do(SupportVisitCompleted(**visit, used_hours=40)) == []


def test_last_years_work_groups_want_nothing_any_more() -> None:
    """Their vacancies and missing leads are history."""
    year_later = NOVEMBER + timedelta(days=365)

    assert found(formed(GROUP_3, "River Vale Work Group 3", RIVER_VALE), VACANT, at=year_later) == []


def happened(*facts: Event) -> Iterable[Any]:
    """The story of October, and these facts after it, all of one report."""
    return october().came_of(REPORT).tell(LED, *facts, at=OCTOBER).said


async def test_the_page_begins_with_what_needs_the_hub_lead(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Then the Work Groups; each task leads to what called for it."""
    await deliver(pool, happened(VACANT))

    page = await visitor.get(f"/hub/{RIVER_VALE}", params={"as_at": "2026-11-12"})

    said = words_of(page.text)
    assert page.status_code == 200
    assert "What needs you: 1 task Elm Park School has one advocate too few in River Vale Work Group 3" in said
    assert "Since 20 September 2026 How it came about" in said
    assert "River Vale Work Group 3 Proposed 2 1 0" in said
    assert f'href="/v1/timelines/{REPORT}?hub=river-vale"' in page.text
    assert f'href="/hub/{RIVER_VALE}/tasks.json?as_at=2026-11-12"' in page.text


async def test_tasks_for_programs_as_at_a_day(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """What was not known on that day is not among them."""
    await deliver(pool, happened(VACANT))
    where = f"/hub/{RIVER_VALE}/tasks.json"

    now = (await visitor.get(where, params={"as_at": "2026-11-12"})).json()
    before = (await visitor.get(where, params={"as_at": "2026-10-07"})).json()

    assert [(task["code"], task["since"], task["school_urn"]) for task in now["tasks"]] == [
        ("slot-vacant", "2026-09-20", ELM_PARK)
    ]
    assert [task["code"] for task in before["tasks"]] == ["group-without-lead"]


async def test_a_hub_without_anything_and_one_that_there_is_not(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """The one reads what will fill the page, the other where hubs are listed."""
    await deliver(pool, october().said)

    empty = await visitor.get(f"/hub/{HIGH_FELLS}")
    unknown = await visitor.get("/hub/nowhere")
    wrong = await visitor.get(f"/hub/{HIGH_FELLS}/tasks.json", params={"as_at": "yesterday"})

    assert "Nothing needs you" in words_of(empty.text)
    assert "No Work Group of this school year was reported yet" in words_of(empty.text)
    assert (unknown.status_code, "There is no hub with this code" in unknown.text) == (404, True)
    assert wrong.status_code == 422
