"""A person is to be forgotten: scheduling keeps their id, and scrubs what hubs sent of them."""

import json
from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio

from mathshubs.events.enrolment.people import PersonErased
from mathshubs.postgres import Pool
from scheduling.answers import scrub
from scheduling_wire import MOORSIDE, RIVER_VALE, SAID, Report, Wire, formed, held, meeting, person, scheduled

AMINA, LENA = person("P-amina"), person("P-lena")
STARTS, ENDS = "2024-09-17T13:30:00+01:00", "2024-09-17T16:00:00+01:00"
CANARY = "Amina Canary"
EVERYTHING = "SELECT string_agg(t::text, ' ') FROM (SELECT convert_from(value, 'UTF8'), headers FROM {table}) AS t"


@pytest_asyncio.fixture
async def wire(pool_of: Callable[[str], Awaitable[Pool]]) -> Wire:
    """Scheduling, with a fresh database."""
    return Wire(await pool_of("scheduling"))


def erased(hub: str | None = RIVER_VALE) -> PersonErased:
    """Enrolment says that Amina is to be forgotten everywhere."""
    return PersonErased(effective_at=SAID, hub=hub, person_id=AMINA)


def held_with_her_name(group: str = "WG-1", hub: str = RIVER_VALE) -> Report:
    """A hub's system sends more than it is asked for."""
    report = held("M-1", group, STARTS, ENDS, {"P-amina": "late"}, hub=hub)
    attendance = [{**mark, "name": CANARY} for mark in report.data["attendance"]]
    return Report("MeetingHeld", {**report.data, "attendance": attendance, "minutes_taken_by": CANARY}, hub)


def unreadable(hub: str = RIVER_VALE) -> Report:
    """A report that does not fit its type, and names her."""
    return Report("MeetingHeld", {"meeting": "M-2", "attendance": [{"person": "P-amina", "name": CANARY}]}, hub)


async def kept_bytes(wire: Wire) -> str:
    """Return what scheduling keeps of hubs' reports, as text."""
    parked = await wire.pool.fetchval(EVERYTHING.format(table="parked"))
    dead = await wire.pool.fetchval(EVERYTHING.format(table="dead_letters"))
    return f"{parked} {dead}"


async def test_the_service_answers_with_what_it_scrubbed(wire: Wire) -> None:
    """The proof of erasure shows each service's answer, and counts rows by store."""
    await wire.hears(held_with_her_name(), unreadable())
    assert CANARY in await kept_bytes(wire)

    await wire.hears(erased())

    assert CANARY not in await kept_bytes(wire)
    [answer] = await wire.facts("PersonForgotten")
    assert (answer["person_id"], answer["scrubbed"]) == (str(AMINA), {"parked": 1, "dead_letters": 1})


async def test_a_report_that_waits_goes_on_without_what_was_scrubbed(wire: Wire) -> None:
    """The register adds up as before: her id and her mark stay."""
    await wire.hears(held_with_her_name(), erased(), formed("WG-1", LENA))

    await wire.lets_go_on()

    assert await wire.rows("SELECT meeting_id, person_id, status FROM attendance") == [(meeting("M-1"), AMINA, "late")]
    assert await wire.receipts() == [("parked", ["waits"]), ("flagged", ["never-scheduled", "not-expected"])]


async def test_why_a_report_died_stays_when_its_bytes_go(wire: Wire) -> None:
    """The operator and the hub can still see what was wrong; trying it again can mend nothing."""
    await wire.hears(unreadable(), erased())

    found = "SELECT code, hub, state, value, action_by FROM dead_letters"
    assert await wire.rows(found) == [("bad-data", RIVER_VALE, "discarded", None, "service:scheduling")]


@pytest.mark.parametrize("hub", [RIVER_VALE, None])
async def test_what_names_nobody_who_was_erased_is_left_alone(wire: Wire, hub: str | None) -> None:
    """Another hub's P-amina is another person; and a letter of her own hub's that names nobody may still be mended."""
    elsewhere, planned = unreadable(MOORSIDE), scheduled("M-3", "WG-9", STARTS, "soon")
    waits = scheduled("M-4", "WG-9", STARTS, ENDS, asked_by="Ben Okoro")
    await wire.hears(elsewhere, planned, waits)
    kept = await kept_bytes(wire)

    await wire.hears(erased(hub))

    assert await kept_bytes(wire) == kept
    assert await wire.rows("SELECT DISTINCT state FROM dead_letters") == [("dead",)]


async def test_forgetting_twice_is_answered_twice(wire: Wire) -> None:
    """Each order has its answer, and the second finds nothing left."""
    await wire.hears(held_with_her_name(), erased(), erased())

    answers = [json.dumps(fact["scrubbed"]) for fact in await wire.facts("PersonForgotten")]
    assert answers == ['{"parked": 1, "dead_letters": 0}', '{"parked": 0, "dead_letters": 0}']


async def test_what_names_her_afterwards_is_kept_without_words(wire: Wire) -> None:
    """The hub's system sends her name on; what names nobody who was erased is kept as it was sent."""
    marks = [{"person": "P-amina", "name": CANARY}]
    nobodys = Report("MeetingHeld", {"meeting": "M-3", "attendance": [{"name": CANARY}]})
    await wire.hears(erased(), Report("MeetingHeld", {"meeting": "M-2", "attendance": marks}), nobodys)

    kept = await wire.rows("SELECT state, value IS NULL FROM dead_letters ORDER BY id")
    assert kept == [("discarded", True), ("dead", False)]


async def test_words_that_name_her_are_taken_out_of_what_names_her_by_no_reference(wire: Wire) -> None:
    """An operator who erased her knows them; what a hub says of others stays as it was sent."""
    room, others = "https://meet.example/amina.canary%40elm.example?pwd=1", "https://meet.example/7"
    await wire.hears(formed("WG-1", LENA), scheduled("M-1", "WG-1", STARTS, ENDS, join_url=room))
    await wire.hears(scheduled("M-2", "WG-1", STARTS, ENDS, join_url=others))
    await wire.hears(scheduled("M-3", "WG-9", STARTS, ENDS, note=CANARY), scheduled("M-4", "WG-1", CANARY, ENDS))

    counts = await scrub(wire.pool, {CANARY, "amina.canary@elm.example"})

    assert counts == {"links": 1, "visits": 0, "parked": 1, "dead_letters": 1}
    assert await wire.rows("SELECT join_url FROM meetings ORDER BY join_url") == [(others,), (None,)]
    assert CANARY not in await kept_bytes(wire)
    assert await wire.rows("SELECT state FROM dead_letters") == [("dead",)]
