"""Meetings, invitations and registers as they are kept, by scheduling's real hearings on a real Postgres."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from mathshubs import inbox
from mathshubs.postgres import Pool
from mathshubs.testing import until
from scheduling_wire import (
    MOORSIDE,
    REPORTS,
    RIVER_VALE,
    Wire,
    formed,
    held,
    meeting,
    nominated,
    person,
    rescheduled,
    scheduled,
    work_group,
)

STARTS, ENDS = "2024-09-17T13:30:00+01:00", "2024-09-17T16:00:00+01:00"
LATER, LATER_ENDS = "2024-11-12T13:30:00Z", "2024-11-12T16:00:00Z"
LENA, AMINA = person("P-lena"), person("P-amina")
SEPTEMBER = date(2024, 9, 2)
WORKING_DAYS = (4, 5, 6, 7, 8, 11, 12, 13)  # of November 2024


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database."""
    return Wire(await pool_of("scheduling"))


CURRENT = "SELECT person_id, status, expected, revision FROM attendance WHERE superseded_at IS NULL ORDER BY person_id"
IS_BLOCKED = """
    SELECT count(*)
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND wait_event_type = 'Lock'
"""
INVITED = "SELECT meeting_id, person_id, role FROM invitations ORDER BY person_id"


async def test_from_a_report_to_the_table(wire: Wire) -> None:
    """A meeting is planned, moved and held; its people are invited and accounted for; each report is answered."""
    await wire.hears(
        formed("WG-1", LENA),
        nominated("WG-1", AMINA, SEPTEMBER),
        scheduled("M-1", "WG-1", LATER, LATER_ENDS, join_url="https://meet.example/s3cret"),
        rescheduled("M-1", STARTS, ENDS),
        held("M-1", "WG-1", STARTS, ENDS, {"P-amina": "present", "P-cal": "late"}),
    )

    assert await wire.receipts() == [("applied", []), ("applied", []), ("flagged", ["not-expected"])]
    assert await wire.rows(CURRENT) == sorted([(AMINA, "present", True, 1), (person("P-cal"), "late", False, 1)])
    assert await wire.rows(INVITED) == sorted([(meeting("M-1"), AMINA, "advocate"), (meeting("M-1"), LENA, "lead")])
    assert await wire.rows("SELECT id, work_group_id, held, join_url FROM meetings") == [
        (meeting("M-1"), work_group("WG-1"), True, "https://meet.example/s3cret")
    ]
    assert await wire.rows("SELECT count(*) FROM journal WHERE data::text LIKE '%s3cret%'") == [(0,)]


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_meeting_is_given_another_link_and_place(wire: Wire, *, in_one_batch: bool) -> None:
    """What a hub reports anew is what people find; the link stays out of every fact."""
    first, second = "https://meet.example/s3cret-1", "https://meet.example/s3cret-2"
    await wire.hears(formed("WG-1", LENA))
    story = [
        wire.record(scheduled("M-1", "WG-1", LATER, LATER_ENDS, join_url=first, place="Elm Park")),
        wire.record(scheduled("M-1", "WG-1", LATER, LATER_ENDS, join_url=second)),
        wire.record(scheduled("M-1", "WG-1", LATER, LATER_ENDS, place="Oak Hall")),
    ]

    for batch in [story] if in_one_batch else [[report] for report in story]:
        await wire.takes(batch)

    assert await wire.rows("SELECT join_url, place FROM meetings") == [(second, "Oak Hall")]
    assert [fact["place"] for fact in await wire.facts("MeetingScheduled")] == ["Elm Park", "Elm Park", "Oak Hall"]
    assert await wire.rows("SELECT count(*) FROM journal WHERE data::text LIKE '%s3cret%'") == [(0,)]


