"""`hubs dlq`: an operator finds what could not be applied, looks at it, and decides."""

import hashlib
from typing import Any

import pytest
import pytest_asyncio
from asyncpg import InsufficientPrivilegeError

from enrolment_examples import FROM_HUBS, RIVER_VALE, Hub, columns, formed, joined, receipts, registered, reported, told
from mathshubs import settling
from mathshubs.hearing import Record
from mathshubs.operating import letters
from mathshubs.postgres import Pool
from operators_desk import Desk, parking_duty

EXPIRE = "UPDATE parked SET expires_at = clock_timestamp() - interval '1 s', due_at = clock_timestamp()"


@pytest_asyncio.fixture
async def enrolment(desk: Desk) -> Pool:
    """Enrolment's database, with the examples' register in it."""
    return await registered(desk.enrolment)


async def waited_too_long(pool: Pool, hub: Hub) -> None:
    """A school joined a Work Group that nobody reported within the hour."""
    await told(pool, hub.says(joined()))
    await pool.execute(EXPIRE)
    await told(pool)


async def test_an_operator_reads_what_died_and_why(desk: Desk, enrolment: Pool) -> None:
    """The list names the hub, the reason and the place on Kafka, so that both sides find the record."""
    await told(enrolment, Hub().says(reported(name=7)))

    said = await desk.operator.reads("dlq", "list")

    [letter] = said["letters"]
    assert {
        "service": "enrolment",
        "id": 1,
        "state": "dead",
        "hub": RIVER_VALE,
        "code": "bad-data",
    }.items() <= letter.items()
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("hubs.river-vale.events", 0, 0)
    assert letter["type"] == "uk.mathshubs.hub.enrolment.PersonReported.v1"
    assert letter["path"] == "$.data.name"
    _, lines = await desk.operator.runs("dlq", "list")
    assert "enrolment 1 · dead" in lines
    assert "$.data.name" in lines


async def test_nothing_died_is_said_in_words(desk: Desk) -> None:
    """An empty screen could also mean that the command did not work."""
    assert await desk.operator.runs("dlq", "list") == (0, "No dead letters.\n")


async def test_the_latest_come_first_and_the_rest_is_counted(desk: Desk, enrolment: Pool) -> None:
    """A hub that sent ten thousand bad records must not hide what came after them."""
    hub = Hub()
    await told(enrolment, *(hub.says(reported(name=7)) for _ in range(3)))

    said = await desk.operator.reads("dlq", "list", "--service", "enrolment", "--limit", "2")

    assert [letter["id"] for letter in said["letters"]] == [3, 2]
    assert said["left_off"] == 1


async def test_of_what_is_too_large_the_beginning_is_kept(desk: Desk, enrolment: Pool) -> None:
    """A few bytes on Kafka can be very many once they are read; the hash says which they were."""
    record = Hub().says(reported(name="A" * 3_000_000))
    await told(enrolment, record)

    said = await desk.operator.reads("dlq", "show", "enrolment", "1")

    assert said["code"] == "too-large"
    assert said["value"] == {"text": (record.value or b"")[:4_096].decode()}
    assert said["cut_from"] == {
        "bytes": len(record.value or b""),
        "sha256": hashlib.sha256(record.value or b"").hexdigest(),
    }
    _, lines = await desk.operator.runs("dlq", "show", "enrolment", "1")
    assert said["cut_from"]["sha256"] in lines
    refused = await desk.operator.reads("dlq", "retry", "enrolment", "1", "--why", "again", status=2)
    assert refused["error"]["code"] == "letter-cut"


async def test_bytes_are_kept_for_ninety_days(desk: Desk, enrolment: Pool) -> None:
    """What a hub sent may name people; why and where it died stays, and what was open is closed."""
    hub = Hub()
    await told(enrolment, *(hub.says(reported(name=7)) for _ in range(4)))
    await enrolment.execute("UPDATE dead_letters SET died_at = now() - interval '91 days' WHERE id > 1")
    await enrolment.execute("UPDATE dead_letters SET action_at = now() WHERE id = 3")
    await enrolment.execute("UPDATE dead_letters SET state = 'retried' WHERE id = 4")

    await told_again(enrolment)

    letters = await enrolment.fetch("SELECT state, action_by, value IS NULL FROM dead_letters ORDER BY id")
    assert columns(letters) == [
        ("dead", None, False),
        ("discarded", "service:enrolment", True),
        ("dead", None, False),
        ("retried", None, True),
    ]


async def told_again(pool: Pool) -> None:
    """Do what the service does with letters twice a second."""
    async with pool.acquire() as db, db.transaction():
        await settling.try_dead_letters(db, FROM_HUBS)


async def test_looking_at_a_letter_is_written_down(desk: Desk, enrolment: Pool) -> None:
    """What a hub sent may name people; who looked at it is known afterwards."""
    await told(enrolment, Hub().says(reported(name="Amina Khan", email=7)))

    said = await desk.operator.reads("dlq", "show", "enrolment", "1", "--by", "Priya")
    again = await desk.operator.reads("dlq", "show", "enrolment", "1", "--by", "Tom")

    assert "Amina Khan" in str(said["value"])
    assert said["history"] == []
    assert [(done["action"], done["taken_by"]) for done in again["history"]] == [("show", "Priya")]


