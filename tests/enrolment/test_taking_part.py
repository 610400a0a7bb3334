"""Work Groups form, schools join and teachers are nominated, by what hubs report, on a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import pytest
import pytest_asyncio

from enrolment_examples import (
    AMINA,
    BEN,
    BIRCH_COLLEGE,
    CARA,
    CONVERSION,
    ELM_PARK,
    LEAD,
    NORTH_DALES,
    OAK_ACADEMY,
    OAK_PARK,
    OCTOBER,
    REFERENCES,
    RIVER_VALE,
    SEPTEMBER,
    UNKNOWN,
    Hub,
    assigned,
    columns,
    facts,
    finally_told,
    formed,
    group,
    joined,
    nominated,
    open_connections,
    receipts,
    registered,
    replaced,
    reported,
    told,
    told_at_once,
    withdrawn,
)
from mathshubs.postgres import Pool

NOVEMBER, DECEMBER = date(2026, 11, 2), date(2026, 12, 1)
APPLIED: tuple[str, list[str]] = ("applied", [])


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register."""
    return await registered(await pool_of("enrolment"))


@pytest_asyncio.fixture
async def hub(pool: Pool) -> Hub:
    """A hub that has reported its lead and two teachers."""
    hub = Hub()
    people = [reported("P-9"), reported("P-1"), reported("P-2", name="Ben Price", email="ben@elmpark.example")]
    await told(pool, *(hub.says(report) for report in people))
    return hub


async def slots(pool: Pool) -> list[tuple[object, ...]]:
    """Who holds which slot of which school."""
    return columns(await pool.fetch("SELECT school_urn, slot, person_id FROM advocate_slots ORDER BY school_urn, slot"))


async def test_a_group_forms_a_school_joins_and_two_teachers_are_nominated(pool: Pool, hub: Hub) -> None:
    """The road as it should be; in one batch each report is decided on what the one before it left."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-1"), nominated("P-2"))))

    assert await finally_told(pool) == [APPLIED] * 7
    assert await slots(pool) == [(OAK_PARK, 1, AMINA), (OAK_PARK, 2, BEN)]
    assert (await facts(pool))[3:] == [
        "WorkGroupFormed",
        "SchoolJoinedWorkGroup",
        "MasteryAdvocateNominated",
        "MasteryAdvocateNominated",
    ]


async def test_somebody_reported_in_the_same_batch_is_known(pool: Pool) -> None:
    """A hub sends the person and the nomination together; the nomination carries no flag for that."""
    hub = Hub()

    await told(pool, *map(hub.says, (reported("P-9"), reported("P-1"), formed(), joined(), nominated("P-1"))))

    assert await finally_told(pool) == [APPLIED] * 5


async def test_what_comes_in_the_wrong_order_waits_and_is_applied_in_order(pool: Pool, hub: Hub) -> None:
    """The nomination waits for the group, then for the school's place; the hub hears once more when it is settled."""
    await told(pool, hub.says(nominated("P-1")))
    await told(pool, hub.says(nominated("P-2")))
    await told(pool, hub.says(joined()))
    await told(pool, hub.says(formed()))

    outcomes = [[outcome for outcome, _ in (await receipts(pool))[f"e-{n}"]] for n in range(3, 7)]
    assert outcomes == [["parked", "applied"]] * 3 + [["applied"]]
    assert await slots(pool) == [(OAK_PARK, 1, AMINA), (OAK_PARK, 2, BEN)]
    assert await pool.fetchval("SELECT count(*) FROM parked") == 0


async def test_a_school_that_joins_passes_what_waits_for_it(pool: Pool, hub: Hub) -> None:
    """Two schools' nominations wait behind each other; each joining frees its own."""
    await told(pool, *map(hub.says, (formed(), nominated("P-1", ELM_PARK), nominated("P-2"), joined())))
    await told(pool, hub.says(joined(ELM_PARK)))

    assert await finally_told(pool) == [APPLIED] * 8
    assert await slots(pool) == [(OAK_PARK, 1, BEN), (ELM_PARK, 1, AMINA)]


