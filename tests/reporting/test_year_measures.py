"""What a whole year comes to, measure by measure, on a story short enough to count by hand."""

from datetime import date, datetime, timedelta

import pytest

from mathshubs.events.enrolment.participation import (
    CompletionQuestioned,
    LeadSpecialistAssigned,
    WorkGroupStandingChanged,
)
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.enrolment.specialists import (
    MasterySpecialistDesignated,
    PDLeadAccreditationLapsed,
    PDLeadAccredited,
    PDLeadProgrammeStarted,
    SpecialistAcceptedOnProgramme,
    SpecialistYearStarted,
)
from mathshubs.events.scheduling.meetings import MeetingCancelled, MeetingHeld
from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES, Asked, Level, exceptions, figures, instant_of, members, status
from reporting.measures.domain.places import census_day
from reporting.measures.views import final_from, survey
from reporting.projections.rebuilding import check
from reporting_story import (
    AMINA,
    ASH_GROVE,
    BEN,
    CHLOE,
    DEV,
    ELM_PARK,
    GROUP_3,
    GROUP_5,
    JOINING_DAY,
    LATER,
    NOVEMBER,
    OAK_PARK,
    OCTOBER,
    RIVER_VALE,
    YEAR,
    attended,
    deliver,
    formed,
    held,
    joined,
    named,
    october,
    scheduled,
    school,
)
from reporting_year import (
    ABOUT,
    JULY,
    LEAD,
    a_whole_year,
    completed,
    lesson,
    mail,
    stepped,
    vacated,
    visited,
    withdrew,
    year_before,
)


async def parts(
    pool: Pool,
    measure: str,
    level: Level = Level.NATIONAL,
    *,
    as_at: date | datetime = LATER,
    known_at: date | datetime = LATER,
    stage: str | None = None,
) -> dict[str, tuple[float | None, float, float | None]]:
    """Return value, numerator and denominator of each part, in England or in the one place that has any."""
    asked = Asked(YEAR, instant_of(as_at), instant_of(known_at), stage)
    seen = await survey(pool, asked, MEASURES[measure])
    return {
        figure.part.code if figure.part else "": (figure.value, figure.numerator, figure.denominator)
        for figure in figures(MEASURES[measure], level, seen)
        if figure.numerator or figure.denominator or level is Level.NATIONAL
    }


async def test_a_visit_engages_a_school_of_which_nobody_came(pool: Pool) -> None:
    """Oak Park's advocates sent apologies; the specialist came to them."""
    await deliver(pool, october().tell(visited(OAK_PARK, 1, 3)).said)

    assert await parts(pool, "M2") == {"": (2, 2, None)}


async def test_a_school_that_withdrew_counts_as_registered_but_not_one_that_never_began(pool: Pool) -> None:
    """Leaving later does not undo having taken part; leaving on the very first day does."""
    story = october().tell(joined(GROUP_3, ASH_GROVE, RIVER_VALE))
    story.tell(withdrew(ASH_GROVE, JOINING_DAY, "other"), withdrew(OAK_PARK, date(2026, 11, 5)))
    await deliver(pool, story.said)

    assert await parts(pool, "M1") == {"": (2, 2, None)}
    found = await parts(pool, "M18")
    assert {code: value for code, value in found.items() if value[1]} == {
        "all": (0.5, 1, 2),
        "staffing": (0.5, 1, 2),
        "half-term-2": (0.5, 1, 2),
    }
    assert (await parts(pool, "M18", as_at=date(2026, 11, 4)))["all"] == (0, 0, 2)


async def test_a_school_that_left_before_the_first_meeting_is_told_apart(pool: Pool) -> None:
    """The day of the meeting itself is early too: nobody of theirs was expected there."""
    await deliver(pool, october().tell(withdrew(OAK_PARK, OCTOBER.date())).said)

    assert (await parts(pool, "M18"))["early"] == (0.5, 1, 2)
    assert await parts(pool, "M9") == {"": (1.0, 2, 2)}


async def test_a_school_that_came_back_has_not_withdrawn(pool: Pool) -> None:
    """It joined the same Work Group again."""
    story = october().tell(withdrew(OAK_PARK, date(2026, 11, 5)))
    story.tell(joined(GROUP_3, OAK_PARK, RIVER_VALE, on=date(2027, 1, 11)))
    await deliver(pool, story.said)

    assert (await parts(pool, "M18"))["all"] == (0, 0, 2)


async def test_who_gave_up_a_slot_is_expected_no_more(pool: Pool) -> None:
    """From the day on; at October's meeting they still were, and so they are in that one."""
    meeting = named("november meeting")
    story = october().tell(vacated(ELM_PARK, BEN, NOVEMBER.date()), held(meeting, GROUP_3, RIVER_VALE, NOVEMBER))
    await deliver(pool, story.said)

    assert await parts(pool, "M9") == {"": (2 / 7, 2, 7)}