async def test_a_letter_cannot_steer_the_terminal(desk: Desk, enrolment: Pool) -> None:
    """Whoever sends bytes to Kafka must not be able to clear an operator's screen with them."""
    bad = Record("hubs.river-vale.events", 0, 0, b"\x1b[2J", b"\x1b[2J\xff\x00", [("ce_\x1b[2J", b"\x1b]0;gone\x07")])
    await told(enrolment, bad)

    code, said = await desk.operator.runs("dlq", "show", "enrolment", "1")

    assert code == 0
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "1b 5b 32 4a ff 00" in said


async def test_a_letter_that_is_mended_takes_effect(desk: Desk, enrolment: Pool) -> None:
    """The Work Group came two hours later: the school is answered once more, for good."""
    hub = Hub()
    await waited_too_long(enrolment, hub)
    await told(enrolment, hub.says(formed()))

    async with parking_duty(enrolment, FROM_HUBS):
        said = await desk.operator.reads("dlq", "retry", "enrolment", "1", "--by", "Priya", "--why", "it came")

    [tried] = said["retried"]
    assert (tried["outcome"], [reason["code"] for reason in tried["reasons"]]) == ("applied", [])
    assert [outcome for outcome, _ in (await receipts(enrolment))["e-0"]] == ["parked", "dead", "applied"]
    row = await enrolment.fetchrow("SELECT state, action_by, action_why FROM dead_letters")
    assert tuple(row or ()) == ("retried", "Priya", "it came")


async def test_a_letter_that_waits_once_more_is_answered_in_the_end(desk: Desk, enrolment: Pool) -> None:
    """Tried again too early, it waits; when what it names comes at last, the hub hears of that too."""
    hub = Hub()
    await waited_too_long(enrolment, hub)

    async with parking_duty(enrolment, FROM_HUBS):
        said = await desk.operator.reads("dlq", "retry", "enrolment", "1", "--why", "it should be there")
    await told(enrolment, hub.says(formed()))

    assert said["retried"][0]["outcome"] == "parked"
    assert [outcome for outcome, _ in (await receipts(enrolment))["e-0"]] == ["parked", "dead", "applied"]


async def test_a_letter_that_fails_again_is_dead_again(desk: Desk, enrolment: Pool) -> None:
    """The operator is told at once, with the reason, and a script by the status."""
    await told(enrolment, Hub().says(reported(name=7)))

    async with parking_duty(enrolment, FROM_HUBS):
        said = await desk.operator.reads("dlq", "retry", "enrolment", "1", "--why", "trying", status=1)

    [tried] = said["retried"]
    assert (tried["outcome"], tried["reasons"][0]["code"]) == ("dead", "bad-data")
    assert await enrolment.fetchval("SELECT attempts FROM dead_letters") == 2


async def test_a_service_that_is_away_tries_later(desk: Desk, enrolment: Pool) -> None:
    """The command does not wait for ever, and says that the letter will be tried."""
    await waited_too_long(enrolment, Hub())
    async with enrolment.acquire() as db:
        [came] = await letters.retry(db, [1], by="Priya", why="it came", seconds=0)
        await told(enrolment, Hub("north-dales").says(reported()))
        async with db.transaction():
            await settling.try_dead_letters(db, FROM_HUBS)

    assert came.outcome == "retrying"
    assert await enrolment.fetchval("SELECT state FROM dead_letters WHERE id = 1") == "retried"


async def test_all_letters_are_discarded_or_none(desk: Desk, enrolment: Pool) -> None:
    """A mistyped number must not leave half of the work done."""
    hub = Hub()
    await told(enrolment, *(hub.says(reported(name=7)) for _ in range(2)))

    wrong = await desk.operator.reads("dlq", "discard", "enrolment", "1", "9", "--why", "a trial", status=1)
    before = await enrolment.fetchval("SELECT count(*) FROM dead_letters WHERE state = 'dead'")
    right = await desk.operator.reads("dlq", "discard", "enrolment", "1", "2", "--why", "a trial")

    assert (_error(wrong)["code"], before) == ("unknown-letter", 2)
    assert [letter["id"] for letter in right["discarded"]] == [1, 2]
    assert await enrolment.fetchval("SELECT count(*) FROM operator_actions WHERE action = 'discard'") == 2


async def test_what_was_settled_is_left_alone(desk: Desk, enrolment: Pool) -> None:
    """Two operators at once: the second is told what the first did, and nothing happens twice."""
    await told(enrolment, Hub().says(reported(name=7)))
    await desk.operator.reads("dlq", "discard", "enrolment", "1", "--by", "Priya", "--why", "a trial")

    wrong = await desk.operator.reads("dlq", "retry", "enrolment", "1", "--why", "again", status=2)

    assert _error(wrong)["code"] == "letter-settled"
    assert "discarded by Priya: a trial" in _error(wrong)["message"]


async def test_nobody_acts_without_a_reason(desk: Desk) -> None:
    """A blank reason is no reason."""
    code, said = await desk.operator.runs("dlq", "discard", "enrolment", "1", "--why", " ")

    assert code == 2
    assert "say why" in said


async def test_no_service_can_rewrite_what_operators_did(enrolment: Pool) -> None:
    """The record of who did what is added to, and never changed."""
    for statement in ("UPDATE operator_actions SET why = 'another'", "DELETE FROM operator_actions"):
        with pytest.raises(InsufficientPrivilegeError):
            await enrolment.execute(statement)


def _error(said: dict[str, Any]) -> dict[str, str]:
    error: dict[str, str] = said["error"]
    return error
