"""Whatever hubs send, by whichever door: each is answered once with its own code, and nobody else notices."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from guarantees.bad_input import CANARIES, CASES, DOORS, RECORDS, REUSES, Case, Sent
from guarantees.telling import Heard, hear_everything, id_of, reasons
from hubs.home import Home
from hubs.parts.kafka import Login

MOST_GROWN = 50_000_000
NAMED = [case.name for case in CASES]


@pytest.fixture(scope="module")
def heard(kafka: Login, postgres: str, templates: dict[str, str]) -> Iterator[Heard]:
    """One system hears everything, with a good report after each bad one; then it is looked at."""
    home = Home(Path(tempfile.mkdtemp(prefix="hubs-")))
    home.prepare()
    try:
        yield asyncio.run(hear_everything(home, kafka, postgres, templates))
    except BaseException:
        shutil.copytree(home.logs, tempfile.mkdtemp(prefix="logs-"), dirs_exist_ok=True)
        raise
    finally:
        home.remove()


@pytest.mark.parametrize("door", DOORS[:2])
@pytest.mark.parametrize("case", CASES, ids=NAMED)
def test_by_kafka_each_is_answered_once_with_its_own_code(heard: Heard, case: Case, door: str) -> None:
    """A dead letter, a refusal or a flag; an integrator acts on the code."""
    name = f"{case.name}: {door}"

    assert heard.receipts_of(case, door) == [case.answer]
    assert heard.letters.get(heard.offsets[name], []) == ([case.code] if case.outcome == "dead" else [])


@pytest.mark.parametrize("door", DOORS[2:])
@pytest.mark.parametrize("case", CASES, ids=NAMED)
def test_by_http_each_is_judged_alike(heard: Heard, case: Case, door: str) -> None:
    """What would die on Kafka is refused at the door and leaves no trace; what is taken in is answered as there."""
    name = f"{case.name}: {door}"
    if door == case.not_by:
        assert name not in heard.answers
        return
    status, body = heard.answers[name]

    assert status == case.status, body
    if case.status == 202:
        assert [receipt["outcome"] for receipt in body["receipts"]] == ["recorded"]
        assert heard.receipts_of(case, door) == [case.answer]
    else:
        assert body["type"] == f"urn:mathshubs:problem:{case.code}"
        assert reasons(case, body["errors"]) == [(case.code, case.path)]
        assert heard.receipts_of(case, door) == []


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, code, _, _ in RECORDS])
def test_what_is_no_event_at_all_is_answered_by_its_place(heard: Heard, name: str, code: str) -> None:
    """No id can be read in it: the receipt names the topic, the partition and the offset."""
    [receipt] = [r for r in heard.receipts if r.get("offset") == heard.offsets[name]]

    assert (receipt["outcome"], [reason["code"] for reason in receipt["reasons"]]) == ("dead", [code])
    assert (receipt["topic"], receipt["partition"]) == ("hubs.river-vale.events", 0)
    assert heard.letters[heard.offsets[name]] == [code]


@pytest.mark.parametrize(("name", "first", "second", "code"), REUSES, ids=[name for name, *_ in REUSES])
def test_an_id_that_is_used_twice(heard: Heard, name: str, first: Sent, second: Sent, code: str) -> None:
    """For the same event it is a repeat and brings no further receipt; for another one it is a mistake that is told."""
    answers = [r for r in heard.receipts if r["event_id"] == id_of(f"reuse/{name}")]
    codes = [reason["code"] for receipt in answers for reason in receipt["reasons"]]
    by_http = heard.answers.get(f"{name}: 2")

    if by_http and code:
        assert (by_http[0], by_http[1]["errors"][0]["code"]) == (409, code)
    elif by_http:
        assert [receipt["outcome"] for receipt in by_http[1]["receipts"]] == ["duplicate"]
    assert len(answers) == (2 if code and not by_http else 1)
    assert codes.count("id-reused") == len(answers) - 1


def test_every_good_neighbour_is_applied_once(heard: Heard) -> None:
    """Something bad stops only itself."""
    good = Counter(r["event_id"] for r in heard.receipts if str(r["event_id"]).startswith("good/"))
    bad = [r for r in heard.receipts if str(r["event_id"]).startswith("good/") and r["outcome"] != "applied"]

    assert heard.neighbours > 4 * 60
    assert [good[f"good/{number}"] for number in range(1, heard.neighbours + 1)] == [1] * heard.neighbours
    assert bad == []


def test_nothing_grows_dies_or_waits(heard: Heard) -> None:
    """The same processes stand, hardly larger, and nothing is parked."""
    before, after = heard.pids

    assert before == after
    assert {name: grown for name, grown in heard.grown.items() if grown > MOST_GROWN} == {}
    assert heard.parked == 0


def test_no_message_repeats_what_was_sent(heard: Heard) -> None:
    """What is wrong is said in receipts, dead letters and problems, which others keep: never in the sender's words."""
    spoken = [message.casefold() for message in heard.messages]

    assert len(spoken) > 4 * 60
    assert [one for one in spoken if any(word in one for word in CANARIES)] == []


def test_no_log_names_anybody(heard: Heard) -> None:
    """A name that stands in something bad is a name all the same."""
    assert heard.named_in_logs == []
