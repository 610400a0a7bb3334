"""Two records of one person were merged: a hub may go on naming either, and nothing counts twice or is lost."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
import pytest_asyncio

from mathshubs.events import Event
from mathshubs.postgres import Pool
from scheduling.people.domain import meant
from scheduling_wire import Wire, corrected, formed, held, merged, nominated, person, scheduled, vacated

STARTS, ENDS = "2024-11-12T13:30:00Z", "2024-11-12T16:00:00Z"
LENA, OLD, AMINA = person("P-lena"), person("P-old"), person("P-amina")
SEPTEMBER, NOVEMBER = date(2024, 9, 2), date(2024, 11, 1)
PASSED_ON = (merged(OLD, AMINA), vacated("WG-1", OLD, NOVEMBER), nominated("WG-1", AMINA, NOVEMBER))
"""From November on the slot is held under the record that stays."""


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling with a fresh database, and a Work Group with one advocate."""
    wire = Wire(await pool_of("scheduling"))
    await wire.hears(formed("WG-1", LENA), nominated("WG-1", OLD, SEPTEMBER), scheduled("M-1", "WG-1", STARTS, ENDS))
    return wire


CURRENT = """
    SELECT person_id, status, expected
      FROM attendance
     WHERE superseded_at IS NULL
       AND (expected OR status <> 'absent')
"""


def test_a_person_is_meant_by_any_of_their_records() -> None:
    """By the one that held the slot, if one did; else by the one that stays."""
    assert meant({OLD: AMINA}, OLD, {AMINA, LENA}) == AMINA
    assert meant({OLD: AMINA}, AMINA, {OLD}) == OLD
    assert meant({OLD: AMINA}, OLD, {OLD, AMINA}) == OLD
    assert meant({OLD: AMINA}, OLD, {LENA}, ()) == AMINA
    assert meant({}, OLD, {AMINA}) == OLD


async def test_a_register_may_name_either_record(wire: Wire) -> None:
    """The hub's system knows nothing of the merge; and the same register again is still the same."""
    register = held("M-1", "WG-1", STARTS, ENDS, {"P-old": "present"})
    await wire.hears(*PASSED_ON, register, register, corrected("M-1", "P-old", "late"))

    assert await wire.rows(CURRENT) == [(AMINA, "late", True)]
    assert {outcome for outcome, _ in await wire.receipts()} == {"applied"}


async def test_a_meeting_before_the_merge_counts_for_the_record_that_held_the_slot(wire: Wire) -> None:
    """Its register comes late, under the other one."""
    early = "2024-10-08T13:30:00+01:00", "2024-10-08T16:00:00+01:00"
    await wire.hears(*PASSED_ON, held("M-0", "WG-1", *early, {"P-amina": "present"}))

    assert await wire.rows(CURRENT) == [(OLD, "present", True)]


@pytest.mark.parametrize("place", range(3), ids=["first", "between", "last"])
async def test_a_mark_goes_with_the_slot(wire: Wire, place: int) -> None:
    """The register was kept before; the merge is of another key than the slots, so it is heard when it is."""
    merge, *facts = PASSED_ON
    in_order: list[Event] = [*facts[:place], merge, *facts[place:]]

    await wire.hears(held("M-1", "WG-1", STARTS, ENDS, {"P-old": "late"}), *in_order)

    assert await wire.rows(CURRENT) == [(AMINA, "late", True)]


async def test_a_mark_that_was_passed_on_and_put_right_stays_right(wire: Wire) -> None:
    """What stood under the other record does not come back."""
    await wire.hears(held("M-1", "WG-1", STARTS, ENDS, {"P-old": "present"}), *PASSED_ON)
    await wire.hears(corrected("M-1", "P-amina", "absent"), merged(OLD, AMINA))

    assert await wire.rows(CURRENT) == [(AMINA, "absent", True)]
