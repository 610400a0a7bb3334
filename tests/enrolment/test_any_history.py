"""Whatever hubs report, however often and in whatever order, what the network promises its schools holds."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from operator import attrgetter
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrolment.participation.domain import (
    AssignLead,
    Candidate,
    FormWorkGroup,
    History,
    JoinWorkGroup,
    NominateAdvocate,
    Place,
    PlaceKey,
    Register,
    ReplaceAdvocate,
    Request,
    Standing,
    WithdrawSchool,
    assign_lead,
    awaited,
    evolve,
    form_work_group,
    join_work_group,
    nominate_advocate,
    replace_advocate,
    withdraw_school,
)
from enrolment.participation.domain.leads import leading
from enrolment.participation.domain.spans import Span, ended_on, is_on
from enrolment.participation.store import load, load_followed
from enrolment_examples import (
    AUTHORITY,
    CONVERSION,
    ELM_PARK,
    LINKS,
    NORTH_DALES,
    OAK_ACADEMY,
    OAK_PARK,
    OCTOBER,
    PROGRAMME,
    RIVER_VALE,
    SAID_AT,
    SEPTEMBER,
    STANDARD,
    UNKNOWN,
    YEAR,
    Hub,
    assigned,
    formed,
    group,
    joined,
    nominated,
    person,
    registered,
    replaced,
    reported,
    told,
    withdrawn,
)
from mathshubs.events import Event, catalogue
from mathshubs.events.spoken import first_and_last_day
from mathshubs.lineage import Lineages
from mathshubs.postgres import Pool

DAYS = (SEPTEMBER, CONVERSION)
FIRST, LAST = first_and_last_day(YEAR)
URNS = (OAK_PARK, OAK_ACADEMY, ELM_PARK)
LINEAGES = Lineages(LINKS, {OAK_PARK: None, OAK_ACADEMY: CONVERSION, ELM_PARK: None}, {OAK_PARK: date(2026, 12, 31)})
GROUPS = [group(f"WG-{n}") for n in range(3)]
TEACHERS = [person(f"P-{n}") for n in range(4)]
POLICIES = (STANDARD,)
REGISTER = Register(
    dict.fromkeys(URNS, AUTHORITY), LINEAGES, {Candidate(urn, day, PROGRAMME, YEAR): () for urn in URNS for day in DAYS}
)

FORM = FormWorkGroup(RIVER_VALE, GROUPS[0], "Mastery", PROGRAMME, "development", YEAR, SAID_AT)

hub_codes = st.sampled_from([RIVER_VALE] * 4 + [NORTH_DALES])
groups = st.sampled_from([*GROUPS[:1] * 4, *GROUPS])
urns = st.sampled_from([*URNS[:1] * 4, *URNS, UNKNOWN])
days = st.sampled_from(DAYS)
any_days = st.one_of(days, st.dates(FIRST, LAST), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
anybody = st.sampled_from(TEACHERS)
in_school = {"hub": hub_codes, "work_group_id": groups, "school_urn": urns}
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
    st.builds(JoinWorkGroup, **in_school, effective_on=days),
    st.builds(NominateAdvocate, **in_school, person_id=anybody, effective_on=any_days),
    st.builds(
        ReplaceAdvocate,
        **in_school,
        leaving_id=anybody,
        joining_id=st.none() | anybody,
        reason=st.sampled_from(["leave", "workload"]),
        effective_on=any_days,
    ),
    st.builds(WithdrawSchool, **in_school, reason=st.just("staffing"), effective_on=any_days),
    st.builds(AssignLead, hub=hub_codes, work_group_id=groups, lead_id=anybody, effective_on=any_days),
)
RULES: dict[type, Callable[[Standing, Any, date], list[Event]]] = {
    FormWorkGroup: form_work_group,
    JoinWorkGroup: join_work_group,
    NominateAdvocate: nominate_advocate,
    ReplaceAdvocate: replace_advocate,
    WithdrawSchool: withdraw_school,
    AssignLead: assign_lead,
}


def decide(standing: Standing, ask: Request) -> list[Event]:
    """The facts of one request."""
    return RULES[type(ask)](standing, ask, SEPTEMBER)


@given(st.lists(requests, min_size=25, max_size=60))
def test_no_history_breaks_what_a_school_is_promised(history: list[Request]) -> None:
    """Two slots, one place to a school whatever its number, one slot to a teacher, one lead: on every day."""
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
    """Fail unless every place is as it must be on each day on which one changes; all are of one programme and year."""
    places = list(standing.places.values())
    slots = [(place, one) for place in places for one in place.advocates]
    spans: list[Span] = [
        *places,
        *(one for _, one in slots),
        *(lead for history in standing.leads.values() for lead in history),
    ]
    for day in sorted({FIRST, LAST} | {span.from_on for span in spans} | {ended_on(span) or LAST for span in spans}):
        here = [place for place in places if is_on(place, day)]
        assert not any(
            standing.is_same_school(one, other.school_urn, other.from_on) for one, other in combinations(here, 2)
        )
        held = [(place, one) for place, one in slots if is_on(one, day)]
        assert all(one.slot in {1, 2} for _, one in held)
        assert len({(place.work_group_id, place.school_urn, one.slot) for place, one in held}) == len(held)
        assert len({one.person_id for _, one in held}) == len(held)
        assert all(place.until_on is None or day <= place.until_on for place, _ in held)
        assert all(led_by_one(history, day) for history in standing.leads.values())
    assert all(date(2025, 11, 1) <= one.from_on <= LAST for _, one in slots)
    assert not standing.turned_away & {(place.work_group_id, place.school_urn) for place in places}


def led_by_one(history: History, day: date) -> bool:
    """Whether there is no gap and no overlap, from the day on which somebody first led."""
    return sum(is_on(lead, day) for lead in history) == (day >= history[0].from_on)


@given(st.lists(st.tuples(st.sampled_from(TEACHERS), st.dates(FIRST, LAST)), min_size=1, max_size=12, unique=True))
def test_who_leads_does_not_depend_on_what_is_told_first(assignments: list[tuple[Any, date]]) -> None:
    """Each day is led by whoever was last assigned for it or an earlier one, and by one person alone."""
    by_day = {day: lead for lead, day in reversed(assignments)}  # of two for one day, the first told
    standing = evolve(Standing(POLICIES, REGISTER), decide(Standing(POLICIES, REGISTER), FORM)[0])
    for lead, day in assignments:
        if by_day[day] == lead:
            for fact in assign_lead(standing, AssignLead(RIVER_VALE, GROUPS[0], lead, day), SEPTEMBER):
                standing = evolve(standing, fact)

    history = standing.leads[GROUPS[0]]
    first = min(by_day)
    for day in (first + timedelta(days=n) for n in range((LAST - first).days + 1)):
        assert led_by_one(history, day)
        assert leading(history, day) == by_day[max(on for on in by_day if on <= day)]


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
    st.builds(replaced, teachers, st.none() | teachers, urns, st.sampled_from([OCTOBER, CONVERSION])),
    st.builds(withdrawn, urns, st.sampled_from([SEPTEMBER, OCTOBER, CONVERSION])),
    st.builds(assigned, teachers, st.sampled_from([SEPTEMBER, OCTOBER, CONVERSION]), references),
    st.builds(reported, teachers),
)

HUB = Hub()  # one for all examples: a place on a topic is taken once
CLEAR = """
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


def same(standing: Standing) -> dict[PlaceKey, Place]:
    """Its places, with the advocates in one order."""
    order = attrgetter("from_on", "slot", "person_id")
    return {
        key: replace(place, advocates=tuple(sorted(place.advocates, key=order)))
        for key, place in standing.places.items()
    }


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
        by_tables = replace(by_tables, **await load_followed(db, GROUPS))
    assert (by_tables.stands, by_tables.told) == (by_facts.stands, by_facts.told)
    assert (by_tables.groups, by_tables.leads) == (by_facts.groups, by_facts.leads)
    assert same(by_tables) == same(by_facts)
    assert (by_tables.turned_away, by_tables.people) == (by_facts.turned_away, by_facts.people)
    promised(by_tables)
    answered = {row["event_id"]: row["count"] for row in await pool.fetch(RECEIPTS_SINCE, start)}
    waiting = await pool.fetchval("SELECT count(*) FROM parked")
    assert set(answered.values()) <= {1}
    assert len(answered) + waiting == sum(map(len, history))
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
