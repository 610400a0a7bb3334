"""Meetings called off and registers put right as they are kept, by scheduling's real hearings on a real Postgres."""

from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import pytest
import pytest_asyncio

from mathshubs.postgres import Pool
from scheduling_wire import (
    Wire,
    cancelled,
    corrected,
    formed,
    held,
    meeting,
    nominated,
    person,
    rescheduled,
    scheduled,
    vacated,
)

STARTS, ENDS = "2024-11-12T13:30:00Z", "2024-11-12T16:00:00Z"
LENA, AMINA, BEN = person("P-lena"), person("P-amina"), person("P-ben")
SEPTEMBER, NOVEMBER = date(2024, 9, 2), date(2024, 11, 1)


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling with a fresh database, a Work Group and a meeting ahead."""
    wire = Wire(await pool_of("scheduling"))
    await wire.hears(formed("WG-1", LENA), nominated("WG-1", AMINA, SEPTEMBER), scheduled("M-1", "WG-1", STARTS, ENDS))
    return wire


ROWS = """
    SELECT revision, status, expected, reason, superseded_at IS NULL
      FROM attendance
     WHERE person_id = $1
     ORDER BY revision
"""


async def test_a_cancelled_meeting_leaves_nobody_invited_and_everybody_free(wire: Wire) -> None:
    """Then it is planned anew, and all of them are back."""
    stands = "SELECT (SELECT count(*) FROM invitations), (SELECT count(*) FROM commitments)"
    await wire.hears(cancelled("M-1", "the caretaker, Mr X, has the keys"))
    assert await wire.rows(stands) == [(0, 0)]

    await wire.hears(rescheduled("M-1", STARTS, ENDS), scheduled("M-1", "WG-1", STARTS, ENDS))

    assert await wire.rows(stands) == [(2, 2)]
    assert [one["reason"] for one in await wire.facts("MeetingCancelled")] == ["other"]
    assert await wire.receipts() == [
        ("applied", []),
        ("applied", []),
        ("refused", ["meeting-cancelled"]),
        ("applied", []),
    ]


async def test_a_cancellation_waits_for_its_meeting(wire: Wire) -> None:
    """It came by the other door, before the meeting did."""
    await wire.hears(cancelled("M-2"), scheduled("M-2", "WG-1", STARTS, ENDS))
    await wire.lets_go_on()

    assert await wire.rows("SELECT cancelled FROM meetings WHERE id = $1", meeting("M-2")) == [("snow",)]


async def test_a_correction_supersedes_and_never_overwrites(wire: Wire) -> None:
    """What stood before stays, with why it went; by whom stands in the journal."""
    await wire.hears(
        held("M-1", "WG-1", STARTS, ENDS, {"P-amina": "present"}),
        corrected("M-1", "P-amina", "apologies", "wrong-person"),
        vacated("WG-1", AMINA, NOVEMBER),
    )

    assert await wire.rows(ROWS, AMINA) == [
        (1, "present", True, None, False),
        (2, "apologies", True, "wrong-person", False),
        (3, "apologies", False, None, True),
    ]
    by = "SELECT actor FROM journal WHERE data ->> 'reason' = 'wrong-person'"
    assert await wire.rows(by) == [("hub:river-vale",)]


async def test_a_correction_and_the_register_in_one_batch(wire: Wire) -> None:
    """A hub sends its whole evening at once."""
    await wire.takes(
        [
            wire.record(held("M-1", "WG-1", STARTS, ENDS, {"P-amina": "present"})),
            wire.record(corrected("M-1", "P-amina", "late")),
            wire.record(corrected("M-1", "P-ben", "present")),
        ]
    )

    assert [row[1] for row in await wire.rows(ROWS, AMINA)] == ["present", "late"]
    assert await wire.rows(ROWS, BEN) == [(1, "present", False, "register-mistake", True)]
    assert (await wire.receipts())[-2:] == [("applied", []), ("flagged", ["not-expected"])]


async def test_a_correction_of_what_nobody_has_reported_waits(wire: Wire) -> None:
    """And of a meeting that is still ahead it is refused: it has no register."""
    await wire.hears(corrected("M-9", "P-amina", "late"), corrected("M-1", "P-amina", "late"))

    assert (await wire.receipts())[-2:] == [("parked", ["waits"]), ("refused", ["not-held-yet"])]


async def test_the_table_has_registers_of_held_meetings_alone(wire: Wire) -> None:
    """A belt with the braces: of a meeting ahead or cancelled, nobody's attendance can be written."""
    mark = """
        INSERT INTO attendance (meeting_id, person_id, revision, status, expected, effective_at, recorded_at)
        VALUES ($1, $2, 1, 'present', true, now(), now())
    """
    for _ in ("ahead", "cancelled"):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await wire.pool.execute(mark, meeting("M-1"), AMINA)
        await wire.hears(cancelled("M-1"))


async def test_the_table_has_no_meeting_both_held_and_cancelled(wire: Wire) -> None:
    """Whichever comes second."""
    await wire.hears(held("M-1", "WG-1", STARTS, ENDS, {}), cancelled("M-1"))

    assert (await wire.receipts())[-1] == ("refused", ["meeting-already-held"])
    with pytest.raises(asyncpg.CheckViolationError):
        await wire.pool.execute("UPDATE meetings SET cancelled = 'snow' WHERE id = $1", meeting("M-1"))
