"""What each measure counts, on stories short enough to count by hand."""

from datetime import date, datetime, timedelta

import pytest

from mathshubs.postgres import Pool
from reporting.measures.domain import (
    MEASURES,
    Asked,
    Figure,
    Level,
    Place,
    figures,
    instant_of,
    members,
    reconciliation,
)
from reporting.measures.views import survey
from reporting_story import (
    AMINA,
    ASH_GROVE,
    BEN,
    CHLOE,
    DEV,
    ELM_ACADEMY,
    ELM_PARK,
    FELLS_1,
    GROUP_3,
    GROUP_5,
    HIGH_FELLS,
    JOINING_DAY,
    LATER,
    NOVEMBER,
    OAK_PARK,
    OCTOBER,
    RIVER_VALE,
    YEAR,
    Story,
    attended,
    became,
    deliver,
    formed,
    held,
    joined,
    named,
    nominated,
    october,
    scheduled,
    school,
)

ENGLAND = Place("E92000001", "England")
RIVER, FELLS = Place(RIVER_VALE, "River Vale Maths Hub"), Place(HIGH_FELLS, "High Fells Maths Hub")


async def ask(
    pool: Pool,
    measure: str,
    level: Level = Level.NATIONAL,
    *,
    as_at: date | datetime = LATER,
    known_at: date | datetime = LATER,
    stage: str | None = None,
) -> list[Figure]:
    """Return what the API would answer."""
    asked = Asked(YEAR, instant_of(as_at), instant_of(known_at), stage)
    return figures(MEASURES[measure], level, await survey(pool, asked))


async def test_schools_registered_by_every_level(pool: Pool) -> None:
    """A hub that takes part and has no school is a true 0; a region without one is no row."""
    await deliver(pool, october().said)

    assert await ask(pool, "M1") == [Figure(Level.NATIONAL, ENGLAND, 2, 2, None)]
    assert await ask(pool, "M1", Level.HUB) == [
        Figure(Level.HUB, FELLS, 0, 0, None),
        Figure(Level.HUB, RIVER, 2, 2, None),
    ]
    assert await ask(pool, "M1", Level.REGION) == [
        Figure(Level.REGION, Place("E12000007", "London"), 1, 1, None),
        Figure(Level.REGION, Place("E12000001", "North East"), 1, 1, None),
    ]
    assert await ask(pool, "M1", Level.LOCAL_AUTHORITY) == [
        Figure(Level.LOCAL_AUTHORITY, Place("500", "Authority 500"), 1, 1, None),
        Figure(Level.LOCAL_AUTHORITY, Place("501", "Authority 501"), 1, 1, None),
    ]


async def test_a_school_is_engaged_once_an_advocate_came(pool: Pool) -> None:
    """Elm Park's two came, one of them late; of Oak Park one sent apologies and one was absent."""
    await deliver(pool, october().said)

    assert await ask(pool, "M2") == [Figure(Level.NATIONAL, ENGLAND, 1, 1, None)]
    assert await ask(pool, "M2", Level.REGION) == [
        Figure(Level.REGION, Place("E12000007", "London"), 0, 0, None),
        Figure(Level.REGION, Place("E12000001", "North East"), 1, 1, None),
    ]


@pytest.mark.parametrize(
    ("status", "engaged"), [("present", 1), ("late", 1), ("partial", 1), ("apologies", 0), ("absent", 0)]
)
async def test_who_counts_as_there(pool: Pool, status: str, engaged: int) -> None:
    """Late and in part count as there."""
    meeting = named("november meeting")
    story = Story().tell(
        formed(GROUP_5, "River Vale Work Group 5", RIVER_VALE),
        joined(GROUP_5, ELM_PARK, RIVER_VALE),
        nominated(GROUP_5, ELM_PARK, AMINA, RIVER_VALE),
        held(meeting, GROUP_5, RIVER_VALE, NOVEMBER),
        attended(meeting, GROUP_5, AMINA, status, NOVEMBER),
    )
    await deliver(pool, story.said)

    assert [figure.value for figure in await ask(pool, "M2")] == [engaged]


async def test_attendance_rate_with_apologies_apart(pool: Pool) -> None:
    """Two of four came; apologies are no attendance, and no absence without a word either."""
    await deliver(pool, october().said)

    assert await ask(pool, "M9") == [Figure(Level.NATIONAL, ENGLAND, 0.5, 2, 4, 1)]
    assert await ask(pool, "M9", Level.HUB) == [
        Figure(Level.HUB, FELLS, None, 0, 0, 0),
        Figure(Level.HUB, RIVER, 0.5, 2, 4, 1),
    ]


