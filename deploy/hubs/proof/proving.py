"""Runs the checks one after another, once nothing moves, in bounded time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

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
from hubs.proof.system import Check, System

CHECKS: Final[Sequence[tuple[str, Callable[[System], Awaitable[Check]]]]] = (
    ("facts = log", every_fact_is_logged),
    ("reporting = rebuild", reporting_equals_a_rebuild),
    ("accepted = answered", accepted_equals_answered),
    ("nothing is stuck", nothing_is_stuck),
    ("mail = schedule", mail_equals_schedule),
    ("forgotten", the_forgotten_are_nowhere),
    ("figures = recount", figures_equal_a_recount),
    ("hubs - national = shared", hubs_add_up),
)
QUIET_SECONDS: Final = 60.0
ALL_SECONDS: Final = 115.0
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


async def prove(system: System, told: Told = lambda _: None) -> list[Check]:
    """Return every check, the first of them that nothing moves; `told` hears each as soon as it is made.

    Ends within 120 s: what is not quiet after 60 s is checked as it stands, and what is not checked by then fails.
    """
    begun, checks = time.monotonic(), []
    for name, check in (("quiet", _quiet), *CHECKS):
        made = await _bounded(name, check(system), ALL_SECONDS - (time.monotonic() - begun))
        checks.append(made)
        told(made)
    return checks


async def _quiet(system: System) -> Check:
    return await quiet(system, QUIET_SECONDS)


async def _bounded(name: str, check: Awaitable[Check], seconds: float) -> Check:
    try:
        async with asyncio.timeout(max(0, seconds)):
            return await check
    except TimeoutError:
        return Check(name, ok=False, said=f"{name}: not checked, time was up")
    except (LookupError, TypeError, ValueError) as wrong:
        return Check(
            name, ok=False, said=f"{name}: not checked, what was read does not fit its type ({type(wrong).__name__})"
        )
    except AWAY as wrong:
        return Check(
            name, ok=False, said=f"{name}: not checked, a part does not answer ({wrong or type(wrong).__name__})"
        )
