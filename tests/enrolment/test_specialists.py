"""Specialists through their programme and accreditation: what is recorded, refused or flagged, and who may lead."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import reduce
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrolment.answers import say_what_lapsed
from enrolment.specialists.domain import (
    Known,
    LetLapse,
    Policy,
    Request,
    Specialist,
    TakeAccreditationStep,
    TakeProgrammeStep,
    evolve,
    intervals,
    lapses_on,
    let_lapse,
    may_lead,
    take_accreditation_step,
    take_programme_step,
)
from enrolment.specialists.store import load
from enrolment_examples import (
    NORTH_DALES,
    RIVER_VALE,
    SAID_AT,
    Hub,
    facts,
    finally_told,
    person,
    registered,
    reported,
    told,
)
from mathshubs.clock import start_of
from mathshubs.events import Event, Refusal, catalogue
from mathshubs.events.enrolment import specialists as said
from mathshubs.events.enrolment.specialists import Interval, LeadStanding, SpecialistReportRefused
from mathshubs.postgres import Pool

SAM = person("S-1")
POLICIES = (Policy("2014/15", 3, "enrolled", 4),)
STRICT = (*POLICIES, Policy("2027/28", None, "accredited", 4))
KNOWN = Known(POLICIES, person_hub=RIVER_VALE)
TODAY = date(2027, 1, 1)
APRIL = date(2027, 4, 2)
Told = TakeProgrammeStep | TakeAccreditationStep


def programme(kind: str, on: str, hub: str = RIVER_VALE, **details: object) -> TakeProgrammeStep:
    """A step of the programme that a hub reports of Sam."""
    return TakeProgrammeStep(hub, SAM, getattr(said, kind), date.fromisoformat(on), details)


def accreditation(kind: str, on: str, hub: str = RIVER_VALE, **details: object) -> TakeAccreditationStep:
    """A step of accreditation that a hub reports of Sam."""
    return TakeAccreditationStep(hub, SAM, getattr(said, kind), date.fromisoformat(on), details)


NOMINATED = programme("SpecialistNominated", "2024-03-01")
ACCEPTED = programme("SpecialistAcceptedOnProgramme", "2024-05-01", cohort=9)
FIRST = programme("SpecialistYearStarted", "2024-09-01", year=1)
GATE_1 = programme("SpecialistGatePassed", "2025-07-01", gate=1)
SECOND = programme("SpecialistYearStarted", "2025-09-01", year=2)
GATE_2 = programme("SpecialistGatePassed", "2026-07-01", gate=2)
THIRD = programme("SpecialistYearStarted", "2026-09-01", year=3)
TO_THIRD = (NOMINATED, ACCEPTED, FIRST, GATE_1, SECOND, GATE_2, THIRD)
ENROLLED = accreditation("PDLeadProgrammeStarted", "2025-10-01")
WORKSHOPS = tuple(accreditation("PDLeadWorkshopAttended", f"2026-0{n}-10", workshop=n) for n in (1, 2, 3))
EVIDENCE = accreditation("AccreditationEvidenceSubmitted", "2026-09-01")
PD_LEAD = accreditation("PDLeadAccredited", "2026-11-01", expires_on=date(2027, 3, 31))
TO_PD_LEAD = (ENROLLED, *WORKSHOPS, EVIDENCE, PD_LEAD)


def decide(known: Known, ask: Request) -> list[Event]:
    """The facts of one request."""
    match ask:
        case TakeProgrammeStep():
            return take_programme_step(known, ask, TODAY)
        case TakeAccreditationStep():
            return take_accreditation_step(known, ask, TODAY)
        case LetLapse():
            return let_lapse(known, ask, TODAY)


def after(*asks: Request, known: Known = KNOWN) -> Known:
    """What is known once each of `asks` was decided."""
    for ask in asks:
        specialist = reduce(evolve, decide(known, ask), known.specialist)
        known = Known(known.policies, specialist, known.person_hub)
    return known


def codes(known: Known, ask: Request) -> tuple[str, ...]:
    """Why it is refused; or, if it is recorded, its flags."""
    first, *_ = decide(known, ask)
    return first.reasons if isinstance(first, Refusal) else first.flags  # type: ignore[attr-defined]


def standing(known: Known) -> tuple[Interval, ...]:
    """On which days Sam may lead, as was said last."""
    assert known.specialist is not None
    return known.specialist.intervals or ()


def days(from_on: str, until_on: str | None = None) -> Interval:
    """Days on which Sam may lead."""
    return Interval(from_on=date.fromisoformat(from_on), until_on=until_on and date.fromisoformat(until_on))


def test_a_nomination_is_recorded_and_says_that_they_may_not_lead_yet() -> None:
    """So that whoever is on the programme and leads too early can be told from one of whom nothing is known."""
    who = {"effective_at": start_of(NOMINATED.effective_on), "hub": RIVER_VALE, "person_id": SAM}

    assert decide(KNOWN, NOMINATED) == [
        said.SpecialistNominated(**who, effective_on=NOMINATED.effective_on),
        LeadStanding(**who, intervals=()),
    ]


def test_three_years_without_a_gap_bear_no_flag() -> None:
    """The order that the programme has."""
    known = KNOWN
    for ask in (*TO_THIRD, programme("MasterySpecialistDesignated", "2027-07-10")):
        if ask.kind is said.MasterySpecialistDesignated:
            known = after(programme("SpecialistGatePassed", "2027-07-01"), known=known)
        assert codes(known, ask) == ()
        known = after(ask, known=known)
    assert known.specialist is not None
    assert known.specialist.pathway.state == "designated"
    assert known.specialist.pathway.gates == {1, 2, 3}


@given(st.permutations([*TO_THIRD, *TO_PD_LEAD]))
def test_steps_told_late_stand_by_their_days(told_so: list[Told]) -> None:
    """A workshop of November that a hub enters in January has happened."""
    in_order, known = after(*TO_THIRD, *TO_PD_LEAD).specialist, after(*told_so).specialist

    assert known is not None
    assert in_order is not None
    assert (known.pathway, known.accredited, known.intervals) == (
        in_order.pathway,
        in_order.accredited,
        in_order.intervals,
    )


def test_what_is_on_record_is_left_alone() -> None:
    """Hub systems send everything again, whatever has happened since; a gate that was not named included."""
    again: list[Told] = [*TO_THIRD, programme("SpecialistGatePassed", "2025-07-01"), *TO_PD_LEAD]
    known = after(*TO_THIRD, *TO_PD_LEAD)

    assert [decide(known, ask) for ask in again] == [[]] * 14


@pytest.mark.parametrize(
    ("history", "ask", "reason"),
    [
        (TO_THIRD, programme("SpecialistLeftProgramme", "2026-08-31"), "before-last-step"),
        (TO_THIRD, programme("SpecialistGatePassed", "2025-06-30", gate=1), "before-last-step"),
        (TO_THIRD[:2], programme("SpecialistAcceptedOnProgramme", "2024-06-01", cohort=10), "cohort-differs"),
        (TO_THIRD[:2], programme("SpecialistAcceptedOnProgramme", "2024-06-01", cohort=9), "specialist-step-differs"),
        (TO_THIRD[:1], programme("SpecialistNominated", "2024-03-02"), "specialist-step-differs"),
        (TO_THIRD, programme("SpecialistNominated", "2026-10-01"), "already-on-programme"),
        (TO_THIRD, programme("SpecialistYearStarted", "2026-10-01", year=2), "year-gone-by"),
        (TO_THIRD, programme("SpecialistYearStarted", "2026-10-01", year=3), "specialist-step-differs"),
        (TO_THIRD, programme("SpecialistGatePassed", "2026-10-01", gate=2), "specialist-step-differs"),
        (
            (*TO_THIRD, programme("MasterySpecialistDesignated", "2027-07-10")),
            programme("SpecialistNominated", "2027-08-01"),
            "already-designated",
        ),
        (
            (*TO_THIRD, programme("SpecialistLeftProgramme", "2026-10-01")),
            programme("SpecialistGatePassed", "2027-07-01", gate=3),
            "left-programme",
        ),
        (TO_PD_LEAD, accreditation("PDLeadAccredited", "2026-11-01"), "already-accredited"),
        (TO_PD_LEAD, accreditation("AccreditationReferred", "2026-12-01"), "already-accredited"),
        ((ENROLLED,), accreditation("PDLeadProgrammeStarted", "2025-11-01"), "specialist-step-differs"),
        (TO_PD_LEAD[:2], accreditation("PDLeadWorkshopAttended", "2026-02-01", workshop=1), "specialist-step-differs"),
        (
            TO_PD_LEAD[:5],
            accreditation("PDLeadAccredited", "2026-11-01", expires_on=date(2026, 10, 1)),
            "expires-before-it-begins",
        ),
        (TO_PD_LEAD, accreditation("PDLeadAccreditationLapsed", "2027-05-01"), "specialist-step-differs"),
        (TO_THIRD, programme("SpecialistGatePassed", "2027-07-01", NORTH_DALES, gate=3), "not-your-specialist"),
    ],
)
def test_what_contradicts_the_record_is_refused(history: Sequence[Request], ask: Told, reason: str) -> None:
    """With the reason, and nothing changes."""
    assert decide(after(*history), ask) == [
        SpecialistReportRefused(effective_at=start_of(ask.effective_on), hub=ask.hub, person_id=SAM, reasons=(reason,))
    ]


@pytest.mark.parametrize(
    ("history", "ask", "flags"),
    [
        ((), ACCEPTED, ("not-nominated",)),
        ((), FIRST, ("not-accepted",)),
        (TO_THIRD[:3], SECOND, ("gate-not-passed",)),
        (TO_THIRD[:3], programme("SpecialistGatePassed", "2025-07-01", gate=2), ("year-not-started",)),
        (TO_THIRD[:3], programme("SpecialistReturned", "2025-01-01"), ("not-deferred",)),
        (TO_THIRD, programme("MasterySpecialistDesignated", "2027-07-01"), ("gate-not-passed",)),
        (
            (*TO_THIRD[:4], programme("SpecialistDeferred", "2025-08-01", reason="leave")),
            SECOND,
            ("not-returned",),
        ),
        ((), WORKSHOPS[0], ("not-enrolled",)),
        ((ENROLLED,), EVIDENCE, ("workshops-missing",)),
        ((ENROLLED,), PD_LEAD, ("no-evidence",)),
        ((), accreditation("PDLeadReregistered", "2026-11-01"), ("not-accredited",)),
    ],
)
def test_what_is_only_unusual_is_recorded_with_a_flag(
    history: Sequence[Request], ask: Told, flags: tuple[str, ...]
) -> None:
    """A report is of what has happened; an earlier one may be missing."""
    assert codes(after(*history), ask) == flags


def test_nobody_is_waited_for_and_nobody_erased_comes_back() -> None:
    """A person who was not reported yet is a flag; one who was erased is refused."""
    assert codes(Known(POLICIES), NOMINATED) == ("person-unknown",)
    assert codes(Known(POLICIES, person_hub=RIVER_VALE, is_erased=True), NOMINATED) == ("person-erased",)


@pytest.mark.parametrize("kind", ["SpecialistReturned", "SpecialistYearStarted"])
def test_a_specialist_who_changes_hub_is_the_other_hubs_from_then_on(kind: str) -> None:
    """The hub that they come to says so; the first hub's old reports are known, and its new ones refused."""
    details = {"year": 3} if kind == "SpecialistYearStarted" else {}
    known = after(*TO_THIRD)
    comes = programme(kind, "2027-01-04", NORTH_DALES, **details)

    assert codes(known, comes) == ("changed-hub",)
    moved = after(comes, programme("SpecialistGatePassed", "2027-07-01", NORTH_DALES), known=known)
    assert moved.specialist is not None
    assert (moved.hub, sorted(moved.specialist.pathway.gates)) == (NORTH_DALES, [1, 2, 3])
    assert decide(moved, THIRD) == []
    assert codes(moved, programme("MasterySpecialistDesignated", "2027-07-10")) == ("not-your-specialist",)


