"""Where the parts of a system are that no `hubs up` runs, such as compose's: HUBS_… tells its commands."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from hubs.ports import USUAL
from hubs.problems import Misuse


class NotTold(Misuse):
    """Some settings say where parts are, and others are missing; set those that the message names."""

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__(
            f"Set {', '.join(missing)} too. Nothing runs in this home, so commands go by what HUBS_KAFKA (with the\n"
            "admin's login: USER:PASSWORD@HOST:PORT), HUBS_SECRET and each HUBS_<SERVICE>_POSTGRES say."
        )


def databases(services: Sequence[str]) -> dict[str, str]:
    """Return the database of each service that HUBS_<SERVICE>_POSTGRES names, made and migrated by whoever did."""
    named = {service: os.environ.get(f"HUBS_{service.upper()}_POSTGRES") for service in services}
    return {service: url for service, url in named.items() if url}


def ready_line(services: Sequence[str]) -> dict[str, Any] | None:
    """Return what the ready line of such a system would say; None if no setting names a service's database.

    Each service answers at HUBS_<SERVICE>_URL, by default on this machine at its usual port.

    Raises:
        NotTold: if a setting that commands need is missing.
    """
    named = databases(services)
    if not named:
        return None
    needed = ("HUBS_KAFKA", "HUBS_SECRET", *(f"HUBS_{service.upper()}_POSTGRES" for service in services))
    if missing := [name for name in needed if not os.environ.get(name)]:
        raise NotTold(missing)
    usual = {service: f"http://127.0.0.1:{USUAL[service]}" for service in services}
    return {
        "http": {service: os.environ.get(f"HUBS_{service.upper()}_URL") or usual[service] for service in services},
        "postgres": named,
        "inbox": "",
        "pids": {},
    }
