"""One system is told everything bad that hubs may send, with something good after each; then it is looked at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import psutil

from enrolment.schools import store as schools
from enrolment_examples import ELM
from guarantees.bad_input import (
    ASHEN,
    BELLOW,
    BIRCH,
    CASES,
    COPSE,
    DELL,
    DOORS,
    ELDER,
    LLYN,
    NAMES,
    RECORDS,
    REUSES,
    Case,
    attributes,
    formed,
    joined,
    moved,
    nominated,
    person,
    scheduled,
)
from guarantees.spelling import filled, http_binary, http_structured, kafka_binary, kafka_structured
from hub_system import HubSystem, header
from hubs.forgetting.searching import files_with
from hubs.home import Home
from hubs.parts.kafka import Login
from hubs.proof.quiet import quiet
from mathshubs.deadletters import MOST_KEPT
from mathshubs.envelope import MOST_BYTES
from mathshubs.operating.letters import find
from own_bus import OwnBus
from stack import Stack
from stores import databases
from term import NOW

SERVICES = ("enrolment", "scheduling", "notification", "reporting")
TOPIC = "hubs.river-vale.events"
REGISTER = (
    replace(ELM, urn=BELLOW, name="Bellow School"),
    replace(ELM, urn=ELDER, name="Elder School"),
    replace(ELM, urn=LLYN, name="Ysgol Llyn", type_code=30, country="Wales"),
    replace(ELM, urn=ASHEN, name="Ashen School", status_code=2, closed_on=date(2025, 8, 31)),
    replace(ELM, urn=BIRCH, name="Birch College", type_code=11),
    replace(ELM, urn=COPSE, name="Copse Primary School", phase_code=2, low_age=4, high_age=11),
    replace(ELM, urn=DELL, name="Dell School", opened_on=date(2027, 9, 1)),
)
Said = tuple[str, list[tuple[str, str]]]
"""An outcome, and the code and the path of each of its reasons."""


@dataclass
class Heard:
    """What came of everything: plain values, read once all was quiet."""

    offsets: dict[str, int] = field(default_factory=dict)
    """Where each record of Kafka stands, by its case and door."""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """The status and the body that HTTP answered."""
    receipts: list[dict[str, Any]] = field(default_factory=list)
    letters: dict[int, list[str]] = field(default_factory=dict)
    """The codes of the dead letters that are listed with the bytes that were sent, by offset."""
    neighbours: int = 0
    grown: dict[str, int] = field(default_factory=dict)
    """Bytes of memory by which each service grew."""
    pids: tuple[dict[str, int], dict[str, int]] = ({}, {})
    parked: int = 0
    named_in_logs: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    """Every message to a hub or an operator, and the path that it names."""

    def receipts_of(self, case: Case, door: str) -> list[Said]:
        """Return the final receipts of one case at one door, by its place on the topic or else by its id."""
        name = f"{case.name}: {door}"
        found = [r for r in self.receipts if r.get("offset", -1) == self.offsets.get(name, -2)] or [
            r for r in self.receipts if r["event_id"] == id_of(name)
        ]
        return [(r["outcome"], reasons(case, r["reasons"])) for r in found]


def id_of(name: str) -> str:
    """Return the id of the event of that name: ids hold no space."""
    return name.replace(" ", "-")


def reasons(case: Case, given: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """Return codes and paths of a receipt or a problem; no path where the case leaves it open."""
    return [(reason["code"], reason["path"] if case.path else "") for reason in given]


async def hear_everything(home: Home, kafka: Login, postgres: str, templates: dict[str, str]) -> Heard:
    """Start a system of its own in `home`, tell it everything, and return what came of it."""
    async with databases(postgres, templates) as database:
        stack = Stack(home, OwnBus(kafka), database, settings={"HUBS_CLOCK": NOW})
        try:
            await stack.open()
            async with (await stack.pool("enrolment")).acquire() as db:
                await schools.put(db, REGISTER)
            await stack.start(*SERVICES)
            return await _Told(stack, await stack.hub("river-vale")).everything()
        finally:
            await stack.close()


@dataclass
class _Told:
    """Tells one system everything, and notes what it answers."""

    stack: Stack
    hub: HubSystem
    heard: Heard = field(default_factory=Heard)

    async def everything(self) -> Heard:
        """Send it all, wait until nothing moves, and look."""
        await self._set_the_scene()
        pids, memory = self._pids(), self._memory()
        for case in CASES:
            for door in (door for door in DOORS if door != case.not_by):
                await self._send(f"{case.name}: {door}", door, case)
                await self._a_good_one()
        for name, _, headers, value in RECORDS:
            self.heard.offsets[name] = await self.hub.send_bytes(value, headers, key="WG-1")
            await self._a_good_one()
        for place in (1, 2):
            await self._is_quiet()
            for name, *sent, _ in REUSES:
                door, event = sent[place - 1]
                await self._send(f"{name}: {place}", door, Case(name, "", {**event, "id": id_of(f"reuse/{name}")}))
        await self._is_quiet()
        await self._look()
        self.heard.pids = pids, self._pids()
        self.heard.grown = {name: now - memory[name] for name, now in self._memory().items()}
        return self.heard

    async def _set_the_scene(self) -> None:
        """Report what cases are about, and what warms everything up."""
        groups = formed(), formed(work_group="WG-2"), joined(), nominated(advocate="P-2"), nominated(advocate="P-3")
        for number, event in enumerate((person(), *groups, scheduled(meeting="M-0"), scheduled())):
            await self.hub.send({**event, "id": f"scene/{number}"})
        for _ in range(60):
            await self._a_good_one()
        self.heard.neighbours = 0
        await self._is_quiet()

    async def _send(self, name: str, door: str, case: Case) -> None:
        event = case.event if case.event.get("id") != "of-the-case" else {**case.event, "id": id_of(name)}
        if door.startswith("Kafka"):
            headers, value = (kafka_binary if door.endswith("binary") else kafka_structured)(event)
            self.heard.offsets[name] = await self.hub.send_bytes(filled(value, case.fills), headers)
        else:
            form, body = (http_binary if door.endswith("binary") else http_structured)(event)
            answer = await self.hub.post_bytes(filled(body, case.fills), form)
            self.heard.answers[name] = answer.status_code, answer.json()

    async def _a_good_one(self) -> None:
        """Send something good of its own on the same partition."""
        number = self.heard.neighbours = self.heard.neighbours + 1
        await self.hub.send(attributes(moved() if number % 2 else person(), id=f"good/{number}"))

    async def _is_quiet(self) -> None:
        found = await quiet(self.stack.system, 90)
        assert found.ok, found.said

    def _pids(self) -> dict[str, int]:
        return {service: self.stack.pid(service) for service in SERVICES}

    def _memory(self) -> dict[str, int]:
        return {service: psutil.Process(pid).memory_info().rss for service, pid in self._pids().items()}

    async def _look(self) -> None:
        records = await self.stack.records("hubs.river-vale.receipts", "hub-river-vale")
        once = {header(record, "ce_id"): json.loads(record.value() or b"") for record in records}
        told = [reason for body in once.values() for reason in body["reasons"]]
        told += [error for _, body in self.heard.answers.values() for error in body.get("errors", ())]
        self.heard.messages += [f"{one['message']} {one['path']} {one.get('detail', '')}" for one in told]
        self.heard.receipts = [body for body in once.values() if body["outcome"] != "parked"]
        for service in SERVICES:
            pool = await self.stack.pool(service)
            self.heard.parked += await pool.fetchval("SELECT count(*) FROM parked")
        self.heard.named_in_logs = files_with(self.stack.home.logs, NAMES)
        await self._look_at_letters()

    async def _look_at_letters(self) -> None:
        sent = {record.offset(): record.value() for record in await self.stack.records(TOPIC)}
        for service in ("enrolment", "scheduling"):
            async with (await self.stack.pool(service)).acquire() as db:
                letters, _ = await find(db, "dead", 10_000)
            self.heard.messages += [f"{letter.message} {letter.path}" for letter in letters]
            for letter in letters:
                whole = sent[letter.record.offset]
                kept = whole[:MOST_KEPT] if whole and len(whole) > MOST_BYTES else whole
                assert letter.record.value == kept, letter.place
                self.heard.letters.setdefault(letter.record.offset, []).append(letter.code)