def test_a_hub_that_never_met_them_may_not_nominate_anothers_teacher() -> None:
    """Whoever reported the person comes first."""
    assert codes(KNOWN, programme("SpecialistNominated", "2024-03-01", NORTH_DALES)) == ("not-your-specialist",)


def test_somebody_in_year_three_who_works_towards_accreditation_may_lead() -> None:
    """The policy's default; to the last day of what they were accredited for."""
    assert standing(after(*TO_THIRD)) == ()
    assert standing(after(*TO_THIRD, ENROLLED)) == (days("2026-09-01"),)
    assert standing(after(*TO_THIRD, *TO_PD_LEAD)) == (days("2026-09-01", "2027-03-31"),)


@pytest.mark.parametrize(
    ("asks", "left"),
    [
        ((accreditation("PDLeadReregistered", "2027-03-20"),), (days("2026-09-01"),)),
        (
            (accreditation("PDLeadReregistered", "2027-05-01", expires_on=date(2030, 3, 31)),),
            (days("2026-09-01", "2027-03-31"), days("2027-05-01", "2030-03-31")),
        ),
        ((accreditation("PDLeadAccreditationLapsed", "2027-02-01"),), (days("2026-09-01", "2027-01-31"),)),
        (
            (programme("SpecialistDeferred", "2026-11-01"), programme("SpecialistReturned", "2027-01-04")),
            (days("2026-09-01", "2026-10-31"), days("2027-01-04", "2027-03-31")),
        ),
        ((programme("SpecialistLeftProgramme", "2026-12-01"),), (days("2026-09-01", "2026-11-30"),)),
    ],
    ids=["renewed in time", "renewed late", "lapsed early", "deferred for a time", "left"],
)
def test_standing_is_lost_and_won_by_the_day(asks: Sequence[Request], left: tuple[Interval, ...]) -> None:
    """Both days of an interval count."""
    assert standing(after(*TO_THIRD, *TO_PD_LEAD, *asks)) == left