async def test_a_completion_that_is_questioned_counts_no_more(pool: Pool) -> None:
    """Until then it did; and a completion without anybody seen is an exception that somebody should look into."""
    questioned = completed(ELM_PARK, JULY + timedelta(days=5), CompletionQuestioned)
    await deliver(pool, october().tell(completed(ELM_PARK), completed(OAK_PARK), questioned).said)

    assert await parts(pool, "M3", as_at=JULY) == {"": (2, 2, None)}
    assert await parts(pool, "M3") == {"": (1, 1, None)}
    seen = await survey(pool, Asked(YEAR, LATER, LATER), MEASURES["M3"])
    assert [one.lineage for one in exceptions(seen.seen)] == [OAK_PARK]


async def test_rates_are_of_the_secondary_schools_that_are_open_at_the_census(pool: Pool) -> None:
    """Not of a primary, an independent, one in Wales, one that closed before; after the census nothing moves it."""
    story = october().tell(
        school("920001", "A primary", phase_code=2),
        school("920002", "An independent school", type_code=11),
        school("920003", "A Welsh school", country="Wales"),
        school("920004", "A closed school", status_code=2, closed_on=date(2026, 12, 31)),
        school("920005", "A secondary school", region="London"),
        school("920006", "A school that closed in spring", status_code=2, closed_on=date(2027, 3, 31)),
    )
    await deliver(pool, story.tell(completed(ELM_PARK)).said)

    assert census_day(YEAR) == date(2027, 1, 21)
    assert await parts(pool, "M4") == {"engaged": (0.25, 1, 4), "completed": (0.25, 1, 4)}
    assert (await parts(pool, "M4", as_at=NOVEMBER))["engaged"] == (0.2, 1, 5)
    assert (await parts(pool, "M4", Level.HUB))["engaged"] == (None, 1, 0)
    assert await parts(pool, "M5") == {"": (0.25, 1, 4)}
    assert (await parts(pool, "M17"))["registered"] == (2, 2, None)


async def test_schools_by_when_they_were_there_before(pool: Pool) -> None:
    """The three parts make M2; and of last year's completers one went on."""
    await deliver(pool, year_before(october()).said)

    assert {code: value for code, (value, _, _) in (await parts(pool, "M6")).items()} == {
        "new": 1,
        "continuing": 1,
        "returning": 0,
    }
    assert await parts(pool, "M2") == {"": (2, 2, None)}
    found = await parts(pool, "M7")
    assert (found["development"][0], found["embedding"][0]) == (2, 0)
    assert found["to-embedding"] == (1, 1, 1)
    assert found["to-sustaining"] == (None, 0, 0)


async def test_advocates_their_days_and_what_stands_vacant(pool: Pool) -> None:
    """Four slots from 14 September; one is given up on 1 October: as at 13 October 30 days each, but 17 of his."""
    await deliver(pool, october().tell(vacated(ELM_PARK, BEN, date(2026, 10, 1))).said)

    held_days = 3 * 30 + 17
    assert await parts(pool, "M8", as_at=date(2026, 10, 13)) == {
        "advocates": (4, 4, None),
        "full-time": (held_days / 730, held_days, 730),
        "vacancy": ((120 - held_days) / 120, 120 - held_days, 120),
    }


async def test_two_records_of_one_person_are_one_advocate(pool: Pool) -> None:
    """In what was said before the merger too, once it is known; her mark under either id counts."""
    merged = PersonMerged(effective_at=NOVEMBER, person_id=DEV, into_id=CHLOE)
    await deliver(pool, october().tell(merged).said)

    assert (await parts(pool, "M8"))["advocates"] == (3, 3, None)
    assert (await parts(pool, "M8", known_at=NOVEMBER - timedelta(seconds=1)))["advocates"] == (4, 4, None)
    assert await parts(pool, "M9") == {"": (2 / 3, 2, 3)}


async def test_a_group_that_meets_in_every_half_term(pool: Pool) -> None:
    """Six half-terms; a group that is disbanded is not among those that run, one that has not met is."""
    story = october()
    for half_term in range(2, 7):
        at = OCTOBER + timedelta(days=40 * half_term)
        meeting = held(named(f"half-term {half_term}"), GROUP_3, RIVER_VALE, at)
        story.tell(meeting.model_copy(update={"half_term": half_term}))
    story.tell(formed(GROUP_5, "River Vale Work Group 5", RIVER_VALE))
    story.tell(formed(named("gone"), "Gone", RIVER_VALE))
    running = {"at_risk": False, "schools": 2, "effective_on": OCTOBER.date()}
    for group, state in ((GROUP_5, "running"), (named("gone"), "disbanded")):
        about = ABOUT | {"work_group_id": group, "state": state}
        story.tell(WorkGroupStandingChanged(effective_at=OCTOBER, **running, **about))
    await deliver(pool, story.said)
    assert await parts(pool, "M10") == {"met": (0, 0, 2), "mean": (3, 6, 2)}

    again = held(named("october meeting"), GROUP_3, RIVER_VALE, OCTOBER).model_copy(update={"half_term": 1})
    await deliver(pool, story.tell(again).said[-1:], first_offset=500)

    assert await parts(pool, "M10") == {"met": (0.5, 1, 2), "mean": (3, 6, 2)}
    assert await parts(pool, "M10", stage="embedding") == {"met": (None, 0, 0), "mean": (None, 0, 0)}


