"""Which loopback ports the parts listen on: the usual ones, or free ones where those are taken."""

import secrets
import socket
import sys
from collections.abc import Mapping

# Below Linux's range of outgoing ports (32768 and up): a client that dials a dead part again and again
# would otherwise, sooner or later, be given the very port it dials, and hold it against the part's return.
USUAL = {
    "caddy": 8000,
    "enrolment": 8001,
    "scheduling": 8002,
    "notification": 8003,
    "reporting": 8004,
    "mailbox": 8005,
    "smtp": 8025,
    "kafka": 29092,
    "controller": 29093,
    "postgres": 25432,
}
FREE = range(10_000, 28_000)


def is_free(port: int) -> bool:
    """Return whether something could listen on this loopback port now."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: frozenset[int] = frozenset()) -> int:
    """Return a free loopback port that is not among `taken`."""
    return next(port for port in iter(lambda: secrets.choice(FREE), None) if port not in taken and is_free(port))


def choose(usual: Mapping[str, int] = USUAL) -> dict[str, int]:
    """Return a port for each name; what was taken is replaced, and said on stderr."""
    chosen: dict[str, int] = {}
    for name, port in usual.items():
        chosen[name] = port if is_free(port) else free_port(frozenset([*usual.values(), *chosen.values()]))
        if chosen[name] != port:
            print(f"Port {port} is taken; {name} listens on {chosen[name]} instead.", file=sys.stderr, flush=True)
    return chosen