async def test_a_refused_join_refuses_what_follows_until_one_is_accepted(pool: Pool, hub: Hub) -> None:
    """Nobody waits an hour for a place that the school was denied."""
    await told(pool, *map(hub.says, (formed(), joined(on=CONVERSION), nominated())))
    await told(pool, *map(hub.says, (joined(), nominated())))

    assert (await finally_told(pool))[4:] == [
        ("refused", ["school-closed"]),
        ("refused", ["school-not-in-group"]),
        APPLIED,
        APPLIED,
    ]
    assert await pool.fetchval("SELECT count(*) FROM refused_joins") == 0


async def test_a_nomination_goes_on_when_the_school_joins_under_its_other_number(pool: Pool, hub: Hub) -> None:
    """It came first and holds nobody up: not the join that it waits for, nor another school's."""
    await told(pool, *map(hub.says, (formed(), nominated(on=CONVERSION), joined(ELM_PARK))))
    waits = (await finally_told(pool))[-2:]
    await told(pool, hub.says(joined(OAK_ACADEMY, on=CONVERSION)))

    assert waits == [("parked", ["waits"]), APPLIED]
    assert (await finally_told(pool))[-3:] == [APPLIED] * 3
    assert await slots(pool) == [(OAK_ACADEMY, 1, AMINA)]


async def test_a_refused_join_refuses_what_follows_under_the_schools_other_number(pool: Pool, hub: Hub) -> None:
    """It is one school whatever its number, so nobody waits an hour under the old one either."""
    await told(pool, *map(hub.says, (formed(), formed("WG-8"), joined(work_group="WG-8"))))
    await told(pool, hub.says(joined(OAK_ACADEMY, on=CONVERSION)), hub.says(nominated(on=CONVERSION)))

    assert (await finally_told(pool))[-2:] == [
        ("refused", ["already-taking-part"]),
        ("refused", ["school-not-in-group"]),
    ]


async def test_a_nomination_that_waits_is_refused_when_the_join_is(pool: Pool, hub: Hub) -> None:
    """The answer to the join, whatever it is, ends the wait."""
    await told(pool, *map(hub.says, (formed(), nominated(urn=BIRCH_COLLEGE))))
    await told(pool, hub.says(joined(BIRCH_COLLEGE)))

    assert (await finally_told(pool))[4:] == [
        ("refused", ["school-not-in-group"]),
        ("refused", ["school-not-state-funded"]),
    ]


async def test_a_school_that_the_register_lacks_is_waited_for_by_nobody(pool: Pool, hub: Hub) -> None:
    """Neither the join nor a nomination before it."""
    await told(pool, *map(hub.says, (formed(), nominated(urn=UNKNOWN), joined(UNKNOWN))))

    assert (await finally_told(pool))[4:] == [("refused", ["school-unknown"])] * 2


async def test_an_unknown_school_is_refused_though_its_group_is_unknown_too(pool: Pool, hub: Hub) -> None:
    """Its hub hears at once that the number is wrong; once the group is formed, nothing is left of it."""
    await told(pool, *map(hub.says, (joined(UNKNOWN), nominated(urn=UNKNOWN), formed(), joined())))

    assert (await finally_told(pool))[3:] == [("refused", ["school-unknown"])] * 2 + [APPLIED] * 2
    assert await pool.fetchval("SELECT count(*) FROM refused_joins") == 0


async def test_said_again_under_another_id_changes_nothing(pool: Pool, hub: Hub) -> None:
    """A hub system that sends everything each night is told that all is well."""
    everything = (formed(), joined(), nominated("P-1"))
    await told(pool, *map(hub.says, everything))
    before = await facts(pool)

    await told(pool, *map(hub.says, everything))

    assert await facts(pool) == before
    assert (await finally_told(pool))[6:] == [APPLIED] * 3