def test_a_policy_of_a_later_year_asks_more_from_that_year_on() -> None:
    """Until its first day the earlier one holds."""
    strict = Known(STRICT, person_hub=RIVER_VALE)

    assert standing(after(*TO_THIRD, ENROLLED, known=strict)) == (days("2026-09-01", "2027-08-31"),)


def test_what_runs_out_lapses_on_the_day_after() -> None:
    """Said once, by the clock; standing ended on that day already."""
    known = after(*TO_THIRD, *TO_PD_LEAD)

    assert decide(known, LetLapse(SAM, date(2027, 3, 31))) == []
    [lapse] = decide(known, LetLapse(SAM, APRIL))
    assert (lapse.type.split(".")[3], lapse.effective_on) == ("PDLeadAccreditationLapsed", date(2027, 4, 1))  # type: ignore[attr-defined]
    lapsed = Known(POLICIES, evolve(known.specialist, lapse), RIVER_VALE)
    assert decide(lapsed, LetLapse(SAM, APRIL)) == []
    assert decide(lapsed, accreditation("PDLeadAccreditationLapsed", "2027-04-01")) == []
    assert standing(lapsed) == standing(known)


def test_a_renewal_that_is_told_late_leaves_no_gap() -> None:
    """The clock had said that the accreditation lapsed, before the hub reported that it was renewed in time."""
    known = after(*TO_THIRD, *TO_PD_LEAD)
    lapsed = Known(POLICIES, reduce(evolve, decide(known, LetLapse(SAM, APRIL)), known.specialist), RIVER_VALE)
    renewal = accreditation("PDLeadReregistered", "2027-03-20", expires_on=date(2028, 3, 31))

    assert codes(lapsed, renewal) == ()
    assert standing(after(renewal, known=lapsed)) == (days("2026-09-01", "2028-03-31"),)
    assert lapses_on(after(renewal, known=lapsed).specialist) == date(2028, 4, 1)  # type: ignore[arg-type]


