"""What is taken with a flag, because the story has something amiss there: which report, and with which code."""

from collections.abc import Mapping
from dataclasses import replace

from hubs.demo.acts import Line, Sent
from hubs.demo.network import Network

Flags = Mapping[tuple[str, str], str]
"""Codes by hub and event."""


def flags(network: Network) -> Flags:
    """Return the flags that must come of the story.

    Some Work Groups are formed before their lead is found; one meeting of each hub is on a member's training day; a
    specialist goes on in another hub than before; an accreditation lapses before two meetings are led.
    """
    second = network.hubs[1].code
    no_lead = {(group.hub, "WorkGroupFormed/WG-5"): "no-lead" for group in network.groups if group.number == 4}  # noqa: PLR2004 -- the fifth
    training = {(hub.code, "MeetingScheduled/WG-3-2"): "inset-day" for hub in network.hubs}
    lapsed = {(second, f"MeetingHeld/WG-{number}-5/held"): "lead-not-in-standing" for number in (4, 5)}
    return no_lead | training | lapsed | {(second, "SpecialistReturned/L-1/1"): "changed-hub"}


def expecting(line: Line, expected: Flags) -> Line:
    """Return the line with the flag that must come of it, if one must."""
    when, act = line
    if isinstance(act, Sent) and (code := expected.get((act.hub, act.event["id"]))):
        return when, replace(act, outcome="flagged", code=code)
    return line
