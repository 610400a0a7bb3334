"""Whatever is killed, and at whatever line: every report takes effect once, and every mail is sent once."""

import asyncio
import email
import email.policy
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from icalendar import Calendar, Event

from hub_clients import Client
from hub_system import read_all
from hubs.home import Home
from hubs.invented.register import invent
from hubs.launched import Launched
from hubs.parts.kafka import Login
from ledger import Ledger
from mathshubs.testing import StillNot, until
from term import AHEAD, MOVED, NOW, Term

SEED = int(os.environ.get("HUBS_TEST_SEED", "20261102"))
FAULTS = (
    "after-commit-before-publish",
    "after-ack-before-outbox-delete",
    "after-commit-before-offset-commit",
    "after-smtp-data-before-record",
)
AT_RANDOM = ("enrolment", "kafka", "scheduling", "postgres", "notification", "reporting")
SENDERS = 8
"""Mails that one process of notification has on their way at once."""
TERM = Term(invent(SEED, hubs=3, schools_per_hub=96), groups=24)


@pytest.mark.timeout(420)
async def test_whatever_dies_no_report_is_lost_and_none_counts_twice(own_home: Home, tmp_path: Path) -> None:
    """Twelve kills over two thousand reports: each part at a random moment, and each named line, two of them twice."""
    faults = tmp_path / "faults"
    faults.mkdir()
    ledger = Ledger(tmp_path / "ledger")
    with Launched(own_home, {"HUBS_CLOCK": NOW, "HUBS_FAULT": str(faults)}) as system:
        _furnish(own_home, tmp_path)
        pace = Pace()
        with _reporting(system.ready, ledger, pace) as finished:
            died = await _kill_twelve(system, ledger, faults, pace)
            await until(_asked(finished.is_set), seconds=150, what="every report is taken")
        await _settle(system.ready, ledger)

        assert await _effects(system.ready) == TERM.effects
        assert _receipts(system.ready) == dict.fromkeys(ledger.events(), 1)
        assert await _facts_missing(system.ready) == (0, 0)
        await _assert_calendars(system.ready, most_again=SENDERS * (died["notification"] + died["postgres"]))


def _furnish(home: Home, folder: Path) -> None:
    """Let the hubs in and import their schools, by the operator's own commands."""
    register, links = TERM.register.write(folder)
    for hub in TERM.register.hubs:
        _hubs(home, "hub", "add", hub.code, "--name", hub.name)
    _hubs(home, "register", "import", str(register), "--links", str(links))


def _hubs(home: Home, *words: str) -> None:
    environment = os.environ | {"HUBS_HOME": str(home.root), "HUBS_CLOCK": NOW}
    subprocess.run([sys.executable, "-m", "hubs.cli", *words], env=environment, stdout=subprocess.DEVNULL, check=True)


class Pace:
    """How far the reports may have gone: they are spread over all the kills."""

    def __init__(self) -> None:
        self._share = 0.0
        self._moved = threading.Condition()
        self.stopped = threading.Event()

    def to(self, share: float) -> None:
        """Let reports go on until `share` of them is sent; 1 lets them all go."""
        with self._moved:
            self._share = share
            self._moved.notify_all()

    def stop(self) -> None:
        """Let nothing go on."""
        self.stopped.set()
        self.to(1)

    def wait(self, share: float) -> None:
        """Wait until the reports at `share` may go."""
        with self._moved:
            self._moved.wait_for(lambda: share <= self._share)


@contextmanager
def _reporting(ready: dict[str, Any], ledger: Ledger, pace: Pace) -> Iterator[threading.Event]:
    """Report the whole term from all hubs at once, half of the Work Groups by Kafka and half by HTTP."""
    finished = threading.Event()
    threads = [
        threading.Thread(target=_report, args=(Client(hub.code, ready, ledger), pace)) for hub in TERM.register.hubs
    ]

    def wait() -> None:
        for thread in threads:
            thread.join()
        finished.set()

    for thread in threads:
        thread.start()
    threading.Thread(target=wait, daemon=True).start()
    try:
        yield finished
    finally:
        pace.stop()
        for thread in threads:
            thread.join()


