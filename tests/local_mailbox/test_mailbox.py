"""The local mailbox over real SMTP and HTTP, as its own process."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import httpx
import pytest

from hubs.home import Home
from hubs.parts.mailbox import Mailbox as Part
from local_mailbox.examples import A_WEEK_LATER, AMINA, BEN, invitation

VERP = "bounces+0198c1c2@mathshubs.example"
ROOTS = os.pathsep.join(str(Path(__file__).parents[2] / root) for root in ("shared", "deploy"))


@dataclass(frozen=True)
class Mailbox:
    """A mailbox that runs."""

    running: subprocess.Popen[str]
    smtp_port: int
    url: str

    def send(self, mail: EmailMessage, *, to: str = AMINA) -> None:
        """Hand over one mail by SMTP."""
        self.send_bytes(mail.as_bytes(policy=policy.SMTP), to=to)

    def send_bytes(self, raw: bytes, *, to: str = AMINA) -> None:
        """Hand over these bytes by SMTP."""
        asyncio.run(aiosmtplib.send(raw, sender=VERP, recipients=[to], hostname="127.0.0.1", port=self.smtp_port))

    def get(self, path: str, **asked: str) -> httpx.Response:
        """Fetch one path."""
        return httpx.get(self.url.removesuffix("/inbox") + path, params=asked)

    def mails(self, **asked: str) -> list[dict[str, Any]]:
        """The list of mails, as a program reads it."""
        answer = httpx.get(f"{self.url}/messages", params=asked, headers={"accept": "application/json"})
        listed: list[dict[str, Any]] = answer.raise_for_status().json()
        return listed


@contextmanager
def mailbox_on(folder: Path, **told: str) -> Iterator[Mailbox]:
    """Run a mailbox on free ports until the block ends."""
    command = [sys.executable, "-m", "hubs.mailbox", "--smtp-port", "0", "--http-port", "0", "--store", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ROOTS, **told}
    ) as running:
        try:
            assert running.stdout
            ready = json.loads(running.stdout.readline())
            yield Mailbox(running, int(ready["smtp"].rsplit(":", 1)[1]), ready["http"])
        finally:
            running.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def shared_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """One mailbox for the tests that leave it running."""
    with mailbox_on(tmp_path_factory.mktemp("mailbox")) as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(shared_mailbox: Mailbox) -> Mailbox:
    """The shared mailbox without anybody's mail."""
    for mail in shared_mailbox.mails():
        httpx.delete(f"{shared_mailbox.url}/messages/{mail['id']}")
    return shared_mailbox


