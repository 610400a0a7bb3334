"""Runs the checks one after another, once nothing moves, in bounded time."""

import asyncio
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from confluent_kafka import KafkaException

from hubs.problems import Problem
from hubs.proof.answers import accepted_equals_answered, nothing_is_stuck
from hubs.proof.bus import KafkaSilent
from hubs.proof.calendars import mail_equals_schedule
from hubs.proof.facts import every_fact_is_logged, reporting_equals_a_rebuild
from hubs.proof.figures import figures_equal_a_recount, hubs_add_up
from hubs.proof.forgotten import the_forgotten_are_nowhere
from hubs.proof.quiet import quiet
from hubs.proof.reminders import reminders_in_time
from hubs.proof.system import Check, System, cause

CHECKS: Final[Sequence[tuple[str, Callable[[System], Coroutine[Any, Any, Check]]]]] = (
    ("facts = log", every_fact_is_logged),
    ("reporting = rebuild", reporting_equals_a_rebuild),
    ("accepted = answered", accepted_equals_answered),
    ("nothing is stuck", nothing_is_stuck),
    ("mail = schedule", mail_equals_schedule),
    ("reminders", reminders_in_time),
    ("forgotten", the_forgotten_are_nowhere),
    ("figures = recount", figures_equal_a_recount),
    ("hubs - national = shared", hubs_add_up),
)
QUIET_SECONDS: Final = 60.0
ALL_SECONDS: Final = 115.0
LETTING_GO_SECONDS: Final = 2.0
AWAY: Final = (
    Problem,
    OSError,
    httpx.HTTPError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    KafkaException,
    KafkaSilent,
)
Told = Callable[[Check], None]


async def prove(system: System, told: Told = lambda _: None, seconds: float = ALL_SECONDS) -> list[Check]:
    """Return every check, the first of them that nothing moves; `told` hears each as soon as it is made.

    Ends within 120 s, whatever does not answer: what is not quiet after 60 s is checked as it stands, and what is
    not checked by then fails. So does a check that meets something that it did not expect.
    """
    deadline, checks = time.monotonic() + seconds, []
    bounded_system = replace(system, deadline=deadline)
    for name, check in (("quiet", _quiet), *CHECKS):
        made = await bounded(name, check(bounded_system), deadline - time.monotonic())
        checks.append(made)
        told(made)
    return checks


async def _quiet(system: System) -> Check:
    return await quiet(system, QUIET_SECONDS)


async def bounded(name: str, check: Coroutine[Any, Any, Check], seconds: float) -> Check:
    """Make one check, and fail it in words where it takes longer than `seconds` or breaks.

    Who lets go of a part that does not answer may wait for it again: there is no waiting for that.
    """
    making = asyncio.create_task(check)
    await asyncio.wait({making}, timeout=max(0, seconds))
    if not making.done():
        making.cancel()
        await asyncio.wait({making}, timeout=LETTING_GO_SECONDS)
        return Check(name, ok=False, said=f"{name}: not checked, time was up")
    wrong = making.exception()
    return making.result() if wrong is None else Check(name, ok=False, said=f"{name}: not checked, {_why(wrong)}")


def _why(wrong: BaseException) -> str:
    """Return what broke a check, and nothing of what it read: that may name people."""
    if isinstance(wrong, TimeoutError):
        return "a part does not answer in time"
    if isinstance(wrong, AWAY):
        return f"a part does not answer ({cause(wrong)})"
    where = traceback.extract_tb(wrong.__traceback__)[-1]
    place = f"{Path(where.filename).name}, line {where.lineno}"
    return f"what was read does not fit its type ({type(wrong).__name__} in {place})"
