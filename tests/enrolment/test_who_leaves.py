"""The rules of who leaves a Work Group, who takes over and who leads, by plain values: one test to an outcome."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from enrolment.participation.domain import (
    AssignLead,
    Candidate,
    FormWorkGroup,
    JoinWorkGroup,
    Lead,
    NominateAdvocate,
    Register,
    ReplaceAdvocate,
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
from enrolment_examples import (
    AMINA,
    AUTHORITY,
    BEN,
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
    YEAR,
    group,
    person,
)
from mathshubs.clock import start_of
from mathshubs.events import Event
from mathshubs.events.enrolment.participation import (
    AdvocateReplacementRefused,
    AdvocateSlotVacated,
    LeadAssignmentRefused,
    LeadSpecialistAssigned,
    MasteryAdvocateNominated,
    SchoolWithdrawalRefused,
    SchoolWithdrewFromWorkGroup,
)
from mathshubs.lineage import Lineages

TODAY = OCTOBER
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 2), date(2026, 12, 1), date(2027, 1, 4)
WG_7, WG_8 = group("WG-7"), group("WG-8")
DINA = person("P-4")


class Everybody(dict[Candidate, tuple[str, ...]]):
    """A register by which any school may take part on any day."""

    def __missing__(self, _: Candidate) -> tuple[str, ...]:
        return ()


REGISTER = Register(
    {OAK_PARK: AUTHORITY, ELM_PARK: AUTHORITY}, Lineages((), {OAK_PARK: None, ELM_PARK: None}, {}), Everybody()
)
NOTHING = Standing((STANDARD,), REGISTER, people=frozenset({LEAD, AMINA, BEN, CARA, DINA}))
FORM = FormWorkGroup(RIVER_VALE, WG_7, "Mastery at River Vale", PROGRAMME, "development", YEAR, SAID_AT, lead_id=LEAD)
JOIN = JoinWorkGroup(RIVER_VALE, WG_7, OAK_PARK, SEPTEMBER)
NOMINATE = NominateAdvocate(RIVER_VALE, WG_7, OAK_PARK, AMINA, SEPTEMBER)
REPLACE = ReplaceAdvocate(RIVER_VALE, WG_7, OAK_PARK, AMINA, CARA, "left-school", OCTOBER)
LEAVE = replace(REPLACE, joining_id=None)
WITHDRAW = WithdrawSchool(RIVER_VALE, WG_7, OAK_PARK, "staffing", NOVEMBER)
RULES: dict[type, Callable[[Standing, Any, date], list[Event]]] = {
    FormWorkGroup: form_work_group,
    JoinWorkGroup: join_work_group,
    NominateAdvocate: nominate_advocate,
    ReplaceAdvocate: replace_advocate,
    WithdrawSchool: withdraw_school,
    AssignLead: assign_lead,
}


def said(standing: Standing, ask: object) -> list[Event]:
    """The facts of one request."""
    return RULES[type(ask)](standing, ask, TODAY)


def after(*asked: object) -> Standing:
    """What is known once these were asked, none of them being refused."""
    standing = NOTHING
    for ask in asked:
        for fact in said(standing, ask):
            assert not hasattr(fact, "reasons"), fact
            standing = evolve(standing, fact)
    return standing


def reasons(standing: Standing, ask: object) -> tuple[str, ...]:
    """Why this is refused."""
    [fact] = said(standing, ask)
    return getattr(fact, "reasons", ())


PLACE = after(FORM, JOIN)
BOTH = after(FORM, JOIN, NOMINATE, replace(NOMINATE, person_id=BEN))
OF_OAK = {"hub": RIVER_VALE, "school_year": YEAR, "work_group_id": WG_7, "school_urn": OAK_PARK}


def vacated(who: object, reason: str, on: date) -> AdvocateSlotVacated:
    """The fact that a teacher gave up a slot."""
    return AdvocateSlotVacated(effective_at=start_of(on), **OF_OAK, person_id=who, reason=reason, effective_on=on)


def holders(standing: Standing, day: date) -> dict[int, object]:
    """Who holds which slot of Oak Park on a day."""
    return {
        one.slot: one.person_id
        for place in standing.places.values()
        for one in place.advocates
        if one.from_on <= day and (one.until_on is None or day <= one.until_on)
    }


def test_a_teacher_who_leaves_is_replaced_in_the_same_slot_from_that_day() -> None:
    """The last day of the one is the day before the first of the other."""
    facts = said(BOTH, REPLACE)

    assert facts == [
        vacated(AMINA, "left-school", OCTOBER),
        MasteryAdvocateNominated(effective_at=start_of(OCTOBER), **OF_OAK, person_id=CARA, effective_on=OCTOBER),
    ]
    replaced = after(FORM, JOIN, NOMINATE, replace(NOMINATE, person_id=BEN), REPLACE)
    assert holders(replaced, date(2026, 10, 4)) == {1: AMINA, 2: BEN}
    assert holders(replaced, OCTOBER) == {1: CARA, 2: BEN}


def test_a_teacher_who_leaves_may_have_no_successor() -> None:
    """It is never refused to record that one left; the slot is free from that day on."""
    assert said(BOTH, LEAVE) == [vacated(AMINA, "left-school", OCTOBER)]


def test_a_slot_is_free_from_the_day_on_which_it_was_given_up_and_not_before() -> None:
    """Whatever day it is today: a nomination is judged on its own."""
    left = after(FORM, JOIN, NOMINATE, replace(NOMINATE, person_id=BEN), LEAVE)

    assert reasons(left, replace(NOMINATE, person_id=CARA)) == ("slots-taken",)
    [fact] = said(left, replace(NOMINATE, person_id=CARA, effective_on=OCTOBER))
    assert isinstance(fact, MasteryAdvocateNominated)


def test_who_takes_over_later_leaves_no_room_for_somebody_before() -> None:
    """A nomination has no end, so it would run into the one that was told first."""
    filled = after(
        FORM, JOIN, NOMINATE, replace(NOMINATE, person_id=BEN), LEAVE,
        replace(NOMINATE, person_id=CARA, effective_on=JANUARY),
    )  # fmt: skip

    assert reasons(filled, replace(NOMINATE, person_id=DINA, effective_on=NOVEMBER)) == ("slots-taken",)


def test_a_replacement_told_again_is_left_alone() -> None:
    """By a hub that sends everything each night; the nominations and the joining of then as well."""
    everything = (FORM, JOIN, NOMINATE, replace(NOMINATE, person_id=BEN), REPLACE)
    standing = after(*everything)

    assert [said(standing, ask) for ask in everything] == [[]] * 5


@pytest.mark.parametrize("other", [{"effective_on": NOVEMBER}, {"reason": "leave"}], ids=["day", "reason"])
def test_a_replacement_told_otherwise_is_refused(other: dict[str, object]) -> None:
    """What was reported first stands, and the hub hears of it."""
    standing = after(FORM, JOIN, NOMINATE, LEAVE)

    assert reasons(standing, replace(LEAVE, **other)) == ("replacement-differs",)  # type: ignore[arg-type]


def test_who_takes_over_may_be_told_after_who_left() -> None:
    """The one report says that the slot is vacant, the next one who has it from that day."""
    standing = after(FORM, JOIN, NOMINATE, LEAVE)

    [fact] = said(standing, REPLACE)
    assert isinstance(fact, MasteryAdvocateNominated)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"leaving_id": DINA}, "holds-no-slot"),
        ({"effective_on": date(2026, 9, 13)}, "before-first-day"),
        ({"effective_on": date(2027, 9, 1), "joining_id": None}, "outside-school-year"),
        ({"joining_id": BEN}, "holds-other-slot"),
        ({"joining_id": AMINA}, "replaced-by-themselves"),
        ({"hub": NORTH_DALES}, "not-your-work-group"),
    ],
)
def test_a_replacement_that_cannot_be_is_refused_whole(other: dict[str, object], reason: str) -> None:
    """Nobody leaves where the one who joins cannot: the hub mends the report and sends it again."""
    [fact] = said(BOTH, replace(REPLACE, **other))  # type: ignore[arg-type]

    assert isinstance(fact, AdvocateReplacementRefused)
    assert fact.reasons == (reason,)


def test_a_teacher_with_a_slot_at_another_school_takes_over_from_nobody() -> None:
    """One slot to a teacher in a programme and year, as for a nomination."""
    elsewhere = (replace(FORM, work_group_id=WG_8), replace(JOIN, work_group_id=WG_8, school_urn=ELM_PARK))
    busy = replace(NOMINATE, work_group_id=WG_8, school_urn=ELM_PARK, person_id=CARA)

    assert reasons(after(FORM, JOIN, NOMINATE, *elsewhere, busy), REPLACE) == ("advocate-elsewhere",)


def test_a_teacher_replaced_on_their_very_first_day_held_the_slot_on_no_day() -> None:
    """They were named by mistake, or left over the summer."""
    standing = after(FORM, JOIN, NOMINATE, replace(REPLACE, effective_on=SEPTEMBER))

    assert holders(standing, SEPTEMBER) == {1: CARA}
    assert said(standing, NOMINATE) == []


def test_a_teacher_who_left_one_school_may_be_named_by_another() -> None:
    """From the day on which they left; a day before they would hold two slots."""
    moved = (replace(FORM, work_group_id=WG_8), replace(JOIN, work_group_id=WG_8, school_urn=ELM_PARK))
    standing = after(FORM, JOIN, NOMINATE, LEAVE, *moved)
    ask = replace(NOMINATE, work_group_id=WG_8, school_urn=ELM_PARK, effective_on=OCTOBER)

    assert reasons(standing, replace(ask, effective_on=date(2026, 10, 4))) == ("advocate-elsewhere",)
    [fact] = said(standing, ask)
    assert isinstance(fact, MasteryAdvocateNominated)


def test_what_follows_waits_for_the_schools_place_and_a_lead_for_the_group_alone() -> None:
    """As nominations do."""
    group_only = after(FORM)
    lead = AssignLead(RIVER_VALE, WG_7, BEN, NOVEMBER)

    assert awaited(NOTHING, lead) == awaited(NOTHING, REPLACE) == FORM.makes
    assert awaited(group_only, REPLACE) == awaited(group_only, WITHDRAW) == JOIN.makes
    assert awaited(group_only, lead) is None


def test_a_school_that_leaves_takes_its_teachers_with_it() -> None:
    """One whose first day was still to come holds a slot on no day."""
    standing = after(FORM, JOIN, NOMINATE, replace(NOMINATE, person_id=BEN, effective_on=DECEMBER))

    assert said(standing, WITHDRAW) == [
        SchoolWithdrewFromWorkGroup(
            effective_at=start_of(NOVEMBER), **OF_OAK, lineage=OAK_PARK, programme=PROGRAMME, stage="development",
            reason="staffing", effective_on=NOVEMBER,
        ),
        vacated(AMINA, "school-withdrew", NOVEMBER),
        vacated(BEN, "school-withdrew", DECEMBER),
    ]  # fmt: skip


def test_a_school_that_has_left_names_nobody_for_a_later_day() -> None:
    """For an earlier one it still may, late: they held the slot until the school left."""
    left = after(FORM, JOIN, WITHDRAW)

    assert reasons(left, replace(NOMINATE, effective_on=NOVEMBER)) == ("school-has-left",)
    named, gone = said(left, NOMINATE)
    assert isinstance(named, MasteryAdvocateNominated)
    assert gone == vacated(AMINA, "school-withdrew", NOVEMBER)


def test_a_teacher_who_had_left_before_the_school_did_may_be_told_late() -> None:
    """Each report is judged on its own day; who took over held the slot until the school left."""
    left = after(FORM, JOIN, NOMINATE, WITHDRAW)

    facts = said(left, REPLACE)

    assert facts[0] == vacated(AMINA, "left-school", OCTOBER)
    assert facts[2] == vacated(CARA, "school-withdrew", NOVEMBER)
    assert holders(after(FORM, JOIN, NOMINATE, WITHDRAW, REPLACE), date(2026, 11, 1)) == {1: CARA}


def test_a_withdrawal_told_again_is_left_alone_and_told_otherwise_is_refused() -> None:
    """What was reported first stands, though the school has joined again since."""
    again = after(FORM, JOIN, WITHDRAW, replace(JOIN, effective_on=JANUARY))

    assert said(again, WITHDRAW) == said(again, JOIN) == []
    assert reasons(again, replace(WITHDRAW, reason="workload")) == ("withdrawal-differs",)
    assert reasons(again, replace(WITHDRAW, effective_on=DECEMBER)) == ("withdrawal-differs",)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"effective_on": date(2026, 9, 13)}, "before-first-day"),
        ({"effective_on": date(2027, 9, 1)}, "outside-school-year"),
        ({"hub": NORTH_DALES}, "not-your-work-group"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused(other: dict[str, object], reason: str) -> None:
    """The school goes on taking part."""
    [fact] = said(PLACE, replace(WITHDRAW, **other))  # type: ignore[arg-type]

    assert isinstance(fact, SchoolWithdrawalRefused)
    assert fact.reasons == (reason,)


def test_a_school_that_left_joins_again_with_slots_of_its_own() -> None:
    """Membership and stage are separate facts; from a day on which it was still there it does not join."""
    again = replace(JOIN, effective_on=JANUARY)
    standing = after(FORM, JOIN, NOMINATE, WITHDRAW, again, replace(NOMINATE, effective_on=JANUARY))

    assert holders(standing, DECEMBER) == {}
    assert holders(standing, JANUARY) == {1: AMINA}
    assert reasons(after(FORM, JOIN, WITHDRAW), replace(JOIN, effective_on=OCTOBER)) == ("join-differs",)


def test_a_place_that_lasted_for_no_day_stands_in_nobodys_way() -> None:
    """A school that joined by mistake and again later may have named its teachers before that."""
    again = replace(JOIN, effective_on=NOVEMBER)
    standing = after(FORM, JOIN, replace(WITHDRAW, effective_on=SEPTEMBER), again, NOMINATE)

    assert [one.person_id for one in standing.places[WG_7, OAK_PARK, NOVEMBER].advocates] == [AMINA]


def test_a_school_under_its_new_number_is_the_place_of_its_old_one_on_that_day() -> None:
    """Told of a day before the conversion, when it had left: what it joined with later is not meant."""
    lineages = Lineages(LINKS, {OAK_PARK: None, OAK_ACADEMY: CONVERSION}, {OAK_PARK: date(2026, 12, 31)})
    register = replace(REGISTER, known={**REGISTER.known, OAK_ACADEMY: AUTHORITY}, lineages=lineages)
    left = after(FORM, JOIN, replace(WITHDRAW, effective_on=OCTOBER), replace(JOIN, effective_on=CONVERSION))
    ask = replace(NOMINATE, school_urn=OAK_ACADEMY, effective_on=NOVEMBER)

    assert reasons(replace(left, register=register), ask) == ("school-has-left",)


def test_a_school_that_left_joins_another_group_from_that_day_on() -> None:
    """A day before, it would take part twice."""
    standing = after(FORM, JOIN, WITHDRAW, replace(FORM, work_group_id=WG_8))
    other = replace(JOIN, work_group_id=WG_8, effective_on=NOVEMBER)

    assert reasons(standing, replace(other, effective_on=date(2026, 11, 1))) == ("already-taking-part",)
    assert reasons(standing, other) == ()


FIRST = date(2026, 9, 1)
ASSIGN = AssignLead(RIVER_VALE, WG_7, BEN, NOVEMBER)


def led(who: object, on: date, replaces: object) -> LeadSpecialistAssigned:
    """The fact that somebody leads."""
    of = {"hub": RIVER_VALE, "school_year": YEAR, "work_group_id": WG_7}
    return LeadSpecialistAssigned(
        effective_at=start_of(on), **of, lead_id=who, replaces_id=replaces, effective_on=on
    )  # fmt: skip


def test_a_new_lead_takes_over_from_that_day_on() -> None:
    """The one whom the group was formed with leads from the first day of the school year to the day before."""
    assert said(PLACE, ASSIGN) == [led(BEN, NOVEMBER, LEAD)]
    assert after(FORM, ASSIGN).leads[WG_7] == (Lead(LEAD, FIRST, date(2026, 11, 1)), Lead(BEN, NOVEMBER))


def test_a_lead_told_late_leads_until_the_next_one_who_is_said_again() -> None:
    """Whoever follows the facts and forgets later days at each is right in the end."""
    standing = after(FORM, ASSIGN)
    late = replace(ASSIGN, lead_id=CARA, effective_on=OCTOBER)

    assert said(standing, late) == [led(CARA, OCTOBER, LEAD), led(BEN, NOVEMBER, CARA)]
    assert [(one.lead_id, one.from_on) for one in after(FORM, ASSIGN, late).leads[WG_7]] == [
        (LEAD, FIRST),
        (CARA, OCTOBER),
        (BEN, NOVEMBER),
    ]


def test_a_lead_told_again_is_left_alone_though_another_was_named_for_that_day_since() -> None:
    """Or two reports sent each night would change the lead each night."""
    standing = after(FORM, ASSIGN, replace(ASSIGN, lead_id=CARA))

    assert said(standing, ASSIGN) == said(standing, replace(ASSIGN, lead_id=CARA)) == []
    assert standing.leads[WG_7][-1] == Lead(CARA, NOVEMBER)


def test_a_lead_named_before_the_school_year_leads_from_its_first_day() -> None:
    """Hubs find a lead in July for September, in place of the one they had in mind."""
    standing = after(FORM, replace(ASSIGN, effective_on=date(2026, 7, 15)))

    assert standing.leads[WG_7] == (Lead(LEAD, FIRST, date(2026, 8, 31)), Lead(BEN, FIRST))


def test_a_lead_whom_nobody_has_reported_is_flagged() -> None:
    """As a lead is with whom a group is formed."""
    [fact] = said(replace(PLACE, people=frozenset()), ASSIGN)

    assert fact == led(BEN, NOVEMBER, LEAD).model_copy(update={"flags": ("person-unknown",)})


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"effective_on": date(2027, 9, 1)}, "outside-school-year"),
        ({"effective_on": date(2025, 10, 31)}, "named-too-early"),
        ({"hub": NORTH_DALES}, "not-your-work-group"),
        ({"lead_id": CARA, "effective_on": OCTOBER}, "lead-assigned-since"),
    ],
)
def test_an_assignment_that_cannot_be_is_refused(other: dict[str, object], reason: str) -> None:
    """The last since it is not to be told which of the two leads between that day and the next one's."""
    standing = after(FORM, ASSIGN, replace(ASSIGN, lead_id=DINA, effective_on=OCTOBER))

    [fact] = said(standing, replace(ASSIGN, **other))  # type: ignore[arg-type]

    assert isinstance(fact, LeadAssignmentRefused)
    assert fact.reasons == (reason,)