def _report(client: Client, pace: Pace) -> None:
    """Report in slices, so that the kills fall between and within them; every twentieth event is sent again."""
    again = random.Random(SEED)
    groups = TERM.reports(client.hub)
    for number, group in enumerate(groups):
        doubled = [event for event in group for _ in range(1 + (again.random() < 0.05))]
        for start in range(0, len(doubled), 7):
            pace.wait((number + start / len(doubled)) / len(groups))
            if pace.stopped.is_set():
                return
            if number % 2:
                client.post(doubled[start : start + 7], pace.stopped)
            else:
                client.publish(doubled[start : start + 7])
    client.close()


async def _kill_twelve(system: Launched, ledger: Ledger, faults: Path, pace: Pace) -> Counter[str]:
    """Kill as the reports come in: each kill after a further share of them, the next when it is mended.

    Returns:
        How often each part died: a line that several of them have kills whichever comes to it first.
    """
    died: Counter[str] = Counter()
    plan = [("fault", name) for name in FAULTS + FAULTS[::3]] + [("part", name) for name in AT_RANDOM]
    random.Random(SEED).shuffle(plan)
    for number, (kind, name) in enumerate(plan, start=1):
        before = ledger.size
        if kind == "fault":
            (faults / name).write_text("die")
        pace.to(number / (len(plan) + 1))
        await until(_asked(partial(ledger.is_longer_than, before)), seconds=60, what=f"reports before {name}")
        if kind == "part":
            os.kill(system.pids()[name], signal.SIGKILL)
        await _fired(system, faults / name)
        restarted = await asyncio.to_thread(system.event, 60)
        assert restarted["event"] == "restarted", restarted
        died[restarted["name"]] += 1
    pace.to(1)
    return died


async def _fired(system: Launched, fault: Path) -> None:
    """Wait until a process has died at a point; if none does, what waits and what was logged last is said."""
    try:
        await until(_asked(partial(_has_fired, fault)), seconds=120)
    except StillNot:
        waiting = "SELECT status, count(*) FROM deliveries GROUP BY 1"
        mails = await _rows(system.ready, "notification", waiting)
        lines = {
            log.name: log.read_text().splitlines()[-8:]
            for log in (Path(system.ready["credentials"]).parent / "logs").glob("*.log")
        }
        pytest.fail(f"{fault.name} does not fire: {mails} {json.dumps(lines, indent=1)}")


async def _rows(ready: dict[str, Any], service: str, query: str) -> Sequence[asyncpg.Record]:
    db = await asyncpg.connect(ready["postgres"][service])
    try:
        return await db.fetch(query)
    finally:
        await db.close()


async def _settle(ready: dict[str, Any], ledger: Ledger) -> None:
    """Wait until nothing is under way any more; what still is, is said if it does not end."""
    left: dict[str, int] = {}

    async def settled() -> bool:
        left.clear()
        left.update({what: count for what, count in (await _under_way(ready, ledger)).items() if count})
        return not left

    try:
        await until(settled, seconds=120)
    except StillNot:
        pytest.fail(f"still under way: {left}")


async def _under_way(ready: dict[str, Any], ledger: Ledger) -> dict[str, int]:
    facts = 0
    found: dict[str, int] = {}
    for service in ready["postgres"]:
        [[lines]] = await _rows(ready, service, "SELECT count(*) FROM outbox")
        [[parked]] = await _rows(ready, service, "SELECT count(*) FROM parked")
        [[said]] = await _rows(ready, service, "SELECT count(*) FROM journal WHERE topic LIKE '%.facts'")
        found |= {f"{service}'s outbox": lines, f"parked in {service}": parked}
        facts += said
    unsent = "SELECT count(*) FROM deliveries WHERE status IN ('queued', 'sending', 'waiting-for-address')"
    [[mails]] = await _rows(ready, "notification", unsent)
    [[entries]] = await _rows(ready, "notification", "SELECT count(*) FROM invitations WHERE sequence >= 0")
    [[logged]] = await _rows(ready, "reporting", "SELECT count(*) FROM event_log WHERE position IS NOT NULL")
    answered = _receipts(ready)
    return found | {
        "mails unsent": mails,
        "entries not mailed": TERM.effects["notification.invitations"] - entries,
        "facts not in reporting": facts - logged,
        "reports unanswered": len(ledger.events() - answered.keys()),
    }