def test_a_mail_is_listed_with_its_envelope(mailbox: Mailbox) -> None:
    """What a test of another stack reads: to whom, from whom, about what, under which Message-ID."""
    mailbox.send(invitation())

    [listed] = mailbox.mails()

    assert listed | {"id": 0, "received_at": ""} == {
        "id": 0,
        "to": AMINA,
        "from": "Maths Hubs <invitations@mathshubs.example>",
        "subject": "4 March: Work Group 7 meets, naïve café £5",
        "received_at": "",
        "message_id": "<WG-7-1-amina.khan-0-REQUEST@mathshubs.example>",
        "bounces_to": VERP,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", listed["received_at"])


def test_the_bytes_are_those_that_were_sent(mailbox: Mailbox) -> None:
    """Dots at the beginning of a line, 8-bit bytes, and folding are kept: a signature would still hold."""
    raw = invitation().as_bytes(policy=policy.SMTP)
    mailbox.send_bytes(raw)

    kept = mailbox.get(f"/inbox/messages/{mailbox.mails()[0]['id']}/raw")

    assert kept.content == raw
    assert kept.headers["content-type"] == "message/rfc822"


def test_mails_come_oldest_first_and_by_reader(mailbox: Mailbox) -> None:
    """A mail's place in the list is the order of receipt; an address is found however it is written."""
    for to in (AMINA, BEN, AMINA):
        mailbox.send(invitation(to), to=to)

    ids = [mail["id"] for mail in mailbox.mails()]

    assert ids == sorted(ids)
    assert [mail["id"] for mail in mailbox.mails(to=AMINA.upper())] == [ids[0], ids[2]]


def test_an_acknowledged_mail_outlives_a_kill(tmp_path: Path) -> None:
    """250 means on disk: after kill -9 every mail that was taken is there, and ids go on from it."""
    with mailbox_on(tmp_path) as mailbox:
        mailbox.send(invitation())
        before = mailbox.mails()
        mailbox.running.kill()
        mailbox.running.wait()
    (tmp_path / "0000000002.mail.new").write_bytes(b"half a ma")

    with mailbox_on(tmp_path) as mailbox:
        mailbox.send(invitation(sequence=1))
        after = mailbox.mails()

    assert after[:-1] == before
    assert after[-1]["id"] == before[-1]["id"] + 1


def test_a_full_disk_is_a_fault_that_passes(mailbox: Mailbox, tmp_path: Path) -> None:
    """452 tells the sender to try again; 250 for a mail that is not on disk would lose it."""
    folder = tmp_path / "vanished"
    with mailbox_on(folder) as broken:
        folder.rmdir()

        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            broken.send(invitation())

    assert refused.value.code == 452


def test_an_erased_person_is_gone_from_the_disk(tmp_path: Path) -> None:
    """No file names her any more, her id is not given to anybody else, and others keep their mail."""
    with mailbox_on(tmp_path) as mailbox:
        mailbox.send(invitation(BEN), to=BEN)
        mailbox.send(invitation(AMINA))

        removed = [httpx.delete(f"{mailbox.url}/messages/2").status_code for _ in range(2)]

        assert removed == [204, 404]
        assert mailbox.get("/inbox/messages/2/raw").status_code == 404
        assert mailbox.get("/inbox", to=AMINA).status_code == 404
    with mailbox_on(tmp_path) as mailbox:
        mailbox.send(invitation(BEN), to=BEN)

        assert [mail["id"] for mail in mailbox.mails()] == [1, 3]
    assert not [path for path in tmp_path.rglob("*") if b"amina" in path.read_bytes().lower()]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"host": "elsewhere.example:8005", "origin": "http://elsewhere.example:8005"},
    ],
    ids=["a page of another origin", "a name that was bent to this machine"],
)
def test_no_foreign_page_removes_mail(mailbox: Mailbox, headers: dict[str, str]) -> None:
    """Whoever reads mail here has other pages open too, and what one of them asks for is not their wish."""
    mailbox.send(invitation())
    [mail] = mailbox.mails()

    refused = httpx.delete(f"{mailbox.url}/messages/{mail['id']}", headers=headers)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "foreign-origin")
    assert mailbox.mails() == [mail]


def test_people_are_called_invented_in_a_demonstration_alone(mailbox: Mailbox, tmp_path: Path) -> None:
    """On a system of one's own the mail is that of real colleagues."""
    assert "Invented people" not in mailbox.get("/inbox").text

    with mailbox_on(tmp_path, HUBS_DEMO="true") as demo:
        assert "Invented people" in demo.get("/inbox").text


def test_a_mail_that_is_not_there_is_a_problem(mailbox: Mailbox) -> None:
    """A program can tell an erased mail from a broken mailbox."""
    answer = mailbox.get("/inbox/messages/999999/raw")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:mathshubs:problem:mail-unknown"
    assert answer.json()["errors"][0]["code"] == "mail-unknown"


def test_the_html_of_a_mail_is_sealed(mailbox: Mailbox) -> None:
    """Mail is anybody's: no script of it runs, it loads nothing, and it cannot act on the mailbox."""
    mailbox.send(invitation())
    number = mailbox.mails()[0]["id"]

    shown, page = mailbox.get(f"/inbox/messages/{number}/html"), mailbox.get("/inbox", show="email")

    policy_of_mail = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy_of_mail
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy_of_mail
    assert "allow-scripts" not in policy_of_mail + page.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "<script>document.title" not in page.text


