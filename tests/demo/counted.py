"""The figures of a scene, counted on the reports themselves as a stranger would who has only those."""

from collections.abc import Iterable
from typing import Any

from hubs.demo.scene import Sent

CAME = {"present", "late", "partial"}


def counted(sent: Iterable[Sent]) -> dict[str, Any]:
    """Return M1, M2, and M9 with its parts, as the demonstration spells them."""
    said = [(one.hub, one.event["type"].split(".")[-2], one.event["data"]) for one in sent if one.outcome == "applied"]
    schools = {(hub, data["school_urn"]) for hub, kind, data in said if kind == "SchoolJoinedWorkGroup"}
    slots = [
        (hub, data["work_group"], data["school_urn"], data["advocate"])
        for hub, kind, data in said
        if kind == "MasteryAdvocateNominated"
    ]
    engaged, came, expected = set(), 0, 0
    for hub, kind, data in said:
        if kind == "MeetingHeld":
            there = {mark["person"] for mark in data["attendance"] if mark["status"] in CAME}
            theirs = [slot for slot in slots if slot[:2] == (hub, data["work_group"])]
            present = [slot for slot in theirs if slot[3] in there]
            engaged |= {(hub, urn) for _, _, urn, _ in present}
            came, expected = came + len(present), expected + len(theirs)
    return {"registered": len(schools), "engaged": len(engaged), "came": came, "expected": expected}