async def test_nobody_is_expected_at_a_meeting_that_was_not_held(pool: Pool) -> None:
    """Scheduled alone is no meeting yet."""
    story = october().tell(scheduled(named("november meeting"), GROUP_3, RIVER_VALE, NOVEMBER))
    await deliver(pool, story.said)

    assert [figure.denominator for figure in await ask(pool, "M9")] == [4]


async def test_an_advocate_is_expected_from_the_day_of_nomination(pool: Pool) -> None:
    """Named after October's meeting, she is expected in November only; that very day counts."""
    meeting = named("november meeting")
    story = october().tell(
        nominated(GROUP_3, ELM_PARK, named("late comer"), RIVER_VALE, on=NOVEMBER.date()),
        held(meeting, GROUP_3, RIVER_VALE, NOVEMBER),
        attended(meeting, GROUP_3, named("late comer"), "present", NOVEMBER),
    )
    await deliver(pool, story.said)

    assert await ask(pool, "M9") == [Figure(Level.NATIONAL, ENGLAND, 3 / 9, 3, 9, 1)]


async def test_a_guest_is_in_no_figure(pool: Pool) -> None:
    """Somebody without a slot came; neither the rate nor a school's engagement moves."""
    story = october().tell(attended(named("october meeting"), GROUP_3, named("a guest"), "present", OCTOBER))
    await deliver(pool, story.said)

    assert await ask(pool, "M9") == [Figure(Level.NATIONAL, ENGLAND, 0.5, 2, 4, 1)]
    assert await ask(pool, "M2") == [Figure(Level.NATIONAL, ENGLAND, 1, 1, None)]


async def test_a_corrected_register_counts_from_when_it_was_corrected(pool: Pool) -> None:
    """What was known before stays to be seen with known_at."""
    corrected = attended(named("october meeting"), GROUP_3, DEV, "present", OCTOBER, revision=2)
    story = october().tell(corrected, at=NOVEMBER)
    await deliver(pool, story.said)

    assert [figure.numerator for figure in await ask(pool, "M9", known_at=NOVEMBER - timedelta(seconds=1))] == [2]
    assert [figure.numerator for figure in await ask(pool, "M9", known_at=NOVEMBER)] == [3]
    assert [figure.value for figure in await ask(pool, "M2")] == [2]


async def test_a_late_register_is_unknown_until_it_was_recorded(pool: Pool) -> None:
    """October's meeting, heard of in November: true as at October, known from November."""
    late = named("a meeting heard of late")
    story = october().tell(
        held(late, GROUP_3, RIVER_VALE, OCTOBER + timedelta(days=1)),
        attended(late, GROUP_3, CHLOE, "present", OCTOBER + timedelta(days=1)),
        at=NOVEMBER,
    )
    await deliver(pool, story.said)
    october_ends = date(2026, 10, 31)

    assert await ask(pool, "M9", as_at=october_ends, known_at=october_ends) == [
        Figure(Level.NATIONAL, ENGLAND, 0.5, 2, 4, 1)
    ]
    assert await ask(pool, "M9", as_at=october_ends) == [Figure(Level.NATIONAL, ENGLAND, 3 / 8, 3, 8, 1)]


async def test_as_at_counts_what_was_true_by_then(pool: Pool) -> None:
    """A day counts to its end; before the first day nobody had joined."""
    await deliver(pool, october().said)

    assert [figure.value for figure in await ask(pool, "M1", as_at=JOINING_DAY - timedelta(days=1))] == [0]
    assert [figure.value for figure in await ask(pool, "M1", as_at=JOINING_DAY)] == [2]
    assert [figure.value for figure in await ask(pool, "M2", as_at=OCTOBER.date() - timedelta(days=1))] == [0]
    assert [figure.value for figure in await ask(pool, "M2", as_at=OCTOBER.date())] == [1]
    assert [figure.value for figure in await ask(pool, "M2", as_at=OCTOBER)] == [1]