async def test_a_whole_story_in_one_batch(wire: Wire) -> None:
    """Each report is decided on what the ones before it left, though nothing is written until the end."""
    await wire.hears(formed("WG-1", LENA))
    story = [
        scheduled("M-1", "WG-1", LATER, LATER_ENDS),
        rescheduled("M-1", STARTS, ENDS),
        held("M-1", "WG-1", STARTS, ENDS, {}),
        rescheduled("M-1", LATER, LATER_ENDS),
    ]

    await wire.takes([wire.record(one) for one in story])

    assert await wire.receipts() == [("applied", [])] * 3 + [("refused", ["meeting-already-held"])]
    assert await wire.rows("SELECT starts_at::text, held FROM meetings") == [("2024-09-17 12:30:00+00", True)]


async def test_a_meeting_waits_for_its_work_group(wire: Wire) -> None:
    """And what comes after it waits behind it, and all of it is applied in order."""
    await wire.hears(scheduled("M-1", "WG-1", LATER, LATER_ENDS), rescheduled("M-1", STARTS, ENDS))
    assert await wire.receipts() == [("parked", ["waits"]), ("parked", ["behind"])]

    await wire.hears(formed("WG-1", LENA))
    await wire.lets_go_on()

    assert (await wire.receipts())[2:] == [("applied", []), ("applied", [])]
    assert await wire.rows("SELECT starts_at::text FROM meetings") == [("2024-09-17 12:30:00+00",)]


async def test_a_move_waits_for_its_meeting(wire: Wire) -> None:
    """There is no order between a hub's two doors; what brings the meeting passes what waits for it."""
    await wire.hears(formed("WG-1", LENA), rescheduled("M-1", STARTS, ENDS))

    await wire.hears(scheduled("M-1", "WG-1", LATER, LATER_ENDS))
    await wire.lets_go_on()

    assert await wire.receipts() == [("parked", ["waits"]), ("applied", []), ("applied", [])]
    assert await wire.rows("SELECT starts_at::text FROM meetings") == [("2024-09-17 12:30:00+00",)]


@pytest.mark.parametrize("early", [True, False])
async def test_a_move_of_a_meeting_that_was_refused_is_refused_at_once(wire: Wire, *, early: bool) -> None:
    """It would wait an hour for what was answered already; once the meeting is planned after all, it moves."""
    move = rescheduled("M-1", LATER, LATER_ENDS, MOORSIDE)
    planned = scheduled("M-1", str(work_group("WG-1")), STARTS, ENDS, MOORSIDE)
    await wire.hears(formed("WG-1", LENA), formed("WG-2", hub=MOORSIDE))

    await wire.hears(*((move, planned) if early else (planned, move)))
    await wire.lets_go_on()
    await wire.hears(scheduled("M-1", "WG-2", STARTS, ENDS, MOORSIDE), move)

    answers = [("parked", ["waits"])] * early + [("refused", ["not-your-work-group"]), ("refused", ["meeting-refused"])]
    assert await wire.receipts() == [*answers, ("applied", []), ("applied", [])]
    assert await wire.rows("SELECT work_group_id, starts_at::text LIKE '2024-11-12%' FROM meetings") == [
        (work_group("WG-2", MOORSIDE), True)
    ]


async def test_a_late_nomination_supersedes_and_overwrites_nothing(wire: Wire) -> None:
    """What was held to be true before can still be read, from when and until when."""
    await wire.hears(formed("WG-1", LENA), held("M-1", "WG-1", STARTS, ENDS, {"P-amina": "late"}))

    await wire.hears(nominated("WG-1", AMINA, SEPTEMBER))

    history = "SELECT revision, status, expected, superseded_at IS NULL FROM attendance ORDER BY revision"
    assert await wire.rows(history) == [(1, "late", False, False), (2, "late", True, True)]
    known_at = """
        SELECT revision, expected FROM attendance
         WHERE recorded_at <= $1 AND (superseded_at IS NULL OR superseded_at > $1)
    """
    [(first,), (second,)] = await wire.rows("SELECT recorded_at FROM attendance ORDER BY revision")
    assert [await wire.rows(known_at, at) for at in (first, second)] == [[(1, False)], [(2, True)]]
    assert await wire.rows(known_at, second - timedelta(microseconds=1)) == [(1, False)]
    assert [(fact["revision"], fact["expected"]) for fact in await wire.facts("AttendanceRecorded")] == [
        (1, False),
        (2, True),
    ]


