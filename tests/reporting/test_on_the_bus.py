"""Reporting as real processes on a real Kafka: heard once, whoever dies, and fresh when all is heard."""

from typing import Any

import httpx
from pydantic import SecretStr

from mathshubs.bus import producer
from mathshubs.settings import Settings
from mathshubs.testing import until
from reporting.projections.rebuilding import check
from reporting_story import GROUP_3, NOVEMBER, RIVER_VALE, YEAR, Said, named, october, scheduled
from stack import Stack

M1 = {"measure": "M1", "school_year": YEAR, "level": "national"}


async def publish(stack: Stack, said: list[Said]) -> None:
    """Put facts on their topics, as their services' relays do."""
    login, prefix = stack.bus.login, stack.bus.prefix
    settings = Settings(
        service="tests",
        kafka=login.bootstrap,
        kafka_username=login.username or "",
        kafka_password=SecretStr(login.password or ""),
    )
    async with producer(settings) as sending:
        for one in said:
            record = one.at(0)
            await sending.send_and_wait(
                prefix + record.topic, record.value, key=record.key, headers=list(record.headers)
            )


async def figures(url: str) -> dict[str, Any]:
    """Return what the API answers now."""
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/v1/figures", params=M1 | {"as_at": "2027-07-31", "known_at": "2027-07-31"})
    found: dict[str, Any] = answer.json()
    return found


async def test_every_fact_counts_once_whoever_dies(stack: Stack) -> None:
    """One of two processes is killed between two halves of a story that is published twice over."""
    said, half = october().said, 9
    await stack.start("reporting")
    await stack.start("reporting", instance=2)
    pool = await stack.pool("reporting")

    async def is_positioned() -> bool:
        found = await pool.fetchrow("SELECT count(*) AS facts, max(position) AS last FROM event_log")
        return found is not None and found["facts"] == found["last"] == len(said)

    await publish(stack, said[:half])
    await stack.kill("reporting", instance=2)
    await publish(stack, said)
    await stack.start("reporting", instance=2)

    await until(is_positioned, seconds=60)
    assert await check(pool) == ()
    assert [row["value"] for row in (await figures(stack.url("reporting")))["rows"]] == [2]
    async with httpx.AsyncClient(base_url=stack.url("reporting")) as client:
        page = await client.get("/")
    assert "Elm Park School joined River Vale Work Group 3" in page.text


async def test_fresh_when_all_is_heard(stack: Stack) -> None:
    """0 seconds behind each of the four services."""
    await stack.start("reporting")
    await publish(stack, october().said)

    async def freshness() -> bool:
        found = await figures(stack.url("reporting"))
        caught_up = {"enrolment": 0, "scheduling": 0, "notification": 0, "reporting": 0}
        return [row["value"] for row in found["rows"]] == [2] and found["freshness"] == caught_up

    await until(freshness)


async def test_a_timeline_says_who_has_heard(stack: Stack) -> None:
    """By the offsets that consumer groups commit, which reporting may look at, and no record besides."""
    report = "0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e"
    await stack.start("reporting")
    planned = scheduled(named("november meeting"), GROUP_3, RIVER_VALE, NOVEMBER)
    await publish(stack, october().came_of(report).tell(planned).said)
    url = stack.url("reporting")

    async def all_heard() -> bool:
        async with httpx.AsyncClient(base_url=url) as client:
            answer = await client.get(f"/v1/timelines/{report}", params={"hub": RIVER_VALE})
        heard: list[dict[str, Any]] = answer.json().get("heard", [])
        return [(one["group"], one["heard"] == one["facts"] > 0) for one in heard] == [("reporting.log", True)]

    await until(all_heard, seconds=30)
