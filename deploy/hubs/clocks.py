"""The driven clock of a running system: where it stands, and moving it for every process at once."""

import asyncio
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import httpx

from hubs.home import Home
from hubs.parts.http import trust
from hubs.problems import Misuse, Problem
from mathshubs import clock

LOOK = 0.05  # seconds between two looks
PATIENCE = 30.0  # seconds that a service has to stand where the clock was moved to


class NotDriven(Problem):
    """The system goes by the machine's own clock, which nobody may move."""

    def __init__(self) -> None:
        super().__init__(
            "This system goes by the machine's own clock, which this command does not move. A trial or a\n"
            "demonstration drives its clock from the start: HUBS_CLOCK=2026-09-01T08:00:00+01:00 hubs up"
        )


class ClockGoesForward(Misuse):
    """The clock stands later than the instant named; name a later one."""


class ServiceSilent(Problem):
    """A service does not say where its clock stands; `hubs up` starts it again, or its log says why not."""


async def standing(http: Mapping[str, str]) -> datetime:
    """Return where the driven clock stands, by all services: of those that still move, the earliest.

    Args:
        http: each service's own address, by name.

    Raises:
        NotDriven: if the clock of any service runs.
        ServiceSilent: if one does not answer.
    """
    first = await told(http)
    if first != await told(http):
        raise NotDriven
    return min(first.values())


async def move(home_clock: Path, http: Mapping[str, str], instant: datetime) -> datetime:
    """Move the driven clock to `instant`; every service stands there when this returns. Return where it stood.

    Raises:
        NotDriven: if the clock of any service runs.
        ClockGoesForward: if it stands later already.
        ServiceSilent: if one does not answer, or does not follow within 30 s.
    """
    before = await standing(http)
    if instant < before:
        raise ClockGoesForward(f"The clock stands at {before.isoformat()} and goes forward only.")
    clock.move(home_clock, instant)
    deadline = time.monotonic() + PATIENCE
    while any(stands != instant for stands in (await told(http)).values()):
        if time.monotonic() > deadline:
            raise ServiceSilent("Not every service has followed the clock within 30 s; their logs say why.")
        await asyncio.sleep(LOOK)
    return before


async def told(http: Mapping[str, str]) -> dict[str, datetime]:
    """Return where each service says that its clock stands.

    Raises:
        ServiceSilent: if one does not answer within 30 s.
    """
    async with httpx.AsyncClient(verify=trust(), timeout=5) as client:
        return {service: await _ask(client, service, url) for service, url in http.items()}


async def _ask(client: httpx.AsyncClient, service: str, url: str) -> datetime:
    """Ask one service, again for a while where it does not answer: it may be starting anew."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return datetime.fromisoformat((await client.get(f"{url}/livez")).json()["clock"])
        except (httpx.HTTPError, ValueError, KeyError) as wrong:
            if time.monotonic() > deadline:
                message = f"{service.capitalize()} does not say where its clock stands ({type(wrong).__name__})."
                raise ServiceSilent(message) from wrong
        await asyncio.sleep(LOOK)


async def stand_with(home: Home) -> None:
    """Have this process stand where the services of a home stand, if their clock is driven.

    What a command decides in a service's name is true at the service's own time.
    """
    try:
        stands = await standing(home.running()["http"])
    except NotDriven:
        return
    os.environ |= {"HUBS_CLOCK": stands.isoformat(), "HUBS_HOME": str(home.root)}
