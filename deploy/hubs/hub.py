"""A hub joins the system: its topics, its principal, its row and its API key."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from hubs import topics
from hubs.credentials import Credentials
from hubs.home import Home
from hubs.wiring import Reach

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CODE_LENGTH = 40
REGIONS = (
    "East Midlands",
    "East of England",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and The Humber",
)

FIRST = ("River", "Oak", "Elm", "Stone", "Mill", "Fern", "Ash", "Heath")
SECOND = ("Vale", "Ridge", "Brook", "Moor", "Cross")


class BadCode(ValueError):
    """A hub's code is used in topics and addresses: lower-case letters, digits and single hyphens, 40 at most."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"{code!r} cannot be a hub's code: use lower-case letters, digits and single hyphens, "
            f"at most {CODE_LENGTH} characters, such as river-vale."
        )


@dataclass(frozen=True)
class NewHub:
    """A hub that is to join."""

    code: str
    name: str
    region: str | None = None

    def __post_init__(self) -> None:
        """Refuse a code that could not be part of a topic's name or of an address."""
        if not CODE.fullmatch(self.code) or len(self.code) > CODE_LENGTH:
            raise BadCode(self.code)


def register_hub(reach: Reach, hub: NewHub) -> str | None:
    """Make the hub's row in enrolment and return its API key, or None if it has one already."""
    return None


def add_hubs(home: Home, hubs: Sequence[NewHub]) -> None:
    """Let each hub in; one that is known keeps its password and is made whole.

    `credentials.json` holds each hub's login and API key when this returns.

    Raises:
        NotRunning: if nothing runs in this home.
    """
    reach = Reach.of(home)
    with Credentials.changed(home) as credentials:
        known = credentials.hub_passwords()
        passwords = {hub.code: known.get(hub.code) or secrets.token_urlsafe(24) for hub in hubs}
        topics.ensure_hubs(topics.connect(reach.kafka), passwords, reach.layout)
        for hub in hubs:
            credentials.keep_hub(hub.code, passwords[hub.code])
            if key := register_hub(reach, hub):
                credentials.api_keys[hub.code] = key


def invented(count: int) -> list[NewHub]:
    """Return `count` hubs, 40 at most, that bear no real hub's name."""
    names = [f"{first} {second}" for second in SECOND for first in FIRST]
    return [
        NewHub(name.lower().replace(" ", "-"), f"{name} Maths Hub (invented)", REGIONS[number % len(REGIONS)])
        for number, name in enumerate(names[:count])
    ]
