"""A database of notification's, and a mail server to send to."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from mail_post import MailServer, Post, serving
from mathshubs.postgres import open_pool
from notification.duties.send.line import MAILBOX


@pytest_asyncio.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    """Give the local mailbox, by its greeting, on a port of its own: the real thing but for its script."""
    async with serving(MailServer(), ident=MAILBOX) as server:
        yield server


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
