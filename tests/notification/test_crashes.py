"""Senders as processes of their own, killed and stopped at the worst moments."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest_asyncio

from calendar_story import AMINA, FAR, WEEK, invited, moved, named, person, scheduled, tell, tombstone
from mail_post import MailServer, Post
from mathshubs.testing import until

SENDER = """
import asyncio
from mathshubs.settings import settings
from notification.duties.send import Sending
asyncio.run(Sending(settings()).send())
"""
CUT = """
    SELECT count(pg_terminate_backend(pid))
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND pid <> pg_backend_pid()
"""
LISTENER = """
    SELECT pid
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND query LIKE 'LISTEN %deliveries%'
"""
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest_asyncio.fixture
async def start(post: Post) -> AsyncIterator[Start]:
    """Start a process of senders on the test's database; a fault is a folder with a file in it."""
    started: list[asyncio.subprocess.Process] = []

    async def one(fault: Path | None = None) -> asyncio.subprocess.Process:
        told = {"HUBS_SERVICE": "notification", "HUBS_POSTGRES": post.url, "HUBS_SMTP": post.smtp, "HUBS_SECRET": "s"}
        env = os.environ | told | ({"HUBS_FAULT": str(fault)} if fault else {})
        started.append(await asyncio.create_subprocess_exec(sys.executable, "-c", SENDER, env=env))
        return started[-1]

    yield one
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


def place(folder: Path, order: str) -> Path:
    """Have whoever comes to the point between the server's 250 and our record be killed, or stopped."""
    (folder / "after-smtp-data-before-record").write_text(order)
    return folder


async def test_killed_behind_data_the_copy_has_the_same_message_id(
    post: Post, mail_server: MailServer, start: Start, tmp_path: Path
) -> None:
    """The only place where a second copy can arise, and a mail program sees that it is one."""
    await tell(post.pool, person(), scheduled(), invited())
    dies = await start(place(tmp_path, "kill"))
    assert await dies.wait() == -signal.SIGKILL
    assert await post.statuses() == ["sending"]

    await start(tmp_path)
    await post.settled("sent")

    assert len(mail_server.taken) == 2
    assert len({mail.as_bytes() for mail in mail_server.taken}) == 1


async def test_killed_before_data_nothing_is_sent_twice(post: Post, mail_server: MailServer, start: Start) -> None:
    """The server has not taken it, so the next sender's is the only copy."""
    mail_server.hold.clear()
    await tell(post.pool, person(), scheduled(), invited())
    dies = await start()
    await until(_seen(mail_server, 1))
    dies.kill()
    await dies.wait()
    mail_server.script.append("452 4.3.0 the client has gone")
    mail_server.hold.set()

    await start()
    await post.settled("sent")

    assert len(mail_server.taken) == 1


async def test_a_stopped_process_keeps_what_it_holds(
    post: Post, mail_server: MailServer, start: Start, tmp_path: Path
) -> None:
    """It may have sent the mail and will say so when it goes on; another sends the rest meanwhile."""
    await tell(post.pool, person(), scheduled(), invited())
    stopped = await start(place(tmp_path, "stop"))
    await until(_taken(mail_server, 1))
    await post.pool.execute("UPDATE deliveries SET next_attempt_at = clock_timestamp()")
    await start(tmp_path)
    others = [named(f"teacher {n}") for n in range(10)]
    await tell(post.pool, *(one for who in others for one in (person(who), invited(who))), moved(FAR + WEEK))
    await post.settled("sending", "queued", *["superseded"] * 10, *["sent"] * 10)

    os.kill(stopped.pid, signal.SIGCONT)

    await post.settled(*["superseded"] * 10, *["sent"] * 12)
    ids = [str(mail["Message-ID"]) for mail in mail_server.taken]
    assert len(ids) == len(set(ids)) == 12


async def test_postgres_forgetting_our_locks_makes_no_second_copy(
    post: Post, mail_server: MailServer, start: Start
) -> None:
    """Its connections are cut while a mail is being handed over: the sender records what it sent all the same."""
    mail_server.hold.clear()
    await tell(post.pool, person(), scheduled(), invited())
    await start()
    await until(_seen(mail_server, 1))
    await start()
    await post.pool.fetchval(CUT)
    mail_server.hold.set()

    await post.settled("sent")

    assert len(mail_server.seen) == 1


async def test_changes_leave_at_once_though_postgres_cut_the_line_that_wakes(
    post: Post, mail_server: MailServer
) -> None:
    """As after its restart: the senders are listening again before the next change."""
    post.send()
    await until(_listens(post))
    before = await post.pool.fetchval(LISTENER)
    await post.pool.fetchval("SELECT pg_terminate_backend($1)", before)

    async def listens_again() -> bool:
        return await post.pool.fetchval(LISTENER) not in (None, before)

    await until(listens_again)
    await tell(post.pool, person(), scheduled(), invited())

    await post.settled("sent")


async def test_many_kills_lose_and_double_nothing(
    post: Post, mail_server: MailServer, start: Start, tmp_path: Path
) -> None:
    """Two processes, one of them killed behind DATA again and again: each copy beyond the first is one kill's."""
    people = [named(f"teacher {n}") for n in range(60)]
    await tell(post.pool, scheduled(), *(person(who) for who in people))
    kills = 0
    for round_of in range(3):
        dies = await start(place(tmp_path, "kill"))
        await tell(post.pool, *(invited(who) for who in people[round_of * 20 : round_of * 20 + 20]))
        assert await dies.wait() == -signal.SIGKILL
        kills += 1
    await start(tmp_path)

    await post.settled(*["sent"] * 60)

    ids = [str(mail["Message-ID"]) for mail in mail_server.taken]
    assert len(set(ids)) == 60
    assert len(ids) - 60 <= kills * 8


async def test_an_erasure_while_a_mail_is_in_hand_leaves_no_address(
    post: Post, mail_server: MailServer, start: Start
) -> None:
    """The mail has gone; where it went is not kept."""
    mail_server.hold.clear()
    await tell(post.pool, person(), scheduled(), invited())
    await start()
    await until(_seen(mail_server, 1))
    await tell(post.pool, tombstone(AMINA))
    mail_server.hold.set()

    await post.settled("sent")

    assert await post.pool.fetchval("SELECT address FROM deliveries") is None


def _listens(post: Post) -> Callable[[], Awaitable[bool]]:
    async def does() -> bool:
        return bool(await post.pool.fetchval(LISTENER))

    return does


def _seen(server: MailServer, number: int) -> Callable[[], Awaitable[bool]]:
    async def are() -> bool:
        return len(server.seen) >= number

    return are


def _taken(server: MailServer, number: int) -> Callable[[], Awaitable[bool]]:
    async def are() -> bool:
        return len(server.taken) >= number

    return are
