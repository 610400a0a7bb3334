"""A half-term of several hubs, reported while things happen to a stack, and the proof of what it came to."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiokafka.errors import KafkaError

from enrolment.schools.importing import import_links, import_schools
from hub_system import HubSystem, header
from hubs.forgetting.searching import files_with
from hubs.invented.register import invent
from hubs.proof.proving import prove
from hubs.proof.quiet import quiet
from ledger import Ledger
from mathshubs.journal import Cause
from mathshubs.postgres import Pool
from mathshubs.testing import until
from stack import Stack
from term import NOW, Term

SERVICES = ("enrolment", "scheduling", "notification", "reporting")
SLICE = 7
NAMED = {"Teacher A-", "Teacher L-", "@river-vale.example", "Zed ", "@x.example"}
"""Parts of the names and addresses that these hubs report: none may stand in a log."""


@dataclass
class HalfTerm:
    """Two hubs report, half of their Work Groups by Kafka and half by HTTP; an accepted report is in the ledger."""

    stack: Stack
    ledger: Ledger
    term: Term = field(default_factory=lambda: Term(invent(11, hubs=2, schools_per_hub=24), groups=6))
    doors: Sequence[int] = (1,)
    """The processes of enrolment whose HTTP door is tried, in turn, until one has taken the report."""
    _reported: int = 0

    @classmethod
    async def furnished(cls, stack: Stack, folder: Path, **settings: str) -> "HalfTerm":
        """Start every service, let the hubs in and import their schools."""
        stack.settings |= {"HUBS_CLOCK": NOW, **settings}
        self = cls(stack, Ledger(folder / "ledger"))
        for hub in self.term.register.hubs:
            await stack.hub(hub.code, hub.name, hub.region)
        register, links = self.term.register.write(folder)
        pool, cause = await stack.pool("enrolment"), Cause("operator:tests")
        await import_schools(pool, register, cause)
        await import_links(pool, links, cause)
        await stack.start(*SERVICES)
        return self

    async def report(self, share: float) -> None:
        """Report on, until `share` of every hub's reports is accepted; each hub in its own order, all hubs at once."""
        await self._report_up_to(round(share * self._longest))

    async def report_during(self, happening: Awaitable[object], share: float) -> None:
        """Report on up to `share`, a slice of each hub's every now and then while something happens, the rest after."""
        task = asyncio.ensure_future(happening)
        while not task.done() and self._reported < round(share * self._longest):
            await self._report_up_to(self._reported + 1)
            await asyncio.wait({task}, timeout=0.2)
        await task
        await self.report(share)

    @property
    def _longest(self) -> int:
        return max(len(self._slices(hub.code)) for hub in self.hubs)

    async def _report_up_to(self, end: int) -> None:
        begin, self._reported = self._reported, end
        await asyncio.gather(*(self._send(hub.code, self._slices(hub.code)[begin:end]) for hub in self.hubs))

    @property
    def hubs(self) -> Sequence[Any]:
        """Return the hubs of the invented register."""
        return self.term.register.hubs

    def _slices(self, hub: str) -> Sequence[tuple[bool, list[dict[str, Any]]]]:
        """Return the reports in slices, Work Groups abreast, each with whether it goes by HTTP."""
        groups = [
            [(number % 2 == 1, group[start : start + SLICE]) for start in range(0, len(group), SLICE)]
            for number, group in enumerate(self.term.reports(hub))
        ]
        return [one for abreast in itertools.zip_longest(*groups) for one in abreast if one]

    async def _send(self, hub: str, slices: Sequence[tuple[bool, list[dict[str, Any]]]]) -> None:
        system = await self.stack.hub(hub)
        for by_http, events in slices:
            await (self._post if by_http else self._publish)(system, events)
            for event in events:
                self.ledger.accepted(hub, event, "http" if by_http else "kafka")

    async def _publish(self, system: HubSystem, events: list[dict[str, Any]]) -> None:
        for event in events:

            async def taken(event: dict[str, Any] = event) -> bool:
                try:
                    await system.send(event, key=event["data"].get("work_group"))
                except KafkaError:
                    return False
                return True

            await until(taken, seconds=120, what="Kafka takes a report")

    async def _post(self, system: HubSystem, events: list[dict[str, Any]]) -> None:
        doors = itertools.cycle(self.doors)

        async def taken() -> bool:
            try:
                async with asyncio.timeout(4):
                    answer = await system.post(events, instance=next(doors))
            except (TimeoutError, httpx.TransportError):
                return False
            assert answer.status_code in (202, 503), answer.text
            return answer.status_code == 202

        await until(taken, seconds=120, what="HTTP takes a slice of reports")

    async def is_answered(self) -> bool:
        """Say whether enrolment has answered, and published, all that was accepted by now."""
        pool = await self.stack.pool("enrolment")
        answered = (await self._receipts()).keys() >= self.ledger.events()
        return answered and not await pool.fetchval("SELECT count(*) FROM outbox")

    async def is_quiet(self) -> None:
        """Wait until nothing moves."""
        found = await quiet(self.stack.system, 90)
        assert found.ok, found.said

    async def assert_all_took_effect_once(self, others: int = 0) -> None:
        """Hold every store, receipt, mail and topic against what was accepted; and see that no log names anybody.

        Args:
            others: people who were reported beside those of the half-term.
        """
        await self.is_quiet()
        beside = {"enrolment.people": others, "notification.people": others}
        expected = {store: rows + beside.get(store, 0) for store, rows in self.term.effects.items()}
        assert await self._effects() == expected
        assert await self._receipts() == {report: ["applied"] for report in self.ledger.events()}
        checks = await prove(self.stack.system)
        assert [check.said for check in checks if not check.ok] == []
        for service in SERVICES:
            assert await self._out_of_order(f"{service}.facts") == []
        assert files_with(self.stack.home.logs, NAMED) == []

    async def _effects(self) -> dict[str, int]:
        found = {}
        for store in self.term.effects:
            service, _, table = store.partition(".")
            standing = "WHERE superseded_at IS NULL" if table == "attendance" else ""
            pool = await self.stack.pool(service)
            found[store] = await pool.fetchval(f"SELECT count(*) FROM {table} {standing}")
        return found

    async def _receipts(self) -> dict[tuple[str, str, str], list[str]]:
        """Return each report's final outcomes; Kafka may carry one receipt twice, under one id."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for hub in self.hubs:
            records = await self.stack.records(f"hubs.{hub.code}.receipts", f"hub-{hub.code}")
            for said in {header(record, "ce_id"): json.loads(record.value() or b"") for record in records}.values():
                if said["outcome"] != "parked":
                    outcome = "applied" if said["outcome"] == "flagged" else said["outcome"]
                    found.setdefault((hub.code, said["source"], said["event_id"]), []).append(outcome)
        return found

    async def _out_of_order(self, topic: str) -> list[bytes | str | None]:
        """Return the keys whose facts, each taken where it stands first, are not in the order of their versions."""
        firsts: dict[bytes | str | None, dict[str, int]] = {}
        for record in await self.stack.records(topic):
            firsts.setdefault(record.key(), {}).setdefault(header(record, "ce_id"), int(header(record, "ce_sequence")))
        return [key for key, versions in firsts.items() if list(versions.values()) != sorted(versions.values())]


async def backend_waits(pool: Pool) -> bool:
    """Say whether a transaction of another process waits for a lock in this database."""
    waiting = """
        SELECT count(*)
          FROM pg_stat_activity
         WHERE datname = current_database()
           AND wait_event_type = 'Lock'
    """
    return bool(await pool.fetchval(waiting))