Steps = st.SearchStrategy[tuple[str, dict[str, Any]]]
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
PROGRAMME_STEPS: Steps = st.one_of(
    st.tuples(st.just("SpecialistYearStarted"), st.fixed_dictionaries({"year": st.integers(1, 3)})),
    st.tuples(st.just("SpecialistGatePassed"), st.fixed_dictionaries({}, optional={"gate": st.integers(1, 3)})),
    st.tuples(
        st.sampled_from(
            [
                "SpecialistNominated",
                "SpecialistAcceptedOnProgramme",
                "SpecialistDeferred",
                "SpecialistReturned",
                "MasterySpecialistDesignated",
                "SpecialistLeftProgramme",
            ]
        ),
        st.just({}),
    ),
)
ACCREDITATION_STEPS: Steps = st.one_of(
    st.tuples(st.just("PDLeadWorkshopAttended"), st.fixed_dictionaries({"workshop": st.integers(1, 3)})),
    st.tuples(
        st.sampled_from(["PDLeadAccredited", "PDLeadReregistered"]),
        st.fixed_dictionaries({}, optional={"expires_on": DAYS}),
    ),
    st.tuples(
        st.sampled_from(["PDLeadProgrammeStarted", "AccreditationEvidenceSubmitted", "AccreditationReferred"]),
        st.just({}),
    ),
    st.tuples(st.just("PDLeadAccreditationLapsed"), st.just({})),
)


