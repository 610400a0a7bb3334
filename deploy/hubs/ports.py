"""Which loopback ports the parts listen on: the usual ones, or free ones where those are taken."""

import secrets
import socket
import sys
from collections.abc import Iterable, Mapping

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
    "bounces": 8026,
    "kafka": 29092,
    "controller": 29093,
    "postgres": 25432,
}
FREE = range(10_000, 28_000)


_promised: dict[int, socket.socket] = {}
"""Ports that parts of this process are about to listen on, each held by a UDP socket of the same number.

A part binds its port seconds after it was chosen. Another `hubs up`, whoever runs it, sees the port promised
meanwhile; the promise ends with the process, however it ends.
"""


def promise(port: int) -> bool:
    """Promise a loopback port to a part to come; False if something listens there or it is promised already."""
    if port in _promised or not _could_listen(port):
        return False
    held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        held.bind(("127.0.0.1", port))
    except OSError:
        held.close()
        return False
    _promised[port] = held
    return True


def release(ports: Iterable[int]) -> None:
    """Give up promises: the parts that they were for have stopped."""
    for port in ports:
        if held := _promised.pop(port, None):
            held.close()


def _could_listen(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Promise and return a free loopback port."""
    return next(port for port in iter(lambda: secrets.choice(FREE), None) if promise(port))


def choose(usual: Mapping[str, int] = USUAL) -> dict[str, int]:
    """Promise and return a port for each name; what was taken is replaced, and said on stderr."""
    chosen = {name: port if promise(port) else free_port() for name, port in usual.items()}
    for name, port in usual.items():
        if chosen[name] != port:
            print(f"Port {port} is taken; {name} listens on {chosen[name]} instead.", file=sys.stderr, flush=True)
    return chosen
