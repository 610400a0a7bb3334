"""What else a year brings, said as the services say it: departures, completions, visits, specialists, mails."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from mathshubs.clock import start_of
from mathshubs.events.enrolment.participation import (
    AdvocateSlotVacated,
    CompletionQuestioned,
    LeadSpecialistAssigned,
    SchoolCompletedStage,
    SchoolWithdrewFromWorkGroup,
    WorkGroupStandingChanged,
)
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.enrolment.specialists import (
    MasterySpecialistDesignated,
    OfSpecialist,
    PDLeadAccreditationLapsed,
    PDLeadAccredited,
    PDLeadProgrammeStarted,
    SpecialistAcceptedOnProgramme,
    SpecialistYearStarted,
)
from mathshubs.events.notification.deliveries import MessageSettled
from mathshubs.events.scheduling.lessons import Observer, OpenLessonHeld
from mathshubs.events.scheduling.visits import SupportVisitCompleted
from reporting_story import (
    AMINA,
    ASH_GROVE,
    BEN,
    CHLOE,
    DEV,
    ELM_PARK,
    GROUP_3,
    GROUP_5,
    NOVEMBER,
    OAK_PARK,
    OCTOBER,
    RIVER_VALE,
    YEAR,
    Story,
    attended,
    formed,
    held,
    joined,
    named,
    nominated,
    october,
    scheduled,
    school,
)

LEAD = named("the lead")
ABOUT = {"hub": RIVER_VALE, "school_year": YEAR, "work_group_id": GROUP_3}
STAGE = {"programme": "secondary-teaching-for-mastery", "stage": "development"}
JULY = date(2027, 7, 20)


def withdrew(urn: str, on: date, reason: str = "staffing") -> SchoolWithdrewFromWorkGroup:
    """A school leaves Work Group 3."""
    return SchoolWithdrewFromWorkGroup(
        effective_at=start_of(on), school_urn=urn, lineage=urn, reason=reason, effective_on=on, **ABOUT, **STAGE
    )


def vacated(urn: str, person: UUID, on: date) -> AdvocateSlotVacated:
    """An advocate of Work Group 3 gives up the slot."""
    return AdvocateSlotVacated(
        effective_at=start_of(on), school_urn=urn, person_id=person, reason="left-school", effective_on=on, **ABOUT
    )


def completed(
    urn: str, on: date = JULY, kind: type[SchoolCompletedStage | CompletionQuestioned] = SchoolCompletedStage
) -> SchoolCompletedStage | CompletionQuestioned:
    """A school of Work Group 3 has completed its stage, or no longer has."""
    about = {"school_urn": urn, "lineage": urn, "held": 5, "needed": 5, "effective_on": on}
    return kind(effective_at=start_of(on), **about, **ABOUT, **STAGE)


def visited(urn: str, number: int, hours: float, entitled: float | None = None) -> SupportVisitCompleted:
    """The specialist was at a school of Work Group 3."""
    return SupportVisitCompleted(
        effective_at=NOVEMBER,
        visit_id=named(f"visit {number}"),
        school_urn=urn,
        held_on=NOVEMBER.date(),
        hours=hours,
        mode="face-to-face",
        entitled_hours=entitled,
        used_hours=hours,
        **ABOUT,
    )


def stepped(kind: type[OfSpecialist], person: UUID, on: date, **more: Any) -> OfSpecialist:  # noqa: ANN401 -- any field
    """A specialist of River Vale took a step."""
    return kind(effective_at=start_of(on), hub=RIVER_VALE, person_id=person, effective_on=on, **more)


def year_before(story: Story) -> Story:
    """Elm Park was in a development group of 2025/26, came and completed; in 2026/27 it is in Embedding."""
    group, meeting, autumn = (
        named("last year"),
        named("last year's meeting"),
        datetime.fromisoformat("2025-10-08T13:00Z"),
    )
    last = {"school_year": "2025/26"}
    on = date(2025, 9, 15)
    return story.tell(
        formed(group, "Last year's", RIVER_VALE, year="2025/26"),
        joined(group, ELM_PARK, RIVER_VALE, on=on, **last),
        nominated(group, ELM_PARK, AMINA, RIVER_VALE, on=on),
        held(meeting, group, RIVER_VALE, autumn).model_copy(update=last),
        attended(meeting, group, AMINA, "present", autumn),
        completed(ELM_PARK, date(2026, 7, 20)).model_copy(update={**last, "work_group_id": group}),
        formed(GROUP_5, "River Vale Work Group 5", RIVER_VALE, stage="embedding"),
        joined(GROUP_5, ELM_PARK, RIVER_VALE, stage="embedding"),
        visited(OAK_PARK, 1, 3),
    )


def mail(number: int, fate: str, **more: Any) -> MessageSettled:  # noqa: ANN401 -- any field
    """What became of a mail about October's meeting."""
    return MessageSettled(
        effective_at=NOVEMBER,
        delivery_id=named(f"mail {number}"),
        person_id=AMINA,
        meeting_id=named("october meeting"),
        kind="invitation",
        status=fate,
        queued_at=NOVEMBER,
        handed_at=NOVEMBER + timedelta(seconds=10 * number),
        **more,
    )


