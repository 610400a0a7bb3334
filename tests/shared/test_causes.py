"""What a decision follows from is kept for ever, so it must not hold anybody's name."""

from datetime import UTC, datetime

import pytest

from mathshubs.envelope import CloudEvent
from mathshubs.reports import cause_of

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def event(event_id: str = "e-1", **extensions: str) -> CloudEvent:
    return CloudEvent(event_id, "/mis", "t", datetime(2026, 9, 14, tzinfo=UTC), {}, extensions)


def test_plain_ids_are_kept_as_they_are() -> None:
    """A hub's integrator finds its own event by them."""
    cause = cause_of("river-vale", event(correlationid="batch/7", traceparent=TRACE))

    assert (cause.causation_id, cause.correlation_id, cause.traceparent) == ("e-1", "batch/7", TRACE)


@pytest.mark.parametrize("words", ["Amina Khan", "amina.khan@river-vale.example", "x" * 129])
def test_words_are_kept_as_a_number(words: str) -> None:
    """The journal can never be changed and facts are kept for ever: no name or address may get there."""
    cause = cause_of("river-vale", event(words, correlationid=words, traceparent=words))

    assert words not in repr(cause)
    assert cause.traceparent is None
    assert cause.causation_id == cause_of("river-vale", event(words)).causation_id
