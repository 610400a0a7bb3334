"""The forms in which a program may report, and what each bad request is answered."""

import asyncio
import json
from typing import Any

import pytest

from http_door import Door
from mathshubs.envelope import STRUCTURED
from sent import SOURCE, a_group, reported

BATCH = "application/cloudevents-batch+json"
BAD_BODIES: list[tuple[str, bytes, str, int]] = [
    ("not JSON", b"{", "not-json", 400),
    ("empty", b"", "not-json", 400),
    ("not an object", b"[1]", "not-an-object", 400),
    ("not UTF-8", b'{"id": "\xff"}', "not-utf-8", 400),
    ("a key twice", b'{"id": "a", "id": "b"}', "duplicate-key", 400),
    ("a number without end", b'{"x": 1e400}', "number-out-of-range", 400),
    ("half a character", b'{"x": "\\ud800"}', "bad-text", 400),
    ("a NUL", b'{"x": "\\u0000"}', "bad-text", 400),
    ("ten thousand deep", b'{"x":' * 10_000 + b"1" + b"}" * 10_000, "too-deep", 400),
    ("no version", json.dumps(a_group(specversion="0.3")).encode(), "bad-specversion", 400),
    ("no id", json.dumps(a_group(id="")).encode(), "missing-attribute", 400),
    ("a long id", json.dumps(a_group(id="x" * 129)).encode(), "attribute-too-long", 400),
    ("an id with an address", json.dumps(a_group(id="amina@oak.example")).encode(), "attribute-not-plain", 400),
    ("a source of two words", json.dumps(a_group(source="our MIS")).encode(), "attribute-not-plain", 400),
    ("a blank reference", json.dumps(a_group("  ")).encode(), "bad-data", 422),
    ("a time without a T", json.dumps(a_group(time="2026-09-14 15:04:05Z")).encode(), "bad-time", 400),
    ("a time without offset", json.dumps(a_group(time="2026-09-14T15:04:05")).encode(), "bad-time", 400),
    ("another owner", json.dumps(reported("catering.LunchServed", {})).encode(), "unknown-owner", 422),
    ("another type", json.dumps(reported("enrolment.LunchServed", {})).encode(), "unknown-type", 422),
    (
        "a fact of ours",
        json.dumps(a_group(type="uk.mathshubs.enrolment.WorkGroupFormed.v1")).encode(),
        "unknown-owner",
        422,
    ),
    ("a field missing", json.dumps(reported("enrolment.WorkGroupFormed", {})).encode(), "bad-data", 422),
    ("an address for a reference", json.dumps(a_group("amina@oak.example")).encode(), "bad-data", 422),
    (
        "another hub in the data",
        json.dumps(reported("enrolment.WorkGroupFormed", {"hub": "oak-ridge"})).encode(),
        "hub-mismatch",
        403,
    ),
    ("another hub beside it", json.dumps(a_group(hub="oak-ridge")).encode(), "hub-mismatch", 403),
    ("data that is no JSON", json.dumps(a_group(datacontenttype="text/xml")).encode(), "data-not-json", 415),
    ("data in base 64", json.dumps(a_group(data_base64="e30=")).encode(), "data-not-json", 415),
]


async def test_each_bad_event_is_refused_with_its_own_code(door: Door) -> None:
    """A program acts on the code and the status; nothing of the event is kept."""
    answers = {name: await door.post(body, STRUCTURED) for name, body, _, _ in BAD_BODIES}

    assert {name: (answer.status_code, answer.json()["type"]) for name, answer in answers.items()} == {
        name: (status, f"urn:mathshubs:problem:{code}") for name, _, code, status in BAD_BODIES
    }
    for name, _, code, status in BAD_BODIES:
        problem = answers[name].json()
        assert answers[name].headers["content-type"] == "application/problem+json"
        assert (problem["status"], [error["code"] for error in problem["errors"]]) == (status, [code])
        assert set(problem["errors"][0]) == {"code", "message", "path", "detail"}
    assert await door.recorded() == []


async def test_an_event_in_headers_is_the_event_in_one_object(door: Door) -> None:
    """The mode does not count: a system that changes its library does not report everything again."""
    event = a_group(source="https://mis.example/Łódź/%", id="1")

    structured = await door.post(json.dumps(event).encode(), STRUCTURED)
    binary = await door.post(
        json.dumps(event["data"]).encode(),
        "application/json; charset=utf-8",
        ce_id='"1"',
        ce_source="https://mis.example/%C5%81%C3%B3d%C5%BA/%25",
        ce_type=event["type"],
        ce_time="2026-09-14T16:04:05+01:00",
        ce_specversion="1.0",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )

    receipt = {"id": "1", "source": event["source"]}
    assert (structured.status_code, structured.json()) == (202, {"receipts": [receipt | {"outcome": "recorded"}]})
    assert (binary.status_code, binary.json()) == (202, {"receipts": [receipt | {"outcome": "duplicate"}]})


