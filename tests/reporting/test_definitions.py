"""Where a definition could be read in two ways: what reporting gives, and the recount too, is the one that it says."""

from datetime import date, timedelta

from hubs.proof.recount import counted
from mathshubs.events.enrolment.participation import LeadSpecialistAssigned
from mathshubs.events.enrolment.people import PersonMerged
from mathshubs.events.enrolment.specialists import MasterySpecialistDesignated
from mathshubs.events.scheduling.lessons import Observer
from mathshubs.postgres import Pool
from reporting_figures import agreed
from reporting_story import (
    AMINA,
    BEN,
    CHLOE,
    DEV,
    FELLS_1,
    GROUP_3,
    HIGH_FELLS,
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
    nominated,
    october,
)
from reporting_year import ABOUT, LEAD, lesson, stepped, visited


async def test_a_lead_counts_with_the_hub_of_the_work_group(pool: Pool) -> None:
    """A specialist of High Fells leads there and at River Vale: each hub has one of one group, England of two."""
    specialist = stepped(MasterySpecialistDesignated, LEAD, date(2026, 9, 1)).model_copy(update={"hub": HIGH_FELLS})
    story = october().tell(
        specialist,
        LeadSpecialistAssigned(effective_at=OCTOBER, lead_id=LEAD, effective_on=OCTOBER.date(), **ABOUT),
        formed(FELLS_1, "High Fells Work Group 1", HIGH_FELLS).model_copy(update={"lead_id": LEAD}),
        held(named("led"), GROUP_3, RIVER_VALE, NOVEMBER).model_copy(update={"led_by_id": LEAD}),
    )
    await deliver(pool, story.said)

    assert await agreed(pool, "M14", "hub") == {
        (RIVER_VALE, "leads"): (1, 1, None),
        (RIVER_VALE, "caseload"): (1, 1, 1),
        (HIGH_FELLS, "caseload"): (1, 1, 1),
        (HIGH_FELLS, "designated"): (1, 1, None),
    }
    assert await agreed(pool, "M14") == {
        ("England", "leads"): (1, 1, None),
        ("England", "caseload"): (2, 2, 1),
        ("England", "designated"): (1, 1, None),
    }


async def test_somebody_with_two_records_watches_a_lesson_once(pool: Pool) -> None:
    """From when it is known that both are one person; somebody who is not named is nobody else's double."""
    watched = (
        Observer(person_id=CHLOE, school_urn=OAK_PARK),
        Observer(person_id=DEV, school_urn=OAK_PARK),
        Observer(school_urn=OAK_PARK),
        Observer(school_urn=OAK_PARK),
    )
    story = october().tell(lesson(1).model_copy(update={"observers": watched}))
    merged = PersonMerged(effective_at=NOVEMBER, person_id=DEV, into_id=CHLOE)
    await deliver(pool, story.tell(merged, at=NOVEMBER + timedelta(days=1)).said)

    assert (await agreed(pool, "M13"))["England", "observers"] == (3, 3, None)
    assert (await agreed(pool, "M13", known_at=NOVEMBER))["England", "observers"] == (4, 4, None)


async def test_a_group_is_held_to_the_half_terms_that_have_ended(pool: Pool) -> None:
    """In October there is none yet; from November on it should have met once, from January twice, in summer five."""
    first = held(named("october meeting"), GROUP_3, RIVER_VALE, OCTOBER).model_copy(update={"half_term": 1})
    await deliver(pool, october().tell(first, held(named("no half-term"), GROUP_3, RIVER_VALE, NOVEMBER)).said)

    assert ("England", "met") not in await agreed(pool, "M10", as_at=date(2026, 10, 31))
    assert (await agreed(pool, "M10", as_at=date(2026, 11, 1)))["England", "met"] == (1, 1, 1)
    assert (await agreed(pool, "M10", as_at=date(2026, 12, 31)))["England", "met"] == (1, 1, 1)
    assert (await agreed(pool, "M10", as_at=date(2027, 1, 1)))["England", "met"] == (0, 0, 1)


async def test_a_mark_is_put_right_where_somebody_says_why(pool: Pool) -> None:
    """A register that came late, or a slot that was reported late, is said again without a reason."""
    meeting = named("october meeting")
    right = attended(meeting, GROUP_3, DEV, "late", OCTOBER, revision=2)
    story = october().tell(
        right.model_copy(update={"reason": "arrived-late"}),
        attended(meeting, GROUP_3, DEV, "late", OCTOBER, revision=3),
        attended(meeting, GROUP_3, AMINA, "present", OCTOBER, revision=2),
    )
    await deliver(pool, story.said)

    assert (await agreed(pool, "M20"))["England", "corrections"] == (0.25, 1, 4)


async def test_apologies_are_counted_by_the_recount_too(pool: Pool) -> None:
    """One of October's four advocates had sent them."""
    await deliver(pool, october().said)

    assert (await agreed(pool, "M9"))["England", "apologies"] == (1, 1, None)


async def test_the_mark_that_was_said_last_stands_for_both_records(pool: Pool) -> None:
    """Chloe sent apologies; under her other record she was marked absent after that."""
    merged = PersonMerged(effective_at=NOVEMBER, person_id=DEV, into_id=CHLOE)
    await deliver(pool, october().tell(merged).said)

    assert await agreed(pool, "M9") == {("England", ""): (round(2 / 3, 9), 2, 3)}


async def test_two_slots_of_one_person_are_two_until_one_is_given_up(pool: Pool) -> None:
    """Each slot is as it was named; that both were one person's changes how many people there are."""
    merged = PersonMerged(effective_at=NOVEMBER, person_id=DEV, into_id=CHLOE)
    await deliver(pool, october().tell(merged).said)

    found = await agreed(pool, "M8", as_at=NOVEMBER)
    assert found["England", "advocates"] == (3, 3, None)
    assert found["England", "vacancy"][1] == 0


async def test_a_school_in_two_hubs_is_named_by_part(pool: Pool) -> None:
    """Oak Park is in a Work Group of each hub: engaged in both, new in both, and counts once in England."""
    story = october().tell(
        formed(FELLS_1, "High Fells Work Group 1", HIGH_FELLS),
        joined(FELLS_1, OAK_PARK, HIGH_FELLS),
        nominated(FELLS_1, OAK_PARK, BEN, HIGH_FELLS),
        visited(OAK_PARK, 1, 3),
        visited(OAK_PARK, 2, 3).model_copy(update={"work_group_id": FELLS_1, "hub": HIGH_FELLS}),
    )
    await deliver(pool, story.said)
    async with pool.acquire() as db:
        recount = (await counted(db, LATER, LATER))[YEAR]

    both = {OAK_PARK: {RIVER_VALE, HIGH_FELLS}}
    assert recount.shared("M6") == {"new": both, "continuing": {}, "returning": {}}
    assert recount.shared("M7") == {"development": both, "embedding": {}, "sustaining": {}}
    assert recount.shared("M2") == {"": both}
    assert (await agreed(pool, "M6", "hub"))[RIVER_VALE, "new"] == (2, 2, None)
