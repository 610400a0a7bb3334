"""Runs the mailbox: `python -m hubs.mailbox --store .hubs/mailbox`."""

import argparse
import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from hubs.mailbox.door import mailbox
from hubs.mailbox.smtp import listen
from hubs.mailbox.store import Store
from mathshubs.settings import settings

_LOOPBACK: Final = "127.0.0.1"  # the mail of invented people is nobody else's business


class PortBusy(OSError):
    """Something else listens on the port; name another."""


def main() -> None:
    """Serve until INT or TERM; say on one line of JSON when both doors are open."""
    asked = _asked()
    try:
        smtp, http = _bound(asked.smtp_port), _bound(asked.http_port)
    except PortBusy as busy:
        sys.exit(f"{busy}")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Store(asked.store), smtp, http, asked.bounces))


def _asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m hubs.mailbox", description=sys.modules[__name__].__doc__)
    parser.add_argument("--smtp-port", type=int, default=8025, help="port for mail; 0 takes a free one (8025)")
    parser.add_argument("--http-port", type=int, default=8005, help="port for the page; 0 takes a free one (8005)")
    parser.add_argument("--bounces", metavar="HOST:PORT", help="where bounces go; none are sent by default")
    parser.add_argument("--store", type=Path, required=True, metavar="DIR", help="folder that keeps the mail")
    return parser.parse_args()


def _bound(port: int) -> socket.socket:
    """Bind a port of this machine alone.

    Raises:
        PortBusy: if something else has it.
    """
    try:
        return socket.create_server((_LOOPBACK, port), backlog=512)
    except OSError as error:
        raise PortBusy(f"Port {port} on {_LOOPBACK} is busy; name another with --smtp-port or --http-port.") from error


async def _serve(store: Store, smtp: socket.socket, http: socket.socket, bounces: str | None) -> None:
    """Serve both doors from one loop."""

    @contextlib.asynccontextmanager
    async def both_doors(_app: FastAPI) -> AsyncIterator[None]:
        receiving = await listen(store, smtp, bounces=bounces)
        print(
            json.dumps({"event": "ready", "smtp": _address(smtp), "http": f"http://{_address(http)}/inbox"}), flush=True
        )
        yield
        receiving.close()

    app = mailbox(store, both_doors, invented=settings().demo)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3))
    await server.serve(sockets=[http])


def _address(bound: socket.socket) -> str:
    """Return host and port of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"{host}:{port}"


if __name__ == "__main__":
    main()