@st.composite
def steps(draw: st.DrawFn) -> tuple[list[Told], list[Told]]:
    """Steps of the two lifecycles, mostly each in the order of its days."""
    found: list[list[Told]] = []
    for kinds, ask in ((PROGRAMME_STEPS, TakeProgrammeStep), (ACCREDITATION_STEPS, TakeAccreditationStep)):
        drawn = sorted(draw(st.lists(st.tuples(DAYS, kinds), max_size=8)), key=lambda one: one[0])
        found.append([ask(RIVER_VALE, SAM, getattr(said, kind), day, details) for day, (kind, details) in drawn])
    return found[0], found[1]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps(), st.randoms(use_true_random=False), st.lists(DAYS, max_size=4))
def test_intervals_are_the_same_however_the_two_lifecycles_are_told(
    both: tuple[list[Told], list[Told]], chance: Random, clocks: list[date]
) -> None:
    """In order, apart by a day at least, and just the days on which they may lead; whenever the clock looked."""
    in_turn = after(*both[0], *both[1], known=Known(STRICT, person_hub=RIVER_VALE))
    queues, told_mixed = [list(both[0]), list(both[1])], Known(STRICT, person_hub=RIVER_VALE)
    ticks = list(clocks)
    while any(queues):
        told_mixed = after(chance.choice([q for q in queues if q]).pop(0), known=told_mixed)
        if ticks:
            lapses = decide(told_mixed, LetLapse(SAM, ticks.pop()))
            told_mixed = Known(STRICT, reduce(evolve, lapses, told_mixed.specialist), RIVER_VALE)

    if in_turn.specialist is None:
        assert told_mixed.specialist is None
        return
    assert in_turn.specialist is not None
    assert told_mixed.specialist is not None
    assert told_mixed.specialist.programme == in_turn.specialist.programme
    found = standing(in_turn)
    assert standing(told_mixed) == found
    assert found == intervals(in_turn.specialist, STRICT)
    for one, following in pairwise(found):
        assert one.until_on is not None
        assert (following.from_on - one.until_on).days > 1
    every = {
        *clocks,
        *(step.effective_on for step in (*in_turn.specialist.programme, *in_turn.specialist.accreditation)),
    }
    for day in every:
        covered = any(i.from_on <= day and (i.until_on is None or day <= i.until_on) for i in found)
        assert covered == may_lead(in_turn.specialist, STRICT, day)


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register."""
    return await registered(await pool_of("enrolment"))


def report(ask: Told, reference: str = "S-1") -> dict[str, Any]:
    """The report that makes a step's request."""
    details = {name: value.isoformat() if isinstance(value, date) else value for name, value in ask.details.items()}
    return {
        "type": ask.kind.__name__,
        "person": reference,
        "effective_on": ask.effective_on.isoformat(),
        **details,
    }


