"""Who leads how much: a hub sees its own, the nation all, a page at a time."""

from datetime import date

import httpx
import pytest_asyncio

from enrolment.hubs.store import issue_key
from enrolment_examples import NORTH_DALES, REFERENCES, RIVER_VALE, Hub, formed, person, registered, told
from http_door import Door
from mathshubs import clock
from mathshubs.events.spoken import school_year_of


@pytest_asyncio.fixture
async def national(door: Door) -> str:
    """A national key, with the examples' register behind the door."""
    await registered(door.pool)
    return await issue_key(door.pool, door.keys, None, by="tests")


async def read(door: Door, key: str, path: str = "", **query: str | int) -> httpx.Response:
    """Read the list, or one of it."""
    return await door.client.get(f"/v1/specialists{path}", params=query, headers={"authorization": f"Bearer {key}"})


def step(kind: str, reference: str, on: str, **details: object) -> dict[str, object]:
    """The report of one step."""
    return {"type": kind, "person": reference, "effective_on": on, **details}


async def test_a_lead_is_shown_with_what_they_lead(door: Door, national: str) -> None:
    """Where they stand, when they may lead, the groups of this year, and what is worth a look."""
    hub, year = Hub(), school_year_of(clock.today())
    await told(
        door.pool,
        hub.says(step("SpecialistAcceptedOnProgramme", "S-1", "2020-06-01", cohort=5)),
        hub.says(step("SpecialistYearStarted", "S-1", "2020-09-01", year=3)),
        hub.says(step("PDLeadAccredited", "S-1", "2021-07-01", expires_on="2024-06-30")),
        *(hub.says(formed(f"WG-{n}", lead="S-1", school_year=year)) for n in range(5)),
    )

    [shown] = (await read(door, door.key)).json()["specialists"]
    groups = shown.pop("groups")
    assert shown == {
        "person_id": str(person("S-1")),
        "hub": RIVER_VALE,
        "state": "year-3",
        "cohort": 5,
        "year": 3,
        "gates": [],
        "accreditation": {"state": "lapsed", "workshops": [], "expires_on": "2024-06-30"},
        "may_lead": False,
        "standing": [{"from_on": "2021-07-01", "until_on": "2024-06-30"}],
        "school_year": year,
        "groups_led": 5,
        "warnings": ["caseload-above-policy", "not-in-standing"],
    }
    wanted = sorted(str(REFERENCES.resolve(RIVER_VALE, "work_group", f"WG-{n}")) for n in range(5))
    assert groups == [{"work_group_id": id_, "hub": RIVER_VALE, "stage": "development"} for id_ in wanted]
    assert (await read(door, door.key, f"/{person('S-1')}")).json() == {**shown, "groups": groups}


async def test_a_hub_sees_its_own_and_the_nation_all(door: Door, national: str) -> None:
    """A page at a time; a lead of whom nothing was reported is among them."""
    hub, other, today = Hub(), Hub(NORTH_DALES), date(2026, 3, 1).isoformat()
    await told(door.pool, *(hub.says(step("SpecialistNominated", f"S-{n}", today)) for n in range(3)))
    await told(door.pool, other.says(formed("WG-1", school_year=school_year_of(clock.today()))))

    own = (await read(door, door.key)).json()["specialists"]
    assert {row["person_id"] for row in own} == {str(person(f"S-{n}")) for n in range(3)}
    found: list[dict[str, object]] = []
    cursor = None
    while cursor or not found:
        page = (await read(door, national, limit=1, **({"cursor": cursor} if cursor else {}))).json()
        found, cursor = found + page["specialists"], page["next"]
    assert len({str(row["person_id"]) for row in found}) == len(found) == 4
    stranger = person("P-9", NORTH_DALES)
    assert next(row["warnings"] for row in found if row["person_id"] == str(stranger)) == ["nothing-reported"]
    assert (await read(door, door.key, f"/{stranger}")).status_code == 404


async def test_whoever_may_not_read_is_told_why(door: Door, national: str) -> None:
    """Without a key nothing is shown; a cursor that is none of ours is said to be."""
    assert (await door.client.get("/v1/specialists")).json()["errors"][0]["code"] == "key-missing"
    assert (await read(door, door.key, cursor="x")).json()["errors"][0]["code"] == "bad-cursor"
    assert national
