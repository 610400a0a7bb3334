"""The rules of Work Groups, by plain values: one test to an outcome."""

from dataclasses import replace
from datetime import date

import pytest

from enrolment.participation.domain import (
    Candidate,
    FormWorkGroup,
    JoinWorkGroup,
    NominateAdvocate,
    Register,
    Standing,
    WorkGroup,
    awaited,
    candidates,
    evolve,
    form_work_group,
    join_work_group,
    nominate_advocate,
)
from enrolment_examples import (
    AMINA,
    AUTHORITY,
    BEN,
    BIRCH_COLLEGE,
    CARA,
    CONVERSION,
    ELM_PARK,
    LEAD,
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
    group,
)
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    MasteryAdvocateNominated,
    NominationRefused,
    SchoolJoinedWorkGroup,
    SchoolJoinRefused,
    WorkGroupFormed,
    WorkGroupRefused,
)
from mathshubs.lineage import Lineages

TODAY = OCTOBER
WG_7, WG_8 = group("WG-7"), group("WG-8")
OPENED = {OAK_PARK: None, OAK_ACADEMY: CONVERSION, ELM_PARK: None, BIRCH_COLLEGE: None}


def judged(reasons: dict[str, tuple[str, ...]], *days: date) -> Register:
    """A register that has these schools, and for each the reasons why it may not take part on any of `days`."""
    found = {Candidate(urn, day, PROGRAMME, YEAR): why for urn, why in reasons.items() for day in days}
    return Register(dict.fromkeys(reasons, AUTHORITY), Lineages(LINKS, OPENED, {OAK_PARK: date(2026, 12, 31)}), found)


REGISTER = judged(
    {OAK_PARK: (), OAK_ACADEMY: (), ELM_PARK: (), BIRCH_COLLEGE: ("school-not-state-funded",)},
    SEPTEMBER,
    CONVERSION,
    date(2026, 7, 1),
)
POLICIES = (
    STANDARD,
    STANDARD._replace(from_year="2027/28", slots=3, names_from_month=4),
    STANDARD._replace(name="pilot", from_year="2025/26", slots=1, names_from_month=9),
)
NOTHING = Standing(POLICIES, REGISTER, people=frozenset({LEAD, AMINA, BEN}))
FORM = FormWorkGroup(RIVER_VALE, WG_7, "Mastery at River Vale", PROGRAMME, "development", YEAR, SAID_AT, lead_id=LEAD)
JOIN = JoinWorkGroup(RIVER_VALE, WG_7, OAK_PARK, SEPTEMBER)
NOMINATE = NominateAdvocate(RIVER_VALE, WG_7, OAK_PARK, AMINA, SEPTEMBER)
FORMED = WorkGroupFormed(
    effective_at=SAID_AT,
    hub=RIVER_VALE,
    school_year=YEAR,
    work_group_id=WG_7,
    name="Mastery at River Vale",
    programme=PROGRAMME,
    stage="development",
    policy="standard",
    lead_id=LEAD,
)
JOINED = SchoolJoinedWorkGroup(
    effective_at=start_of(SEPTEMBER),
    hub=RIVER_VALE,
    school_year=YEAR,
    work_group_id=WG_7,
    school_urn=OAK_PARK,
    lineage=OAK_PARK,
    programme=PROGRAMME,
    stage="development",
    effective_on=SEPTEMBER,
    local_authority_code=AUTHORITY,
)
NOMINATED = MasteryAdvocateNominated(
    effective_at=start_of(SEPTEMBER),
    hub=RIVER_VALE,
    school_year=YEAR,
    work_group_id=WG_7,
    school_urn=OAK_PARK,
    person_id=AMINA,
    effective_on=SEPTEMBER,
)
WHO_JOINS = {"work_group_id": WG_7, "school_urn": OAK_PARK, "hub": RIVER_VALE, "school_year": YEAR}


def after(*facts: Event) -> Standing:
    """What is known once these were said."""
    standing = NOTHING
    for fact in facts:
        standing = evolve(standing, fact)
    return standing


def no_join(*reasons: str, ask: JoinWorkGroup = JOIN) -> list[SchoolJoinRefused]:
    """The refusal of `ask`."""
    return [
        SchoolJoinRefused(
            effective_at=start_of(ask.effective_on),
            hub=ask.hub,
            school_year=YEAR,
            work_group_id=ask.work_group_id,
            school_urn=ask.school_urn,
            reasons=reasons,
        )
    ]


