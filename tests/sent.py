"""Reports as a hub's system would send them."""

from typing import Any
from uuid import uuid4

SOURCE = "https://mis.river-vale.example"


def reported(kind: str, data: dict[str, Any], **attributes: object) -> dict[str, Any]:
    """Return a report of type `uk.mathshubs.hub.<kind>.v1` as a CloudEvent in structured form."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": SOURCE,
        "type": f"uk.mathshubs.hub.{kind}.v1",
        "time": "2026-09-14T15:04:05Z",
        "data": data,
        **attributes,
    }


def a_group(reference: str = "WG-7", **attributes: object) -> dict[str, Any]:
    """Return the report that a Work Group was formed."""
    data = {
        "work_group": reference,
        "name": "Secondary mastery, Vale",
        "programme": "secondary-teaching-for-mastery",
        "stage": "development",
        "school_year": "2026/27",
    }
    return reported("enrolment.WorkGroupFormed", data, **attributes)
