"""What an analyst's program gets from /v1/figures."""

from typing import Any

import httpx
import pytest

from mathshubs.postgres import Pool
from reporting.measures.domain import MEASURES
from reporting_story import (
    ELM_PARK,
    GROUP_3,
    JOINING_DAY,
    NOVEMBER,
    OAK_PARK,
    RIVER_VALE,
    YEAR,
    deliver,
    joined,
    october,
    school,
)
from reporting_year import a_whole_year

M9 = {"measure": "M9", "school_year": "2026/27", "level": "hub", "as_at": "2027-07-31", "known_at": "2027-07-31"}


async def test_figures_with_all_that_they_rest_on(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """What was asked comes back with the definition, the state and how fresh it is."""
    await deliver(pool, october().said)

    answer = (await visitor.get("/v1/figures", params=M9)).json()

    definition = answer.pop("definition")
    assert "divided by advocates expected" in definition
    assert answer == {
        "measure": "M9",
        "name": "Attendance rate",
        "unit": "rate",
        "school_year": "2026/27",
        "level": "hub",
        "stage": None,
        "as_at": "2027-07-31",
        "known_at": "2027-07-31",
        "status": "provisional",
        "freshness": {"enrolment": None, "scheduling": None, "notification": None, "reporting": None},
        "rows": [
            _row("hub", "high-fells", "High Fells Maths Hub", None, 0, 0, 0),
            _row("hub", "river-vale", "River Vale Maths Hub", 0.5, 2, 4, 1),
        ],
        "reconciliation": None,
        "exceptions": None,
    }


def _row(level: str, code: str, name: str, value: float | None, *numbers: int | None) -> dict[str, Any]:
    numerator, denominator, apologies = numbers
    row: dict[str, Any] = {"level": level, "code": code, "name": name, "value": value}
    row |= {"numerator": numerator, "denominator": denominator, "apologies": apologies}
    return row | {"part": None, "part_name": None, "unit": None}


async def test_now_where_no_instant_is_named(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Both instants come back, so that the answer can be had again."""
    await deliver(pool, october().said)
    filters = {"measure": "M1", "school_year": "2026/27", "level": "national"}

    first = (await visitor.get("/v1/figures", params=filters)).json()
    again = (await visitor.get("/v1/figures", params=filters | {k: first[k] for k in ("as_at", "known_at")})).json()

    assert again == first
    assert isinstance(first["rows"][0]["value"], int)


@pytest.mark.parametrize(
    ("change", "path", "named"),
    [
        ({"measure": "M99"}, "query.measure", "M1, M2, M3"),
        ({"level": "galaxy"}, "query.level", "'national', 'hub', 'region' or 'local_authority'"),
        ({"school_year": "2026"}, "query.school_year", "2026/27"),
        ({"school_year": "2026/29"}, "query.school_year", "2026/27"),
        ({"as_at": "yesterday"}, "query.as_at", "2026-10-08T13:00:00Z"),
        ({"known_at": "2026-10-08T13:00:00"}, "query.known_at", "2026-10-08T13:00:00Z"),
        ({"as_at": "20261008"}, "query.as_at", "2026-10-08"),
        ({"as_at": "2026-W41-4"}, "query.as_at", "2026-10-08"),
        ({"as_at": "1791464400"}, "query.as_at", "2026-10-08"),
        ({"known_at": "20261008T130000Z"}, "query.known_at", "2026-10-08T13:00:00Z"),
        ({"known_at": "2026-10-08T13Z"}, "query.known_at", "2026-10-08T13:00:00Z"),
        ({"as_at": "2026-02-30"}, "query.as_at", "2026-10-08"),
        ({"as_at": "9999-12-31"}, "query.as_at", "2026-10-08"),
        ({"as_at": "0001-01-01T00:00:00+14:00"}, "query.as_at", "2026-10-08"),
        ({"stage": "exploring"}, "query.stage", "'development', 'embedding' or 'sustaining'"),
        ({"hub": "river-vale"}, "query.hub", "not permitted"),
        ({"measure": "M14", "level": "region"}, "query.level", "national, hub"),
        ({"measure": "M14", "stage": "development"}, "query.stage", "without a stage"),
    ],
)
async def test_what_cannot_be_asked(visitor: httpx.AsyncClient, change: dict[str, str], path: str, named: str) -> None:
    """A problem that says where it is, and what may stand there."""
    answer = await visitor.get("/v1/figures", params=M9 | change)

    [error] = answer.json()["errors"]
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert error["path"] == path
    assert named in error["message"]


async def test_an_offset_that_was_not_escaped(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """In an address a plus sign means a blank; what was meant is plain."""
    await deliver(pool, october().said)

    answer = await visitor.get(
        "/v1/figures?measure=M1&school_year=2026/27&level=national&as_at=2026-10-08T13:00:00+01:00"
    )

    assert (answer.status_code, answer.json()["as_at"]) == (200, "2026-10-08T13:00:00+01:00")


async def test_the_sum_of_hubs_is_explained(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """By the schools that two hubs count."""
    await deliver(pool, october().tell(joined(GROUP_3, ELM_PARK, RIVER_VALE, on=JOINING_DAY)).said)

    answer = (await visitor.get("/v1/figures", params=M9 | {"measure": "M1"})).json()

    assert answer["reconciliation"] == {"sum_of_hubs": 2, "national": 2, "shared": []}


async def test_members_a_page_at_a_time(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Each school once, whatever is heard between two pages."""
    story = october()
    await deliver(pool, story.said)
    for number in range(5):
        story.tell(school(f"91000{number}", f"School {number}"), joined(GROUP_3, f"91000{number}", RIVER_VALE))
    await deliver(pool, story.said, first_offset=100)
    filters = {"measure": "M1", "school_year": "2026/27", "level": "hub", "code": RIVER_VALE, "limit": "3"}
    pages: list[list[str]] = []
    cursor: dict[str, str] = {}

    while True:
        page = (await visitor.get("/v1/figures/members", params=filters | {"known_at": "2027-01-01"} | cursor)).json()
        pages.append([member["lineage"] for member in page["members"]])
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
        await deliver(pool, story.tell(joined(GROUP_3, "909999", RIVER_VALE), at=NOVEMBER.replace(year=2027)).said)

    assert pages == [[ELM_PARK, OAK_PARK, "910000"], ["910001", "910002", "910003"], ["910004"]]


@pytest.mark.parametrize("cursor", ["nonsense", "bm9uc2Vuc2U=", "WzFd", "WzEsMiwzXQ==", "ÿ"])
async def test_a_cursor_that_is_not_ours(visitor: httpx.AsyncClient, cursor: str) -> None:
    """Somebody made it up, or cut it off."""
    answer = await visitor.get("/v1/figures/members", params=M9 | {"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad-cursor")


async def test_no_person_is_in_any_answer(visitor: httpx.AsyncClient, pool: Pool) -> None:
    """Not even by id: schools are public, people are not."""
    story = october()
    await deliver(pool, story.said)
    people = {row["person_id"] for row in await pool.fetch("SELECT person_id FROM report.slots")}

    for path in ("/v1/figures", "/v1/figures/members", "/"):
        answer = await visitor.get(path, params=M9 if path != "/" else {})
        assert answer.status_code == 200
        assert [person for person in people if str(person) in answer.text] == []


async def test_what_figures_there_are(visitor: httpx.AsyncClient) -> None:
    """Each with its definition and its parts, so that a program needs no list of its own."""
    found = {one["id"]: one for one in (await visitor.get("/v1/figures/measures")).json()["measures"]}

    assert list(found) == [f"M{number}" for number in (*range(1, 16), 17, 18, 20, 21)]
    assert [part["code"] for part in found["M6"]["parts"]] == ["new", "continuing", "returning"]
    assert found["M10"]["levels"] == ["national", "hub"]


async def test_all_figures_of_a_year_are_those_of_each(pool: Pool, visitor: httpx.AsyncClient) -> None:
    """One answer of one moment, for who would else ask sixty times: with the same rows, in the same order."""
    await deliver(pool, a_whole_year().said)
    about = {"school_year": YEAR, "as_at": "2027-07-31", "known_at": "2027-07-31"}

    every = (await visitor.get("/v1/figures/all", params=about)).raise_for_status().json()

    assert [one["measure"] for one in every["measures"]] == list(MEASURES)
    assert (every["status"], every["school_year"], every["as_at"]) == ("provisional", YEAR, "2027-07-31")
    for one in every["measures"]:
        rows, measure = [], MEASURES[one["measure"]]
        for level in measure.levels:
            answer = await visitor.get("/v1/figures", params=about | {"measure": measure.id, "level": level})
            rows += answer.raise_for_status().json()["rows"]
        assert one["rows"] == rows
