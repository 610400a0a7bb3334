"""Plays the year: at each stop of the clock hubs report, the operator commands, and all comes to rest."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hubs.demo.acts import Act, Again, Forget, ImportRegister, OurId, Sent, TurnedBack, Unsubscribe
from hubs.demo.clicking import unsubscribe
from hubs.demo.clients import HubSystem
from hubs.demo.network import Network
from hubs.demo.running import NotSo, Running
from hubs.demo.script import Script, Stop
from hubs.demo.telling import Telling
from hubs.demo.terms import write_calendars
from hubs.hub import NewHub, add_hubs
from hubs.invented.register import InventedRegister
from mathshubs.ids import References


async def play(script: Script, running: Running, telling: Telling, pause: float = 0.0) -> None:
    """Play every stop in order, with `pause` seconds to look at what each came to.

    Raises:
        NotSo: if the system does not do what the script says.
    """
    await furnish(script.network, running, telling)
    async with running.clients([hub.code for hub in script.network.hubs]) as systems:
        playing = Playing(running, systems, References(running.home.secrets["secret"]))
        for stop in script.stops:
            with telling.stop(stop):
                await playing.stop(stop)
            await asyncio.sleep(pause)


async def furnish(network: Network, running: Running, telling: Telling) -> None:
    """Import the register, and let the hubs in, as an operator does."""
    with telling.doing("Importing the school register"):
        said = await _import(network.register, running)
    counts = {"schools": said["added"], "links": said["links"]["added"]}
    telling.step(f"Register imported: {said['added']} schools; {counts['links']} of them became another", **counts)
    with telling.doing("Importing term dates"), TemporaryDirectory(prefix="hubs-") as folder:
        authorities = sorted({school.authority[0] for school in network.register.schools})
        dates = write_calendars(authorities, Path(folder) / "term-dates.csv")
        said = await running.command("calendar", "import", str(dates))
    telling.step(
        f"Term dates imported: {len(authorities)} local authorities, three patterns", calendars=said["calendars"]
    )
    hubs = [
        NewHub(hub.code, f"{hub.name} Maths Hub", hub.region, network.authorities(hub.code)) for hub in network.hubs
    ]
    with telling.doing("Letting the hubs in"):
        await asyncio.to_thread(add_hubs, running.home, hubs)
    telling.step(f"{len(hubs)} hubs let in, each with its own login and key", hubs=[hub.code for hub in hubs])


async def _import(register: InventedRegister, running: Running) -> dict[str, Any]:
    with TemporaryDirectory(prefix="hubs-") as folder:
        schools, links = register.write(Path(folder))
        return await running.command("register", "import", str(schools), "--links", str(links))


@dataclass(frozen=True)
class Playing:
    """One year on a running system."""

    running: Running
    systems: dict[str, HubSystem]
    ids: References

    async def stop(self, stop: Stop) -> None:
        """Move the clock to a stop, do what happens there, and wait until all is quiet."""
        await self.running.stands_at(stop.at)
        for act in stop.acts:
            if isinstance(act, ImportRegister):
                await _import(act.register, self.running)
        await self._reports(stop.acts)
        await self.running.is_quiet()
        for act in stop.acts:
            if await self._afterwards(act):
                await self.running.is_quiet()

    async def _reports(self, acts: Sequence[Act]) -> None:
        """Have every hub send its own at the same time, each in order."""
        sent = self._known(act for act in acts if isinstance(act, Sent))
        again = self._known(act.sent for act in acts if isinstance(act, Again))
        theirs = {
            hub: ([one for one in sent if one.hub == hub], [one for one in again if one.hub == hub])
            for hub in self.systems
        }
        await asyncio.gather(
            *(asyncio.to_thread(self.systems[hub].deliver, *both) for hub, both in theirs.items() if any(both))
        )

    def _known(self, sent: Iterable[Sent]) -> list[Sent]:
        """Return reports with the network's ids of other hubs' people put in."""
        return [replace(one, event={**one.event, "data": self._resolved(one.content)}) for one in sent]

    def _resolved(self, content: Mapping[str, Any]) -> dict[str, Any]:
        named = {name: word for name, word in content.items() if isinstance(word, OurId)}
        return {
            **content,
            **{name: str(self.ids.resolve(who.hub, "person", who.person)) for name, who in named.items()},
        }

    async def _afterwards(self, act: Act) -> bool:
        """Do what follows upon reports; return whether it did anything that must come to rest."""
        match act:
            case TurnedBack(sent):
                status, codes = await asyncio.to_thread(self.systems[sent.hub].turned_back, sent)
                if sent.code not in codes:
                    raise NotSo(f"HTTP answered a bad event with {status} {codes}", self.running.log_of("enrolment"))
                return False
            case Forget(hub, person):
                await self.running.command("forget", f"{hub}:{person}", "--why", "asked us to")
                return True
            case Unsubscribe(email):
                await unsubscribe(self.running.ready["inbox"], email)
                return True
            case _:
                return False