@pytest.mark.parametrize("twice", ["ce-id", "CE-Source", "ce-type", "ce-time", "ce-specversion", "content-type"])
async def test_a_header_that_stands_there_twice_is_refused(door: Door, twice: str) -> None:
    """Whichever of the two were taken, somebody would believe that it was the other."""
    event = a_group(id="1")
    attributes = {f"ce_{name}": str(word) for name, word in event.items() if name != "data"}

    answer = await door.post(
        json.dumps(event["data"]).encode(), "application/json", (twice, "application/json"), **attributes
    )

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "duplicate-header")
    assert await door.recorded() == []


OTHER_FORMS: list[tuple[str, dict[str, str]]] = [
    ("application/json", {}),
    ("application/x-www-form-urlencoded", {}),
    ("application/cloudevents+avro", {"ce_id": "1"}),
    ("application/cloudevents-batch+avro", {}),
    (
        "text/plain",
        {
            "ce_id": "1",
            "ce_source": "s",
            "ce_type": "t",
            "ce_specversion": "1.0",
            "ce_time": "2026-09-14T15:04:05Z",
        },
    ),
    (STRUCTURED, {"content_encoding": "gzip"}),
]


async def test_other_forms_are_not_taken(door: Door) -> None:
    """What curl sends by itself, say: the answer names the forms that are taken."""
    event = json.dumps(a_group()).encode()

    assert [(await door.post(event, media, **headers)).status_code for media, headers in OTHER_FORMS] == [415] * 6


async def test_a_batch_is_answered_event_by_event(door: Door) -> None:
    """In order, and not all or nothing: a bad one, whatever is wrong with its JSON, spoils no other."""
    first, last = a_group(id="first"), a_group("WG-8", id="last")
    parts = [
        json.dumps(first),
        '{"id": "twice", "id": "twice"}',
        json.dumps(first | {"data": first["data"] | {"stage": "embedding"}}),
        json.dumps(first),
        '{"specversion": "1.0", "id": "endless", "source": "s", "n": 1e400}',
        "17",
        json.dumps(last),
    ]

    answer = await door.post(f" [{' , '.join(parts)}]\n".encode(), BATCH)

    assert answer.status_code == 202
    assert [_told(receipt) for receipt in answer.json()["receipts"]] == [
        ("first", "recorded", None),
        (None, "rejected", "duplicate-key"),
        ("first", "rejected", "id-reused"),
        ("first", "duplicate", None),
        (None, "rejected", "number-out-of-range"),
        (None, "rejected", "not-an-object"),
        ("last", "recorded", None),
    ]
    assert await door.recorded() == ["first", "last"]


async def test_a_trial_is_judged_alike_and_leaves_nothing(door: Door) -> None:
    """An integrator tries its events on a living system: no receipt, no report, and no id that is used up."""
    await door.post(json.dumps(a_group(id="known")).encode(), STRUCTURED)
    events = [
        a_group(id="new"),
        a_group(id="known"),
        a_group("WG-8", id="known"),
        a_group(id="new"),
        a_group(id="amina@oak.example"),
        reported("enrolment.WorkGroupFormed", {}, id="bad"),
    ]
    batch = json.dumps(events).encode()

    tried, again = await door.validate(batch, BATCH), await door.validate(batch, BATCH)
    before = await door.recorded()
    sent = await door.post(batch, BATCH)

    assert (tried.status_code, sent.status_code) == (200, 202)
    assert tried.json() == again.json() == sent.json()
    assert [receipt["outcome"] for receipt in tried.json()["receipts"]] == [
        "recorded", "duplicate", "rejected", "duplicate", "rejected", "rejected",
    ]  # fmt: skip
    assert (before, await door.recorded()) == (["known"], ["known", "new"])


async def test_a_trial_of_one_event_answers_as_if_it_were_sent(door: Door) -> None:
    """The same problem with the same status, and the same need of a key."""
    for body, media in ((b"{", STRUCTURED), (json.dumps(a_group(id="")).encode(), STRUCTURED), (b"{}", "text/plain")):
        tried, sent = await door.validate(body, media), await door.post(body, media)
        assert (tried.status_code, tried.json()) == (sent.status_code, sent.json())
    stranger = await door.validate(json.dumps(a_group()).encode(), STRUCTURED, authorization="Bearer nobody")

    assert (stranger.status_code, await door.recorded()) == (401, [])


def _told(receipt: dict[str, Any]) -> tuple[str | None, str, str | None]:
    problem = receipt.get("problem")
    return receipt["id"], receipt["outcome"], problem and problem["errors"][0]["code"]


NO_BATCHES = [
    (b"{}", "not-json", 400),
    (b"[1, 2", "not-json", 400),
    (b"[1] 2", "not-json", 400),
    (b"[1 2]", "not-json", 400),
    (b"[" * 10_000, "too-deep", 400),
    (b"[" + b"1," * 500 + b"1]", "too-many-events", 413),
]


