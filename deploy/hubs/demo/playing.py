"""Plays the scene: hubs report, the operator gives commands, the clock goes on; each step is seen to have worked."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from hubs.demo import faulty
from hubs.demo.clients import HubSystem
from hubs.demo.running import NotSo, Running
from hubs.demo.scene import AFTERWARDS, JOINING, MOVING, PLANNING, REGISTERS, Scene, Sent
from hubs.demo.seeing import Seeing, starts_at
from hubs.demo.telling import Telling

WAYS = ("by Kafka, binary", "by Kafka, structured", "by HTTP")


async def play(scene: Scene, running: Running, telling: Telling, pause: float = 0.0) -> None:
    """Play every act in order, with `pause` seconds to look at what each came to.

    Raises:
        NotSo: if the system does not do what the scene says.
    """
    await furnish(scene, running, telling)
    async with running.clients([hub.code for hub in scene.papers.hubs]) as systems:
        playing = Playing(scene, running, telling, systems, Seeing(scene.papers, running, systems))
        for act in (playing.join, playing.err, playing.plan, playing.mend, playing.move, playing.hold, playing.amend):
            await act()
            await asyncio.sleep(pause)
        await playing.forget()


async def furnish(scene: Scene, running: Running, telling: Telling) -> None:
    """Import the register, and let the hubs in, by the operator's commands."""
    with telling.doing("Importing the school register"), TemporaryDirectory(prefix="hubs-") as folder:
        register, links = scene.papers.register.write(Path(folder))
        said = await running.command("register", "import", str(register), "--links", str(links))
    counts = {"schools": said["added"], "links": said["links"]["added"]}
    telling.step(
        f"Register imported: {said['added']} schools; {said['links']['added']} of them became another", **counts
    )
    hubs = scene.papers.hubs
    with telling.doing("Letting the hubs in"):
        for hub in hubs:
            about = ("--name", f"{hub.name} Maths Hub", "--region", hub.region)
            await running.command("hub", "add", hub.code, *about)
    named = [f"{hub.name} reports {way}" for hub, way in zip(hubs, WAYS, strict=True)]
    telling.step(f"{len(hubs)} hubs let in, each with its own login and key", named, hubs=[hub.code for hub in hubs])