@pytest.mark.parametrize(
    ("show", "seen"),
    [
        ("text", "You are invited."),
        ("calendar", "BEGIN:VEVENT"),
        ("headers", "message-id"),
        ("raw", "MIME-Version: 1.0"),
    ],
)
def test_a_mail_can_be_read_from_every_side(mailbox: Mailbox, show: str, seen: str) -> None:
    """Whoever wonders what a mail program was given sees it without tools."""
    mailbox.send(invitation())

    assert seen in mailbox.get("/inbox", show=show).text


def test_the_page_shows_a_moved_meeting_as_moved(mailbox: Mailbox) -> None:
    """Rebuilt from the mail alone: one entry at its new time, the old one struck out."""
    mailbox.send(invitation())
    mailbox.send(invitation(sequence=1, starts_at=A_WEEK_LATER))

    page = mailbox.get("/inbox", to=AMINA).text

    assert "1.30pm to 4pm, Thursday 11 March 2027" in page
    assert "Moved" in page
    assert "<del>1.30pm to 4pm, Thursday 4 March</del>" in page


def test_an_empty_mailbox_says_what_will_come(mailbox: Mailbox) -> None:
    """On the first visit nothing has been sent; a blank page would look broken."""
    assert "No mail yet" in mailbox.get("/inbox").text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00not a mail at all",
        b"Subject: =?no-such-charset?q?x?=\r\nFrom: <<>@,;\r\nTo: \xff\r\n\r\nbody",
        b"Content-Type: text/html; charset=no-such\r\n\r\n\xff<b>bold",
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:soon\r\n",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a" * 400,
        b"Subject: <script>alert(1)</script>\r\n\r\n<script>alert(2)</script>",
    ],
)
def test_a_broken_mail_is_kept_and_shown_as_far_as_it_goes(mailbox: Mailbox, raw: bytes) -> None:
    """One bad mail must not hide the others, nor run in the reader's browser."""
    mailbox.send_bytes(raw)

    pages = [mailbox.get("/inbox", show=show) for show in ("email", "text", "calendar", "headers", "raw")]

    assert [page.status_code for page in pages] == [200] * 5
    assert not any("<script>alert" in page.text for page in pages)


def test_a_link_in_a_calendar_part_must_lead_to_the_web(mailbox: Mailbox) -> None:
    """A `javascript:` address from outside is shown as no link at all."""
    mail = invitation()
    hostile = mail.as_bytes(policy=policy.SMTP).replace(b"http://127.0.0.1:8000/j/abc", b"javascript:alert(1)")
    mailbox.send_bytes(hostile)

    assert 'href="javascript' not in mailbox.get("/inbox", show="calendar").text


def test_a_busy_port_is_said_with_its_mend(mailbox: Mailbox, tmp_path: Path) -> None:
    """The operator reads which port it is and how to name another."""
    command = [sys.executable, "-m", "hubs.mailbox", "--smtp-port", str(mailbox.smtp_port), "--store", str(tmp_path)]

    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": ROOTS})

    assert ended.returncode == 1
    assert f"Port {mailbox.smtp_port} on 127.0.0.1 is busy; name another with --smtp-port" in ended.stderr


def test_it_says_that_it_lives(mailbox: Mailbox) -> None:
    """The supervisor asks before it calls the system ready."""
    assert mailbox.get("/livez").json() == {"status": "ok"}


def test_a_mail_comes_in_by_the_systems_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a demonstration too, an invitation to October's meeting was received in September."""
    monkeypatch.setenv("HUBS_CLOCK", "2026-09-14T08:00:00+00:00")

    launch = Part(Home(tmp_path), 8005, 8025).prepare()

    assert launch.env == {"HUBS_CLOCK": "2026-09-14T08:00:00+00:00"}
