"""A mail server that will not have us: no mail is at fault, so all of them wait, and an operator is told."""

import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from calendar_story import ADDRESSES, AMINA, BEN, invited, person, scheduled, tell
from hubs.mailbox.smtp import listen
from hubs.mailbox.store import Store
from mail_post import MailServer, Post, serving
from mathshubs.postgres import Pool
from mathshubs.testing import until

REFUSALS = [
    ("CONNECT", "554 5.7.1 no SMTP service here", "554 5.7.1 when we connected"),
    ("EHLO", "550 5.7.1 go away", "550 5.7.1 at EHLO"),
    ("MAIL", "553 5.7.1 <bounces@mathshubs.example> not owned by you", "553 5.7.1 at MAIL FROM"),
    ("MAIL", "530 5.7.0 Authentication required", "530 5.7.0 at MAIL FROM"),
]


@pytest.mark.parametrize(("at", "reply", "why"), REFUSALS)
async def test_a_server_that_refuses_us_fails_no_mail(
    post: Post, mail_server: MailServer, at: str, reply: str, why: str
) -> None:
    """Health and figures say so, without a word of the reply, which quotes addresses; once mended, mail goes out."""
    mail_server.refusals[at] = reply
    await tell(post.pool, person(), scheduled(), invited())
    post.send()
    await _says(post, {"ok": False, "why": why})
    assert REGISTRY.get_sample_value("mathshubs_mail_server_ready") == 0
    assert await _untouched(post.pool)

    mail_server.refusals.clear()

    await post.settled("sent")
    await _says(post, {"ok": True})
    assert REGISTRY.get_sample_value("mathshubs_mail_server_ready") == 1


async def test_a_server_that_turns_on_us_later_fails_no_mail(post: Post, mail_server: MailServer) -> None:
    """The connection was open when somebody changed the server's mind; nothing is counted against the mail."""
    post.send()
    await until(_all_open(post))
    mail_server.refusals["MAIL"] = "550 5.7.1 not you"
    await tell(post.pool, person(), scheduled(), invited())
    await _says(post, {"ok": False, "why": "550 5.7.1 at MAIL FROM"})
    assert await post.statuses() == ["queued"]
    assert await post.pool.fetchval("SELECT deferrals + doubts FROM deliveries") == 0

    mail_server.refusals.clear()
    await post.hurry()

    await post.settled("sent")


async def test_a_server_with_room_for_few_of_us_is_well(post: Post, mail_server: MailServer) -> None:
    """It takes some connections and puts the others off; mail goes out by those that it took."""
    post.send()
    await until(_all_open(post))
    mail_server.refusals["CONNECT"] = "421 4.7.0 too many connections"
    last = mail_server.connections.pop()
    last.close()
    await tell(post.pool, person(), scheduled(), *(invited(who) for who in (AMINA, BEN)), person(BEN))

    await post.settled("sent", "sent")

    assert post.sending.check() == {"ok": True}


async def test_a_policy_at_rcpt_puts_off_and_an_unknown_mailbox_fails(post: Post, mail_server: MailServer) -> None:
    """Postfix says only at RCPT what it holds against a client; that somebody is unknown is about them alone."""
    mail_server.at_rcpt.append("554 5.7.1 <somebody>: Relay access denied")
    await tell(post.pool, person(AMINA), scheduled(), invited(AMINA))
    post.send()

    async def is_put_off() -> bool:
        return bool(await post.pool.fetchval("SELECT deferrals FROM deliveries WHERE status = 'queued'"))

    await until(is_put_off)
    mail_server.at_rcpt.append("550 5.1.1 unknown")
    await tell(post.pool, person(BEN), invited(BEN))
    await post.settled("queued", "failed")
    await post.hurry()

    await post.settled("sent", "failed")


async def test_mail_goes_to_no_server_but_our_mailbox_until_switched_on(post: Post) -> None:
    """Any mail server on this machine may have the world behind it: its greeting tells which one is ours."""
    async with serving(MailServer(), ident="ESMTP Postfix") as another:
        post.smtp = f"127.0.0.1:{another.port}"
        await tell(post.pool, person(), scheduled(), invited())
        refusing = post.send()
        await _says(post, {"ok": False, "why": "it is not the local mailbox, and HUBS_LIVE_MAIL is off"})
        assert await _untouched(post.pool)

        refusing.cancel()
        post.send(live_mail=True)

        await post.settled("sent")
        assert len(another.taken) == 1


async def test_the_local_mailbox_is_known(post: Post, tmp_path: Path) -> None:
    """As it is started everywhere, without a setting."""
    bound = socket.create_server(("127.0.0.1", 0))
    store = Store(tmp_path)
    mailbox = await listen(store, bound)
    post.smtp = f"127.0.0.1:{bound.getsockname()[1]}"
    await tell(post.pool, person(), scheduled(), invited())
    post.send()

    await post.settled("sent")

    assert [mail.recipients for mail in store.mails(None)] == [(ADDRESSES[AMINA][1],)]
    mailbox.close()


async def test_a_mailbox_that_another_server_took_the_place_of_gets_nothing(
    post: Post, mail_server: MailServer
) -> None:
    """Its connection grew stale; who answers on the same port now is asked again who it is."""
    post.send()
    await tell(post.pool, person(), scheduled(), invited())
    await post.settled("sent")
    mail_server.refusals["CONNECT"] = "220 mail.example ESMTP Postfix"
    await mail_server.close_connections()
    await tell(post.pool, person(BEN), invited(BEN))

    await _says(post, {"ok": False, "why": "it is not the local mailbox, and HUBS_LIVE_MAIL is off"})

    assert await post.statuses() == ["queued", "sent"]


async def _says(post: Post, words: dict[str, object]) -> None:
    async def does() -> bool:
        return post.sending.check() == words

    await until(does, what=f"health that says {words}")


def _all_open(post: Post) -> Callable[[], Awaitable[bool]]:
    async def are() -> bool:
        return bool(post.sending._lines) and all(line.is_open for line in post.sending._lines)

    return are


async def _untouched(pool: Pool) -> bool:
    """Say whether the one mail there is waits as if it had never been tried."""
    row = await pool.fetchrow("SELECT status, handings, deferrals, doubts FROM deliveries")
    return row is not None and tuple(row) == ("queued", 0, 0, 0)
