"""People as hubs report them: who may change whom, and what goes out to the other services."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest
import pytest_asyncio

from enrolment.people.domain import (
    Acquaintance,
    Details,
    ErasePerson,
    Person,
    ReportPerson,
    UnknownPerson,
    erase_person,
    evolve,
    report_person,
)
from enrolment.people.store import PeopleLane
from enrolment_examples import (
    AMINA,
    ELM_PARK,
    NORTH_DALES,
    OAK_PARK,
    RIVER_VALE,
    SAID_AT,
    UNKNOWN,
    Hub,
    facts,
    finally_told,
    registered,
    reported,
    told,
)
from mathshubs.events.enrolment.people import (
    PersonDetailsCorrected,
    PersonErased,
    PersonRefused,
    PersonRegistered,
)
from mathshubs.postgres import Pool
from mathshubs.redaction import redacted

TODAY = date(2026, 10, 5)
DETAILS = Details("Amina Khan", "amina.khan@elmpark.example", "1234567", ELM_PARK, ("advocate",))
REPORT = ReportPerson(RIVER_VALE, AMINA, DETAILS, SAID_AT)
WHO = {"effective_at": SAID_AT, "hub": RIVER_VALE, "person_id": AMINA}
STRANGER = Acquaintance(None, frozenset({ELM_PARK, OAK_PARK}))
KNOWN = replace(STRANGER, person=Person(RIVER_VALE, 1, DETAILS))
ERASED = replace(STRANGER, person=Person(RIVER_VALE, 2, None, SAID_AT))


def test_somebody_new_is_registered() -> None:
    """By id alone: the fact is kept for ever."""
    assert report_person(STRANGER, REPORT, TODAY) == [
        PersonRegistered(effective_at=SAID_AT, hub=RIVER_VALE, person_id=AMINA)
    ]


def test_somebody_reported_again_just_so_is_left_alone() -> None:
    """And so is one of whom less is said: what is left out stays as it was."""
    less = replace(REPORT, details=Details(DETAILS.name, DETAILS.email))

    assert report_person(KNOWN, REPORT, TODAY) == []
    assert report_person(KNOWN, less, TODAY) == []


@pytest.mark.parametrize(
    "other",
    [
        {"name": "Amina Khan-Price"},
        {"email": "a.khan@oakpark.example"},
        {"trn": "7654321"},
        {"school_urn": OAK_PARK},
        {"roles": ("advocate", "headteacher")},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_details_correct_what_is_known(other: dict[str, object]) -> None:
    """Whatever it is that changed; the fact does not say."""
    ask = replace(REPORT, details=replace(DETAILS, **other))  # type: ignore[arg-type]

    facts_ = report_person(KNOWN, ask, TODAY)

    assert facts_ == [PersonDetailsCorrected(effective_at=SAID_AT, hub=RIVER_VALE, person_id=AMINA)]
    assert evolve(KNOWN.person, facts_[0], ask.details) == Person(RIVER_VALE, 2, ask.details)


@pytest.mark.parametrize(
    ("known", "ask", "reason"),
    [
        (KNOWN, replace(REPORT, hub=NORTH_DALES), "not-your-person"),
        (ERASED, replace(REPORT, hub=NORTH_DALES), "not-your-person"),
        (ERASED, REPORT, "person-erased"),
        (STRANGER, replace(REPORT, details=replace(DETAILS, school_urn=UNKNOWN)), "school-unknown"),
    ],
    ids=["another hub's", "another hub's, erased", "erased", "at no school of the register"],
)
def test_who_may_not_be_reported(known: Acquaintance, ask: ReportPerson, reason: str) -> None:
    """Whose they are comes first, so that no hub learns whether another's teacher was erased."""
    assert report_person(known, ask, TODAY) == [
        PersonRefused(effective_at=SAID_AT, hub=ask.hub, person_id=AMINA, reasons=(reason,))
    ]


