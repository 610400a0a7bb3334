"""Mail that comes back, by the real door; and what other servers' bounces say."""

import asyncio
import contextlib
import smtplib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from calendar_story import AMINA, BEN, CHLOE, FAR, WEEK, invited, moved, person, scheduled, tell
from hubs.mailbox.forced import undeliverable
from hubs.mailbox.smtp import listen
from hubs.mailbox.store import Store
from hubs.ports import free_port
from mail_post import MailServer, Post
from mathshubs.testing import until
from notification.deliveries.domain.bounces import came_back_as
from notification.duties.receive import Receiving
from notification_facts import data

REPORT = """\
From: MAILER-DAEMON@mail.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type={kind}; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; amina.khan@elmpark.example
Action: {action}
Status: {status}
{more}
--b
Content-Type: message/rfc822

Subject: as it was
Content-Type: message/delivery-status

Action: failed
Status: 5.1.1

--b--
"""


def report(action: str, status: str, more: str = "X: y", kind: str = "delivery-status") -> bytes:
    """A bounce as a mail server writes it."""
    return REPORT.format(action=action, status=status, more=more, kind=kind).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("bounce", "state"),
    [
        (report("failed", "5.1.1"), "bounced"),
        (report("Failed", "5.1.1 (bad mailbox)"), "bounced"),
        (report("failed", "5.0.0", "Diagnostic-Code: smtp; 550 5.1.1 unknown"), "bounced"),
        (report("failed", "5.0.0", "Diagnostic-Code: smtp; 554-5.7.1 spam"), "faulted"),
        (report("failed", "5.0.0"), "bounced"),
        (report("failed", "5.2.2"), "undelivered"),
        (report("failed", "4.4.7"), "undelivered"),
        (report("failed", "5.7.1"), "faulted"),
        (report("delayed", "4.4.1"), None),
        (report("delivered", "2.0.0"), None),
        (b"Subject: I am on holiday\r\nAuto-Submitted: auto-replied\r\n\r\nBack in May.", None),
        (b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n", None),
        (b"\xff\x00", None),
        (b"", None),
        (undeliverable("bounces+x@mathshubs.example", "a@elm.example", b"Subject: x\r\n\r\n").as_bytes(), "bounced"),
    ],
)
def test_a_bounce_is_read_as_its_standard_has_it(bounce: bytes, state: str | None) -> None:
    """A delay is none, nor is a holiday; what stands in the mail that it returns says nothing."""
    assert came_back_as(bounce) == state


@pytest_asyncio.fixture
async def door(post: Post) -> AsyncIterator[str]:
    """Open the door for bounces on a port of its own."""
    address = f"127.0.0.1:{free_port()}"
    receiving = Receiving(post.settings(bounces=address), post.pool)
    task = asyncio.create_task(receiving.receive())

    async def is_open() -> bool:
        return bool(receiving.check()["ok"])

    await until(is_open)
    yield address
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def bring(door: str, to: str, content: bytes) -> None:
    """Bring a bounce to the door, as mail servers do: its own envelope has no sender."""

    def hand() -> None:
        host, _, port = door.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=10) as smtp:
            smtp.sendmail("", [to], content, ["SMTPUTF8"] if not to.isascii() else [])

    await asyncio.to_thread(hand)


async def test_a_bounce_tells_what_became_of_its_mail(post: Post, mail_server: MailServer, door: str) -> None:
    """Once, however often it comes; the address is given up, and of the bounce's words nothing is kept."""
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("sent")
    [sender] = mail_server.senders
    for _ in range(2):
        await bring(door, sender, report("failed", "5.1.1"))
    await tell(post.pool, moved(FAR + WEEK))
    await post.settled("bounced", "suppressed")

    settled = await data(post.pool, "MessageSettled")
    assert [one["status"] for one in settled] == ["delivered", "permanent-failure", "permanent-failure"]
    assert [one["by"] for one in await data(post.pool, "AddressFailed")] == ["bounce"]
    assert len(mail_server.seen) == 1


