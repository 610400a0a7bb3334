"""The same event that comes more than once, at one door or at both, is one event."""

import asyncio
import json

import httpx

from http_door import Door
from mathshubs.envelope import STRUCTURED, decode
from sent import SOURCE, a_group

BATCH = "application/cloudevents-batch+json"


async def test_of_fifty_twins_at_once_one_is_recorded(door: Door) -> None:
    """A system that retries in a hurry reports once; one that reuses an id is told so."""
    twin = json.dumps(a_group(id="twin")).encode()
    other = json.dumps(a_group("WG-8", id="twin")).encode()

    async def send(body: bytes) -> httpx.Response:
        while (
            answer := await door.post(body, STRUCTURED)
        ).status_code == 503:  # what could not be recorded comes again
            assert answer.headers["retry-after"]
        return answer

    answers = await asyncio.gather(*(send(twin if n % 5 else other) for n in range(50)))

    told = [a.json()["receipts"][0]["outcome"] if a.status_code == 202 else a.status_code for a in answers]
    assert told.count("recorded") == 1
    assert sorted({str(one) for one in told}) == ["409", "duplicate", "recorded"]
    assert await door.recorded() == ["twin"]


async def test_batches_that_hold_the_same_events_in_other_orders_do_not_block_each_other(door: Door) -> None:
    """Both are answered, and each event is recorded once."""
    events = [a_group(f"WG-{n}", id=f"{n}") for n in range(40)]
    batches = [json.dumps(events[::step]).encode() for step in (1, -1) * 5]

    answers = await asyncio.gather(*(door.post(batch, BATCH) for batch in batches))

    outcomes = [receipt["outcome"] for answer in answers for receipt in answer.json()["receipts"]]
    assert {outcome: outcomes.count(outcome) for outcome in set(outcomes)} == {"recorded": 40, "duplicate": 360}


async def test_what_came_by_kafka_first_is_known_at_the_http_door(door: Door) -> None:
    """The inbox remembers it by its fingerprint, which is the same at both doors."""
    event = a_group(id="1")
    read = decode([("content-type", STRUCTURED.encode())], json.dumps(event).encode())
    await door.pool.execute(
        "INSERT INTO inbox (consumer, hub, source, event_id, fingerprint) VALUES ('enrolment.hubs', $1, $2, '1', $3)",
        "river-vale",
        SOURCE,
        read.fingerprint("river-vale"),  # type: ignore[union-attr]
    )

    same = await door.post(json.dumps(event).encode(), STRUCTURED)
    other = await door.post(json.dumps(a_group("WG-8", id="1")).encode(), STRUCTURED)

    assert same.json()["receipts"][0]["outcome"] == "duplicate"
    assert (other.status_code, other.json()["errors"][0]["code"]) == (409, "id-reused")
    assert await door.recorded() == []