async def test_a_register_cannot_be_overwritten(wire: Wire) -> None:
    """Not even by ourselves: the role may close a row, nothing else."""
    await wire.hears(formed("WG-1", LENA), held("M-1", "WG-1", STARTS, ENDS, {"P-amina": "late"}))

    for statement in ("UPDATE attendance SET status = 'present'", "DELETE FROM attendance"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await wire.pool.execute(statement)


async def test_one_meeting_cannot_be_of_two_work_groups(wire: Wire) -> None:
    """The first report of it decides."""
    await wire.hears(formed("WG-1", LENA), formed("WG-2", LENA))
    await wire.hears(scheduled("M-1", "WG-1", LATER, LATER_ENDS), held("M-1", "WG-2", STARTS, ENDS, {}))

    assert (await wire.receipts())[1] == ("refused", ["meeting-of-another-group"])
    assert (await wire.facts("MeetingReportRefused"))[0]["meeting_id"] == str(meeting("M-1"))


async def test_another_hub_cannot_move_a_meeting_by_its_id(wire: Wire) -> None:
    """The id that our receipts give stands for the meeting whoever says it; authority is the rule's."""
    await wire.hears(formed("WG-1", LENA), scheduled("M-1", "WG-1", LATER, LATER_ENDS))

    await wire.hears(rescheduled(str(meeting("M-1")), STARTS, ENDS, hub=MOORSIDE))

    assert (await wire.receipts())[1] == ("refused", ["not-your-meeting"])


@pytest.mark.parametrize("role", ["lead", "advocate"])
async def test_two_meetings_of_one_person_at_once(wire: Wire, role: str) -> None:
    """However two hubs' batches race, both are recorded and exactly one is flagged."""
    lead = LENA if role == "lead" else None
    for turn, day in enumerate(WORKING_DAYS):
        for hub in (RIVER_VALE, MOORSIDE):
            await wire.hears(formed(f"WG-{turn}", lead, hub))
            if role == "advocate":
                await wire.hears(nominated(f"WG-{turn}", AMINA, SEPTEMBER, hub))
        starts, ends = f"2024-11-{day:02}T13:30:00Z", f"2024-11-{day:02}T16:00:00Z"
        ours = wire.record(scheduled(f"M-{turn}", f"WG-{turn}", starts, ends))
        theirs = wire.record(scheduled(f"M-{turn}", f"WG-{turn}", starts, ends, MOORSIDE))

        await asyncio.gather(wire.takes([ours]), wire.takes([theirs]))

    assert sorted(await wire.receipts()) == [("applied", [])] * 8 + [("flagged", [f"{role}-clash"])] * 8
    per_day = "SELECT lower(during), count(*), count(*) FILTER (WHERE clashes) FROM commitments GROUP BY 1"
    assert {(every, flagged) for _, every, flagged in await wire.rows(per_day)} == {(2, 1)}


async def test_the_table_keeps_people_out_of_two_meetings_at_once(wire: Wire) -> None:
    """A belt with the braces: what no rule has flagged cannot be written."""
    await wire.hears(formed("WG-1", LENA), scheduled("M-1", "WG-1", LATER, LATER_ENDS))
    await wire.hears(scheduled("M-2", "WG-1", STARTS, ENDS))

    overlapping = """
        UPDATE commitments SET during = tstzrange('2024-11-12T15:00:00Z', '2024-11-12T17:00:00Z') WHERE meeting_id = $1
    """
    with pytest.raises(asyncpg.ExclusionViolationError):
        await wire.pool.execute(overlapping, meeting("M-2"))


async def test_of_two_transactions_at_once_the_table_lets_one_commit(wire: Wire) -> None:
    """Neither sees the other's row, so no rule could tell; the second waits for the first and then fails."""
    await wire.hears(formed("WG-1", LENA))
    await wire.hears(scheduled("M-1", "WG-1", LATER, LATER_ENDS), scheduled("M-2", "WG-1", STARTS, ENDS))
    commit = "INSERT INTO commitments VALUES ($1, $2, tstzrange('2025-01-14T14:00Z', '2025-01-14T16:00Z'), false)"

    async with wire.pool.acquire() as first, wire.pool.acquire() as second:
        async with first.transaction():
            await first.execute(commit, AMINA, meeting("M-1"))
            late = asyncio.create_task(second.execute(commit, AMINA, meeting("M-2")))
            await until(lambda: wire.pool.fetchval(IS_BLOCKED), what="the second transaction waits for the first")
        with pytest.raises(asyncpg.ExclusionViolationError):
            await late


async def test_a_nomination_and_a_meeting_never_miss_each_other(wire: Wire) -> None:
    """They come by two consumers at one moment; whichever is first, the advocate is invited."""
    await wire.hears(*(formed(f"WG-{turn}", LENA) for turn in range(8)))
    for turn in range(8):
        starts, ends = f"2024-11-{turn + 2:02}T13:30:00Z", f"2024-11-{turn + 2:02}T16:00:00Z"
        report = wire.record(scheduled(f"M-{turn}", f"WG-{turn}", starts, ends))
        fact = wire.record(nominated(f"WG-{turn}", AMINA, SEPTEMBER))
        await asyncio.gather(wire.takes([report]), wire.takes([fact]))

    invited = "SELECT count(*) FROM invitations WHERE person_id = $1"
    assert await wire.rows(invited, AMINA) == [(8,)]
    assert len([one for one in await wire.facts("PersonInvited") if one["person_id"] == str(AMINA)]) == 8


async def test_a_report_that_waited_loses_a_race_and_is_flagged(wire: Wire) -> None:
    """It is looked at again at the very moment another meeting of its lead is being written: no dead letter."""
    await wire.hears(scheduled("M-1", "WG-1", LATER, LATER_ENDS))
    await wire.hears(formed("WG-1", LENA), formed("WG-2", LENA))

    async with wire.pool.acquire() as db, db.transaction():
        record = wire.record(scheduled("M-2", "WG-2", LATER, LATER_ENDS))
        await inbox.hear(db, REPORTS, [record], firm=False)
        waiting = asyncio.create_task(wire.lets_go_on())
        await until(lambda: wire.pool.fetchval(IS_BLOCKED), what="the report that waited is being decided")
    await waiting

    assert await wire.receipts() == [("parked", ["waits"]), ("applied", []), ("flagged", ["lead-clash"])]
    assert await wire.rows("SELECT count(*) FROM dead_letters") == [(0,)]


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-01T02:00:00Z"),
        ("9999-12-31T20:00:00-10:00", "9999-12-31T22:00:00-10:00"),
        (1_726_576_200, 1_726_585_200),
        ("1726576200", "1726585200"),
        ("2024-09-17T13:30:00", "2024-09-17T16:00:00"),
        (ENDS, STARTS),
        (STARTS, STARTS),
    ],
    ids=["before all time", "after it", "a number", "a number in words", "no offset", "backwards", "no length"],
)
async def test_times_that_no_meeting_can_have_are_set_aside(wire: Wire, starts_at: Any, ends_at: Any) -> None:  # noqa: ANN401
    """With their reason, at once; a rule that met them would fail and stop all of the meeting's reports."""
    await wire.hears(formed("WG-1", LENA), scheduled("M-1", "WG-1", starts_at, ends_at))

    assert await wire.receipts() == [("dead", ["bad-data"])]