async def test_what_is_no_batch_is_refused_whole(door: Door) -> None:
    """Nothing in it can be told apart, or there is more than may be sent at once."""
    answers = [await door.post(body, BATCH) for body, _, _ in NO_BATCHES]

    assert [(answer.json()["errors"][0]["code"], answer.status_code) for answer in answers] == [
        (code, status) for _, code, status in NO_BATCHES
    ]


async def test_five_hundred_events_in_one_batch_keep_their_order(door: Door) -> None:
    """The most that may be sent; an empty batch is the least, and fine."""
    events = [a_group(f"WG-{n}", id=f"{n}") for n in range(500)]

    full = await door.post(json.dumps(events).encode(), BATCH)
    empty = await door.post(b"[]", BATCH)

    assert [receipt["outcome"] for receipt in full.json()["receipts"]] == ["recorded"] * 500
    assert await door.recorded() == [event["id"] for event in events]
    assert (empty.status_code, empty.json()) == (202, {"receipts": []})


async def test_a_million_bytes_are_taken_and_one_more_is_not(door: Door) -> None:
    """1 MB is 1,000,000 bytes, at both doors."""
    event = a_group(id="large")
    event["data"]["unlisted"] = ""
    event["data"]["unlisted"] = "x" * (1_000_000 - len(json.dumps(event)))

    fits = await door.post(json.dumps(event).encode(), STRUCTURED)
    is_over = await door.post(json.dumps(event).encode() + b" ", STRUCTURED)

    assert fits.status_code == 202
    assert (is_over.status_code, is_over.json()["errors"][0]["code"]) == (413, "too-large")


async def test_a_body_without_an_end_is_refused_before_it_ends(door: Door) -> None:
    """Whoever sends for ever fills nobody's memory: the answer comes while the body is still open."""
    reading, writing = await asyncio.open_connection(door.client.base_url.host, door.client.base_url.port)
    head = f"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {door.key}\r\ncontent-type: {STRUCTURED}\r\n"
    writing.write(head.encode() + b"transfer-encoding: chunked\r\n\r\n")
    for _ in range(11):
        writing.write(b"186a0\r\n" + b" " * 100_000 + b"\r\n")

    answer = await asyncio.wait_for(reading.readline(), 10)

    writing.close()
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_what_would_grow_too_large_for_the_bus_is_refused_at_the_door(door: Door) -> None:
    """A short spelling can stand for long numbers; Kafka would refuse what it becomes, and stop the hub's road."""
    event = a_group(id="growing")
    event["data"]["unlisted"] = "NUMBERS"
    numbers = b"[" + b"1e15," * 150_000 + b"1]"

    answer = await door.post(json.dumps(event).encode().replace(b'"NUMBERS"', numbers), STRUCTURED)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too-large")


async def test_the_same_id_with_other_content_is_a_conflict(door: Door) -> None:
    """The spelling of the JSON is no other content; another stage is."""
    event = a_group(id="7")

    first = await door.post(json.dumps(event).encode(), STRUCTURED)
    respelled = await door.post(json.dumps(event, indent=4, sort_keys=True).encode(), STRUCTURED)
    other = await door.post(json.dumps(a_group(id="7", time="2026-09-15T09:00:00Z")).encode(), STRUCTURED)
    elsewhere = await door.post(json.dumps(a_group(id="7", source=f"{SOURCE}/2")).encode(), STRUCTURED)

    assert [answer.status_code for answer in (first, respelled, other, elsewhere)] == [202, 202, 409, 202]
    assert respelled.json()["receipts"][0]["outcome"] == "duplicate"
    assert other.json()["errors"][0]["code"] == "id-reused"


async def test_the_request_keeps_the_id_that_its_sender_gave(door: Door) -> None:
    """So that both sides' logs can be laid side by side; what is unfit for a log is replaced."""
    named = await door.post(b"{", STRUCTURED, x_request_id="sync-run-42")
    unfit = [await door.post(b"{", STRUCTURED, x_request_id=given) for given in ("x" * 65, "a b", "a@b.example")]

    assert named.headers["x-request-id"] == "sync-run-42"
    assert [len(answer.headers["x-request-id"]) for answer in unfit] == [36, 36, 36]


async def test_the_door_is_described_and_loads_nothing_from_elsewhere(door: Door) -> None:
    """Integrators generate clients from it."""
    description = (await door.client.get("/openapi.json")).json()
    paths, key = description["paths"], description["components"]["securitySchemes"]["key"]
    described, trial = paths["/v1/events"]["post"], paths["/v1/events/validate"]["post"]

    assert set(described["requestBody"]["content"]) == {STRUCTURED, BATCH, "application/json"}
    assert {"202", "400", "401", "403", "409", "413", "415", "422", "503"} <= set(described["responses"])
    assert set(trial["responses"]) == set(described["responses"]) - {"202"} | {"200"}
    assert (key["type"], key["scheme"], described["security"]) == ("http", "bearer", [{"key": []}])
