"""A sender that is told to stop stops, whatever it was at in that moment."""

import asyncio

from calendar_story import invited, named, person, scheduled, tell
from mail_post import Post


async def test_senders_stop_at_any_moment(post: Post) -> None:
    """Libraries can drop a cancellation that meets what they waited for; the process hung until it was killed."""
    people = [named(f"teacher {n}") for n in range(10)]
    await tell(post.pool, scheduled(), *(person(who) for who in people), *(invited(who) for who in people))
    for milliseconds in range(40):
        sending = post.send()
        asyncio.get_running_loop().call_later(milliseconds / 1000, sending.cancel)

        ended, _ = await asyncio.wait({sending}, timeout=20)

        assert ended, f"still at work, cancelled after {milliseconds} ms"
