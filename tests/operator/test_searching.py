"""The search that shows an erasure: whatever a name is spelled like, it is found wherever it stands."""

import base64
import json
from pathlib import Path

import pytest

from hubs.forgetting.searching import files_with, search
from operators_desk import Desk

AMINA = ("Amina Khan", "amina.khan@elmpark.example")
CHLOE = ("Chloé O'Mbeki \\ Smith", "chloe@oakpark.example")
HEADERS = """
    INSERT INTO parked (consumer, topic, part, "offset", headers, value, key, state, reason, expires_at)
    VALUES ('c', 't', 0, $1, $2, $3, 'k', 'waiting', 'r', clock_timestamp())
"""
REASON = """
    INSERT INTO operator_actions (taken_by, action, why, consumer, topic, part, "offset")
    VALUES ($1, 'retry', 'w', 'c', 't', 0, 0)
"""


async def found(desk: Desk, *words: str) -> dict[str, int]:
    """What the search finds in enrolment's database."""
    async with desk.enrolment.acquire() as db:
        return (await search(db, words)).hidden


@pytest.mark.parametrize("word", [*AMINA, *CHLOE])
async def test_a_name_is_found_in_text_in_json_and_in_bytes(desk: Desk, word: str) -> None:
    """As somebody typed it, in other capitals, as JSON escapes it, and as headers are packed."""
    packed = base64.b64encode(f"x{word}y".encode()).decode()
    await desk.enrolment.execute(REASON, f"for {word.upper()}!")
    await desk.enrolment.execute(HEADERS, 1, json.dumps([["ce_subject", packed]]), None)
    await desk.enrolment.execute(HEADERS, 2, "[]", json.dumps({"name": word}).encode())
    await desk.enrolment.execute(HEADERS, 3, "[]", b"\xff\x00 " + word.encode())

    where = await found(desk, word)

    assert where == {"operator_actions.taken_by": 1, "parked.headers": 1, "parked.value": 2}


async def test_a_name_within_another_word_is_somebody_elses(desk: Desk) -> None:
    """Ann is not in Joanna; an alarm about every annual meeting would be read by nobody."""
    await desk.enrolment.execute(REASON, "Joanna, at the annual meeting")
    await desk.enrolment.execute(HEADERS, 1, "[]", b"Hannah")

    assert await found(desk, "Ann") == {}


async def test_what_a_hub_wrote_in_public_is_told_apart(desk: Desk) -> None:
    """A Work Group's name stands in facts, which nothing can change; elsewhere in a fact no word may stand."""
    fact = """INSERT INTO journal (topic, key, version, type, data, actor, recorded_at, event_id)
              VALUES ('enrolment.facts', $1, 1, 't', $2, 'tests', now(), gen_random_uuid())"""
    await desk.enrolment.execute(fact, "a", json.dumps({"name": "Amina Khan's Work Group"}))
    await desk.enrolment.execute(fact, "b", json.dumps({"name": "Group", "note": "Amina Khan"}))

    async with desk.enrolment.acquire() as db:
        where = await search(db, AMINA)

    assert (where.hidden, where.public) == ({"journal.data": 1}, {"journal.data": 1})


async def test_a_file_is_searched_whatever_else_is_in_it(tmp_path: Path) -> None:
    """Logs in folders, an empty one, and bytes that are no text."""
    (tmp_path / "old").mkdir()
    (tmp_path / "empty.log").touch()
    (tmp_path / "clean.log").write_text("Joanna")
    (tmp_path / "old" / "enrolment.log").write_bytes(b"\xff\x00" * 9_000 + b'{"to": "AMINA.KHAN@elmpark.example"}')

    assert files_with(tmp_path, AMINA) == ["old/enrolment.log"]
