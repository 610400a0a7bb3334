"""Schools that would take part: whose each is to answer, and what is kept of what was written beside it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from enrolment.answers import erase
from enrolment.hubs.domain import Hub as NewHub
from enrolment.hubs.store import register_hub
from enrolment.intake.domain import Area, ExpressInterest, Intake, evolve, express_interest
from enrolment.intake.store import cover
from enrolment_examples import (
    AMINA,
    BEN,
    BIRCH_COLLEGE,
    ELM_PARK,
    NORTH_DALES,
    OAK_PARK,
    PROGRAMME,
    REFERENCES,
    RIVER_VALE,
    SECRET,
    UNKNOWN,
    YEAR,
    Hub,
    columns,
    facts,
    finally_told,
    registered,
    reported,
    told,
    told_at_once,
)
from mathshubs.events import Event
from mathshubs.events.enrolment.intake import InterestExpressed, InterestRefused, InterestRoutedToHub
from mathshubs.keys import Keys
from mathshubs.postgres import Pool

NOVEMBER = datetime(2026, 11, 9, 10, tzinfo=UTC)
TODAY = NOVEMBER.date()
INTEREST = REFERENCES.resolve(RIVER_VALE, "interest", "I-1")
OTHER = REFERENCES.resolve(RIVER_VALE, "interest", "I-2")
ASK = ExpressInterest(RIVER_VALE, INTEREST, ELM_PARK, AMINA, PROGRAMME, NOVEMBER, "Ask for Amina Khan")
WHO = {"effective_at": NOVEMBER, "school_year": YEAR, "interest_id": INTEREST, "school_urn": ELM_PARK}
EXPRESSED = InterestExpressed(**WHO, hub=RIVER_VALE, contact_id=AMINA, programme=PROGRAMME)
KNOWN = Intake(authorities={ELM_PARK: "500", OAK_PARK: "501"}, people=frozenset({AMINA, BEN}))


def decided(known: Intake, *asks: ExpressInterest) -> tuple[Intake, list[Event]]:
    """What is known after `asks`, and the facts of the last."""
    said: list[Event] = []
    for ask in asks:
        said = express_interest(known, ask, TODAY)
        for fact in said:
            known = evolve(known, fact)
    return known, said


def routed(hub: str, by: str) -> InterestRoutedToHub:
    """The fact that a hub is to answer."""
    return InterestRoutedToHub(**WHO, hub=hub, by=by)


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ((), routed(RIVER_VALE, "hub-that-heard")),
        ((Area(NORTH_DALES, "501", date(2020, 9, 1)),), routed(RIVER_VALE, "hub-that-heard")),
        ((Area(NORTH_DALES, "500", date(2020, 9, 1)),), routed(NORTH_DALES, "local-authority")),
        ((Area(NORTH_DALES, "500", date(2020, 9, 1), TODAY),), routed(NORTH_DALES, "local-authority")),
        ((Area(NORTH_DALES, "500", date(2020, 9, 1), date(2026, 11, 8)),), routed(RIVER_VALE, "hub-that-heard")),
        ((Area(NORTH_DALES, "500", date(2026, 11, 10)),), routed(RIVER_VALE, "hub-that-heard")),
        (
            (Area(NORTH_DALES, "500", date(2020, 9, 1)), Area(RIVER_VALE, "500", date(2026, 9, 1))),
            routed(RIVER_VALE, "local-authority"),
        ),
        (
            (Area("west-moor", "500", date(2021, 9, 1)), Area(NORTH_DALES, "500", date(2020, 9, 1))),
            routed(NORTH_DALES, "local-authority"),
        ),
    ],
    ids=["no areas", "another area", "covered", "last day", "no more", "not yet", "both cover it", "two others do"],
)
def test_an_interest_goes_to_the_hub_that_covers_the_school(
    areas: tuple[Area, ...], expected: InterestRoutedToHub
) -> None:
    """On the day it was heard; nobody covers it, so whoever heard answers."""
    assert express_interest(replace(KNOWN, areas=areas), ASK, TODAY) == [EXPRESSED, expected]


def test_what_is_on_record_is_left_alone_or_told() -> None:
    """Under its reference; another hub's reference is another interest."""
    known, _ = decided(KNOWN, ASK)

    assert express_interest(known, replace(ASK, note="again"), TODAY) == []
    for ask, reason in (
        (replace(ASK, hub=NORTH_DALES), "not-your-interest"),
        (replace(ASK, contact_id=BEN), "interest-differs"),
    ):
        refused = InterestRefused(**WHO, hub=ask.hub, reasons=(reason,))
        assert express_interest(known, ask, TODAY) == [refused]


def test_the_same_school_once_more_is_flagged_and_goes_to_nobody() -> None:
    """In the same year: the first is being answered. The year after is another matter."""
    again = replace(ASK, hub=NORTH_DALES, interest_id=OTHER, contact_id=BEN)

    _, said = decided(KNOWN, ASK, again)
    assert [fact.flags for fact in said if isinstance(fact, InterestExpressed)] == [("interest-already-expressed",)]
    assert len(said) == 1
    _, later = decided(KNOWN, ASK, replace(again, effective_at=datetime(2027, 9, 1, tzinfo=UTC)))
    assert [type(fact) for fact in later] == [InterestExpressed, InterestRoutedToHub]


