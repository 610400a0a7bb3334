"""The first page, as somebody sees it who has just come in."""

import re
from datetime import timedelta

import httpx
import pytest

from mathshubs.clock import start_of
from mathshubs.events.enrolment.participation import SchoolJoinRefused
from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.schools import SchoolClosed
from mathshubs.events.scheduling.meetings import MeetingRescheduled
from mathshubs.postgres import Pool
from reading_pages import happenings_of, words_of
from reporting_story import (
    AMINA,
    ELM_PARK,
    GROUP_3,
    JOINING_DAY,
    NOVEMBER,
    OCTOBER,
    RIVER_VALE,
    YEAR,
    deliver,
    named,
    october,
    school,
)

TWO_DAYS_LATER = NOVEMBER + timedelta(days=2)

REFUSED = (
    "School 900077 could not join River Vale Work Group 3. "
    "The school had closed by the day of joining; use its successor&#39;s URN."
)


async def test_figures_in_england_and_by_hub(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """With what a rate is made of, and the hub that has no school yet."""
    await deliver(pool, october().said)

    page = await visitor.get("/", params={"year": YEAR, "level": "hub"})

    said = words_of(page.text)
    assert page.status_code == 200
    assert "Attendance rate 50% 2 of 4 expected, 1 sent apologies" in said
    assert "River Vale Maths Hub 2 1 0 50%" in said
    assert "High Fells Maths Hub 0 0 0 None held" in said


async def test_how_fresh_it_is_service_by_service(visitor: httpx.AsyncClient) -> None:
    """What was not heard from, or cannot be reached, may hide anything: it is never called up to date."""
    said = words_of((await visitor.get("/")).text)

    assert (
        "Scheduling is 12 seconds behind, notification has not been heard from yet and reporting has not been heard "
        "from yet; the rest is up to date." in said
    )
    assert "Enrolment Up to date Scheduling 12 seconds behind Notification Not heard from yet" in said


@pytest.mark.parametrize(
    ("level", "row"), [("region", "North East 1 1 0 100%"), ("local_authority", "Authority 501 1 0 0 0%")]
)
async def test_another_level(visitor: httpx.AsyncClient, pool: Pool, level: str, row: str) -> None:
    """By a form that any browser can send."""
    await deliver(pool, october().said)

    page = await visitor.get("/", params={"year": YEAR, "level": level})

    assert row in words_of(page.text)
    assert f'<option value="{level}" selected>' in page.text


async def test_before_anything_has_happened(visitor: httpx.AsyncClient) -> None:
    """It says what will fill the page."""
    page = await visitor.get("/")

    said = words_of(page.text)
    assert page.status_code == 200
    assert "No school has joined a Work Group in" in said
    assert "Nothing has happened yet" in said
    assert "England" not in said


async def test_a_year_and_a_level_that_there_are_not(visitor: httpx.AsyncClient) -> None:
    """The problem comes first, with the way to the field that mends it, and stands at the field again."""
    page = await visitor.get("/", params={"year": "1999/00", "level": "planet"})

    assert page.status_code == 422
    assert "There is a problem Choose a school year from the list Choose hub, region or local authority" in words_of(
        page.text
    )
    assert 'href="#year"' in page.text
    assert re.search(r'<select[^>]* id="year"[^>]* aria-describedby="year-error"', page.text)
    assert "Broken down by Error: Choose hub, region or local authority" in words_of(page.text)


async def test_what_happened_last_in_plain_english(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """The newest first; schools, hubs and groups by name, people never."""
    about = {"hub": RIVER_VALE, "school_year": YEAR}
    meeting, moved_to = named("november meeting"), start_of(NOVEMBER.date()) + timedelta(hours=13, minutes=30)
    story = october().tell(
        SchoolJoinRefused(
            effective_at=start_of(JOINING_DAY),
            work_group_id=GROUP_3,
            school_urn="900077",
            reasons=("school-closed",),
            **about,
        ),
        MeetingRescheduled(
            effective_at=OCTOBER,
            meeting_id=meeting,
            work_group_id=GROUP_3,
            starts_at=moved_to,
            ends_at=moved_to + timedelta(hours=2),
            **about,
        ),
        PersonErased(effective_at=OCTOBER, person_id=AMINA),
        at=NOVEMBER,
    )
    await deliver(pool, story.said)

    page = await visitor.get("/")

    assert happenings_of(page.text) == [
        "The name and details of a person were erased",
        "River Vale Work Group 3 moved a meeting to 1.30pm to 3.30pm, Thursday 12 November",
        REFUSED,
        "River Vale Work Group 3 met on Thursday 8 October",
        "River Vale Work Group 3 will meet 2pm to 4.30pm, Thursday 8 October",
        "River Vale Maths Hub formed River Vale Work Group 3",
        "Oak Park School named an advocate to River Vale Work Group 3",
        "Oak Park School named an advocate to River Vale Work Group 3",
        "Elm Park School named an advocate to River Vale Work Group 3",
        "Elm Park School named an advocate to River Vale Work Group 3",
        "Oak Park School joined River Vale Work Group 3",
        "Elm Park School joined River Vale Work Group 3",
    ]


async def test_an_import_of_the_register_is_one_line(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Thousands of schools on one day would leave nothing else to read; a single school is named."""
    many = [school(f"91{number:04}", f"School {number}") for number in range(1_204)]
    shut = [school(f"91{number:04}", f"School {number}", kind=SchoolClosed, status_code=2) for number in range(30)]
    story = october().tell(*many, *shut, at=NOVEMBER)
    story.tell(school(ELM_PARK, "Elm Park School", kind=SchoolClosed, closed_on=OCTOBER.date()), at=TWO_DAYS_LATER)
    await deliver(pool, story.said)

    page = await visitor.get("/")

    assert happenings_of(page.text)[:4] == [
        "Elm Park School closed on 8 October 2026",
        "30 schools were marked as closed in the register",
        "1,204 schools were added to the register",
        "River Vale Work Group 3 met on Thursday 8 October",
    ]


async def test_a_fact_that_somebody_changed_in_the_log_is_passed_over(
    visitor: httpx.AsyncClient, pool: Pool, by_hand: Pool
) -> None:
    """A check of the log names it; the page goes on showing the rest."""
    await deliver(pool, october().said)
    await by_hand.execute("UPDATE event_log SET data = '{}' WHERE type LIKE '%MeetingHeld%'")

    page = await visitor.get("/")

    assert page.status_code == 200
    assert happenings_of(page.text)[0] == "River Vale Work Group 3 will meet 2pm to 4.30pm, Thursday 8 October"


async def test_words_from_outside_stay_words(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """A Work Group may be called anything."""
    await deliver(pool, october().said)
    await pool.execute("UPDATE report.schools SET name = '<script>alert(1)</script>' WHERE urn = $1", ELM_PARK)

    page = await visitor.get("/")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; joined" in page.text


async def test_each_line_leads_to_the_timeline_of_its_report(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """What came of it, service by service; an import of many schools has no one report behind it."""
    story = october().tell(*(school(f"91{number:04}", f"School {number}") for number in range(30)), at=NOVEMBER)
    await deliver(pool, story.said)

    page = await visitor.get("/")

    lines = re.findall(r'hubs-events__said">(.*?)</span>', page.text, re.DOTALL)
    assert lines[0].strip() == "30 schools were added to the register"
    assert 'href="/v1/timelines/c-1?hub=river-vale"' in lines[1]
