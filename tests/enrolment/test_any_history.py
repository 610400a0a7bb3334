"""Whatever hubs report, however often and in whatever order, what the network promises its schools holds."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import combinations
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrolment.participation.domain import (
    Candidate,
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    Policy,
    Register,
    Request,
    Standing,
    awaited,
    evolve,
    form_work_group,
    join_work_group,
    nominate_advocate,
)
from enrolment.participation.store import load
from enrolment_examples import (
    CONVERSION,
    ELM_PARK,
    LINKS,
    NORTH_DALES,
    OAK_ACADEMY,
    OAK_PARK,
    PROGRAMME,
    RIVER_VALE,
    SAID_AT,
    SEPTEMBER,
    UNKNOWN,
    YEAR,
    Hub,
    formed,
    group,
    joined,
    nominated,
    person,
    registered,
    reported,
    told,
)
from mathshubs.events import Event, catalogue
from mathshubs.lineage import Lineages
from mathshubs.postgres import Pool

DAYS = (SEPTEMBER, CONVERSION)
URNS = (OAK_PARK, OAK_ACADEMY, ELM_PARK)
LINEAGES = Lineages(LINKS, {OAK_PARK: None, OAK_ACADEMY: CONVERSION, ELM_PARK: None}, {OAK_PARK: date(2026, 12, 31)})
GROUPS = [group(f"WG-{n}") for n in range(3)]
TEACHERS = [person(f"P-{n}") for n in range(4)]
POLICIES = (Policy("standard", PROGRAMME, "2014/15", 2, 11),)
REGISTER = Register(
    frozenset(URNS), LINEAGES, {Candidate(urn, day, PROGRAMME, YEAR): () for urn in URNS for day in DAYS}
)

hub_codes = st.sampled_from([RIVER_VALE] * 4 + [NORTH_DALES])
groups = st.sampled_from([*GROUPS[:1] * 4, *GROUPS])
urns = st.sampled_from([*URNS[:1] * 4, *URNS, UNKNOWN])
days = st.sampled_from(DAYS)
requests = st.one_of(
    st.builds(
        FormWorkGroup,
        hub=hub_codes,
        work_group_id=groups,
        name=st.just("Mastery"),
        programme=st.just(PROGRAMME),
        stage=st.sampled_from(["development", "embedding"]),
        school_year=st.just(YEAR),
        effective_at=st.just(SAID_AT),
        policy=st.sampled_from(["standard"] * 4 + ["gold"]),
    ),
    st.builds(JoinWorkGroup, hub=hub_codes, work_group_id=groups, school_urn=urns, effective_on=days),
    st.builds(
        NominateAdvocate,
        hub=hub_codes,
        work_group_id=groups,
        school_urn=urns,
        person_id=st.sampled_from(TEACHERS),
        effective_on=st.one_of(days, st.dates(date(2000, 1, 1), date(2099, 12, 31))),
    ),
)


def decide(standing: Standing, ask: Request) -> list[Event]:
    """The facts of one request."""
    match ask:
        case FormWorkGroup():
            return form_work_group(standing, ask, SEPTEMBER)
        case JoinWorkGroup():
            return join_work_group(standing, ask, SEPTEMBER)
        case NominateAdvocate():
            return nominate_advocate(standing, ask, SEPTEMBER)


@given(st.lists(requests, min_size=25, max_size=60))
def test_no_history_breaks_what_a_school_is_promised(history: list[Request]) -> None:
    """Two slots, one place to a school whatever its number, one slot to a teacher, from a day on which one can be."""
    standing = Standing(POLICIES, REGISTER)
    for ask in history:
        if awaited(standing, ask):
            continue
        said = decide(standing, ask)
        for fact in said:
            standing = evolve(standing, fact)
        if not any(hasattr(fact, "reasons") for fact in said):
            assert decide(standing, ask) == []
        promised(standing)


def promised(standing: Standing) -> None:
    """Fail unless every place is as it must be; all are of one programme and year."""
    places = list(standing.places.values())
    assert all(sorted(a.slot for a in place.advocates) in ([], [1], [1, 2]) for place in places)
    assert not any(
        standing.is_same_school(one, other.school_urn, other.from_on) for one, other in combinations(places, 2)
    )
    first, last = date(2025, 11, 1), date(2027, 8, 31)
    assert all(first <= advocate.from_on <= last for place in places for advocate in place.advocates)
    holders = Counter(advocate.person_id for place in places for advocate in place.advocates)
    assert all(slots == 1 for slots in holders.values())
    assert not standing.turned_away & standing.places.keys()


references = st.sampled_from(["WG-0", "WG-0", "WG-0", "WG-1"])
teachers = st.sampled_from([f"P-{n}" for n in range(4)])
reports = st.one_of(
    st.builds(
        lambda reference, stage: formed(reference, stage=stage),
        references,
        st.sampled_from(["development"] * 3 + ["embedding"]),
    ),
    st.builds(joined, urns, references, days),
    st.builds(nominated, teachers, urns, references, days),
    st.builds(reported, teachers),
)

HUB = Hub()  # one for all examples: a place on a topic is taken once
CLEAR = """
    DELETE FROM advocate_slots;
    DELETE FROM participations;
    DELETE FROM refused_joins;
    DELETE FROM work_groups;
    DELETE FROM people;
    DELETE FROM parked;
    DELETE FROM inbox;
"""
FACTS_SINCE = """
    SELECT seq, type, data
      FROM journal
     WHERE topic = 'enrolment.facts'
       AND seq > $1
     ORDER BY seq
"""
RECEIPTS_SINCE = """
    SELECT data ->> 'event_id' AS event_id, count(*)
      FROM journal
     WHERE topic LIKE 'hubs.%'
       AND seq > $1
       AND data ->> 'outcome' <> 'parked'
     GROUP BY 1
"""


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register."""
    return await registered(await pool_of("enrolment"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.lists(reports, min_size=4, max_size=12), min_size=2, max_size=5))
async def test_the_tables_are_what_the_facts_say(pool: Pool, history: list[list[dict[str, Any]]]) -> None:
    """In batches and out of turn: tables and facts agree, and each report has one final answer at most."""
    await pool.execute(CLEAR)
    start = await pool.fetchval("SELECT coalesce(max(seq), 0) FROM journal")

    for batch in history:
        await told(pool, *map(HUB.says, batch))

    by_facts = Standing(POLICIES, REGISTER)
    for row in await pool.fetch(FACTS_SINCE, start):
        fact = catalogue()[row["type"]].model_validate_json(row["data"])
        by_facts = evolve(by_facts, fact)  # type: ignore[arg-type]
    async with pool.acquire() as db:
        by_tables = await load(db, GROUPS, URNS, TEACHERS, LINEAGES)
    assert (by_tables.groups, by_tables.places) == (by_facts.groups, by_facts.places)
    assert (by_tables.turned_away, by_tables.people) == (by_facts.turned_away, by_facts.people)
    promised(by_tables)
    answered = {row["event_id"]: row["count"] for row in await pool.fetch(RECEIPTS_SINCE, start)}
    waiting = await pool.fetchval("SELECT count(*) FROM parked")
    assert set(answered.values()) <= {1}
    assert len(answered) + waiting == sum(map(len, history))
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