async def test_how_people_met(pool: Pool) -> None:
    """Two of October's advocates came, face to face; one of them joined by screen."""
    story = october()
    by_screen = attended(named("october meeting"), GROUP_3, BEN, "present", OCTOBER, revision=2)
    await deliver(pool, story.tell(by_screen.model_copy(update={"mode": "online"})).said)

    assert {code: value for code, (value, _, _) in (await parts(pool, "M11")).items() if value} == {
        "meetings-face-to-face": 1,
        "attendances-face-to-face": 1,
        "attendances-online": 1,
    }


async def test_support_visits(pool: Pool) -> None:
    """Three visits to two schools; only what is due by right is held against what was used."""
    story = october().tell(visited(ELM_PARK, 1, 3, 18), visited(ELM_PARK, 2, 6, 18), visited(OAK_PARK, 3, 2.5))
    await deliver(pool, story.said)

    assert await parts(pool, "M12") == {
        "visits": (3, 3, None),
        "hours": (11.5, 11.5, None),
        "median-visits": (1.5, 2, None),
        "median-hours": (5.75, 2, None),
        "entitlement": (0.5, 9, 18),
    }


async def test_open_lessons(pool: Pool) -> None:
    """Two observers of one school and a third of another; the lesson counts where it was taught."""
    await deliver(pool, october().tell(lesson(1, OAK_PARK, OAK_PARK, ASH_GROVE)).said)

    wanted = {"held": (1, 1, None), "observers": (3, 3, None), "schools": (2, 2, None)}
    assert await parts(pool, "M13") == wanted
    assert await parts(pool, "M13", Level.REGION) == wanted


async def test_specialists_on_their_way(pool: Pool) -> None:
    """One in her second year, one designated who leads two groups; nobody is named as a member."""
    first, second = date(2025, 9, 1), date(2026, 9, 1)
    led = MeetingHeld(**held(named("led"), GROUP_3, RIVER_VALE, NOVEMBER).model_dump() | {"led_by_id": LEAD})
    story = october().tell(
        stepped(SpecialistAcceptedOnProgramme, AMINA, first, cohort=10),
        stepped(SpecialistYearStarted, AMINA, first, year=1),
        stepped(SpecialistYearStarted, AMINA, second, year=2),
        stepped(SpecialistAcceptedOnProgramme, LEAD, first, cohort=10),
        stepped(MasterySpecialistDesignated, LEAD, second),
        LeadSpecialistAssigned(effective_at=OCTOBER, lead_id=LEAD, effective_on=OCTOBER.date(), **ABOUT),
        formed(GROUP_5, "River Vale Work Group 5", RIVER_VALE).model_copy(update={"lead_id": LEAD}),
        led,
    )
    await deliver(pool, story.said)

    assert await parts(pool, "M14") == {
        "pipeline": (1, 1, None),
        "designated": (1, 1, None),
        "leads": (1, 1, None),
        "caseload": (2, 2, 1),
        "pipeline-10-2": (1, 1, None),
        "retention-10": (0.5, 1, 2),
    }
    seen = await survey(pool, Asked(YEAR, LATER, LATER), MEASURES["M14"])
    assert {one.kind for one in members(MEASURES["M14"], Level.HUB, seen)} == {"person"}


async def test_pd_leads(pool: Pool) -> None:
    """One awarded after 100 days, one whose accreditation has run out by the day, one that was said to have lapsed."""
    story = october().tell(
        stepped(PDLeadProgrammeStarted, AMINA, date(2026, 9, 1)),
        stepped(PDLeadAccredited, AMINA, date(2026, 12, 10)),
        stepped(PDLeadAccredited, BEN, date(2024, 12, 10), expires_on=date(2027, 3, 1)),
        stepped(PDLeadAccredited, DEV, date(2024, 12, 10)),
        stepped(PDLeadAccreditationLapsed, DEV, date(2026, 10, 1)),
    )
    await deliver(pool, story.said)

    assert await parts(pool, "M15") == {
        "accredited": (1, 1, None),
        "awarded": (1, 1, None),
        "lapsed": (1, 1, None),
        "days": (100, 1, None),
    }
    assert (await parts(pool, "M15", as_at=date(2027, 3, 1)))["accredited"] == (2, 2, None)