async def test_a_full_mailbox_gives_up_no_address(post: Post, mail_server: MailServer, door: str) -> None:
    """The mail is lost; the next one may find room, and invites afresh, since nothing was read."""
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("sent")
    await bring(door, mail_server.senders[0], report("failed", "5.2.2"))
    await tell(post.pool, moved(FAR + WEEK))
    await post.settled("undelivered", "sent")

    assert await data(post.pool, "AddressFailed") == []
    assert [str(mail["Subject"])[:6] for mail in mail_server.taken] == ["Thu 5 ", "Thu 12"]


async def test_a_bounce_before_the_250_is_written_down_stands(post: Post, mail_server: MailServer, door: str) -> None:
    """A server next door bounces within a millisecond."""
    await tell(post.pool, person(), scheduled(), invited())
    mail_server.hold.clear()
    post.send()

    async def is_seen() -> bool:
        return bool(mail_server.seen)

    await until(is_seen)
    delivery = await post.pool.fetchval("SELECT delivery_id FROM deliveries")
    await bring(door, post.bounces_of(delivery), report("failed", "5.1.1"))
    await post.settled("bounced")
    mail_server.hold.set()
    await tell(post.pool, person(BEN), invited(BEN))
    await post.settled("bounced", "sent")

    statuses = {one["person_id"]: one["status"] for one in await data(post.pool, "MessageSettled")}
    assert statuses == {str(AMINA): "permanent-failure", str(BEN): "delivered"}


@pytest.mark.parametrize(
    "local",
    ["bounces", "bounces+", "bounces+0198c1c2", "bounces+" + "a" * 52, "invitations", "bounces+é", "postmaster"],
)
async def test_nobody_can_forge_an_address_for_bounces(door: str, local: str) -> None:
    """Or anybody could have any teacher's mail stopped."""
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await bring(door, f"{local}@mathshubs.example", report("failed", "5.1.1"))


async def test_another_domain_is_not_ours(post: Post, door: str) -> None:
    """Though the token is."""
    ours = post.bounces_of(AMINA)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        await bring(door, ours.replace("mathshubs.example", "elsewhere.example"), report("failed", "5.1.1"))


async def test_capitals_do_not_count_and_what_is_no_bounce_is_taken(
    post: Post, mail_server: MailServer, door: str
) -> None:
    """Some servers fold addresses; an answer from somebody's holiday is taken, so that it is not bounced in turn."""
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await post.settled("sent")
    await bring(door, mail_server.senders[0].upper(), b"Subject: On holiday\r\n\r\nBack in May.")
    assert await post.statuses() == ["sent"]

    await bring(door, mail_server.senders[0].upper(), report("failed", "5.1.1"))

    assert await post.statuses() == ["bounced"]


async def test_what_is_too_large_is_refused(post: Post, door: str) -> None:
    """A megabyte is ten times our largest mail."""
    with pytest.raises(smtplib.SMTPException):
        await bring(door, post.bounces_of(AMINA), report("failed", "5.1.1") + b"x\r\n" * 400_000)


async def test_the_local_mailbox_forces_each_outcome(post: Post, door: str, tmp_path: Path) -> None:
    """By addresses of its own, which nothing else knows: refused, put off twice, and taken to come back."""
    bound = socket.create_server(("127.0.0.1", 0))
    mailbox = await listen(Store(tmp_path), bound, bounces=door)
    post.smtp = f"127.0.0.1:{bound.getsockname()[1]}"
    addresses = ("permanent-failure@elm.example", "temporary-failure.2@elm.example", "bounce@elm.example")
    people = [person(who, email=email) for who, email in zip((AMINA, BEN, CHLOE), addresses, strict=True)]
    await tell(post.pool, scheduled(), *people, *(invited(one.person_id) for one in people))
    post.send()
    for times in (1, 2):
        await _put_off(post, times)
        await post.hurry()

    await post.settled("bounced", "failed", "sent")
    mailbox.close()


async def _put_off(post: Post, times: int) -> None:
    async def is_put_off() -> bool:
        return bool(await post.pool.fetchval("SELECT count(*) FROM deliveries WHERE deferrals = $1", times))

    await until(is_put_off)
