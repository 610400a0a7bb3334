"""A hub joins the system: its topics, its principal, its row and its API key."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from enrolment.hubs.domain import Hub
from enrolment.hubs.store import issue_key, register_hub
from enrolment.intake.store import cover
from hubs import topics
from hubs.acting import operator
from hubs.clocks import stand_with
from hubs.credentials import Credentials
from hubs.home import Home
from hubs.problems import Misuse, pooled
from hubs.wiring import Reach
from mathshubs import clock
from mathshubs.keys import NATIONAL, Keys
from mathshubs.postgres import Pool

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE_LENGTH = 40
LOCAL_AUTHORITY = re.compile(r"[0-9]{3}", re.ASCII)
REGIONS = (
    "East Midlands",
    "East of England",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and the Humber",
)

FIRST = ("River", "Oak", "Elm", "Stone", "Mill", "Fern", "Ash", "Heath")
SECOND = ("Vale", "Ridge", "Brook", "Moor", "Cross")


class BadCode(Misuse):
    """A hub's code is used in topics and addresses: lower-case letters, digits and single hyphens, 40 at most."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"{code!r} cannot be a hub's code: use lower-case letters, digits and single hyphens, "
            f"at most {CODE_LENGTH} characters, such as river-vale; {NATIONAL!r} is the nation's own."
        )


class UnknownRegion(Misuse):
    """A hub works in one of England's nine regions; figures by region know no other."""

    def __init__(self, region: str) -> None:
        super().__init__(f"{region!r} is none of England's regions; write {', '.join(REGIONS[:-1])} or {REGIONS[-1]}.")


class BadLocalAuthority(Misuse):
    """A local authority is named by the three digits of its code in the register."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is no local authority's code; write its three digits, such as 925 (Lincolnshire).")


@dataclass(frozen=True)
class NewHub:
    """A hub that is to join."""

    code: str
    name: str
    region: str | None = None
    local_authorities: tuple[str, ...] = ()
    """Codes of the local authorities that it covers, as the register has them."""

    def __post_init__(self) -> None:
        """Refuse a code that could not be part of a topic's name or of an address, and a region that is none."""
        if not CODE.fullmatch(self.code) or len(self.code) > CODE_LENGTH or self.code == NATIONAL:
            raise BadCode(self.code)
        if self.region is not None and self.region not in REGIONS:
            raise UnknownRegion(self.region)
        for local_authority in self.local_authorities:
            if not LOCAL_AUTHORITY.fullmatch(local_authority):
                raise BadLocalAuthority(local_authority)


def add_hubs(home: Home, hubs: Sequence[NewHub]) -> None:
    """Let each hub in; one that is known keeps its password and its key, and is made whole.

    `credentials.json` holds each hub's login and API key when this returns, and the national key.

    Raises:
        NotRunning: if nothing runs in this home.
    """
    reach = Reach.of(home)
    with Credentials.changed(home) as credentials:
        known = credentials.hub_passwords()
        passwords = {hub.code: known.get(hub.code) or secrets.token_urlsafe(24) for hub in hubs}
        if hubs:
            topics.ensure_hubs(topics.connect(reach.kafka), passwords, reach.layout)
        for code, password in passwords.items():
            credentials.keep_hub(code, password)
        if "enrolment" in home.running()["http"]:
            credentials.api_keys |= asyncio.run(_register(home, hubs, credentials.api_keys.keys()))


async def _register(home: Home, hubs: Sequence[NewHub], known: Collection[str]) -> dict[str, str]:
    """Register the hubs with enrolment and return the API keys that are missing among `known`."""
    async with enrolment(home) as (pool, keys):
        issued = {
            hub.code: await register_hub(
                pool, keys, Hub(hub.code, hub.name, hub.region), by=operator(), fresh_key=hub.code not in known
            )
            for hub in hubs
        }
        for hub in hubs:
            await cover(pool, hub.code, hub.local_authorities, clock.today())
        if NATIONAL not in known:
            issued[NATIONAL] = await issue_key(pool, keys, None, by=operator())
    return {code: key for code, key in issued.items() if key}


@asynccontextmanager
async def enrolment(home: Home) -> AsyncIterator[tuple[Pool, Keys]]:
    """Open the running system's enrolment database, with what signs its API keys.

    Raises:
        NotRunning: if nothing runs in this home.
        DatabaseAway: if it cannot be opened.
    """
    url = home.running()["postgres"]["enrolment"]
    await stand_with(home)
    async with pooled(url, "enrolment", size=2) as pool:
        yield pool, Keys(home.secrets["secret"])


def invented(count: int) -> list[NewHub]:
    """Return `count` hubs, 40 at most, that bear no real hub's name."""
    names = [f"{first} {second}" for second in SECOND for first in FIRST]
    return [
        NewHub(name.lower().replace(" ", "-"), f"{name} Maths Hub (invented)", REGIONS[number % len(REGIONS)])
        for number, name in enumerate(names[:count])
    ]
