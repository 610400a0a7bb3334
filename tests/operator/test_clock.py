"""`hubs clock` on a system that goes by the machine's own clock."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hubs import clocks
from mathshubs import clock
from operators_desk import Desk


class _Door(BaseHTTPRequestHandler):
    """A service's /livez, whose clock runs."""

    def do_GET(self) -> None:
        """Say what the machine's clock shows."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "alive", "clock": "%s"}' % clock.now().isoformat().encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[str]:
    """The address of a service whose clock runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


async def test_a_clock_that_runs_is_not_moved(desk: Desk, door: str) -> None:
    """Nobody may tell a live system that it is next year; the operator learns how a trial is begun."""
    before = clock.now()

    with pytest.raises(clocks.NotDriven, match="HUBS_CLOCK="):
        await clocks.move(desk.operator.home.clock, {"enrolment": door}, before.replace(year=before.year + 1))

    assert not desk.operator.home.clock.exists()