def no_slot(*reasons: str, ask: NominateAdvocate = NOMINATE) -> list[NominationRefused]:
    """The refusal of `ask`."""
    return [
        NominationRefused(
            effective_at=start_of(ask.effective_on),
            hub=ask.hub,
            school_year=YEAR,
            work_group_id=ask.work_group_id,
            school_urn=ask.school_urn,
            person_id=ask.person_id,
            reasons=reasons,
        )
    ]


GROUP = after(FORMED)
PLACE = after(FORMED, JOINED)
ONE_SLOT_TAKEN = after(FORMED, JOINED, NOMINATED)
BOTH_SLOTS_TAKEN = after(FORMED, JOINED, NOMINATED, NOMINATED.model_copy(update={"person_id": BEN}))
ELSEWHERE = after(
    FORMED,
    JOINED,
    NOMINATED,
    FORMED.model_copy(update={"work_group_id": WG_8}),
    JOINED.model_copy(update={"work_group_id": WG_8, "school_urn": ELM_PARK, "lineage": ELM_PARK}),
)


def test_a_group_is_formed_by_the_programmes_own_policy() -> None:
    """The fact names the policy, so that nobody has to know which one is meant by none."""
    assert form_work_group(NOTHING, FORM, TODAY) == [FORMED]


def test_a_group_without_a_lead_is_formed_with_a_flag() -> None:
    """The lead may come later; the hub is reminded that there is none."""
    [fact] = form_work_group(NOTHING, replace(FORM, lead_id=None), TODAY)

    assert fact == FORMED.model_copy(update={"lead_id": None, "flags": ("no-lead",)})


def test_a_lead_whom_nobody_has_reported_is_flagged() -> None:
    """Mail to them waits until they are."""
    [fact] = form_work_group(NOTHING, replace(FORM, lead_id=CARA), TODAY)

    assert fact == FORMED.model_copy(update={"lead_id": CARA, "flags": ("person-unknown",)})


def test_a_group_formed_again_just_so_is_left_alone() -> None:
    """The time of the second report, which the hub may not even state, makes no difference."""
    assert form_work_group(GROUP, replace(FORM, effective_at=start_of(OCTOBER)), TODAY) == []


