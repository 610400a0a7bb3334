"""The origin: which service answers which address, and what is said when it is away."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from hubs.home import SERVICES, Home
from hubs.parts.caddy import Caddy
from hubs.parts.launch import Running
from hubs.parts.standing import await_ready
from hubs.ports import free_port

ADDRESSES = {
    "enrolment": "/sign-in /enrol/river-vale /find-a-hub /v1/events /v1/events/validate /v1/work-groups /v1/schools/1 "
    "/ops/enrolment /ops/enrolment/letters/1",
    "scheduling": "/meet/1 /r/token /j/token /v1/meetings /v1/meetings/1 /ops/scheduling",
    "notification": "/mail/1 /u/token /calendar/token.ics /v1/deliveries?cursor=1 "
    "/ops/notification /ops/notification/parked",
    "reporting": "/ /live /live/stream /ops/reporting /hub/river-vale /data/ /data/groups /events/ /ops "
    "/v1/figures?measure=M2 /v1/figures/members /v1/feed /v1/timelines/1 /assets/page.css",
    "mailbox": "/inbox /inbox/messages?to=a@b.example /inbox/messages/1/raw",
}
AWAY = "notification"


@contextmanager
def named_server(name: str) -> Iterator[str]:
    """Serve, at every path, the server's name."""

    class Named(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the name."""
            self.send_response(200)
            self.send_header("Content-Length", str(len(name)))
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Named)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def origin(home: Home) -> Iterator[str]:
    """Caddy in front of a server for each service but one."""
    with ExitStack() as stack:
        upstreams = {name: stack.enter_context(named_server(name)) for name in (*SERVICES, "mailbox") if name != AWAY}
        caddy = Caddy(home, free_port(), {**upstreams, AWAY: f"127.0.0.1:{free_port()}"})
        running = Running(home, caddy.name, caddy.prepare())
        stack.callback(running.stop)
        await_ready(caddy, running)
        yield caddy.url


@pytest.mark.parametrize("service", sorted(ADDRESSES.keys() - {AWAY}))
def test_each_address_is_answered_by_its_service(origin: str, service: str) -> None:
    """People and programs know one address; which service is behind a path is written down once."""
    answered = {path: httpx.get(origin + path).text for path in ADDRESSES[service].split()}

    assert answered == dict.fromkeys(answered, service)


def test_a_service_that_is_away_is_a_problem_that_says_to_come_back(origin: str, home: Home) -> None:
    """A client that honours Retry-After loses nothing. No log keeps the address: it may hold a token or a person's."""
    answer = httpx.get(f"{origin}/u/amina-okafor-canary", timeout=10)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["content-type"] == "application/problem+json"
    assert _spelled(answer) == ("urn:mathshubs:problem:service-away", ["service-away"])
    assert "canary" not in (home.logs / "caddy.log").read_text()


def test_a_person_whose_service_is_away_reads_a_page(origin: str) -> None:
    """It says to come back, and their browser's own programs are told when."""
    answer = httpx.get(f"{origin}/u/token", headers={"accept": "text/html,*/*;q=0.8"}, timeout=10)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>This page is not available at the moment</h1>" in answer.text
    assert "Try again in a minute." in answer.text


def _spelled(problem: httpx.Response) -> tuple[str, list[str]]:
    """Return a problem's type and its errors' codes, spelled as the services spell theirs."""
    body = problem.json()
    return body["type"], [error["code"] for error in body["errors"]]


def test_an_address_that_nobody_answers_is_a_problem_too(origin: str) -> None:
    """Not an empty page."""
    answer = httpx.get(f"{origin}/wp-admin")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert _spelled(answer) == ("urn:mathshubs:problem:not-found", ["not-found"])


def test_a_person_who_mistypes_an_address_reads_a_page(origin: str) -> None:
    """A browser shows JSON as it is spelled, and nobody knows where to go from there."""
    answer = httpx.get(f"{origin}/figures-of-the-network", headers={"accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Page not found</h1>" in answer.text
    assert 'href="/"' in answer.text
