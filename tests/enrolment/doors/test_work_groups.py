"""How Work Groups stand, as a hub and the nation read it: ids, codes and days."""

from datetime import date

import httpx
import pytest_asyncio

from enrolment.hubs.store import issue_key
from enrolment_examples import (
    AMINA,
    BEN,
    ELM_PARK,
    LEAD,
    NORTH_DALES,
    OAK_PARK,
    PROGRAMME,
    RIVER_VALE,
    Hub,
    assigned,
    formed,
    group,
    joined,
    nominated,
    registered,
    replaced,
    told,
    withdrawn,
)
from http_door import Door

YEAR = "2014/15"
FIRST, JOINED, OCTOBER, NOVEMBER = date(2014, 9, 1), date(2014, 9, 8), date(2014, 10, 6), date(2014, 11, 3)


@pytest_asyncio.fixture
async def national(door: Door) -> str:
    """A national key, with the examples' register behind the door."""
    await registered(door.pool)
    return await issue_key(door.pool, door.keys, None, by="tests")


async def read(door: Door, key: str, path: str = "", **query: str | int | bool) -> httpx.Response:
    """Read the list, or one of it."""
    return await door.client.get(f"/v1/work-groups{path}", params=query, headers={"authorization": f"Bearer {key}"})


async def test_a_group_is_shown_with_its_schools_teachers_and_leads_and_their_days(door: Door, national: str) -> None:
    """A year long past: it never met, so it was disbanded in the end; whoever was named by mistake is left out."""
    hub = Hub()
    said = (
        formed(school_year=YEAR),
        joined(on=JOINED),
        joined(ELM_PARK, on=JOINED),
        nominated("P-7", on=JOINED),
        replaced("P-7", "P-1", on=JOINED),
        replaced("P-1", "P-2", on=OCTOBER),
        withdrawn(ELM_PARK, on=NOVEMBER),
        assigned("P-2", NOVEMBER),
    )
    await told(door.pool, *map(hub.says, said))

    shown = (await read(door, door.key, f"/{group('WG-7')}")).json()

    assert shown == {
        "work_group_id": str(group("WG-7")),
        "hub": RIVER_VALE,
        "programme": PROGRAMME,
        "stage": "development",
        "school_year": YEAR,
        "policy": "standard",
        "state": "disbanded",
        "at_risk": False,
        "since": "2015-08-01",
        "schools_active": 1,
        "meetings_held": 0,
        "leads": [
            {"lead_id": str(LEAD), "from_on": "2014-09-01", "until_on": "2014-11-02"},
            {"lead_id": str(BEN), "from_on": "2014-11-03", "until_on": None},
        ],
        "schools": [
            {
                "school_urn": OAK_PARK,
                "lineage": OAK_PARK,
                "from_on": "2014-09-08",
                "until_on": None,
                "reason": None,
                "has_completed": None,
                "advocates": [
                    {
                        "person_id": str(AMINA),
                        "slot": 1,
                        "from_on": "2014-09-08",
                        "until_on": "2014-10-05",
                        "reason": "left-school",
                    },
                    {"person_id": str(BEN), "slot": 1, "from_on": "2014-10-06", "until_on": None, "reason": None},
                ],
                "vacancies": [{"slot": 2, "vacant_since": "2014-09-08"}],
            },
            {
                "school_urn": ELM_PARK,
                "lineage": ELM_PARK,
                "from_on": "2014-09-08",
                "until_on": "2014-11-02",
                "reason": "staffing",
                "has_completed": None,
                "advocates": [],
                "vacancies": [],
            },
        ],
    }
    assert (await read(door, door.key)).json() == {"work_groups": [shown], "next": None}


async def test_a_hub_sees_its_own_and_the_nation_all_a_page_at_a_time(door: Door, national: str) -> None:
    """Each once, however small the pages; another hub's is as if it were not there."""
    own, other = Hub(), Hub(NORTH_DALES)
    await told(door.pool, *(own.says(formed(f"WG-{n}", school_year=YEAR)) for n in range(3)))
    await told(door.pool, other.says(formed("WG-1", school_year="2015/16")))

    found: list[str] = []
    cursor: str | None = None
    while cursor or not found:
        page = (await read(door, national, limit=1, **({"cursor": cursor} if cursor else {}))).json()
        found, cursor = found + [one["work_group_id"] for one in page["work_groups"]], page["next"]

    theirs = str(group("WG-1", NORTH_DALES))
    ours = {str(group(f"WG-{n}")) for n in range(3)}
    assert found == sorted({*ours, theirs})
    assert {one["work_group_id"] for one in (await read(door, door.key)).json()["work_groups"]} == ours
    hidden = await read(door, door.key, f"/{theirs}")
    assert (hidden.status_code, hidden.json()["errors"][0]["code"]) == (404, "no-such-work-group")
    assert (await read(door, national, f"/{theirs}")).json()["hub"] == NORTH_DALES


async def test_the_list_is_narrowed_by_year_state_and_risk(door: Door, national: str) -> None:
    """Whoever looks for groups in need asks for those."""
    hub = Hub()
    await told(door.pool, hub.says(formed("WG-1", school_year=YEAR)), hub.says(formed("WG-2", school_year="2098/99")))

    async def ids(**query: str | bool) -> list[str]:
        return [one["work_group_id"] for one in (await read(door, national, "", **query)).json()["work_groups"]]

    past, to_come = str(group("WG-1")), str(group("WG-2"))
    assert await ids(school_year=YEAR) == await ids(state="disbanded") == [past]
    assert await ids(state="recruiting") == [to_come]
    assert await ids(at_risk=True) == []


async def test_whoever_may_not_read_is_told_why(door: Door, national: str) -> None:
    """Without a key nothing is shown; what is asked for in vain is said with its place."""
    assert (await door.client.get("/v1/work-groups")).json()["errors"][0]["code"] == "key-missing"
    assert (await read(door, door.key, cursor="x")).json()["errors"][0]["code"] == "bad-cursor"
    assert (await read(door, door.key, school_year="2026")).status_code == 422