@dataclass(frozen=True)
class Playing:
    """One run of the scene on a running system."""

    scene: Scene
    running: Running
    telling: Telling
    systems: dict[str, HubSystem]
    seen: Seeing

    async def join(self) -> None:
        """Schools join and name their advocates; at one school before its Work Group is there."""
        await self._at(JOINING, "schools join, and name their advocates")
        scene, early = self.scene, self.scene.early
        await self._send(scene.people)
        await self._send(early)
        await self.running.until(lambda: self.seen.is_parked(early[0]), "an early nomination is parked", "enrolment")
        self.telling.step(f"{len(early)} nominations came before their Work Group: parked, not lost", parked=len(early))
        await self._send(scene.awaited)
        await self._send(scene.joining)
        await self._send(scene.repeats, by_the_other_door=True)
        await self._settled()
        for one in early:
            outcomes = [outcome for outcome, _ in await self.seen.answers(one)]
            self._see(outcomes == ["parked", "applied"], f"an early nomination was answered {outcomes}", "enrolment")
        self.telling.step("Their Work Group came, and they were applied in order")
        reports = [*scene.people, *scene.joining, *early, *scene.awaited]
        groups = scene.papers.groups
        schools, teachers = sum(len(one.schools) for one in groups), sum(len(one.advocates) for one in groups)
        self.telling.step(
            f"{len(reports)} reports: {len(groups)} Work Groups, {schools} schools, {teachers} advocates",
            [f"{len(scene.repeats)} of them came twice, the second time by the other door, and count once"],
            reports=len(reports),
            repeats=len(scene.repeats),
        )

    async def err(self) -> None:
        """A school asks that may not join, and hubs send what cannot be applied: each gets its reason."""
        refused, back = self.scene.refused, self.scene.turned_back
        await self._send([refused, *self.scene.bad])
        status, codes = await asyncio.to_thread(self.systems[back.hub].turned_back, back)
        self._see(back.code in codes, f"HTTP answered a bad event with {status} {codes}", "enrolment")
        await self._settled()
        [(outcome, reasons)] = await self.seen.answers(refused)
        as_wanted = outcome == "refused" and refused.code in reasons
        self._see(as_wanted, f"an independent school was answered {outcome} {reasons}", "enrolment")
        self.telling.step("An independent school was refused, with the reasons", [", ".join(reasons)], reasons=reasons)
        found = sorted(letter["code"] for letter in (await self.running.command("dlq", "list"))["letters"])
        wanted = sorted(one.code for one in self.scene.bad)
        self._see(found == wanted, f"the dead letters are {found}, not {wanted}", "enrolment")
        self.telling.step(
            f"{len(found)} bad events set aside, each with its reason; the rest went on",
            [f"hubs dlq list: {', '.join(found)}", f"HTTP turned another back: {status} {', '.join(codes)}"],
            codes=found,
            turned_back=status,
        )

    async def plan(self) -> None:
        """Meetings are scheduled, one of which the database will not keep; the others go on."""
        await self._at(PLANNING, "October's meetings are scheduled")
        first = self.scene.poison[0]
        await asyncio.to_thread(faulty.lay, self.running.home)
        await self._send([*self.scene.poison, *self.scene.planning])
        with self.telling.doing("Waiting until the service has tried five times"):
            await self.running.until(lambda: self.seen.is_poisoned(first), "a meeting is parked", faulty.WHERE)
        await self._settled()
        groups = [self.seen.group_of(one) for one in self.scene.planning]
        wanted, entries = sum(1 + len(group.advocates) for group in groups), await self.seen.entries(groups)
        self._see(entries == wanted, f"{entries} calendars know of a meeting, not {wanted}", "notification")
        self.telling.step(
            f"{len(groups)} meetings are in {entries} calendars, by mail with an .ics",
            meetings=len(groups),
            calendars=entries,
        )
        self.telling.step(
            "One meeting met a fault: five tries, then parked; the others went on",
            [f"a trigger laid for this run refuses to keep a meeting at {first.event['data']['place']}"],
        )

    async def mend(self) -> None:
        """The cause is mended, and the operator lets the parked meeting go on, in order."""
        first, behind = self.scene.poison
        await asyncio.to_thread(faulty.mend, self.running.home)
        asked = ("parked", "release", faulty.WHERE, self.seen.key_of(first))
        await self.running.command(*asked, "--why", "the trigger that refused it is gone")
        await self._settled()
        outcomes = [(await self.seen.answers(one))[-1][0] for one in (first, behind)]
        self._see(outcomes == ["applied", "applied"], f"what was released came to {outcomes}", faulty.WHERE)
        group = self.seen.group_of(first)
        starts = [entry.starts_at for entry in await self.seen.diary(group)]
        wanted = [starts_at(behind)] * (1 + len(group.advocates))
        self._see(starts == wanted, "calendars do not show the meeting where it was moved to", "notification")
        self.telling.step(
            "Mended and released: the meeting, then its move, in order",
            [f"hubs parked release {faulty.WHERE} meeting:… --why …"],
            outcomes=outcomes,
        )

    async def move(self) -> None:
        """One meeting moves: so does the entry in each calendar."""
        await self._at(MOVING, "a meeting is moved")
        group, moved = self.scene.mover, self.scene.moved
        before = await self.seen.diary(group)
        await self._send([moved])
        await self._settled()
        after = [(entry.uid, entry.sequence, entry.starts_at) for entry in await self.seen.diary(group)]
        wanted = [(entry.uid, 1, starts_at(moved)) for entry in before]
        self._see(after == wanted, "a moved meeting did not move in every calendar", "notification")
        self.telling.step(
            f"The same entry moved in {len(after)} calendars: one UID each, SEQUENCE 1",
            [f"from {before[0].starts_at:%a %d %b} to {starts_at(moved):%a %d %b}"],
            calendars=len(after),
        )

    async def hold(self) -> None:
        """The meetings were held: registers come in, all but one, and figures with them."""
        await self._at(REGISTERS, "the half-term ends: registers come in, all but one")
        before = await self.seen.figures()
        self.telling.step(f"Before: {before}", figures=asdict(before))
        await self._send(self.scene.registers)
        await self._send(self.scene.next_meetings)
        await self._settled()
        after = await self.seen.figures()
        self.telling.step(f"After: {after}", figures=asdict(after))

    async def amend(self) -> None:
        """A register arrives late: the figures rise, and what was known before can still be asked for."""
        published = await self.seen.figures()
        await self._at(AFTERWARDS, "the last register arrives, ten days late")
        await self._send([self.scene.late])
        await self._settled()
        now, then = await self.seen.figures(), await self.seen.figures(known_at=REGISTERS)
        self._see(then == published, f"what was known is told otherwise now: {then}", "reporting")
        self.telling.step(f"Now: {now}", figures=asdict(now))
        self.telling.step(f"As known on 23 Oct: {then}", figures=asdict(then))

    async def forget(self) -> None:
        """Somebody asks to be forgotten: they are nowhere, and the figures are the same."""
        hub, who = self.scene.forgotten
        before = await self.seen.figures()
        with self.telling.doing("Forgetting somebody, and searching every store for them"):
            said = await self.running.command("forget", f"{hub}:{who.reference}", "--why", "asked us to")
        await self._settled()
        same = await self.seen.figures() == before
        self._see(same, "the figures changed when somebody was forgotten", "reporting")
        stores = [store["store"] for store in said["stores"]]
        self.telling.step(
            "Somebody was forgotten: no store knows them; the figures stand",
            [f"searched: {', '.join(stores)}"],
            stores=stores,
        )

    async def _at(self, instant: datetime, title: str) -> None:
        await self.running.stands_at(instant)
        self.telling.act(instant, title)

    async def _send(self, sent: Sequence[Sent], *, by_the_other_door: bool = False) -> None:
        """Have each hub send its own, in order: the last hub by HTTP, the others by Kafka."""
        for hub, theirs in _by_hub(sent):
            by_http = (hub == self.scene.papers.hubs[-1].code) is not by_the_other_door
            system = self.systems[hub]
            await asyncio.to_thread(system.post if by_http else system.publish, theirs)

    async def _settled(self) -> None:
        with self.telling.doing("Waiting until all is quiet"):
            await self.running.is_quiet()

    def _see(self, so: bool, otherwise: str, service: str) -> None:
        if not so:
            raise NotSo(otherwise[0].upper() + otherwise[1:], self.running.log_of(service))


def _by_hub(sent: Sequence[Sent]) -> Iterator[tuple[str, list[Sent]]]:
    for hub, theirs in groupby(sorted(sent, key=lambda one: one.hub), key=lambda one: one.hub):
        yield hub, list(theirs)
