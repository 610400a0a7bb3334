"""What a decision follows from is kept for ever, so it must not hold anybody's name."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from mathshubs.envelope import CloudEvent
from mathshubs.ids import References
from mathshubs.reports import cause_of

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
AN_ID = "0198c1c2-5f0e-7d6a-9d7e-3b8f5a1c2d3e"
OURS, OTHERS = References("of these tests alone"), References("of somebody else")


def event(event_id: str = AN_ID, **extensions: str) -> CloudEvent:
    return CloudEvent(event_id, "/mis", "t", datetime(2026, 9, 14, tzinfo=UTC), {}, extensions)


def test_a_uuid_is_kept_as_it_is() -> None:
    """A hub's integrator finds its own event by it, and it names nobody."""
    cause = cause_of("river-vale", event(correlationid=AN_ID, traceparent=TRACE), OURS)

    assert (cause.causation_id, cause.correlation_id, cause.traceparent) == (AN_ID, AN_ID, TRACE)


@pytest.mark.parametrize("words", ["Amina.Khan", "Amina Khan", "amina.khan@river-vale.example", "7", "x" * 500])
def test_whatever_else_a_hub_calls_it_is_kept_as_a_number(words: str) -> None:
    """The journal can never be changed and facts are kept for ever: no name or address may get there."""
    cause = cause_of("river-vale", event(words, correlationid=words, traceparent=words), OURS)

    assert words not in repr(cause) or words == "7"
    assert UUID(cause.causation_id)
    assert cause.causation_id == cause.correlation_id
    assert cause.traceparent is None


def test_who_knows_the_id_and_the_secret_finds_its_number_again() -> None:
    """Without the secret nobody can try names until one fits."""
    kept = cause_of("river-vale", event("Amina.Khan"), OURS).causation_id

    assert kept == OURS.unnamed("river-vale", "Amina.Khan")
    assert kept != OTHERS.unnamed("river-vale", "Amina.Khan")
    assert kept != OURS.unnamed("north-dales", "Amina.Khan")