def lesson(number: int, *urns: str) -> OpenLessonHeld:
    """A lesson that teachers of some schools watched at Elm Park."""
    return OpenLessonHeld(
        effective_at=NOVEMBER,
        hub=RIVER_VALE,
        school_year=YEAR,
        lesson_id=named(f"lesson {number}"),
        school_urn=ELM_PARK,
        held_on=NOVEMBER.date(),
        mode="face-to-face",
        observers=tuple(Observer(school_urn=urn) for urn in urns),
    )


def a_whole_year() -> Story:
    """October, the year before, and something of all that a year can bring."""
    first, second = date(2025, 9, 1), date(2026, 9, 1)
    late, unclosed = named("late"), named("unclosed")
    led = held(named("led"), GROUP_3, RIVER_VALE, NOVEMBER).model_copy(update={"led_by_id": LEAD, "half_term": 2})
    about = {"at_risk": False, "schools": 2, "effective_on": OCTOBER.date(), "state": "running"}
    story = year_before(october()).tell(
        school("920001", "A primary", phase_code=2),
        school("920005", "A secondary school", region="London", authority="501"),
        joined(GROUP_3, ASH_GROVE, RIVER_VALE),
        nominated(GROUP_3, ASH_GROVE, named("eve"), RIVER_VALE),
        withdrew(ASH_GROVE, OCTOBER.date(), "workload"),
        vacated(ELM_PARK, BEN, NOVEMBER.date()),
        completed(ELM_PARK),
        completed(OAK_PARK),
        completed(OAK_PARK, JULY, CompletionQuestioned),
        PersonMerged(effective_at=NOVEMBER, person_id=DEV, into_id=CHLOE),
        WorkGroupStandingChanged(effective_at=OCTOBER, **ABOUT, **about),
        LeadSpecialistAssigned(effective_at=OCTOBER, lead_id=LEAD, effective_on=OCTOBER.date(), **ABOUT),
        scheduled(unclosed, GROUP_3, RIVER_VALE, NOVEMBER),
        led,
        attended(named("led"), GROUP_3, AMINA, "partial", NOVEMBER),
        attended(named("october meeting"), GROUP_3, DEV, "late", OCTOBER, revision=2).model_copy(
            update={"reason": "arrived-late"}
        ),
    )
    story.tell(held(late, GROUP_3, RIVER_VALE, OCTOBER), at=OCTOBER + timedelta(days=28))
    story.tell(visited(ELM_PARK, 2, 6, 18), visited(ELM_PARK, 3, 2.5, 18), lesson(1, OAK_PARK, OAK_PARK, ASH_GROVE))
    story.tell(mail(1, "delivered"), mail(2, "delivered"), mail(2, "permanent-failure"), mail(3, "temporary-failure"))
    return story.tell(
        stepped(SpecialistAcceptedOnProgramme, AMINA, first, cohort=10),
        stepped(SpecialistYearStarted, AMINA, second, year=2),
        stepped(SpecialistAcceptedOnProgramme, LEAD, first, cohort=10),
        stepped(MasterySpecialistDesignated, LEAD, second),
        stepped(PDLeadProgrammeStarted, AMINA, second),
        stepped(PDLeadAccredited, AMINA, date(2026, 12, 10)),
        stepped(PDLeadAccredited, BEN, first, expires_on=date(2027, 3, 1)),
        stepped(PDLeadAccreditationLapsed, LEAD, second),
    )