async def test_a_school_in_two_hubs_counts_once_in_england(pool: Pool) -> None:
    """The sum of hubs is one more, and the school that explains it is named."""
    meeting = named("fells meeting")
    story = october().tell(
        formed(FELLS_1, "High Fells Work Group 1", HIGH_FELLS),
        joined(FELLS_1, ELM_PARK, HIGH_FELLS),
        nominated(FELLS_1, ELM_PARK, BEN, HIGH_FELLS),
        held(meeting, FELLS_1, HIGH_FELLS, NOVEMBER),
        attended(meeting, FELLS_1, BEN, "present", NOVEMBER),
    )
    await deliver(pool, story.said)

    seen = await survey(pool, Asked(YEAR, LATER, LATER))
    for measure, national, by_hub in (("M1", 2, 3), ("M2", 1, 2)):
        explained = reconciliation(MEASURES[measure], seen)
        assert explained is not None
        assert (explained.national, explained.sum_of_hubs) == (national, by_hub)
        assert [(one.lineage, one.places) for one in explained.shared] == [(ELM_PARK, [FELLS, RIVER])]
    assert reconciliation(MEASURES["M9"], seen) is None


async def test_two_schools_that_merge_are_one_from_that_day(pool: Pool) -> None:
    """Elm Park and Oak Park become Elm Academy in January, in another authority: two before, one after."""
    january = date(2027, 1, 1)
    story = october().tell(
        school(ELM_ACADEMY, "Elm Academy", authority="502", opened_on=january, effective_at=instant_of(january)),
        became(ELM_PARK, ELM_ACADEMY, january),
        became(OAK_PARK, ELM_ACADEMY, None),
        at=OCTOBER,
    )
    await deliver(pool, story.said)

    before = await survey(pool, Asked(YEAR, instant_of(january - timedelta(days=1)), LATER))
    after = await survey(pool, Asked(YEAR, instant_of(january), LATER))
    unknown = await survey(pool, Asked(YEAR, instant_of(january), OCTOBER - timedelta(seconds=1)))
    assert [
        figure.value for seen in (before, after, unknown) for figure in figures(MEASURES["M1"], Level.NATIONAL, seen)
    ] == [2, 1, 2]
    [member] = members(MEASURES["M1"], Level.LOCAL_AUTHORITY, after)
    assert (member.lineage, member.name, member.places) == (ELM_ACADEMY, "Elm Academy", [Place("502", "Authority 502")])


async def test_a_stage_alone(pool: Pool) -> None:
    """Of the groups of that stage: schools, meetings and advocates."""
    meeting = named("embedding meeting")
    story = october().tell(
        formed(GROUP_5, "River Vale Work Group 5", RIVER_VALE, stage="embedding"),
        joined(GROUP_5, ASH_GROVE, RIVER_VALE, stage="embedding"),
        nominated(GROUP_5, ASH_GROVE, named("eve"), RIVER_VALE),
        held(meeting, GROUP_5, RIVER_VALE, NOVEMBER),
        attended(meeting, GROUP_5, named("eve"), "present", NOVEMBER),
    )
    await deliver(pool, story.said)

    assert [figure.value for figure in await ask(pool, "M1", stage="embedding")] == [1]
    assert await ask(pool, "M9", stage="embedding") == [Figure(Level.NATIONAL, ENGLAND, 1.0, 1, 1, 0)]
    assert await ask(pool, "M9", stage="development") == [Figure(Level.NATIONAL, ENGLAND, 0.5, 2, 4, 1)]


async def test_a_school_that_the_register_does_not_place(pool: Pool) -> None:
    """It counts in England, and in a row of its own by region, so that the rows add up."""
    story = october().tell(joined(GROUP_3, ASH_GROVE, RIVER_VALE))
    await deliver(pool, story.said)

    by_region = {figure.place.name: figure.value for figure in await ask(pool, "M1", Level.REGION)}
    assert by_region == {"London": 1, "North East": 1, "Not known": 1}


async def test_members_behind_the_attendance_rate_are_schools(pool: Pool) -> None:
    """How often their advocates were expected and came; never who."""
    await deliver(pool, october().said)

    found = members(MEASURES["M9"], Level.HUB, await survey(pool, Asked(YEAR, LATER, LATER)), RIVER_VALE)

    assert [(one.lineage, one.name, one.meetings, one.expected, one.present, one.apologies) for one in found] == [
        (ELM_PARK, "Elm Park School", 1, 2, 2, 0),
        (OAK_PARK, "Oak Park School", 1, 2, 0, 1),
    ]


def test_a_day_ends_when_it_ends_in_london() -> None:
    """In summer an hour before it does in UTC."""
    assert instant_of(date(2026, 7, 1)).isoformat() == "2026-07-01T22:59:59.999999+00:00"
    assert instant_of(date(2026, 12, 1)).isoformat() == "2026-12-01T23:59:59.999999+00:00"
