"""A report on its road to its receipt, from either door, through a real process, a real Kafka and Postgres."""

import asyncio
from functools import partial
from typing import Any

import httpx

from hub_system import HubSystem, header
from mathshubs.postgres import Pool
from mathshubs.testing import until
from sent import a_group
from stack import Stack


async def test_both_doors_lead_to_one_receipt(stack: Stack) -> None:
    """By HTTP, by Kafka in headers, by Kafka in one object: the same event is one group and one receipt."""
    await stack.start("enrolment")
    river_vale = await stack.hub("river-vale")
    by_http, in_headers, in_one = (a_group(f"WG-{n}", id=f"{n}") for n in range(3))

    await river_vale.post(by_http)
    await river_vale.send(in_headers)
    await river_vale.send(in_one, structured=True)
    receipts = await until(lambda: _receipts(river_vale, 3))
    for event in (by_http, in_headers, in_one):
        await river_vale.send(event)
        assert (await river_vale.post(event)).json()["receipts"][0]["outcome"] == "duplicate"
    marker = a_group("WG-9", id="9")
    await river_vale.post(marker)
    await until(lambda: _receipts(river_vale, 4))

    assert [_said(receipts[event_id]) for event_id in "012"] == [("flagged", ["no-lead"], "work_group")] * 3
    assert len({receipt["subject"]["id"] for receipt in receipts.values()}) == 3
    assert set(receipts["0"]) == {"event_id", "source", "outcome", "reasons", "subject"}
    assert len(await river_vale.receipts()) == 4
    facts = [header(record, "ce_type") for record in await stack.records("enrolment.facts")]
    assert facts.count("uk.mathshubs.enrolment.WorkGroupFormed.v1") == 4


async def test_what_http_recorded_reaches_kafka_in_binary_mode_and_in_order(stack: Stack) -> None:
    """Then the bytes go: what people are called stands in the database no longer than it must."""
    await stack.start("enrolment")
    river_vale = await stack.hub("river-vale")
    traced = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    events = [a_group(f"WG-{n}", id=f"{n}", traceparent=traced, comment="naïve") for n in range(50)]

    await river_vale.post(events[:30])
    for event in events[30:]:
        await river_vale.post(event)
    await until(lambda: _receipts(river_vale, 50))

    records = await stack.records("hubs.river-vale.events")
    assert [header(record, "ce_id") for record in records] == [f"{n}" for n in range(50)]
    assert dict(records[0].headers() or []) == {
        "ce_specversion": b"1.0",
        "ce_id": b"0",
        "ce_source": b"https://mis.river-vale.example",
        "ce_type": b"uk.mathshubs.hub.enrolment.WorkGroupFormed.v1",
        "ce_time": b"2026-09-14T15:04:05Z",
        "ce_comment": "naïve".encode(),
        "traceparent": traced.encode(),
        "content-type": b"application/json",
    }
    pool = await stack.pool("enrolment")
    assert await pool.fetchval("SELECT count(*) FROM arrivals WHERE bytes IS NOT NULL OR headers IS NOT NULL") == 0


async def test_an_id_used_at_kafka_first_is_a_conflict_by_http(stack: Stack) -> None:
    """The doors have one memory: other content under a known id is refused at both."""
    await stack.start("enrolment")
    river_vale = await stack.hub("river-vale")
    await river_vale.send(a_group(id="1"))
    await until(lambda: _receipts(river_vale, 1))

    by_http = await river_vale.post(a_group("WG-8", id="1"))
    await river_vale.send(a_group("WG-9", id="1"))

    async def dead() -> list[dict[str, Any]]:
        return [receipt for receipt in await river_vale.receipts() if receipt["outcome"] == "dead"]

    assert (by_http.status_code, by_http.json()["errors"][0]["code"]) == (409, "id-reused")
    assert [receipt["reasons"][0]["code"] for receipt in await until(dead)] == ["id-reused"]


async def test_a_hub_whose_topic_is_missing_holds_up_no_other(stack: Stack) -> None:
    """What it reported is kept, is tried less and less often, and goes out in order when somebody made its topic."""
    await stack.start("enrolment")
    river_vale, oak_ridge = await stack.hub("river-vale"), await stack.hub("oak-ridge")
    pool = await stack.pool("enrolment")
    await _report_of_a_hub_without_topics(pool, "1", "2", "3")

    await river_vale.post(a_group(id="1"))
    await oak_ridge.post(a_group(id="1"))

    await until(lambda: _receipts(river_vale, 1))
    await until(lambda: _receipts(oak_ridge, 1))
    for tries in range(1, 4):
        await until(partial(pool.fetchval, "SELECT tries = $1 FROM refusals", tries))
        pause = await pool.fetchval("SELECT extract(epoch FROM try_at - clock_timestamp())::float FROM refusals")
        assert 2**tries - 2 < pause <= 2**tries
        await pool.execute("UPDATE refusals SET try_at = now()")
    stopped = await pool.fetch("SELECT topic, key, why FROM refusals")
    await asyncio.to_thread(stack.bus.admit, "elm-brook")
    await pool.execute("UPDATE refusals SET try_at = now()")
    await until(lambda: pool.fetchval("SELECT count(*) = 0 FROM arrivals WHERE published_at IS NULL"))

    assert [tuple(row) for row in stopped] == [("hubs.elm-brook.events", "", "UnknownTopicOrPartitionError")]
    assert len(await stack.records("hubs.elm-brook.events")) == 3
    assert await pool.fetchval("SELECT count(*) FROM refusals") == 0


async def test_reports_that_kafka_refuses_for_long_are_said_by_readiness(stack: Stack) -> None:
    """The hub was told that they were recorded: nobody else would notice that nothing becomes of them."""
    await stack.start("enrolment")
    pool = await stack.pool("enrolment")
    await _report_of_a_hub_without_topics(pool, "1", "2")
    await until(lambda: pool.fetchval("SELECT count(*) FROM refusals"))

    async with httpx.AsyncClient(base_url=stack.url("enrolment")) as client:
        young = await client.get("/readyz")
        await pool.execute("UPDATE refusals SET since = since - interval '400 seconds'")
        old, metrics = await client.get("/readyz"), await client.get("/metrics")

    assert young.status_code == 200
    assert old.status_code == 503
    assert old.json()["checks"]["kafka takes all"]["why"].startswith("Kafka has refused hubs.elm-brook.events for 40")
    assert "mathshubs_outbox_refused_lines 2.0" in metrics.text


async def _report_of_a_hub_without_topics(pool: Pool, *ids: str) -> None:
    """Record reports as the door does, of a hub that Kafka knows nothing of."""
    await pool.execute("INSERT INTO hubs VALUES ('elm-brook', 'Elm Brook Maths Hub', NULL, now())")
    await pool.execute(
        "INSERT INTO arrivals (hub, source, id, fingerprint, headers, bytes, recorded_at)"
        " SELECT 'elm-brook', 's', id, '', '[]', '{}', now() FROM unnest($1::text[]) AS id",
        list(ids),
    )


async def _receipts(hub: HubSystem, count: int) -> dict[str, dict[str, Any]]:
    """Return the hub's receipts by event, once there are `count` of them."""
    found = {receipt["event_id"]: receipt for receipt in await hub.receipts()}
    return found if len(found) >= count else {}


def _said(receipt: dict[str, Any]) -> tuple[str, list[str], str]:
    return receipt["outcome"], [reason["code"] for reason in receipt["reasons"]], receipt["subject"]["kind"]
