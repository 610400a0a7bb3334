"""A hub reports when a school is closed: what becomes of it, by scheduling's real hearing on a real Postgres."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as some

from mathshubs.events.enrolment.people import PersonErased
from mathshubs.events.enrolment.schools import SchoolReplacedBy
from mathshubs.events.hub.calendars import ClosedDays
from mathshubs.postgres import Pool
from scheduling.calendars.domain import Membership, closures, run_together
from scheduling.calendars.store import load
from scheduling_calendars import In
from scheduling_wire import MOORSIDE, RIVER_VALE, SAID, Report, Wire, formed, joined, person, scheduled

OAK = "136771"
OCTOBER = {"from": "2026-10-26", "to": "2026-10-30", "kind": "holiday"}
INSET = {"from": "2026-10-16", "to": "2026-10-16", "kind": "inset"}


def reported(*closed: dict[str, str], hub: str = RIVER_VALE, **more: Any) -> Report:  # noqa: ANN401
    """A hub reports Oak's calendar."""
    return Report("SchoolCalendarReported", {"school_urn": OAK, "school_year": "2026/27", "closed": closed} | more, hub)


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database."""
    return Wire(await pool_of("scheduling"))


async def closed(wire: Wire, day: date, hub: str = RIVER_VALE) -> list[str]:
    """Return why a day is none to meet for a group of this hub of which Oak is a member."""
    member = In(OAK, local_authority_code=None)
    async with wire.pool.acquire() as db:
        group = Membership(UUID(int=1), hub, "2026/27", (member,))
        return [one.why for one in closures(day, [member], (await load(db, [group]))[UUID(int=1)])]


async def test_a_school_is_closed_for_the_groups_of_the_hub_that_says_so(wire: Wire) -> None:
    """Waits for nothing: a school may be reported before it is in any group."""
    await wire.hears(reported(OCTOBER, INSET))

    assert await wire.receipts() == [("applied", [])]
    assert await closed(wire, date(2026, 10, 28)) == ["holiday"]
    assert await closed(wire, date(2026, 10, 16)) == ["inset"]
    assert await closed(wire, date(2026, 10, 28), MOORSIDE) == []
    [fact] = await wire.facts("SchoolCalendarRecorded")
    assert (fact["hub"], fact["school_year"], fact["school_urn"]) == (RIVER_VALE, "2026/27", OAK)
    assert fact["closed"] == [
        {"from_on": "2026-10-16", "to_on": "2026-10-16", "kind": "inset"},
        {"from_on": "2026-10-26", "to_on": "2026-10-30", "kind": "holiday"},
    ]


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_later_calendar_takes_the_place_of_the_earlier(wire: Wire, *, in_one_batch: bool) -> None:
    """Of the same hub, school and year; the same again changes and says nothing."""
    story = [
        wire.record(one)
        for one in (
            reported(OCTOBER, INSET),
            reported({**OCTOBER, "from": "2026-10-19"}),
            reported({**OCTOBER, "from": "2026-10-19"}),
            reported(OCTOBER, hub=MOORSIDE),
        )
    ]

    for batch in [story[:3], story[3:]] if in_one_batch else [[one] for one in story]:
        await wire.takes(batch)

    assert await closed(wire, date(2026, 10, 20)) == ["holiday"]
    assert await closed(wire, date(2026, 10, 16)) == []
    assert await closed(wire, date(2026, 10, 20), MOORSIDE) == []
    assert len(await wire.facts("SchoolCalendarRecorded")) == 3
    assert await wire.receipts() == [("applied", [])] * 4


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_meeting_that_is_reported_after_it_is_judged_by_it(wire: Wire, *, in_one_batch: bool) -> None:
    """Though both come in one breath and nothing is written between."""
    year: dict[str, Any] = {
        "school_year": "2024/25",
        "closed": [{"from": "2024-11-12", "to": "2024-11-12", "kind": "inset"}],
    }
    await wire.hears(formed("WG-1"), joined("WG-1", date(2024, 9, 2)))
    meeting = scheduled("M-1", "WG-1", "2024-11-12T13:30:00Z", "2024-11-12T16:00:00Z")
    story = [wire.record(one) for one in (reported(**year), meeting)]

    for batch in [story] if in_one_batch else [[one] for one in story]:
        await wire.takes(batch)

    assert await wire.receipts() == [("applied", []), ("flagged", ["inset-day"])]


async def test_a_school_may_take_its_closures_back(wire: Wire) -> None:
    """An empty calendar is one too, and heard again it is left alone."""
    await wire.hears(reported(INSET), reported(), reported())

    assert await closed(wire, date(2026, 10, 16)) == []
    assert [fact["closed"] for fact in await wire.facts("SchoolCalendarRecorded")][1:] == [[]]


async def test_a_school_is_closed_by_what_is_reported_under_its_later_number(wire: Wire) -> None:
    """Oak became an academy in mid-year; what its old number said holds where the new one says nothing."""
    academy = "150001"
    february = {"from": "2027-02-15", "to": "2027-02-19", "kind": "holiday"}
    became = SchoolReplacedBy(effective_at=SAID, predecessor_urn=OAK, successor_urn=academy, on=date(2027, 1, 1))
    circle = SchoolReplacedBy(effective_at=SAID, predecessor_urn=academy, successor_urn=OAK, on=date(2027, 1, 1))
    await wire.hears(reported(OCTOBER, INSET), became, circle, reported(february, school_urn=academy))

    assert await closed(wire, date(2027, 2, 16)) == ["holiday"]
    assert await closed(wire, date(2026, 10, 16)) == ["inset"]


@pytest.mark.parametrize(
    "wrong",
    [
        reported({**OCTOBER, "to": "2026-10-25"}),
        reported({**OCTOBER, "from": "2026-08-31"}),
        reported({**OCTOBER, "to": "2027-09-01"}),
        reported({**OCTOBER, "kind": "snow"}),
        reported({"from": "2026-10-26", "kind": "holiday"}),
        reported(OCTOBER, school_year="2026/28"),
        reported(*[OCTOBER] * 201),
    ],
)
async def test_dates_that_make_no_calendar_are_set_aside(wire: Wire, wrong: Report) -> None:
    """The hub is told where it is wrong, and nothing is recorded."""
    await wire.hears(wrong)

    assert await wire.receipts() == [("dead", ["bad-data"])]
    assert await wire.facts("SchoolCalendarRecorded") == []


async def test_a_calendar_that_shares_its_urn_with_a_forgotten_person_stays_one(wire: Wire) -> None:
    """A hub may call a teacher by the school's number: what is cut of its report can still be read."""
    await wire.hears(PersonErased(effective_at=SAID, hub=RIVER_VALE, person_id=person(OAK)))
    await wire.hears(reported(OCTOBER, made_by="Amina Canary"))

    assert await closed(wire, date(2026, 10, 28)) == ["holiday"]


DAYS = some.builds(
    lambda begins, length, kind: ClosedDays.model_validate(
        {"from": begins, "to": min(begins + timedelta(days=length), date(2027, 8, 31)), "kind": kind}
    ),
    some.dates(date(2026, 9, 1), date(2027, 8, 31)),
    some.integers(0, 20),
    some.sampled_from(["holiday", "inset"]),
)


@given(some.lists(DAYS, max_size=12))
def test_closures_that_run_together_close_the_same_days(said: list[ClosedDays]) -> None:
    """And no day is named twice of one kind, as the table demands; in whatever order they are written."""

    def named(found: Any) -> list[tuple[str, date]]:  # noqa: ANN401
        return [(one.kind, one.from_on + timedelta(days=n)) for one in found for n in range(_length(one))]

    found = run_together(said)

    assert len(named(found)) == len(set(named(found)))
    assert set(named(found)) == set(named(said))
    assert run_together(reversed(said)) == found


def _length(one: Any) -> int:  # noqa: ANN401
    return int((one.to_on - one.from_on).days) + 1
