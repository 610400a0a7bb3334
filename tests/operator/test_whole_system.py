"""`hubs check`, `hubs clock` and `hubs forget` on a whole system: it adds up, and whatever is tampered with shows."""

import asyncio
import json
import smtplib
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from hub_clients import Client
from hubs.forgetting.remembering import Remembered, unfinished
from hubs.home import Home
from hubs.hub import NewHub, add_hubs
from hubs.invented.register import invent
from hubs.launched import Launched
from hubs.parts.postgres import ADMIN
from hubs.proof.answers import accepted_equals_answered, nothing_is_stuck
from hubs.proof.calendars import mail_equals_schedule
from hubs.proof.facts import every_fact_is_logged, reporting_equals_a_rebuild
from hubs.proof.figures import figures_equal_a_recount
from hubs.proof.forgotten import the_forgotten_are_nowhere
from hubs.proof.mail import mails_of
from hubs.proof.quiet import look, quiet
from hubs.proof.system import System
from ledger import Ledger
from operators_desk import Operator
from stores import database_url
from term import NOW, Term, report

pytestmark = pytest.mark.timeout(300)
TERM = Term(invent(7, hubs=2, schools_per_hub=12), groups=1, schools=3)
RIVER_VALE, OTHER = (hub.code for hub in TERM.register.hubs)
LATER = "2026-11-02T17:00:00+00:00"


