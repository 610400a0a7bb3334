"""Two records of one person: one stays, takes on what the duplicate holds, and is meant by both references."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrolment.answers import erase
from enrolment.people.domain import Details, MergePeople, Person, merge_people
from enrolment_examples import (
    AMINA,
    BEN,
    CARA,
    ELM_PARK,
    NORTH_DALES,
    OAK_PARK,
    REFERENCES,
    RIVER_VALE,
    SAID_AT,
    SEPTEMBER,
    Hub,
    columns,
    facts,
    finally_told,
    formed,
    joined,
    nominated,
    registered,
    replaced,
    reported,
    told,
)
from mathshubs.events import Event
from mathshubs.events.enrolment.people import PersonMerged, PersonRefused
from mathshubs.postgres import Pool

DETAILS = Details("Amina Khan", "amina.khan@elmpark.example")
HERS = Person(RIVER_VALE, 1, DETAILS)
ASK = MergePeople(RIVER_VALE, AMINA, BEN, SAID_AT)
MERGE_DAY = "2026-11-02"


def merged_fact(duplicate: UUID, into: UUID) -> PersonMerged:
    """The fact that two records are one person."""
    return PersonMerged(effective_at=SAID_AT, hub=RIVER_VALE, person_id=duplicate, into_id=into)


def test_what_was_merged_before_is_said_again() -> None:
    """So that whoever hears it never has to follow a chain; the one that stays is merged into none."""
    known = {AMINA: HERS, BEN: HERS, CARA: replace(HERS, merged_into=BEN)}

    assert merge_people(known, ASK) == [merged_fact(BEN, AMINA), merged_fact(CARA, AMINA)]


def test_a_record_is_merged_into_the_one_that_stays() -> None:
    """Though the hub names one that was merged itself; and once more changes nothing."""
    known = {AMINA: replace(HERS, merged_into=CARA), BEN: HERS, CARA: HERS}

    assert merge_people(known, ASK) == [merged_fact(BEN, CARA)]
    assert merge_people({**known, BEN: replace(HERS, merged_into=CARA)}, ASK) == []


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({AMINA: HERS}, "person-not-reported"),
        ({BEN: HERS}, "person-not-reported"),
        ({AMINA: HERS, BEN: replace(HERS, hub=NORTH_DALES)}, "not-your-person"),
        ({AMINA: HERS, BEN: Person(RIVER_VALE, 2, None, SAID_AT)}, "person-erased"),
        ({AMINA: replace(HERS, merged_into=BEN), BEN: HERS}, "merged-with-itself"),
        ({AMINA: HERS, BEN: replace(HERS, merged_into=CARA), CARA: HERS}, "merged-otherwise"),
    ],
)
def test_what_cannot_be_merged_is_refused(known: dict[UUID, Person], reason: str) -> None:
    """Both must be there, of this hub, not erased, and no record is merged in a circle."""
    refused: list[Event] = [PersonRefused(effective_at=SAID_AT, hub=RIVER_VALE, person_id=BEN, reasons=(reason,))]

    assert merge_people(known, ASK) == refused


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register."""
    return await registered(await pool_of("enrolment"))


def merged(person: str = "P-1", duplicate: str = "P-2", on: str = MERGE_DAY) -> dict[str, Any]:
    """The report that two records are one person."""
    return {"type": "PeopleMerged", "person": person, "duplicate": duplicate, "effective_at": f"{on}T09:00:00Z"}


SLOTS = """
    SELECT person_id, from_on, until_on, reason
      FROM advocate_slots
     ORDER BY from_on, person_id
"""
LEADS = """
    SELECT lead_id, from_on, until_on
      FROM work_group_leads
     ORDER BY from_on, lead_id
"""


async def test_whoever_stays_takes_over_slots_and_groups_on_the_day(pool: Pool) -> None:
    """Past days are the duplicate's as they were; all of it in one transaction with the merge."""
    hub, day = Hub(), date(2026, 11, 2)
    await told(pool, hub.says(reported()), hub.says(reported("P-2")), hub.says(formed(lead="P-2")))
    await told(pool, hub.says(joined()), hub.says(nominated("P-2")), hub.says(merged()))

    assert (await facts(pool))[-4:] == [
        "PersonMerged",
        "AdvocateSlotVacated",
        "MasteryAdvocateNominated",
        "LeadSpecialistAssigned",
    ]
    first = date(2026, 11, 1)
    assert columns(await pool.fetch(SLOTS)) == [(BEN, SEPTEMBER, first, "merged-records"), (AMINA, day, None, None)]
    assert columns(await pool.fetch(LEADS)) == [(BEN, date(2026, 9, 1), first), (AMINA, day, None)]