async def kept(pool: Pool, who: UUID = SAM) -> Specialist | None:
    """The specialist as the tables have them."""
    async with pool.acquire() as db:
        return (await load(db, [who])).get(who)


async def test_a_batch_of_reports_is_kept_as_it_was_decided(pool: Pool) -> None:
    """Person and steps at once; a reason that is no code of ours counts as another."""
    hub = Hub()
    paused = report(programme("SpecialistDeferred", "2026-12-01")) | {"reason": "Sam Lee is ill"}
    steps_: list[Told] = [*TO_THIRD, *TO_PD_LEAD]
    await told(pool, hub.says(reported("S-1")), *(hub.says(report(ask)) for ask in steps_))
    await told(pool, hub.says(paused), hub.says(report(THIRD) | {"effective_on": "2026-09-02"}))

    expected = after(*TO_THIRD, *TO_PD_LEAD, programme("SpecialistDeferred", "2026-12-01", reason="other")).specialist
    assert await kept(pool) == expected
    assert (await finally_told(pool))[-3:] == [
        ("applied", []),
        ("applied", []),
        ("refused", ["specialist-step-differs"]),
    ]
    assert not await pool.fetchval("SELECT count(*) FROM journal WHERE data::text LIKE '%Sam%'")


async def test_steps_told_late_are_kept_in_the_order_of_their_days(pool: Pool) -> None:
    """Whoever reads them tomorrow finds them as they were decided on."""
    hub = Hub()
    late: list[Told] = [*reversed(TO_THIRD), *reversed(TO_PD_LEAD)]
    for ask in late:
        await told(pool, hub.says(report(ask)))

    found, expected = await kept(pool), after(*TO_THIRD, *TO_PD_LEAD).specialist
    assert found is not None
    assert expected is not None
    assert (found.programme, found.accreditation) == (expected.programme, expected.accreditation)
    assert found.intervals == expected.intervals


async def test_the_clock_says_what_lapsed_once(pool: Pool) -> None:
    """However often it looks, and of nobody else."""
    hub = Hub()
    await told(pool, *(hub.says(report(ask)) for ask in TO_PD_LEAD))
    for instant in (datetime(2027, 3, 31, 22, tzinfo=SAID_AT.tzinfo), *[start_of(date(2027, 4, 1))] * 2):
        async with pool.acquire() as db, db.transaction():
            await say_what_lapsed(db, instant)

    assert (await facts(pool)).count("PDLeadAccreditationLapsed") == 1
    assert await pool.fetchval("SELECT lapses_on FROM specialists") is None


FACTS_SINCE = """
    SELECT type, data
      FROM journal
     WHERE topic = 'enrolment.facts'
       AND key = $1
     ORDER BY seq
"""


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(both=steps(), chance=st.randoms(use_true_random=False))
async def test_the_tables_of_specialists_are_what_the_facts_say(
    pool: Pool, both: tuple[list[Told], list[Told]], chance: Random
) -> None:
    """Whatever is reported, in whatever mixture; and no report is left unanswered."""
    reference = f"S-{await pool.fetchval('SELECT count(*) FROM inbox')}"
    mixed = [*both[0], *both[1]]
    chance.shuffle(mixed)
    if not mixed:
        return
    for at in range(0, len(mixed), 5):
        await told(pool, *(HUB.says(report(ask, reference)) for ask in mixed[at : at + 5]))

    by_facts: Specialist | None = None
    for row in await pool.fetch(FACTS_SINCE, str(person(reference))):
        by_facts = evolve(by_facts, catalogue()[row["type"]].model_validate_json(row["data"]))  # type: ignore[arg-type]
    by_tables = await kept(pool, person(reference))
    assert by_tables == _without_flags(by_facts)
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0


HUB = Hub()  # one for all examples: a place on a topic is taken once


def _without_flags(specialist: Specialist | None) -> Specialist | None:
    if specialist is None:
        return None
    bare = {"flags": ()}
    return Specialist(
        specialist.hub,
        tuple(step.model_copy(update=bare) for step in specialist.programme),
        tuple(step.model_copy(update=bare) for step in specialist.accreditation),
        specialist.lapse_said_of,
        specialist.intervals,
    )