async def test_what_is_said_for_ever_repeats_no_id_of_a_hubs(pool: Pool, hub: Hub) -> None:
    """A hub may call an event by somebody's name: only the receipt, which is the hub's own, says it again."""
    await told(pool, hub.says(formed(), "Amina.Khan"))

    naming = await pool.fetch("SELECT topic FROM journal WHERE journal::text LIKE '%Amina.Khan%'")
    caused = await pool.fetch(
        "SELECT causation_id FROM journal WHERE topic = 'enrolment.facts' ORDER BY seq DESC LIMIT 1"
    )
    assert columns(naming) == [(f"hubs.{RIVER_VALE}.receipts",)]
    assert columns(caused) == [(REFERENCES.unnamed(RIVER_VALE, "Amina.Khan"),)]


async def test_another_day_for_what_was_joined_or_nominated_is_not_taken_and_said_so(pool: Pool, hub: Hub) -> None:
    """A hub that reads `applied` believes that its figures count from the new day; what it holds to stays its place."""
    agreed = {"headteacher_agreed_on": "2026-07-01"}
    await told(pool, *map(hub.says, (formed(), joined() | agreed, nominated("P-1"))))
    before = await facts(pool)

    await told(pool, *map(hub.says, (joined(on=OCTOBER), joined() | {"headteacher_agreed_on": "2026-07-02"}, joined())))
    await told(pool, *map(hub.says, (nominated("P-1", on=OCTOBER), nominated("P-1"), nominated("P-2"))))

    assert (await finally_told(pool))[6:] == [
        ("refused", ["join-differs"]),
        ("refused", ["join-differs"]),
        APPLIED,
        ("refused", ["nomination-differs"]),
        APPLIED,
        APPLIED,
    ]
    assert (await facts(pool))[len(before) :] == [
        "SchoolJoinRefused",
        "SchoolJoinRefused",
        "NominationRefused",
        "MasteryAdvocateNominated",
    ]
    assert await slots(pool) == [(OAK_PARK, 1, AMINA), (OAK_PARK, 2, BEN)]
    assert await pool.fetchval("SELECT count(*) FROM refused_joins") == 0


async def test_a_policy_row_of_a_year_decides_for_its_groups_alone(pool: Pool, hub: Hub) -> None:
    """From 2027/28 a school sends three; a group of the year before is judged by its own row, whenever that is."""
    await pool.execute(
        "INSERT INTO policies SELECT name, programme, '2027/28', 3, names_from_month FROM policies WHERE slots = 2"
    )
    later = {"on": date(2027, 9, 6)}
    await told(pool, *map(hub.says, (formed(), joined(), formed("WG-8", school_year="2027/28"))))
    await told(pool, hub.says(joined(ELM_PARK, "WG-8", **later)))

    for number in range(3):
        await told(
            pool, hub.says(nominated(f"N-{number}", ELM_PARK, "WG-8", **later)), hub.says(nominated(f"O-{number}"))
        )

    assert [slot for urn, slot, _ in await slots(pool) if urn == ELM_PARK] == [1, 2, 3]
    assert (await finally_told(pool))[-1] == ("refused", ["slots-taken"])
    assert await pool.fetchval("SELECT count(*) FROM advocate_slots") == 5


