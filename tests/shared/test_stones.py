"""What is kept of a record that names somebody who was erased: enough to go on, and no words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mathshubs.envelope import CloudEvent, decode, encode
from mathshubs.hearing import Record
from mathshubs.reports import misfit
from mathshubs.stones import is_clear, without_details

CANARY = "Amina Canary"
LEFT = {"work_group": "WG-1", "school_urn": "136771", "leaving": "P-1", "effective_on": "2026-10-06"}
VISIT = {"visit": "V-1", "work_group": "WG-1", "school_urn": "136771", "held_on": "2026-10-06", "hours": 6.0}
OCTOBER = {"from": "2026-10-26", "to": "2026-10-30", "kind": "holiday"}


def record(kind: str, said: dict[str, Any]) -> Record:
    """A report as Kafka would bring it."""
    headers, value = encode(CloudEvent("e-1", "/mis", f"uk.mathshubs.hub.{kind}.v1", datetime.now(UTC), said))
    return Record("hubs.river-vale.events", 0, 0, None, value, headers)


@pytest.mark.parametrize(
    ("kind", "said", "kept"),
    [
        ("enrolment.MasteryAdvocateReplaced", LEFT | {"reason": CANARY}, LEFT | {"reason": "other"}),
        ("scheduling.MeetingCancelled", {"meeting": "M-1", "reason": CANARY}, {"meeting": "M-1", "reason": "other"}),
        ("scheduling.SupportVisitCompleted", VISIT | {"mode": "online", "focus": CANARY}, VISIT | {"mode": "online"}),
        (
            "scheduling.SchoolCalendarReported",
            {"school_urn": "136771", "school_year": "2026/27", "closed": [OCTOBER], "by": CANARY},
            {"school_urn": "136771", "school_year": "2026/27", "closed": [OCTOBER]},
        ),
    ],
)
def test_a_report_that_is_cut_can_still_be_answered(kind: str, said: dict[str, Any], kept: dict[str, Any]) -> None:
    """Words go, and what the type demands stays: a report that waits must not die of our forgetting."""
    clean = without_details(record(kind, said))

    assert clean is not None
    event = decode(clean.headers, clean.value)
    assert isinstance(event, CloudEvent)
    assert event.data == kept
    assert misfit("river-vale", event) is None
    assert is_clear(clean)