def test_whoever_is_erased_leaves_a_stone() -> None:
    """The id stays taken, so that nobody comes back under it; nothing else stays."""
    facts_ = erase_person(KNOWN, ErasePerson(AMINA, SAID_AT), TODAY)

    assert facts_ == [PersonErased(effective_at=SAID_AT, hub=RIVER_VALE, person_id=AMINA)]
    assert evolve(KNOWN.person, facts_[0], None) == ERASED.person
    assert erase_person(ERASED, ErasePerson(AMINA, SAID_AT), TODAY) == []


def test_nobody_is_erased_by_a_mistyped_id() -> None:
    """The operator is told, rather than left to believe that somebody was forgotten."""
    with pytest.raises(UnknownPerson):
        erase_person(STRANGER, ErasePerson(AMINA, SAID_AT), TODAY)


def test_details_are_not_in_what_a_log_may_print() -> None:
    """An exception's trace prints values; a person's stay out of it."""
    assert repr(DETAILS) == f"Details(school_urn='{ELM_PARK}', roles=('advocate',))"


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (
            b'{"name": "Zo\\u00eb \\"Zo\\" Lee", "email":"ZOE@elmpark.example"}',
            b'{"name":"erased","email":"erased@erased.example"}',
        ),
        (b'{"note": "ask zo\xc3\xab \\"zo\\" lee today"}', b'{"note":"ask erased today"}'),
        (b'{"trn": "1234567", "n": 12345678}', b'{"trn":"0000000","n":12345678}'),
        (b"not JSON: zoe@elmpark.example \xff", b"not JSON: erased@erased.example \xff"),
        (b'{"name": "Zo\xc3\xab Leeson",  "x": 1}', b'{"name": "Zo\xc3\xab Leeson",  "x": 1}'),
    ],
    ids=["escaped", "in a note", "a number", "not JSON", "somebody else"],
)
def test_a_record_loses_the_words_that_name_somebody(sent: bytes, left: bytes) -> None:
    """However they are spelled; what it says of others stays, to the byte where nobody is named."""
    assert redacted(sent, {'Zoë "Zo" Lee', "zoe@elmpark.example", "1234567"}) == left


@pytest_asyncio.fixture
async def pool(pool_of: Callable[[str], Awaitable[Pool]]) -> Pool:
    """Enrolment's database with the examples' register."""
    return await registered(await pool_of("enrolment"))


async def current(pool: Pool) -> list[object]:
    """What the relay would put on `people.current` now: values, None for a tombstone."""
    async with pool.acquire() as db:
        due = await PeopleLane().due(db, 100)
    assert all((o.topic, o.key, dict(o.headers)["ce_type"]) == _AMINA_ON_PEOPLE for o in due)
    return [o.value and json.loads(o.value) for o in due]


_AMINA_ON_PEOPLE = ("people.current", str(AMINA), b"uk.mathshubs.enrolment.Person.v1")


async def test_a_person_goes_out_as_they_are_when_published(pool: Pool) -> None:
    """Without the TRN; a line that was written before a correction says what is so now."""
    hub = Hub()
    await told(
        pool, hub.says(reported(school_urn=ELM_PARK, roles=["advocate"])), hub.says(reported("P-1", name="Amina Price"))
    )

    now = {
        "person_id": str(AMINA),
        "name": "Amina Price",
        "email": "amina.khan@elmpark.example",
        "school_urn": ELM_PARK,
        "roles": ["advocate"],
        "hub": RIVER_VALE,
        "version": 2,
    }
    assert await current(pool) == [now, now]
    assert await facts(pool) == ["PersonRegistered", "PersonDetailsCorrected"]


async def test_nothing_of_a_person_stands_in_the_journal(pool: Pool) -> None:
    """It can never be changed, so it must never hold what somebody may have forgotten."""
    hub = Hub()
    await told(pool, hub.says(reported()), Hub(NORTH_DALES).says(reported(str(AMINA), name="Amina K")))

    lines = [row["data"] or "" for row in await pool.fetch("SELECT data FROM journal")]
    assert len(lines) == 5
    assert not any(word in line for line in lines for word in ("Amina", "elmpark", "1234567"))
    assert await finally_told(pool, NORTH_DALES) == [("refused", ["not-your-person"])]
