"""Half-terms, closures and who may lead, by scheduling's real hearings on a real Postgres."""

from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import pytest
import pytest_asyncio

from mathshubs.events.enrolment.specialists import Interval, LeadStanding
from mathshubs.postgres import Pool
from scheduling_wire import SAID, Wire, cancelled, formed, joined, meeting, person, rescheduled, scheduled

LENA = person("P-lena")
NOVEMBER, ITS_END = "2024-11-12T13:30:00Z", "2024-11-12T16:00:00Z"
DECEMBER, ENDS = "2024-12-03T13:30:00Z", "2024-12-03T16:00:00Z"
JANUARY, AT_FOUR = "2025-01-14T13:30:00Z", "2025-01-14T16:00:00Z"


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database and a Work Group of one school."""
    wire = Wire(await pool_of("scheduling"))
    await wire.hears(formed("WG-1", LENA), joined("WG-1", date(2024, 9, 2)))
    return wire


def standing(*days: tuple[date, date | None]) -> LeadStanding:
    """Enrolment says on which days Lena may lead."""
    intervals = tuple(Interval(from_on=first, until_on=last) for first, last in days)
    return LeadStanding(effective_at=SAID, hub="river-vale", person_id=LENA, intervals=intervals)


async def test_the_receipt_says_whose_holiday_it_is(wire: Wire) -> None:
    """A hub lead knows at once whom to ask."""
    await wire.pool.execute(
        "INSERT INTO imported_dates (whose, school_year, kind, from_on, to_on)"
        " VALUES ('136771', '2024/25', 'inset', '2024-11-12', '2024-11-12')"
    )

    await wire.hears(scheduled("M-1", "WG-1", NOVEMBER, ITS_END))

    [receipt] = await wire.facts("EventAnswered")
    assert receipt["reasons"] == [
        {
            "code": "inset-day",
            "message": "The meeting is on an INSET day of a school of the Work Group. 136771 on 2024-11-12.",
            "path": "",
        }
    ]
    [said] = await wire.facts("MeetingScheduled")
    assert said["closed"] == [{"school_urn": "136771", "on": "2024-11-12", "why": "inset"}]
    assert said["half_term"] == 2


async def test_who_may_lead_is_what_enrolment_said_last(wire: Wire) -> None:
    """With gaps, and to a last day that counts; what was decided before is not looked at again."""
    await wire.hears(
        standing((date(2024, 9, 1), None)),
        scheduled("M-1", "WG-1", NOVEMBER, ITS_END),
        standing((date(2024, 9, 1), date(2024, 11, 11)), (date(2025, 1, 14), date(2025, 1, 14))),
        rescheduled("M-1", JANUARY, AT_FOUR),
        rescheduled("M-1", NOVEMBER, ITS_END),
        standing(),
        rescheduled("M-1", JANUARY, AT_FOUR),
    )

    flagged = ("flagged", ["lead-not-in-standing"])
    assert await wire.receipts() == [("applied", []), ("applied", []), flagged, flagged]


async def test_two_meetings_change_places_in_one_batch(wire: Wire) -> None:
    """The table looks when all of it is written."""
    await wire.hears(scheduled("M-1", "WG-1", NOVEMBER, ITS_END), scheduled("M-2", "WG-1", JANUARY, AT_FOUR))

    await wire.takes(
        [
            wire.record(cancelled("M-1")),
            wire.record(rescheduled("M-2", NOVEMBER, ITS_END)),
            wire.record(scheduled("M-1", "WG-1", JANUARY, AT_FOUR)),
        ]
    )

    assert await wire.receipts() == [("applied", [])] * 5


async def test_the_table_keeps_one_meeting_to_a_half_term(wire: Wire) -> None:
    """A belt with the braces: what no rule has flagged cannot be written."""
    await wire.hears(scheduled("M-1", "WG-1", NOVEMBER, ITS_END), scheduled("M-2", "WG-1", DECEMBER, ENDS))
    assert (await wire.receipts())[-1] == ("flagged", ["second-in-half-term"])

    with pytest.raises(asyncpg.ExclusionViolationError):
        await wire.pool.execute("UPDATE meetings SET second = false WHERE id = $1", meeting("M-2"))
