"""A database of notification's, and a mail server to send to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

import pytest_asyncio
from aiosmtpd.smtp import SMTP

from mail_post import MailServer, Post
from mathshubs.postgres import open_pool


@pytest_asyncio.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    """Give a mail server on a port of its own, the real thing but for its script."""
    server = MailServer()
    made = partial(SMTP, server, enable_SMTPUTF8=True, hostname="mail.example", loop=asyncio.get_running_loop())
    listening = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


@pytest_asyncio.fixture
async def post(database: Callable[[str], Awaitable[str]], mail_server: MailServer) -> AsyncIterator[Post]:
    """Give a fresh database of notification's, with nobody sending yet."""
    url = await database("notification")
    pool = await open_pool(url)
    post = Post(url, pool, f"127.0.0.1:{mail_server.port}")
    yield post
    mail_server.hold.set()
    for task in post.tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await pool.close()