@pytest.mark.parametrize(
    ("ask", "reason"),
    [(replace(ASK, school_urn=UNKNOWN), "school-unknown"), (replace(ASK, contact_id=BEN), "person-erased")],
)
def test_what_cannot_be_answered_is_refused(ask: ExpressInterest, reason: str) -> None:
    """The register lacks the school, or the contact was erased."""
    [refused] = express_interest(replace(KNOWN, erased=frozenset({BEN})), ask, TODAY)

    assert isinstance(refused, InterestRefused)
    assert refused.reasons == (reason,)


asks = st.builds(
    ExpressInterest,
    hub=st.sampled_from([RIVER_VALE, NORTH_DALES]),
    interest_id=st.sampled_from([INTEREST, OTHER, REFERENCES.resolve(NORTH_DALES, "interest", "I-1")]),
    school_urn=st.sampled_from([ELM_PARK, OAK_PARK, UNKNOWN]),
    contact_id=st.sampled_from([AMINA, BEN]),
    programme=st.just(PROGRAMME),
    effective_at=st.sampled_from([datetime(2026, month, 1, tzinfo=UTC) for month in (3, 8, 9, 12)]),
)


@given(st.lists(asks, max_size=15))
def test_one_interest_of_a_school_and_year_is_answered_by_one_hub(history: list[ExpressInterest]) -> None:
    """Whatever hubs report, however often."""
    known, _ = decided(KNOWN, *history)

    answered = [one for one in known.interests.values() if not one.repeats]
    assert len({one.subject for one in answered}) == len(answered)
    assert all((one.routed_to is None) == one.repeats for one in known.interests.values())
    assert {one.subject for one in known.interests.values()} == {one.subject for one in answered}
    assert all(express_interest(known, ask, TODAY) == [] for ask in history[:1] if ask.school_urn != UNKNOWN)


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register, and two hubs."""
    pool = await registered(await pool_of("enrolment"))
    for code in (RIVER_VALE, NORTH_DALES):
        await register_hub(pool, Keys(SECRET), NewHub(code, code), by="tests")
    return pool


def interest(reference: str = "I-1", urn: str = ELM_PARK, **other: object) -> dict[str, Any]:
    """The report of an interest."""
    said = {"interest": reference, "school_urn": urn, "contact": "P-1", "programme": PROGRAMME}
    return {"type": "InterestExpressed"} | said | other


async def test_a_note_is_kept_and_rides_in_no_fact(pool: Pool) -> None:
    """For the hub that is to answer; a school that is not eligible is flagged, and a refused one leaves no note."""
    hub = Hub()
    await cover(pool, NORTH_DALES, ["500"], date(2026, 9, 1))
    await cover(pool, NORTH_DALES, ["500", "501"], date(2026, 10, 1))
    await told(
        pool,
        hub.says(reported()),
        hub.says(interest(note="Ask for Amina Khan")),
    )
    await told(
        pool,
        hub.says(interest(note="Ask for Amina Khan")),
        hub.says(interest("I-2", BIRCH_COLLEGE, contact="P-2")),
        hub.says(interest("I-3", UNKNOWN, note="Amina Khan again")),
    )

    assert (await facts(pool))[-5:] == [
        "InterestExpressed",
        "InterestRoutedToHub",
        "InterestExpressed",
        "InterestRoutedToHub",
        "InterestRefused",
    ]
    assert (await finally_told(pool))[1:] == [
        ("applied", []),
        ("applied", []),
        ("flagged", ["school-not-state-funded", "person-unknown"]),
        ("refused", ["school-unknown"]),
    ]
    rows = await pool.fetch("SELECT school_urn, routed_to, note FROM interests ORDER BY school_urn")
    assert columns(rows) == [(ELM_PARK, NORTH_DALES, "Ask for Amina Khan"), (BIRCH_COLLEGE, NORTH_DALES, None)]
    areas = await pool.fetch("SELECT local_authority_code, from_on FROM hub_areas ORDER BY 1")
    assert columns(areas) == [("500", date(2026, 9, 1)), ("501", date(2026, 10, 1))]
    assert not await pool.fetchval("SELECT count(*) FROM journal WHERE data::text LIKE '%Khan%'")


async def test_a_note_goes_with_its_contact_and_with_whoever_it_names(pool: Pool) -> None:
    """Nobody knows what stands in it; that of a school whose contact stays, and which names others, stays too."""
    hub = Hub()
    await told(
        pool,
        hub.says(reported()),
        hub.says(interest(note="They prefer Tuesdays")),
        hub.says(interest("I-2", OAK_PARK, contact="P-2", note="Met at amina khan's open lesson")),
        hub.says(interest("I-3", BIRCH_COLLEGE, contact="P-2", note="Ben likes Fridays")),
    )
    counts = await erase(pool, AMINA, by="olu", why="she asked us to", references=REFERENCES)

    assert counts["notes"] == 2
    notes = [row["note"] for row in await pool.fetch("SELECT note FROM interests ORDER BY school_urn")]
    assert notes == [None, None, "Ben likes Fridays"]
    await told(pool, hub.says(interest("I-4", note="Amina Khan again")))
    assert (await finally_told(pool))[-1] == ("refused", ["person-erased"])


async def test_two_hubs_at_once_do_not_both_answer_a_school(pool: Pool) -> None:
    """Whoever comes second is flagged, however close they come."""
    first, second = Hub(), Hub(NORTH_DALES)
    await told_at_once(pool, first.says(interest()), second.says(interest()))

    assert (await facts(pool))[-3:] == ["InterestExpressed", "InterestRoutedToHub", "InterestExpressed"]
    assert await finally_told(pool, NORTH_DALES) == [("flagged", ["interest-already-expressed", "person-unknown"])]