@dataclass(frozen=True)
class Whole:
    """A running system that has heard a half-term of two hubs."""

    home: Home
    ready: dict[str, Any]

    @property
    def system(self) -> System:
        """Where its parts are."""
        return System.of(self.home)

    def hubs(self, *words: str) -> tuple[int, str]:
        """Run `hubs` as an operator does, in a process of its own."""
        command = [sys.executable, "-m", "hubs.cli", *words]
        env = {"HUBS_HOME": str(self.home.root), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=150, check=False)
        return done.returncode, done.stdout or done.stderr

    def clocks(self) -> set[str]:
        """Where the services stand."""
        return {httpx.get(f"{url}/livez").json()["clock"] for url in self.ready["http"].values()}

    def reads(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run `hubs` with `--json` and return its status and its last line."""
        status, said = self.hubs(*words, "--json")
        return status, json.loads(said.splitlines()[-1])


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    """One system for the module; each test leaves it as it found it, or adds to it."""
    home = Home(Path(tempfile.mkdtemp(prefix="hubs-")))
    home.prepare()
    try:
        with Launched(home, {"HUBS_CLOCK": NOW}) as launched:
            running = Whole(home, launched.ready)
            _furnish(running)
            with closing(_Half(running)) as half_term:
                half_term.reported()
            assert asyncio.run(quiet(running.system, 60)).ok
            yield running
    finally:
        home.remove()


def _furnish(whole: Whole) -> None:
    register, links = TERM.register.write(whole.home.root)
    add_hubs(whole.home, [NewHub(hub.code, hub.name, hub.region) for hub in TERM.register.hubs])
    assert whole.hubs("register", "import", str(register), "--links", str(links))[0] == 0


class _Half:
    """Both hubs' systems, one by each door; with a repeat, a refusal, something bad and something that waits."""

    def __init__(self, whole: Whole) -> None:
        ledger = Ledger(whole.home.root / "ledger")
        self.by_kafka, self.by_http = (Client(hub, whole.ready, ledger) for hub in (RIVER_VALE, OTHER))

    def reported(self) -> None:
        """Report everything."""
        first, second = TERM.reports(RIVER_VALE)[0], TERM.reports(OTHER)[0]
        self.by_kafka.publish([*first, *first[:3], *_odd(RIVER_VALE)])
        for part in (second, second[:3]):
            self.by_http.post(part, threading.Event())

    def close(self) -> None:
        """Wait until all is taken."""
        self.by_kafka.close()
        self.by_http.close()


def _odd(hub: str) -> Sequence[dict[str, Any]]:
    joined = {"work_group": "WG-0", "school_urn": "999999", "effective_on": "2026-09-07"}
    when = {"starts_at": "2026-12-01T13:00:00Z", "ends_at": "2026-12-01T14:00:00Z", "mode": "online"}
    return [
        report(hub, "enrolment.SchoolJoinedWorkGroup", **joined),
        report(hub, "enrolment.PersonReported", person="P-9", name="", email="x"),
        report(hub, "scheduling.MeetingScheduled", meeting="M-9", work_group="WG-nowhere", **when),
    ]


@asynccontextmanager
async def tampered(whole: Whole, service: str, table: str, where: str, change: str) -> AsyncIterator[None]:
    """Change rows by hand for the length of the block, with an admin's rights, and put them back as they were."""
    admin = whole.home.secrets["postgres_admin"]
    db = await asyncpg.connect(database_url(whole.ready["postgres"][service], service, ADMIN, admin))
    try:
        kept = await db.fetchval(f"SELECT jsonb_agg(to_jsonb(t)) FROM {table} AS t WHERE {where}")
        assert kept
        await db.execute(change)
        try:
            yield
        finally:
            await db.execute(f"DELETE FROM {table} WHERE {where}")
            back = f"SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1)"
            await db.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {back}", kept)
    finally:
        await db.close()


async def one(whole: Whole, service: str, statement: str) -> Any:  # noqa: ANN401 -- whatever the statement finds
    """Return one value out of one service's database."""
    db = await asyncpg.connect(whole.ready["postgres"][service])
    try:
        return await db.fetchval(statement)
    finally:
        await db.close()


def test_a_half_term_adds_up(whole: Whole) -> None:
    """Two hubs, both doors, a repeat, a refusal, a dead letter and a report that waits: all of it accounted for."""
    status, proof = whole.reads("check")

    assert (status, proof["event"], proof["ok"]) == (0, "proof", True), proof
    figures = {check["name"]: check["figures"] for check in proof["checks"]}
    answered = figures["accepted = answered"]
    assert (answered["repeats"], answered["dead"], answered["refused"], answered["parked"]) == (3, 1, 1, 1)
    assert figures["mail = schedule"]["people"] == 14
    assert figures["figures = recount"]["figures"] > 9
    assert "mailbox" in whole.ready["pids"]


async def test_a_row_deleted_from_reporting_is_found(whole: Whole) -> None:
    """By the command and its status, since that is what an operator's watch runs; by people, from its lines."""
    number = await one(whole, "reporting", "SELECT number FROM live_projections")
    table = f"projections_{number}.joins"
    where = f"event_id = '{await one(whole, 'reporting', f'SELECT min(event_id) FROM {table}')}'"

    async with tampered(whole, "reporting", table, where, f"DELETE FROM {table} WHERE {where}"):
        status, said = await asyncio.to_thread(whole.hubs, "check")

    assert status == 1
    lines = [line for line in said.splitlines() if line[2] in "✓✗"]
    assert len(lines) == 10
    assert "  ✗ Reporting differs from a rebuild in joins: 1 row or more" in lines
    assert all("Reporting" in line or "figures" in line for line in lines if line[2] == "✗")


async def test_a_fact_of_attendance_deleted_from_the_log_is_found(whole: Whole) -> None:
    """A rebuild would be short of it too, so that rebuild and reporting might agree."""
    where = "event_id = (SELECT min(event_id) FROM event_log WHERE type LIKE '%AttendanceRecorded%')"
    where = f"event_id = '{await one(whole, 'reporting', f'SELECT event_id FROM event_log WHERE {where}')}'"

    async with tampered(whole, "reporting", "event_log", where, f"DELETE FROM event_log WHERE {where}"):
        lacks, differs = await every_fact_is_logged(whole.system), await reporting_equals_a_rebuild(whole.system)
    again = await every_fact_is_logged(whole.system)

    assert (lacks.ok, len(lacks.figures["missing"]), differs.ok, again.ok) == (False, 1, False, True)


async def test_a_fact_that_was_changed_is_found(whole: Whole) -> None:
    """Present in place of absent: no row is missing anywhere."""
    where = (
        "key = (SELECT min(key) FROM event_log WHERE type LIKE '%MeetingHeld%') AND type LIKE '%AttendanceRecorded%'"
    )
    change = f'UPDATE event_log SET data = data || \'{{"status": "late"}}\' WHERE {where}'

    async with tampered(whole, "reporting", "event_log", where, change):
        changed, recounted = await every_fact_is_logged(whole.system), await figures_equal_a_recount(whole.system)

    assert (changed.ok, recounted.ok) == (False, False)
    assert changed.figures["changed"]


async def test_a_fact_that_fits_its_type_no_more_is_named(whole: Whole) -> None:
    """Whoever watches reads which it is, and every other check is still made."""
    kind = "uk.mathshubs.enrolment.SchoolRegistered.v1"
    where = f"position = (SELECT min(position) FROM event_log WHERE type = '{kind}')"
    position = await one(whole, "reporting", f"SELECT position FROM event_log WHERE {where}")
    where = f"position = {position}"

    async with tampered(whole, "reporting", "event_log", where, f"UPDATE event_log SET data = '{{}}' WHERE {where}"):
        status, proof = await asyncio.to_thread(whole.reads, "check")

    checks = {check["name"]: check for check in proof["checks"]}
    assert (status, len(checks)) == (1, 10)
    unreadable = {"table": "event_log", "found": "unreadable", "row": {"position": position, "type": kind}}
    assert unreadable in checks["reporting = rebuild"]["figures"]["differences"]
    assert "does not fit its type" in checks["figures = recount"]["said"]


async def test_a_receipt_that_is_missing_is_found(whole: Whole) -> None:
    """An arrival that nobody answered, as if its row had never been published."""
    add = (
        "INSERT INTO arrivals (hub, source, id, fingerprint, recorded_at, published_at)"
        f" SELECT code, 'https://mis.example', 'lost', '', now(), now() FROM hubs WHERE code = '{RIVER_VALE}'"
    )
    await one(whole, "enrolment", add)
    lost = await accepted_equals_answered(whole.system)
    await one(whole, "enrolment", "DELETE FROM arrivals WHERE id = 'lost'")

    assert (lost.ok, lost.figures["lost"]) == (False, [f"{RIVER_VALE} https://mis.example lost"])
    assert (await accepted_equals_answered(whole.system)).ok


async def test_a_poisoned_key_is_a_failure_and_a_waiting_one_is_not(whole: Whole) -> None:
    """What waits within its hour is listed; what nobody will try again is a fault."""
    before = await nothing_is_stuck(whole.system)
    poisoned = "UPDATE parked SET state = 'poisoned'"

    async with tampered(whole, "scheduling", "parked", "true", poisoned):
        stuck = await nothing_is_stuck(whole.system)

    assert (before.ok, len(before.figures["waiting"])) == (True, 1)
    assert (stuck.ok, len(stuck.figures["stuck"])) == (False, 1)


class _Mailbox:
    """The local mailbox, with its mail set aside to be put back."""

    def __init__(self, whole: Whole) -> None:
        self.inbox, self.smtp = whole.ready["inbox"], whole.ready["smtp"]
        listed = httpx.get(f"{self.inbox}/messages", headers={"Accept": "application/json"}).json()
        self.to = str(listed[0]["to"])
        mine = [one for one in listed if one["to"] == self.to]
        self.raw = [httpx.get(f"{self.inbox}/messages/{one['id']}/raw").content for one in mine]

    def holds(self, *mails: bytes) -> None:
        """Have the mailbox hold these mails to this address, and no other."""
        listed = httpx.get(f"{self.inbox}/messages", headers={"Accept": "application/json"}).json()
        for mail in listed:
            if mail["to"] == self.to:
                httpx.delete(f"{self.inbox}/messages/{mail['id']}").raise_for_status()
        host, port = self.smtp.split(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            for raw in mails:
                smtp.sendmail("bounces@mathshubs.example", [self.to], raw)


@pytest.fixture
def mailbox(whole: Whole) -> Iterator[_Mailbox]:
    """The mailbox, which holds what it held once the test is over."""
    found = _Mailbox(whole)
    yield found
    found.holds(*found.raw)


async def test_a_mail_removed_from_the_mailbox_is_found(whole: Whole, mailbox: _Mailbox) -> None:
    """Somebody's calendar lacks a meeting that the schedule has."""
    mailbox.holds(*mailbox.raw[1:])

    found = await mail_equals_schedule(whole.system)

    assert not found.ok
    assert len(found.figures["gone"]) == 1


async def test_a_mail_told_in_two_messages_is_found(whole: Whole, mailbox: _Mailbox) -> None:
    """The same revision under another Message-ID: somebody got two mails that say one thing."""
    first = mailbox.raw[0]
    start = first.lower().index(b"message-id: <") + len(b"message-id: <")
    other = first[:start] + b"00000000-0000-5000-8000-000000000000" + first[start + 36 :]
    mailbox.holds(*mailbox.raw, other)

    found = await mail_equals_schedule(whole.system)

    assert not found.ok
    assert (len(found.figures["told twice"]), len(found.figures["stray"])) == (1, 1)


async def test_the_same_mail_twice_is_no_failure(whole: Whole, mailbox: _Mailbox) -> None:
    """A crash between the server's 250 and our record leaves a copy under the same Message-ID."""
    mailbox.holds(*mailbox.raw, mailbox.raw[0])

    found = await mail_equals_schedule(whole.system)

    assert (found.ok, found.figures["copies"]) == (True, 1)


async def test_what_is_still_to_be_heard_moves(whole: Whole) -> None:
    """A consumer that is one record behind: what it has made cannot be compared yet."""
    back = "UPDATE consumer_offsets SET next = next - 1"
    where = "consumer = 'reporting.log' AND topic = 'scheduling.facts' AND next > 0"

    async with tampered(whole, "reporting", "consumer_offsets", where, f"{back} WHERE {where}"):
        moving, _ = await look(whole.system)

    assert moving["records not heard by reporting.log"] > 0


@pytest.fixture(scope="module")
def forgotten(whole: Whole) -> dict[str, Any]:
    """One advocate of River Vale's, forgotten by the command; its report."""
    status, said = whole.reads("forget", f"{RIVER_VALE}:L-0", "--by", "Priya", "--why", "asked us to")
    assert status == 0, said
    return said


async def test_a_person_is_forgotten_everywhere(whole: Whole, forgotten: dict[str, Any]) -> None:
    """Every store is searched; what lies in older segments on Kafka is said, with when it goes."""
    stores = {store["store"]: store for store in forgotten["stores"]}

    assert stores.keys() == {"enrolment", "scheduling", "notification", "reporting", "mailbox", "logs", "kafka"}
    assert all(store["ok"] for store in stores.values())
    assert "7 days" in stores["kafka"]["said"]
    check = await the_forgotten_are_nowhere(whole.system)
    assert (check.ok, check.figures["erased"]) == (True, 1)
    assert (await mail_equals_schedule(whole.system)).ok
    erased = "SELECT actor || ' ' || reason FROM journal WHERE type LIKE '%PersonErased%'"
    assert await one(whole, "enrolment", erased) == "operator:Priya asked us to"
    stands = "SELECT recorded_at FROM journal WHERE type LIKE '%PersonErased%'"
    assert (await one(whole, "enrolment", stands)).isoformat() == NOW.replace("Z", "+00:00")


async def test_a_person_who_was_brought_back_is_found(whole: Whole, forgotten: dict[str, Any]) -> None:
    """A name that a restored table holds again."""
    where = f"person_id = '{forgotten['person_id']}'"
    change = f"UPDATE people SET name = 'Teacher', email = 't@x.example', is_erased = false WHERE {where}"

    async with tampered(whole, "notification", "people", where, change):
        found = await the_forgotten_are_nowhere(whole.system)

    assert (found.ok, found.figures["named by notification"]) == (False, [forgotten["person_id"]])


def test_forgetting_again_finishes_and_finds_nothing_new(whole: Whole, forgotten: dict[str, Any]) -> None:
    """An operator whose connection broke runs it again, by the id this time."""
    status, said = whole.reads("forget", forgotten["person_id"], "--why", "again")

    assert (status, said["scrubbed"]["people"]) == (0, 0)


async def test_a_letter_that_names_a_forgotten_person_is_found(whole: Whole, forgotten: dict[str, Any]) -> None:
    """As it stands in a backup of before, or where an older version kept what a hub sent again."""
    where = f"hub = '{RIVER_VALE}' AND topic LIKE 'hubs.%'"
    name = f"""UPDATE dead_letters SET value = '{{"person": "L-0", "name": "Teacher L-0"' WHERE {where}"""

    async with tampered(whole, "enrolment", "dead_letters", where, name):
        found = await the_forgotten_are_nowhere(whole.system)

    assert (found.ok, found.figures["in enrolment's dead_letters"]) == (False, [forgotten["person_id"]])


async def test_a_person_who_was_never_accepted_is_forgotten(whole: Whole) -> None:
    """Her only report died; the hub's reference is enough."""
    status, said = whole.reads("forget", f"{RIVER_VALE}:P-9", "--why", "asked us to")

    assert status == 0, said
    assert said["scrubbed"] == {"people": 1, "notes": 0, "arrivals": 0, "parked": 0, "dead_letters": 1}
    assert await one(whole, "enrolment", "SELECT count(*) FROM dead_letters WHERE value IS NOT NULL") == 0
    assert (await the_forgotten_are_nowhere(whole.system)).ok


async def test_who_shares_an_address_keeps_their_mail(whole: Whole) -> None:
    """Two teachers read one mailbox; the ledger knows whose each mail is."""
    leaving, staying = (f"A-{TERM.register.open_to(OTHER)[0].urn}-{n}" for n in (1, 2))
    address = f"{staying}@{OTHER}.example".lower()
    moves = report(OTHER, "enrolment.PersonReported", person=leaving, name="Kit Lane", email=address)
    with closing(Client(OTHER, whole.ready, Ledger(whole.home.root / "ledger"))) as client:
        client.publish([{**moves, "id": "shares-an-address"}])
    assert (await quiet(whole.system, 60)).ok
    theirs = {person: await _mails(whole, person) for person in (leaving, staying)}
    both = {mail["to"] for mails in theirs.values() for mail in mails}

    status, said = whole.reads("forget", f"{OTHER}:{leaving}", "--why", "asked us to")

    assert status == 0, said
    assert theirs[leaving]
    assert address in both
    assert [await _mails(whole, person) for person in (leaving, staying)] == [[], theirs[staying]]
    assert (await mail_equals_schedule(whole.system)).ok


async def _mails(whole: Whole, reference: str) -> list[dict[str, Any]]:
    person_id = whole.system.references.resolve(OTHER, "person", reference)
    return await mails_of(whole.system, [str(person_id)])


async def test_an_erasure_that_broke_off_is_finished_in_truth(whole: Whole, forgotten: dict[str, Any]) -> None:
    """What she was called is remembered until no store holds it: a second run searches for the same words."""
    Remembered.of(whole.home, UUID(forgotten["person_id"])).keep(["Teacher L-0 the Elder", "7654321"])
    await one(whole, "scheduling", LEFT)
    words = ("forget", forgotten["person_id"], "--why", "again")

    before = await the_forgotten_are_nowhere(whole.system)
    status, found = whole.reads(*words)
    await one(whole, "scheduling", "DELETE FROM parked WHERE key = 'left'")
    mended, clear = whole.reads(*words)

    assert (before.ok, before.figures["not shown to be gone (hubs forget)"]) == (False, [forgotten["person_id"]])
    [scheduling] = [store for store in found["stores"] if store["store"] == "scheduling"]
    assert (status, scheduling["found"]) == (1, {"parked.value": 1})
    assert (mended, clear["ok"], unfinished(whole.home)) == (0, True, frozenset())


LEFT = """
    INSERT INTO parked (consumer, topic, part, "offset", headers, value, key, state, reason, expires_at)
    VALUES ('tests', 'enrolment.facts', 0, -1, '[]', '{"trn": 7654321}', 'left', 'waiting', 'x',
            clock_timestamp() + interval '1 hour')
"""


async def test_what_a_hub_wrote_in_public_is_kept_and_told(whole: Whole) -> None:
    """It stands in facts, so the erasure ends with it; the link to her room, which few may read, is withheld."""
    teacher = f"A-{TERM.register.open_to(RIVER_VALE)[1].urn}-1"
    room = f"https://meet.example/{teacher}%40{RIVER_VALE}.example".lower()
    when = {"starts_at": "2026-12-17T13:30:00Z", "ends_at": "2026-12-17T15:00:00Z", "mode": "hybrid"}
    meeting = {"meeting": "M-hers", "work_group": "WG-0", "place": f"At Teacher {teacher}'s", "join_url": room}
    with closing(Client(RIVER_VALE, whole.ready, Ledger(whole.home.root / "ledger"))) as client:
        client.publish([report(RIVER_VALE, "scheduling.MeetingScheduled", **meeting, **when)])
    assert (await quiet(whole.system, 60)).ok
    linked = "SELECT count(*) FROM meetings WHERE join_url IS NOT NULL"
    before = await one(whole, "scheduling", linked)

    status, said = whole.reads("forget", f"{RIVER_VALE}:{teacher}", "--why", "asked us to")

    assert (status, said["ok"]) == (0, True), said
    public = {store["store"]: store["public"] for store in said["stores"]}
    assert public["scheduling"] == {"journal.data": 1, "meetings.place": 1}
    assert "event_log.data" in public["reporting"]
    assert "Ask it" in said["advice"]
    assert (before, await one(whole, "scheduling", linked)) == (1, 0)
    assert unfinished(whole.home) == frozenset()
    assert (await the_forgotten_are_nowhere(whole.system)).ok


def test_a_mistyped_reference_forgets_nobody(whole: Whole) -> None:
    """The operator is asked whether the hub spells it so."""
    status, said = whole.reads("forget", f"{OTHER}:nobody", "--why", "x")

    assert (status, said["error"]["code"]) == (1, "nobody-of-that-name")


async def test_a_reason_that_names_the_person_is_refused(whole: Whole) -> None:
    """It would be kept for ever, in a record that nobody can change."""
    operator = Operator(whole.home)

    said = await operator.reads("forget", f"{OTHER}:L-0", "--why", "Teacher L-0 asked us to", status=2)
    vague = await operator.reads("forget", "nobody", "--why", "x", status=1)

    assert said["error"]["code"] == "reason-names-them"
    assert "HUB:REFERENCE" in vague["error"]["message"]


async def test_the_clock_is_moved_for_all_services_at_once(whole: Whole) -> None:
    """When the command ends, every service stands there; it never goes back, and takes no vague words."""
    operator = Operator(whole.home)

    moved = await operator.reads("clock", "to", LATER)
    stands = whole.clocks()
    back = await operator.reads("clock", "to", NOW, status=2)
    vague = await operator.reads("clock", "to", "tomorrow", status=2)

    assert (moved, stands) == ({"from": NOW.replace("Z", "+00:00"), "to": LATER}, {LATER})
    assert await operator.reads("clock", "show") == {"clock": LATER}
    assert (back["error"]["code"], vague["error"]["code"]) == ("clock-goes-forward", "no-instant")