async def _effects(ready: dict[str, Any]) -> dict[str, int]:
    found = {}
    for store in TERM.effects:
        service, _, table = store.partition(".")
        standing = "WHERE superseded_at IS NULL" if table == "attendance" else ""
        [[rows]] = await _rows(ready, service, f"SELECT count(*) FROM {table} {standing}")
        found[store] = rows
    return found


def _receipts(ready: dict[str, Any]) -> dict[tuple[str, str, str], int]:
    """Return how many final receipts each report has; Kafka may carry one twice, under one id."""
    credentials = json.loads(Path(ready["credentials"]).read_text())
    found: Counter[tuple[str, str, str]] = Counter()
    for hub, login in credentials["kafka"]["hubs"].items():
        records = read_all(Login(ready["kafka"], login["username"], login["password"]), "", f"hubs.{hub}.receipts")
        once = {dict(record.headers() or [])["ce_id"]: json.loads(record.value() or b"") for record in records}
        for said in once.values():
            if said["outcome"] != "parked":
                assert said["outcome"] in ("applied", "flagged"), said
                found[hub, said["source"], said["event_id"]] += 1
    return dict(found)


async def _facts_missing(ready: dict[str, Any]) -> tuple[int, int]:
    """Return how many facts the journals have that reporting lacks, and the other way round."""
    said: set[str] = set()
    for service in ready["postgres"]:
        said |= {
            str(r[0]) for r in await _rows(ready, service, "SELECT event_id FROM journal WHERE topic LIKE '%.facts'")
        }
    logged = [str(row[0]) for row in await _rows(ready, "reporting", "SELECT event_id FROM event_log")]
    return len(said - set(logged)), len(logged) - len(said & set(logged))


HANDED = "SELECT delivery_id, handings FROM deliveries WHERE handings > 0"


async def _assert_calendars(ready: dict[str, Any], most_again: int) -> None:
    """Each revision of each entry came as one mail; the last ones are true.

    A second copy may come only where a sender, or Postgres that it was to write to, died with the mail in hand: it
    was then handed over again, which is on record before it is done. `most_again` mails can have been in hand so.
    """
    mails: dict[tuple[str, int], set[str]] = {}
    copies: Counter[str] = Counter()
    starts: dict[str, tuple[int, str]] = {}
    async with httpx.AsyncClient() as mailbox:
        for mail in (await mailbox.get(f"{ready['inbox']}/messages", headers={"accept": "application/json"})).json():
            raw = await mailbox.get(f"{ready['inbox']}/messages/{mail['id']}/raw")
            event = entry_in(raw.content)
            uid, sequence = str(event["UID"]), int(event.decoded("SEQUENCE"))
            mails.setdefault((uid, sequence), set()).add(mail["message_id"])
            copies[mail["message_id"].strip("<>").partition("@")[0]] += 1
            starts[uid] = max(starts.get(uid, (-1, "")), (sequence, as_utc(event.start.isoformat())))

    assert {entry for entry, ids in mails.items() if len(ids) > 1} == set()
    handed = Counter({str(one): times for one, times in await _rows(ready, "notification", HANDED)})
    assert copies - handed == Counter()
    assert (handed - Counter(list(handed))).total() <= most_again
    told = Counter(start for _, start in starts.values())
    people = TERM.effects["notification.people"]
    assert told == {as_utc(AHEAD[0][0]): people, as_utc(MOVED[0]): people}


def as_utc(instant: str) -> str:
    """Return the instant as it is spelled in UTC."""
    return datetime.fromisoformat(instant).astimezone(UTC).isoformat()


def entry_in(raw: bytes) -> Event:
    """Return the calendar entry of a mail."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    [part] = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    [event] = Calendar.from_ical(part.get_content()).events
    return event


def _has_fired(fault: Path) -> bool:
    return not fault.exists()


def _asked(question: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return bool(question())

    return asked