async def test_a_slot_is_only_vacated_where_whoever_stays_has_one(pool: Pool) -> None:
    """One teacher holds one slot in a programme and year, at either school."""
    hub = Hub()
    await told(pool, hub.says(reported()), hub.says(reported("P-2")), hub.says(formed()), hub.says(joined()))
    await told(pool, hub.says(joined(ELM_PARK)), hub.says(nominated()), hub.says(nominated("P-2", ELM_PARK)))
    await told(pool, hub.says(merged()))

    assert (await facts(pool))[-2:] == ["PersonMerged", "AdvocateSlotVacated"]
    ended = date(2026, 11, 1)
    assert {tuple(row) for row in await pool.fetch(SLOTS)} == {
        (AMINA, SEPTEMBER, None, None),
        (BEN, SEPTEMBER, ended, "merged-records"),
    }


async def test_a_later_report_of_the_duplicate_is_of_whoever_stays(pool: Pool) -> None:
    """Whatever it is about, in the same batch and in a later one."""
    hub = Hub()
    await told(
        pool,
        *(hub.says(one) for one in (reported(), reported("P-2"), formed(), joined(), merged())),
        hub.says(nominated("P-2", on=date(2026, 11, 9))),
    )
    await told(
        pool,
        hub.says(reported("P-2", name="Amina Price")),
        hub.says({"type": "SpecialistNominated", "person": "P-2", "effective_on": "2026-11-10"}),
        hub.says(merged()),
        hub.says(merged("P-2", "P-1")),
    )

    assert [row["person_id"] for row in await pool.fetch(SLOTS)] == [AMINA]
    assert await pool.fetchval("SELECT name FROM people WHERE person_id = $1", AMINA) == "Amina Price"
    assert await pool.fetchval("SELECT person_id FROM specialists") == AMINA
    assert (await finally_told(pool))[-2:] == [("applied", []), ("refused", ["merged-with-itself"])]


async def test_what_was_told_of_the_duplicate_is_left_alone_when_it_is_sent_again(pool: Pool) -> None:
    """Hub systems send everything again each night, of slots that were given up before the merge as well."""
    hub = Hub()
    story = (
        formed(lead="P-2"),
        joined(),
        nominated("P-2"),
        replaced("P-2"),
        {
            "type": "InterestExpressed",
            "interest": "I-1",
            "school_urn": ELM_PARK,
            "contact": "P-2",
            "programme": "secondary-teaching-for-mastery",
        },
    )
    people = (reported(), reported("P-2", name="Amina Price"))
    await told(pool, *(hub.says(one) for one in (*people, *story, merged())))
    stood, said = columns(await pool.fetch(SLOTS)), await facts(pool)
    await told(pool, *(hub.says(one) for one in (*people, *story)))
    for one in story:
        await told(pool, hub.says(one))

    assert columns(await pool.fetch(SLOTS)) == stood
    assert await facts(pool) == said
    assert {outcome for outcome, _ in (await finally_told(pool))[8:]} == {"applied"}


async def test_whoever_stays_may_lead_when_the_duplicate_might(pool: Pool) -> None:
    """The steps were reported of the same person."""
    hub = Hub()
    steps = (
        {"type": "MasterySpecialistDesignated", "effective_on": "2026-07-10"},
        {"type": "PDLeadAccredited", "effective_on": "2026-07-10"},
    )
    await told(pool, hub.says(reported()), hub.says(reported("P-2")))
    await told(pool, *(hub.says({**step, "person": "P-2"}) for step in steps), hub.says(merged()))

    assert (await facts(pool))[-2:] == ["PersonMerged", "LeadStanding"]
    standing = await pool.fetch("SELECT person_id, from_on, until_on FROM lead_standing")
    assert columns(standing) == [(AMINA, date(2026, 7, 10), None)]
    assert await pool.fetchval("SELECT count(*) FROM specialist_steps WHERE person_id = $1", AMINA) == 2