@pytest.mark.parametrize("measure", ["M14", "M15"])
async def test_figures_of_specialists_stay_once_their_year_has_ended(pool: Pool, measure: str) -> None:
    """Who is designated, leaves, lapses or takes a group over in a later year changes nothing that was final."""
    year_end, autumn = date(2027, 8, 31), date(2027, 10, 1)
    story = october().tell(
        stepped(SpecialistAcceptedOnProgramme, AMINA, date(2026, 9, 1), cohort=10),
        stepped(SpecialistYearStarted, AMINA, date(2026, 9, 1), year=1),
        stepped(PDLeadAccredited, BEN, date(2026, 12, 10), expires_on=date(2027, 9, 15)),
        LeadSpecialistAssigned(effective_at=OCTOBER, lead_id=LEAD, effective_on=OCTOBER.date(), **ABOUT),
        formed(GROUP_5, "River Vale Work Group 5", RIVER_VALE).model_copy(update={"lead_id": LEAD}),
        stepped(MasterySpecialistDesignated, AMINA, autumn),
        stepped(PDLeadAccredited, AMINA, autumn),
        stepped(PDLeadAccreditationLapsed, BEN, autumn),
    )
    story.tell(LeadSpecialistAssigned(effective_at=NOVEMBER, lead_id=AMINA, effective_on=autumn, **ABOUT))
    await deliver(pool, story.said)
    known = date(2028, 7, 31)

    ended = await parts(pool, measure, as_at=year_end, known_at=known)

    assert await parts(pool, measure, as_at=date(2028, 7, 31), known_at=known) == ended
    assert ended["pipeline" if measure == "M14" else "accredited"] == (1, 1, None)


async def test_how_reports_come_in(pool: Pool) -> None:
    """A register recorded four weeks late; one that never came; one meeting that was called off in good time."""
    late, open_one, off = named("late"), named("open"), named("off")
    story = october().tell(scheduled(open_one, GROUP_3, RIVER_VALE, NOVEMBER))
    called_off = scheduled(off, GROUP_3, RIVER_VALE, NOVEMBER)
    cancelled = {"reason": "snow", "meeting_id": off, "work_group_id": GROUP_3, "hub": RIVER_VALE, "school_year": YEAR}
    times = {"starts_at": called_off.starts_at, "ends_at": called_off.ends_at}
    story.tell(called_off, MeetingCancelled(effective_at=OCTOBER, **times, **cancelled))
    story.tell(held(late, GROUP_3, RIVER_VALE, OCTOBER), at=OCTOBER + timedelta(days=28))
    corrected = attended(named("october meeting"), GROUP_3, DEV, "late", OCTOBER, revision=2)
    story.tell(corrected.model_copy(update={"reason": "arrived-late"}), at=NOVEMBER)
    await deliver(pool, story.said)

    found = await parts(pool, "M20")

    assert (found["median"][0], found["p95"][0]) == (0, 28 * 86_400)
    assert (found["corrections"], found["unclosed"]) == ((0.25, 1, 4), (1, 1, None))
    assert (await parts(pool, "M20", as_at=NOVEMBER + timedelta(days=14)))["unclosed"] == (0, 0, None)


async def test_what_became_of_mails(pool: Pool) -> None:
    """The last that was said of each counts: a bounce turned one delivery into a failure."""
    story = october().tell(mail(1, "delivered"), mail(2, "delivered"), mail(2, "permanent-failure"))
    await deliver(pool, story.said)

    wanted = {"delivered": (0.5, 1, 2), "permanent-failure": (0.5, 1, 2), "median": (15, 2, None)}
    assert await parts(pool, "M21") == wanted
    assert await parts(pool, "M21", Level.HUB) == wanted


@pytest.mark.parametrize(
    ("as_at", "wanted"), [("2027-08-31T12:00:00+01:00", "provisional"), ("2027-09-01T00:00:00+01:00", "final")]
)
async def test_figures_are_final_from_the_day_that_the_policy_names(pool: Pool, as_at: str, wanted: str) -> None:
    """As at, as known at and by the clock: the earliest of the three decides."""
    since = await final_from(pool, YEAR)

    assert since == date(2027, 9, 1)
    assert status(since, datetime.fromisoformat(as_at), datetime.fromisoformat("2027-10-01T00:00:00Z")) == wanted


async def test_all_that_the_year_brings_is_made_anew_the_same(pool: Pool) -> None:
    """Every fact that a measure rests on is in a rebuild too."""
    await deliver(pool, a_whole_year().said)

    assert await check(pool) == ()