async def test_a_school_that_converted_is_the_school_that_joined(pool: Pool, hub: Hub) -> None:
    """Under its new number it is in the group already, and its new teacher takes the second slot."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-1"))))

    await told(pool, hub.says(joined(OAK_ACADEMY, on=CONVERSION)))
    await told(pool, hub.says(nominated("P-2", OAK_ACADEMY, on=CONVERSION)))

    assert (await finally_told(pool))[6:] == [APPLIED] * 2
    assert await slots(pool) == [(OAK_PARK, 1, AMINA), (OAK_PARK, 2, BEN)]


async def test_a_school_that_converted_joins_no_second_group(pool: Pool, hub: Hub) -> None:
    """Its old number takes part already, though the two numbers have different roots on their own days."""
    await told(pool, *map(hub.says, (formed("WG-7"), formed("WG-8"), joined())))
    await told(pool, hub.says(joined(OAK_ACADEMY, "WG-8", CONVERSION)))

    assert (await finally_told(pool))[-1] == ("refused", ["already-taking-part"])


async def test_ten_at_once_for_two_slots(pool: Pool, hub: Hub) -> None:
    """However they race, two are nominated and eight refused."""
    await told(pool, *map(hub.says, (formed(), joined())))
    await told(pool, *(hub.says(reported(f"T-{n}", email=f"t{n}@elmpark.example", trn=None)) for n in range(10)))
    nominations = [hub.says(nominated(f"T-{n}")) for n in range(10)]
    await open_connections(pool, 10)

    await asyncio.gather(*(told(pool, nomination) for nomination in nominations))

    outcomes = (await finally_told(pool))[-10:]
    assert sorted(outcomes) == [APPLIED] * 2 + [("refused", ["slots-taken"])] * 8
    assert [slot for _, slot, _ in await slots(pool)] == [1, 2]


async def test_two_hubs_want_one_school_at_once(pool: Pool, hub: Hub) -> None:
    """One has it and the other is told; under two numbers of one school, on two days, just so."""
    other = Hub(NORTH_DALES)
    await told(pool, hub.says(formed()))
    await told(pool, other.says(formed()))

    await told_at_once(pool, hub.says(joined()), other.says(joined(OAK_ACADEMY, on=CONVERSION)))

    outcomes = [(await finally_told(pool, code))[-1] for code in (RIVER_VALE, NORTH_DALES)]
    assert outcomes == [APPLIED, ("refused", ["already-taking-part"])]
    assert await pool.fetchval("SELECT count(*) FROM participations") == 1


async def test_two_groups_want_one_teacher_at_once(pool: Pool, hub: Hub) -> None:
    """The table lets one in; the other is decided again and refused."""
    await told(pool, *map(hub.says, (formed("WG-7"), formed("WG-8"), joined(), joined(ELM_PARK, "WG-8"))))

    await told_at_once(pool, hub.says(nominated("P-1")), hub.says(nominated("P-1", ELM_PARK, "WG-8")))

    assert (await finally_told(pool))[-2:] == [APPLIED, ("refused", ["advocate-elsewhere"])]


async def test_another_hub_reports_on_a_group_in_vain(pool: Pool, hub: Hub) -> None:
    """It is refused and leaves no trace: its refused join closes no door to the hub whose group it is."""
    await told(pool, hub.says(formed()))
    ours, other = str(group("WG-7")), Hub(NORTH_DALES)

    await told(pool, *map(other.says, (formed(ours), joined(work_group=ours), nominated(work_group=ours))))
    await told(pool, hub.says(joined()), hub.says(nominated("P-1")))

    assert await finally_told(pool, NORTH_DALES) == [("refused", ["not-your-work-group"])] * 3
    assert (await finally_told(pool))[-2:] == [APPLIED] * 2


async def test_a_teacher_whom_nobody_has_reported_is_nominated_with_a_flag(pool: Pool, hub: Hub) -> None:
    """A person is never waited for: mail waits for the address, the decision does not."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-3"))))

    assert (await finally_told(pool))[-1] == ("flagged", ["person-unknown"])
    assert await slots(pool) == [(OAK_PARK, 1, CARA)]


async def histories(pool: Pool) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Schools' places and teachers' slots, each with its days."""
    places = await pool.fetch(
        "SELECT school_urn, from_on, until_on, reason FROM participations ORDER BY school_urn, from_on"
    )
    held = await pool.fetch(
        "SELECT slot, person_id, from_on, until_on, reason FROM advocate_slots ORDER BY slot, from_on, until_on"
    )
    return columns(places), columns(held)


async def test_teachers_and_schools_leave_and_come_back_and_the_tables_keep_when(pool: Pool, hub: Hub) -> None:
    """`until_on` is the last day; in one batch each report is decided on what the one before it left."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-1"), replaced("P-1", "P-2"))))
    await told(pool, *map(hub.says, (withdrawn(on=NOVEMBER), joined(on=DECEMBER), nominated("P-1", on=DECEMBER))))

    assert await finally_told(pool) == [APPLIED] * 10
    assert await histories(pool) == (
        [(OAK_PARK, SEPTEMBER, date(2026, 11, 1), "staffing"), (OAK_PARK, DECEMBER, None, None)],
        [
            (1, AMINA, SEPTEMBER, date(2026, 10, 4), "left-school"),
            (1, BEN, OCTOBER, date(2026, 11, 1), "school-withdrew"),
            (1, AMINA, DECEMBER, None, None),
        ],
    )