@pytest.mark.parametrize("named", [AMINA, BEN], ids=["who stays", "the duplicate"])
async def test_whoever_is_forgotten_is_forgotten_under_both_ids(pool: Pool, named: UUID) -> None:
    """By whichever of them the operator names; the words that both share stand nowhere."""
    hub = Hub()
    await told(pool, hub.says(reported()), hub.says(reported("P-2")), hub.says(merged()))
    await told(pool, hub.says(nominated("P-2", work_group="WG-9") | {"note": "Amina Khan agreed"}))  # parked

    counts = await erase(pool, named, by="olu", why="she asked us to", references=REFERENCES)

    assert (counts["people"], counts["parked"]) == (2, 1)
    assert (await facts(pool))[-4:] == ["PersonErased", "PersonErased", "PersonForgotten", "PersonForgotten"]
    assert await pool.fetchval("SELECT count(*) FROM people WHERE name IS NOT NULL") == 0
    assert await pool.fetchval("SELECT count(*) FROM stones") == 2
    await told(pool, hub.says(reported("P-2")))
    assert (await finally_told(pool))[-1] == ("refused", ["person-erased"])


references = st.sampled_from([f"P-{n}" for n in range(4)])
reports = st.one_of(
    st.builds(merged, references, references),
    st.builds(reported, references),
    st.builds(nominated, references, st.sampled_from([OAK_PARK, ELM_PARK]), st.sampled_from(["WG-0", "WG-1"])),
    st.builds(
        lambda who, work_group: {
            "type": "LeadSpecialistAssigned",
            "work_group": work_group,
            "lead": who,
            "effective_on": "2026-10-05",
        },
        references,
        st.sampled_from(["WG-0", "WG-1"]),
    ),
    st.builds(
        lambda who, year: {
            "type": "SpecialistYearStarted",
            "person": who,
            "year": year,
            "effective_on": f"202{year}-09-01",
        },
        references,
        st.integers(1, 3),
    ),
)
HUB = Hub()  # one for all examples: a place on a topic is taken once
CLEAR = """
    DELETE FROM lead_standing;
    DELETE FROM specialist_steps;
    DELETE FROM specialists;
    DELETE FROM advocate_slots;
    DELETE FROM participations;
    DELETE FROM refused_joins;
    DELETE FROM work_group_standings;
    DELETE FROM work_group_leads;
    DELETE FROM work_groups;
    DELETE FROM people;
    DELETE FROM parked;
    DELETE FROM inbox;
"""
CHAINS = """
    SELECT count(*)
      FROM people AS duplicate
      JOIN people AS stays ON stays.person_id = duplicate.merged_into
     WHERE stays.merged_into IS NOT NULL
"""
STILL_NAMED = """
    SELECT count(*)
      FROM people
     WHERE merged_into IS NOT NULL
       AND (EXISTS (SELECT FROM advocate_slots AS held WHERE held.person_id = people.person_id AND until_on IS NULL)
            OR EXISTS (SELECT FROM work_group_leads WHERE lead_id = people.person_id AND until_on IS NULL))
"""


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(st.lists(reports, min_size=3, max_size=8), min_size=1, max_size=4))
async def test_no_duplicate_holds_anything_once_it_is_merged(pool: Pool, history: list[list[dict[str, Any]]]) -> None:
    """Whatever is reported, in whatever order: no chains, no slot and no group, and nothing that cannot be applied."""
    await pool.execute(CLEAR)
    await told(pool, *(HUB.says(formed(work_group, lead="P-3")) for work_group in ("WG-0", "WG-1")))
    await told(pool, HUB.says(joined(OAK_PARK, "WG-0")), HUB.says(joined(ELM_PARK, "WG-1")))
    for batch in history:
        await told(pool, *map(HUB.says, batch))

    assert await pool.fetchval(CHAINS) == 0
    assert await pool.fetchval(STILL_NAMED) == 0
    assert await pool.fetchval("SELECT count(*) FROM parked WHERE state IN ('failing', 'poisoned')") == 0
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
