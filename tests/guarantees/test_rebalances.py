"""A second process of each service comes and goes while hubs report: nothing is lost, doubled or out of order."""

import asyncio
from pathlib import Path

import pytest

from guarantees.half_term import SERVICES, HalfTerm
from stack import Stack


@pytest.mark.timeout(300)
async def test_processes_come_and_go_and_every_report_still_takes_effect_once(stack: Stack, tmp_path: Path) -> None:
    """A second one of each joins, stops as it is asked to, joins again, and is killed; reports never pause."""
    term = await HalfTerm.furnished(stack, tmp_path)

    for share, leave in ((0.5, stack.stop), (1.0, stack.kill)):
        await term.report_during(stack.start(*SERVICES, instance=2), share - 0.2)
        await term.report_during(asyncio.gather(*(leave(service, 2) for service in SERVICES)), share)

    await term.assert_all_took_effect_once()