@pytest.mark.parametrize(
    "other",
    [
        {"stage": "embedding"},
        {"school_year": "2027/28"},
        {"policy": "pilot"},
        {"name": "Mastery in the North"},
        {"lead_id": CARA},
        {"lead_id": None},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_group_formed_again_otherwise_is_refused(other: dict[str, object]) -> None:
    """What it was first formed as stands, name and lead included; a new lead is another report."""
    [fact] = form_work_group(GROUP, replace(FORM, **other), TODAY)  # type: ignore[arg-type]

    assert isinstance(fact, WorkGroupRefused)
    assert fact.reasons == ("work-group-differs",)


def test_another_hubs_group_cannot_be_formed_again() -> None:
    """Not even with other details: whose it is comes first."""
    [fact] = form_work_group(GROUP, replace(FORM, hub=NORTH_DALES, name="Ours now"), TODAY)

    assert fact == WorkGroupRefused(
        effective_at=SAID_AT,
        hub=NORTH_DALES,
        school_year=YEAR,
        work_group_id=WG_7,
        reasons=("not-your-work-group",),
    )


@pytest.mark.parametrize(("policy", "year"), [("gold", YEAR), ("pilot", "2024/25"), ("standard", "2013/14")])
def test_a_policy_that_is_not_in_force_is_refused(policy: str, year: str) -> None:
    """Whether there is none of that name or none yet in that year."""
    [fact] = form_work_group(NOTHING, replace(FORM, policy=policy, school_year=year), TODAY)

    assert isinstance(fact, WorkGroupRefused)
    assert fact.reasons == ("unknown-policy",)


def test_a_school_joins_from_its_day_on() -> None:
    """With the root of its lineage on that day, which is what it is counted by."""
    assert join_work_group(GROUP, JOIN, TODAY) == [JOINED]


def test_a_school_that_may_not_take_part_hears_every_reason() -> None:
    """The register's first; a hub that mends one should not meet the next."""
    standing = after(FORMED, JOINED.model_copy(update={"work_group_id": WG_8, "school_urn": BIRCH_COLLEGE}))
    ask = replace(JOIN, school_urn=BIRCH_COLLEGE, effective_on=date(2026, 7, 1))

    reasons = ("school-not-state-funded", "outside-school-year", "already-taking-part")
    assert join_work_group(standing, ask, TODAY) == no_join(*reasons, ask=ask)


def test_a_school_that_the_register_lacks_cannot_join() -> None:
    """Nothing else can be said of it."""
    ask = replace(JOIN, school_urn=UNKNOWN)

    assert join_work_group(GROUP, ask, TODAY) == no_join("school-unknown", ask=ask)


def test_a_school_in_another_group_of_the_year_cannot_join() -> None:
    """One participation to a school, programme and year."""
    standing = after(FORMED, JOINED, FORMED.model_copy(update={"work_group_id": WG_8}))
    ask = replace(JOIN, work_group_id=WG_8)

    assert join_work_group(standing, ask, TODAY) == no_join("already-taking-part", ask=ask)


def test_a_school_that_took_part_last_year_joins_again() -> None:
    """Another year is another participation."""
    last_year = {"work_group_id": WG_8, "school_year": "2025/26"}
    standing = after(FORMED, FORMED.model_copy(update=last_year), JOINED.model_copy(update=last_year))

    assert join_work_group(standing, JOIN, TODAY) == [JOINED]


@pytest.mark.parametrize(
    ("first", "then"),
    [((OAK_PARK, SEPTEMBER), (OAK_ACADEMY, CONVERSION)), ((OAK_ACADEMY, CONVERSION), (OAK_PARK, SEPTEMBER))],
)
def test_a_school_under_another_number_is_the_same_school(first: tuple[str, date], then: tuple[str, date]) -> None:
    """In whichever order the two numbers are reported, from the conversion on they would take part twice."""
    urn, day = first
    taking_part = JOINED.model_copy(update={"work_group_id": WG_8, "school_urn": urn, "effective_on": day})
    standing = after(FORMED, FORMED.model_copy(update={"work_group_id": WG_8}), taking_part)
    ask = replace(JOIN, school_urn=then[0], effective_on=then[1])

    assert join_work_group(standing, ask, TODAY) == no_join("already-taking-part", ask=ask)


MERGED = (*LINKS, replace(LINKS[0], predecessor=ELM_PARK))


@pytest.mark.parametrize(
    ("first", "then", "reasons"),
    [
        ((OAK_PARK, SEPTEMBER), (OAK_ACADEMY, CONVERSION), ("already-taking-part",)),
        ((OAK_ACADEMY, CONVERSION), (ELM_PARK, SEPTEMBER), ("already-taking-part",)),
        ((OAK_PARK, SEPTEMBER), (ELM_PARK, CONVERSION), ("already-taking-part",)),
        ((OAK_PARK, SEPTEMBER), (ELM_PARK, SEPTEMBER), ()),
    ],
    ids=["what they became", "one of them, told late", "the other, from that day on", "the other, before"],
)
def test_two_schools_that_merge_are_one_from_that_day_on(
    first: tuple[str, date], then: tuple[str, date], reasons: tuple[str, ...]
) -> None:
    """Until then each has its own place; none of them takes part beside what both have become."""
    taking_part = JOINED.model_copy(update={"work_group_id": WG_8, "school_urn": first[0], "effective_on": first[1]})
    standing = after(FORMED, FORMED.model_copy(update={"work_group_id": WG_8}), taking_part)
    merged = replace(
        REGISTER, lineages=Lineages(MERGED, OPENED, dict.fromkeys((OAK_PARK, ELM_PARK), date(2026, 12, 31)))
    )
    ask = replace(JOIN, school_urn=then[0], effective_on=then[1])

    [fact] = join_work_group(replace(standing, register=merged), ask, TODAY)

    assert getattr(fact, "reasons", ()) == reasons


@pytest.mark.parametrize(("urn", "day"), [(OAK_PARK, SEPTEMBER), (OAK_ACADEMY, CONVERSION)])
def test_a_school_that_is_in_the_group_is_left_alone(urn: str, day: date) -> None:
    """Reported again just so, or under the number it has since: the day first reported stands."""
    assert join_work_group(PLACE, replace(JOIN, school_urn=urn, effective_on=day), TODAY) == []


def test_a_school_that_is_in_the_group_joins_on_no_other_day() -> None:
    """The first day stands, and its place with it."""
    ask = replace(JOIN, effective_on=CONVERSION)

    refused = join_work_group(PLACE, ask, TODAY)

    assert refused == no_join("join-differs", ask=ask)
    assert after(FORMED, JOINED, *refused) == PLACE


def test_another_hubs_group_cannot_be_joined() -> None:
    """And that refusal turns nobody away from the group."""
    ask = replace(JOIN, hub=NORTH_DALES)

    refused = join_work_group(GROUP, ask, TODAY)

    assert refused == no_join("not-your-work-group", ask=ask)
    assert after(FORMED, *refused) == GROUP


def test_a_teacher_is_given_the_lowest_free_slot() -> None:
    """Slots are numbered, so that the table can keep that there is no third."""
    facts = nominate_advocate(PLACE, NOMINATE, TODAY)

    assert facts == [NOMINATED]
    assert [
        (a.person_id, a.slot) for a in after(FORMED, JOINED, *facts).places[WG_7, OAK_PARK, SEPTEMBER].advocates
    ] == [(AMINA, 1)]


def test_a_third_advocate_is_refused() -> None:
    """Two slots to a school; the reason names them, so that a hub lead knows whom to ask."""
    ask = replace(NOMINATE, person_id=CARA)

    assert nominate_advocate(BOTH_SLOTS_TAKEN, ask, TODAY) == no_slot("slots-taken", ask=ask)


def test_a_policy_with_one_slot_leaves_no_second() -> None:
    """How many there are is a dated row, not a number in the rule."""
    standing = after(FORMED.model_copy(update={"policy": "pilot"}), JOINED, NOMINATED)
    ask = replace(NOMINATE, person_id=BEN)

    assert nominate_advocate(standing, ask, TODAY) == no_slot("slots-taken", ask=ask)


def test_a_teacher_who_has_a_slot_keeps_it() -> None:
    """Though both are taken: one of them is theirs, from the day first reported; another day is refused."""
    october = replace(NOMINATE, effective_on=OCTOBER)

    assert nominate_advocate(BOTH_SLOTS_TAKEN, NOMINATE, TODAY) == []
    assert nominate_advocate(BOTH_SLOTS_TAKEN, october, TODAY) == no_slot("nomination-differs", ask=october)


def test_a_teacher_with_a_slot_at_another_school_is_refused() -> None:
    """One slot to a teacher in a programme and year."""
    ask = replace(NOMINATE, work_group_id=WG_8, school_urn=ELM_PARK)

    assert nominate_advocate(ELSEWHERE, ask, TODAY) == no_slot("advocate-elsewhere", ask=ask)


def test_a_nomination_after_the_school_year_is_refused() -> None:
    """The group no longer meets; on its last day it still counts."""
    late = replace(NOMINATE, effective_on=date(2027, 9, 1))

    assert nominate_advocate(PLACE, late, TODAY) == no_slot("outside-school-year", ask=late)
    assert nominate_advocate(PLACE, replace(NOMINATE, effective_on=date(2027, 8, 31)), TODAY) != []


def test_a_nomination_before_anybody_is_named_is_refused() -> None:
    """A year mistyped would count slot-days for years; interest in a year is first expressed in the November before."""
    early, first = replace(NOMINATE, effective_on=date(2025, 10, 31)), replace(NOMINATE, effective_on=date(2025, 11, 1))

    assert nominate_advocate(PLACE, early, TODAY) == no_slot("named-too-early", ask=early)
    assert [type(fact) for fact in nominate_advocate(PLACE, first, TODAY)] == [MasteryAdvocateNominated]


@pytest.mark.parametrize(
    ("month", "year", "first"),
    [(11, "2026/27", date(2025, 11, 1)), (9, "2026/27", date(2025, 9, 1)), (8, "2026/27", date(2026, 8, 1))],
)
def test_the_first_day_of_naming_lies_in_the_year_before(month: int, year: str, first: date) -> None:
    """Which month it is is a dated row, not a number in the rule."""
    assert STANDARD._replace(names_from_month=month).names_from(year) == first


def test_a_policy_that_changes_holds_from_its_school_year_on() -> None:
    """A group of the year before keeps two slots and its first day of naming, whenever it is decided on."""
    standing = replace(NOTHING, groups={WG_7: _of("2026/27"), WG_8: _of("2027/28")})

    assert [standing.policy_of(id_) for id_ in (WG_7, WG_8)] == [POLICIES[0], POLICIES[1]]
    assert standing.policy("pilot", PROGRAMME, "2024/25") is None


def _of(year: str) -> WorkGroup:
    return WorkGroup(RIVER_VALE, "Mastery", PROGRAMME, "development", year, "standard")


def test_a_teacher_named_before_the_school_joined_is_flagged() -> None:
    """Schools name their teachers in July for September; the day is recorded as it was said."""
    july = date(2026, 7, 1)
    [fact] = nominate_advocate(PLACE, replace(NOMINATE, effective_on=july), TODAY)

    assert fact == NOMINATED.model_copy(
        update={"effective_on": july, "effective_at": start_of(july), "flags": ("before-joining",)}
    )


def test_a_teacher_whom_nobody_has_reported_is_flagged() -> None:
    """The nomination counts; the invitation waits for an address."""
    [fact] = nominate_advocate(PLACE, replace(NOMINATE, person_id=CARA), TODAY)

    assert fact == NOMINATED.model_copy(update={"person_id": CARA, "flags": ("person-unknown",)})


def test_a_teacher_of_a_converted_school_is_named_under_its_new_number() -> None:
    """The fact keeps the number under which the school joined, so that all its advocates stand together."""
    [fact] = nominate_advocate(PLACE, replace(NOMINATE, school_urn=OAK_ACADEMY, effective_on=CONVERSION), TODAY)

    assert fact == NOMINATED.model_copy(update={"effective_on": CONVERSION, "effective_at": start_of(CONVERSION)})


def test_another_hubs_group_takes_no_nomination() -> None:
    """Whose the group is comes before whether its slots are taken."""
    ask = replace(NOMINATE, hub=NORTH_DALES, person_id=CARA)

    assert nominate_advocate(BOTH_SLOTS_TAKEN, ask, TODAY) == no_slot("not-your-work-group", ask=ask)


def test_a_school_whose_join_was_refused_has_no_slots() -> None:
    """What follows from a refused join is refused too, until one is accepted."""
    refused = after(FORMED, *no_join("school-closed"))

    assert awaited(refused, NOMINATE) is None
    assert nominate_advocate(refused, NOMINATE, TODAY) == no_slot("school-not-in-group")
    assert evolve(refused, JOINED) == PLACE


def test_what_is_awaited_is_the_group_then_the_place() -> None:
    """A group waits for nothing; a school for its group; a teacher for both."""
    assert awaited(NOTHING, FORM) is None
    assert awaited(NOTHING, JOIN) == awaited(NOTHING, NOMINATE) == FORM.makes
    assert awaited(GROUP, JOIN) is None
    assert awaited(GROUP, NOMINATE) == JOIN.makes
    assert awaited(PLACE, NOMINATE) is None


def test_nobody_waits_at_another_hubs_group_or_for_an_unknown_school() -> None:
    """They are refused at once, the school even where its group is unknown as well: it may be formed any day."""
    assert awaited(GROUP, replace(NOMINATE, hub=NORTH_DALES)) is None
    assert awaited(GROUP, replace(NOMINATE, school_urn=UNKNOWN)) is None
    assert nominate_advocate(GROUP, replace(NOMINATE, school_urn=UNKNOWN), TODAY) == no_slot(
        "school-unknown", ask=replace(NOMINATE, school_urn=UNKNOWN)
    )
    unknown = replace(JOIN, school_urn=UNKNOWN)
    assert awaited(NOTHING, unknown) is None
    [refused] = join_work_group(NOTHING, unknown, TODAY)
    assert refused == no_join("school-unknown", ask=unknown)[0].model_copy(update={"school_year": None})
    assert evolve(NOTHING, refused) == NOTHING
    nominated = replace(NOMINATE, school_urn=UNKNOWN)
    assert nominate_advocate(NOTHING, nominated, TODAY) == [
        no_slot("school-unknown", ask=nominated)[0].model_copy(update={"school_year": None})
    ]


def test_a_school_is_judged_for_the_year_of_its_group() -> None:
    """One that is known, or that the same batch may form; not one that no policy would let form."""
    ask = replace(JOIN, work_group_id=WG_8)
    here = Candidate(OAK_PARK, SEPTEMBER, PROGRAMME, YEAR)

    assert candidates(GROUP, [JOIN]) == {here}
    assert candidates(NOTHING, [replace(FORM, work_group_id=WG_8), ask]) == {here}
    assert candidates(NOTHING, [replace(FORM, work_group_id=WG_8, policy="gold"), ask]) == set()
