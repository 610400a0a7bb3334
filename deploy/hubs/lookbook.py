"""What `make pages` does: start a system, let a little happen, and look at every page that a person may meet.

Needs the development dependencies and Debian's chromium; pictures go to `build/pages`.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from hubs.credentials import Credentials
from hubs.home import Home
from hubs.hub import NewHub, add_hubs
from hubs.invented.register import InventedRegister, invent
from hubs.launched import Launched
from hubs.screenshots import faults_of

OUT: Final = Path("build/pages")
NOW: Final = "2026-10-05T09:00:00Z"
PATIENCE: Final = 60.0  # seconds for the mails to come
ABSENT: Final = "/j/unknown"
"""A page that says, with 404, that a link opens nothing."""
BATCH: Final = {"content-type": "application/cloudevents-batch+json"}


class NothingCame(RuntimeError):
    """The mails that the pages show did not come; the logs in the home say why."""


def main() -> int:
    """Look at every page; return 1 if one has a fault, each printed with its mend."""
    with tempfile.TemporaryDirectory(prefix="hubs-pages-") as folder:
        home = Home(Path(folder) / "home")
        with Launched(home, {"HUBS_CLOCK": NOW, "HUBS_DEMO": "true"}) as system:
            url = system.ready["url"]
            empty = faults_of(url, ["/", "/inbox"], OUT / "empty")
            register = invent(seed=7, hubs=2, schools_per_hub=4)
            add_hubs(home, [NewHub(hub.code, hub.name, hub.region) for hub in register.hubs])
            _import(home, register, Path(folder))
            faults = [*empty, *faults_of(url, _pages(url, _let_happen(home, url, register)), OUT)]
            faults += [fault for fault in faults_of(url, [ABSENT], OUT) if "404" not in fault.said]
    for fault in faults:
        print(f"{fault.path} ({fault.seen}): {fault.said}\n    {fault.mend}")
    print(f"{len(list(OUT.rglob('*.png')))} pictures in {OUT}, {len(faults)} faults")
    return 1 if faults else 0


def _import(home: Home, register: InventedRegister, folder: Path) -> None:
    from enrolment.schools.importing import import_links, import_schools  # noqa: PLC0415 -- slow to load
    from mathshubs.journal import Cause  # noqa: PLC0415
    from mathshubs.postgres import open_pool  # noqa: PLC0415

    async def both() -> None:
        pool = await open_pool(home.running()["postgres"]["enrolment"], size=2)
        schools, links = register.write(folder)
        await import_schools(pool, schools, Cause("operator:pages"))
        await import_links(pool, links, Cause("operator:pages"))
        await pool.close()

    asyncio.run(both())


def _let_happen(home: Home, url: str, register: InventedRegister) -> list[dict[str, Any]]:
    """Report two Work Groups with a meeting each, one held and one moved; return the mails that came of it."""
    keys = Credentials.of(home).api_keys
    people = 7  # six advocates and a lead of each hub's Work Group
    for hub in register.hubs:
        schools = [school.urn for school in register.open_to(hub.code)][:3]
        _post(url, keys[hub.code], list(_reports(hub.code, schools)))
    _mails(home, url, people * len(register.hubs))
    for hub in register.hubs:
        _post(url, keys[hub.code], [_moved(hub.code)])
    return _mails(home, url, 2 * people * len(register.hubs))


def _post(url: str, key: str, reports: Sequence[Mapping[str, Any]]) -> None:
    headers = BATCH | {"authorization": f"Bearer {key}"}
    httpx.post(f"{url}/v1/events", content=json.dumps(reports), headers=headers, timeout=20).raise_for_status()


def _mails(home: Home, url: str, wanted: int) -> list[dict[str, Any]]:
    """Wait until the mailbox has that many mails, and return them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = httpx.get(f"{url}/inbox/messages", headers={"accept": "application/json"}, timeout=20)
        found: list[dict[str, Any]] = answer.json()
        if len(found) >= wanted:
            return found
        if time.monotonic() > deadline:
            raise NothingCame(f"{len(found)} of {wanted} mails came within {PATIENCE:.0f} s; see {home.logs}")
        time.sleep(0.2)


def _reports(hub: str, schools: Sequence[str]) -> Iterator[dict[str, Any]]:
    group = {"work_group": "WG-1"}
    advocates = {f"T{urn}{n}": urn for urn in schools for n in (1, 2)}
    for person in ("L1", *advocates):
        address = f"{person.lower()}@{hub}.example"
        yield _report(hub, "enrolment.PersonReported", person=person, name=f"Invented {person}", email=address)
    year = {"programme": "secondary-teaching-for-mastery", "stage": "development", "school_year": "2026/27"}
    yield _report(hub, "enrolment.WorkGroupFormed", **group, name="Ratio and proportion", lead="L1", **year)
    for urn in schools:
        yield _report(hub, "enrolment.SchoolJoinedWorkGroup", **group, school_urn=urn, effective_on="2026-09-07")
    for person, urn in advocates.items():
        place = {**group, "school_urn": urn, "effective_on": "2026-09-07"}
        yield _report(hub, "enrolment.MasteryAdvocateNominated", **place, advocate=person)
    held = {"starts_at": "2026-09-24T13:30:00+01:00", "ends_at": "2026-09-24T16:00:00+01:00"}
    marks = [{"person": person, "status": "present"} for person in list(advocates)[:-1]]
    yield _report(hub, "scheduling.MeetingHeld", **group, **held, meeting="M0", mode="online", attendance=marks)
    ahead = {"starts_at": "2026-11-12T13:30:00+00:00", "ends_at": "2026-11-12T16:00:00+00:00"}
    where = {"mode": "hybrid", "place": "Room 3", "join_url": "https://meet.example/ratio"}
    yield _report(hub, "scheduling.MeetingScheduled", **group, **ahead, **where, meeting="M1")


def _moved(hub: str) -> dict[str, Any]:
    moved = {"starts_at": "2026-11-19T13:30:00+00:00", "ends_at": "2026-11-19T16:00:00+00:00"}
    return _report(hub, "scheduling.MeetingRescheduled", **moved, meeting="M1")


def _report(hub: str, kind: str, **content: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind}/{json.dumps(content, sort_keys=True)}"[-128:],
        "source": f"https://mis.{hub}.example",
        "type": f"uk.mathshubs.hub.{kind}.v1",
        "time": NOW,
        "data": content,
    }


def _pages(url: str, mails: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the path of every page that there is to look at."""
    mail = mails[-1]
    raw = httpx.get(f"{url}/inbox/messages/{mail['id']}/raw", timeout=20).text.replace("=\r\n", "")
    token = re.search(r"/j/([\w.~-]+)", raw)
    tabs = [f"/inbox?message={mail['id']}&show={tab}" for tab in ("email", "text", "calendar", "headers", "raw")]
    return [
        "/",
        "/?level=region",
        "/?year=2026%2F27&level=local_authority",
        "/inbox",
        *tabs,
        f"/inbox?to={mail['to']}",
        *([f"/j/{token[1]}"] if token else []),
    ]


if __name__ == "__main__":
    sys.exit(main())
