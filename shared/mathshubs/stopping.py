"""Being told to stop, where a library may have kept it from us."""

import asyncio


def heed_cancellation() -> None:
    """End this task if it was told to stop; every loop that goes on for ever asks.

    A cancellation is said once. Python 3.11's `wait_for` drops it when what it waited for came in that moment,
    and a pool that fails over a cancelled statement raises its own error in its place. aiosmtplib and aiokafka
    use the first, asyncpg does the second: a loop that goes on would outlive its process's wish to end.

    Raises:
        CancelledError: if the task was cancelled at any time.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