async def test_a_teacher_replaced_on_the_first_day_leaves_the_slot_to_another_from_that_day(
    pool: Pool, hub: Hub
) -> None:
    """The one held it on no day, and the tables bear that both begin on the same."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-1"))))
    await told(pool, hub.says(replaced("P-1", "P-2", on=SEPTEMBER)))

    _, held = await histories(pool)
    assert held == [
        (1, AMINA, SEPTEMBER, date(2026, 9, 13), "left-school"),
        (1, BEN, SEPTEMBER, None, None),
    ]


async def test_a_reason_that_is_no_code_counts_as_another_one(pool: Pool, hub: Hub) -> None:
    """Hubs write people's names into free text, and a fact is kept for ever."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-1"))))
    await told(pool, hub.says(replaced(reason="Amina is ill")), hub.says(withdrawn(on=NOVEMBER, reason="Mr Khan left")))

    assert (await finally_told(pool))[-2:] == [APPLIED] * 2
    assert await pool.fetchval("SELECT count(*) FROM journal WHERE data::text LIKE '%Khan left%'") == 0
    assert [reason for *_, reason in (await histories(pool))[0]] == ["other"]


async def test_leads_follow_each_other_and_the_table_keeps_when(pool: Pool, hub: Hub) -> None:
    """From the one whom the group was formed with on; one who is told late leads until the next."""
    await told(pool, *map(hub.says, (formed(), assigned("P-1", NOVEMBER))))
    await told(pool, hub.says(assigned("P-2", OCTOBER)))

    rows = await pool.fetch("SELECT lead_id, from_on, until_on FROM work_group_leads ORDER BY from_on")
    assert columns(rows) == [
        (LEAD, date(2026, 9, 1), date(2026, 10, 4)),
        (BEN, OCTOBER, date(2026, 11, 1)),
        (AMINA, NOVEMBER, None),
    ]


async def test_the_tables_bear_no_two_leads_or_teachers_on_one_day(pool: Pool, hub: Hub) -> None:
    """A belt with the braces: what no rule lets through, no statement can write either."""
    await told(pool, *map(hub.says, (formed(), joined(), nominated("P-1"))))

    for columns_, table in (
        ("work_group_id, $1, from_on + 9, NULL", "work_group_leads"),
        (
            "work_group_id, school_urn, programme, school_year, slot, slots, $1, from_on + 9, NULL, joined_on, NULL",
            "advocate_slots",
        ),
    ):
        with pytest.raises(asyncpg.ExclusionViolationError):
            await pool.execute(f"INSERT INTO {table} SELECT {columns_} FROM {table}", BEN)


async def test_two_replacements_race_for_one_teacher(pool: Pool, hub: Hub) -> None:
    """Whoever is second is decided again on what the first has left."""
    await told(pool, *map(hub.says, (formed(), formed("WG-8"), joined(), joined(ELM_PARK, "WG-8"))))
    await told(pool, *map(hub.says, (nominated("P-1"), nominated("P-2", ELM_PARK, "WG-8"))))

    await told_at_once(
        pool, hub.says(replaced("P-1", "P-3")), hub.says(replaced("P-2", "P-3", ELM_PARK, work_group="WG-8"))
    )

    assert (await finally_told(pool))[-2:] == [("flagged", ["person-unknown"]), ("refused", ["advocate-elsewhere"])]
